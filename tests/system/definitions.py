"""Small definitions for tests: a company, and a text for every message that a journey sends."""

from __future__ import annotations

import re
from pathlib import Path

from journey.library import Library
from journey.load import load

COMPANY = """\
company: Northlight Lamps
mail from: Northlight Lamps <hello@northlight.example>
reply to: help@northlight.example
website: https://northlight.example
time zone: Europe/Berlin
teams:
  care-team: {title: Customer care, email: care@northlight.example}
"""


def files(**journeys: str) -> dict[str, str]:
    """A definitions folder: journeys by name (an underscore is a hyphen), each as its lines from ``start:`` on."""
    made = {"company.yaml": COMPANY}
    for key, text in journeys.items():
        name = key.replace("_", "-")
        made[f"{name}.yaml"] = f"journey: {name}\ntitle: The {name} journey\nowner: care@northlight.example\n{text}"
    for text in journeys.values():
        for message in re.findall(r"(?:send|ask): ([\w-]+)", text):
            made[f"messages/{message}.md"] = (
                f"---\nsubject: {message} for order {{{{ start.order_id }}}}\n---\n"
                f"Dear {{{{ customer.name }}}},\n\nthis is {message}.\n"
            )
    return made


def library(**journeys: str) -> Library:
    """The same, read and checked."""
    return load(files(**journeys))


def write(folder: Path, **journeys: str) -> Path:
    """The same, on disk; what was there before is replaced. Returns the folder."""
    for path, text in files(**journeys).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder
