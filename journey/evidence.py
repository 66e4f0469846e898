"""An evidence pack: everything that is on record of one case, each part chained to the one before by its SHA-256.

The file is one canonical JSON text (sorted keys, no spaces, UTF-8), so that every changed byte is found: inside a part
by its hash, between the parts by the chain, anywhere else because the text is not the canonical one any more. The seal
(made with the installation's secret over the last hash) says that the chain itself was not made anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

FORM = 1
KEYS = {"evidence", "parts", "head", "seal"}
BEGINNING = "0" * 64
Sealed = Callable[[str], str]


def pack(about: Mapping[str, Any], parts: Iterable[Mapping[str, Any]], sealed: Sealed) -> bytes:
    """The bytes of a pack. ``about`` is its first part; ``sealed`` makes the seal of a hash."""
    chained: list[dict[str, Any]] = []
    before = BEGINNING
    for number, part in enumerate((about, *parts)):
        before = _hash(number, before, part)
        chained.append({"number": number, "part": dict(part), "hash": before})
    return _canonical({"evidence": FORM, "parts": chained, "head": before, "seal": sealed(before)}) + b"\n"


def faults(raw: bytes, sealed: Sealed) -> list[str]:
    """Everything that is not as it was when the pack was made, in sentences; nothing if it is whole."""
    try:
        said = json.loads(raw.decode())
        whole = _canonical(said) + b"\n" == raw
        parts, head, seal = said["parts"], said["head"], said["seal"]
        found = (
            [] if set(said) == KEYS and said["evidence"] == FORM else ["It is not of the form that is written here."]
        )
        found += _broken(parts, head)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["It is no evidence pack, or its text is damaged: it cannot be read."]
    if not found and seal != sealed(head):
        found.append("The seal is not that of this installation: the pack was made elsewhere, or made anew.")
    if not whole and not found:
        found.append("Its bytes are not those that were written, though it says the same.")
    return found


def _broken(parts: list[dict[str, Any]], head: str) -> Iterable[str]:
    before = BEGINNING
    for number, one in enumerate(parts):
        before = _hash(number, before, one["part"])
        if one != {"number": number, "part": one["part"], "hash": before}:
            what = ", ".join(str(one["part"][name]) for name in ("kind", "at") if name in one["part"])
            yield f"Part {number} ({what}) is not what was written, or one before it is missing."
            return
    if head != before:
        yield "Its last parts are missing, or its last hash was changed."


def _hash(number: int, before: str, part: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{number}\n{before}\n".encode() + _canonical(part)).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
