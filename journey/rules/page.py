"""The page of a rule (``pages/<code>.md``): what it means, a wrong example and a right one."""

import re
from dataclasses import dataclass, field

_BLOCK = re.compile(r"^```\w+ ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """``wrong`` and ``right`` are files by their path in the folder; '' is (a part of) a journey."""

    code: str
    title: str
    why: str
    wrong: dict[str, str] = field(default_factory=dict)
    right: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> Page:
    """A page from its Markdown."""
    said, _, examples = text.partition("\nWrong:\n")
    code, title, why = (part.strip() for part in said.removeprefix("# ").split("\n\n", 2))
    wrong, _, right = examples.partition("\nRight:\n")
    return Page(code, title.replace("\n", " "), why.replace("\n", " "), _files(wrong), _files(right))


def _files(text: str) -> dict[str, str]:
    return {found[1]: found[2] for found in _BLOCK.finditer(text)}
