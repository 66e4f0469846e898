"""Files that hold what a person sees. ``UPDATE_GOLDEN=1 make test`` writes them anew: then read what has changed."""

import os
from pathlib import Path

ERR = Path(__file__).parent / "err"


def compare(name: str, seen: str, folder: Path = ERR) -> None:
    """What is seen is what ``<name>.out`` says, in ``err/`` or another folder."""
    file = folder / f"{name}.out"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(seen)
    assert seen == file.read_text()
