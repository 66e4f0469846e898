"""Evidence packs in files. Mistakes are sentences (UserMistake)."""

from __future__ import annotations

import re
from pathlib import Path

from journey import evidence
from store import evidence as record
from store.database import Database
from store.seal import Seal
from workers import folder
from workers.mistakes import UserMistake
from workers.settings import Settings


async def written(settings: Settings, journey: str, key: str, out: Path | None) -> str:
    """Write the pack of a case; what to tell. Raises UserMistake."""
    db = Database(settings.database_url)
    try:
        async with db.read() as tx:
            about, parts = await record.of(tx, journey, key)
    finally:
        await db.close()
    if not parts:
        raise UserMistake(f'there is no case "{key}" of the journey {journey}')
    file = out or Path(f"evidence-{re.sub(r'[^A-Za-z0-9_.-]', '_', key)}.json")
    file.write_bytes(evidence.pack(about, parts, Seal(folder.secret(settings)).of_evidence))
    letters = sum(part["kind"] == "letter" for part in parts)
    return f"{file} is written: {len(parts)} parts, {letters} letters among them."


def verified(settings: Settings, file: Path) -> list[str]:
    """Everything that is not as it was written. Raises UserMistake."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UserMistake(f"{file}: {error.strerror}") from None
    return evidence.faults(raw, Seal(folder.secret(settings)).of_evidence)
