"""An evidence pack shows every change: of a part, between parts, of the file, and of the whole made anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from journey import evidence

PARTS: list[dict[str, Any]] = [
    {"kind": "run", "at": "2026-03-02", "instance": "i"},
    {"kind": "letter", "at": "2026-03-03", "bytes": "YWJj", "subject": "Grüße"},
    {"kind": "task", "at": "2026-03-04", "title": "Call"},
]


def sealed(head: str) -> str:
    return f"sealed {head}"


def made() -> bytes:
    return evidence.pack({"kind": "case", "key": "k-1"}, PARTS, sealed)


def test_a_pack_is_whole_and_made_the_same_each_time() -> None:
    assert evidence.faults(made(), sealed) == [] and made() == made()


def test_every_changed_byte_is_found() -> None:
    raw = made()
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert evidence.faults(changed, sealed) != [], place


@pytest.mark.parametrize("gone", [0, 1, 2, 3])
def test_a_part_that_is_missing_is_found(gone: int) -> None:
    said = json.loads(made())
    del said["parts"][gone]
    [fault] = evidence.faults(json.dumps(said).encode(), sealed)
    assert "missing" in fault


def test_the_part_that_was_changed_is_named() -> None:
    said = made().replace(b"Call", b"Fall")
    [fault] = evidence.faults(said, sealed)
    assert fault.startswith("Part 3 (task, 2026-03-04) is not what was written")


def test_a_pack_that_is_made_anew_by_somebody_else_has_another_seal() -> None:
    forged = evidence.pack({"kind": "case", "key": "k-1"}, PARTS[:1], lambda head: "guessed")
    [fault] = evidence.faults(forged, sealed)
    assert "made elsewhere, or made anew" in fault


def test_what_says_the_same_in_other_bytes_is_found() -> None:
    [fault] = evidence.faults(json.dumps(json.loads(made())).encode(), sealed)
    assert "Its bytes are not those" in fault


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"parts": [1], "head": "", "seal": ""}', b"%PDF"])
def test_what_is_no_pack_is_said(raw: bytes) -> None:
    [fault] = evidence.faults(raw, sealed)
    assert "cannot be read" in fault
