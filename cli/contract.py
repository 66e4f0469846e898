"""`wayfare contract`: what journeys need of events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from journey.library import Library


def contract(
    event: Annotated[str, typer.Argument(help="One event type; without it all that journeys hear.")] = "",
    against: Annotated[
        Path | None, typer.Option(help="A JSON Schema of the event's data, as its sender has it: what would break?")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder to write the schemas into, one file an event.")] = None,
) -> int:
    """What the journeys need of each event, as JSON Schema for whoever sends them; and whether a sender's own schema is
    enough.

    Examples:

      wayfare contract                                            which journeys hear which events

      wayfare contract purchase.completed                         what they need of it

      wayfare contract --out contracts/                           all of it, for the senders

      wayfare contract purchase.completed --against order.json    which journeys would break
    """
    library = _library()
    if against is not None:
        return _compare(library, event, against)
    if out is not None:
        return _write(library, event, out)
    return _show(library, event)


def _library() -> Library:
    from workers.checking import checked
    from workers.mistakes import UserMistake
    from workers.settings import settings_in_force

    folder = settings_in_force().definitions
    library, problems, _ = checked(folder)
    if library is None:
        mistakes = sum(not problem.warning for problem in problems)
        raise UserMistake(f"there are mistakes in {folder} ({mistakes}): wayfare check shows them")
    return library


def _known(library: Library, event: str) -> None:
    from journey.contract import hears
    from journey.problems import did_you_mean
    from workers.mistakes import UserMistake

    known = hears(library)
    if event not in known:
        raise UserMistake(f'no journey hears "{event}". {did_you_mean(event, known)}'.strip())


def _show(library: Library, event: str) -> int:
    from journey.contract import hears, schema

    if event:
        _known(library, event)
        print(json.dumps(schema(library, event), indent=2, ensure_ascii=False))
        return 0
    for kind, names in hears(library).items():
        print(f"{kind:<34} {', '.join(names)}")
    return 0


def _write(library: Library, event: str, out: Path) -> int:
    from journey.contract import hears, schema

    if event:
        _known(library, event)
    out.mkdir(parents=True, exist_ok=True)
    for kind in [event] if event else hears(library):
        file = out / f"{kind}.schema.json"
        file.write_text(json.dumps(schema(library, kind), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{file} is written.")
    return 0


def _compare(library: Library, event: str, against: Path) -> int:
    from journey.contract import gaps
    from workers.mistakes import UserMistake

    if not event:
        raise UserMistake("say which event the schema is of: wayfare contract purchase.completed --against order.json")
    _known(library, event)
    found = gaps(library, event, _read(against))
    for gap in found:
        print(gap.sentence())
    broken = sorted({gap.journey for gap in found if gap.breaks})
    if broken:
        print(f"\nThese journeys would break: {', '.join(broken)}.")
        return 1
    doubt = f" {len(found)} of its values may be missing." if found else ""
    print(f"No journey breaks with this schema of {event}.{doubt}")
    return 0


def _read(file: Path) -> dict[str, Any]:
    from workers.mistakes import UserMistake

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserMistake(f"{file} cannot be read as JSON: {error}") from None
    if not isinstance(found, dict):
        raise UserMistake(f"{file} is no JSON Schema: an object is expected")
    return found
