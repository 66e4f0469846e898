"""Which addresses a call may go to: the public internet, and the hosts of one's own network that are named.

``ipaddress`` calls several addresses global that lead inside (NAT64, 6to4, IPv4-mapped, multicast), so the table is our
own: IPv4 without the special blocks of RFC 6890, and of IPv6 only what is given out as global unicast, without the
blocks in it that wrap other addresses.
"""

import ipaddress
from dataclasses import dataclass

_CLOSED_4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_OPEN_6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    ipaddress.IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
PORTS = (80, 443)
"""What may be called on the public internet."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet. What cannot be read is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in block for block in _CLOSED_4)
    return found.scope_id is None and found in _OPEN_6 and not any(found in block for block in _CLOSED_6)


@dataclass(frozen=True)
class Inside:
    """The hosts of one's own network that calls may reach, as ``host`` (every port) or ``host:port``, lower case."""

    hosts: frozenset[str] = frozenset()

    def holds(self, host: str, port: int) -> bool:
        """Whether this host is named."""
        return host.lower() in self.hosts or f"{host.lower()}:{port}" in self.hosts
