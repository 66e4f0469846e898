"""Ports for servers that tests start."""

import random
import socket

_PORTS = range(12_000, 30_000)
"""Below the range from which the system takes ports for outgoing connections: what is free now stays free."""
_given: set[int] = set()


def free_port(offset: int = 0) -> int:
    """A port that is free and was not given out before, and so is the one `offset` above it."""
    while True:
        port = random.choice(_PORTS)
        wanted = {port, port + offset}
        if not wanted & _given and all(_is_free(one) for one in wanted):
            _given.update(wanted)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
