"""Who may knock: bearer keys, each with a name. The name is the source of events that name none."""

import hashlib
import hmac
from collections.abc import Mapping

from gateway.refusals import NoKey


class Keys:
    """The known keys by name. Kept as digests, so that neither a dump nor the time of a comparison shows one."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        for name, key in keys.items():
            if not name or not key:
                raise ValueError("An API key and its name must not be empty.")
        self._digests = {name: _digest(key) for name, key in keys.items()}

    def name_of(self, authorization: str | None) -> str:
        """The name of the key in an `Authorization` header, or `NoKey`. Every known key is compared, always."""
        scheme, _, key = (authorization or "").partition(" ")
        offered = _digest(key.strip())
        found = [name for name, digest in self._digests.items() if hmac.compare_digest(digest, offered)]
        if scheme.lower() != "bearer" or not found:
            raise NoKey
        return found[0]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
