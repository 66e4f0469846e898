"""The shipped files, damaged in 3,000 ways (100,000 by `make soak`): never a traceback, a place inside the file."""

import random

import pytest

from journey.load import check
from journey.problems import render_all
from tests.journey.folders import shipped_files

PIECES = (
    "{{", "}}", "{%", "%}", "[", "]", "{", "}", "'", '"', ":", ": ", "- ", "\n", "\n  ", "\t", "#", "&a ", "*a",
    "!x ", "<<: ", "|", ">", "= ", "==", "&&", "(", ")", "---\n", "...", "ü", "\u202e", "\x00", "\ufeff", "\r",
    "\u2028", "\ud800", "if", "else", "send", "wait", "goto", "race", "repeat", "do: []", "null", "true", "0", "-1",
    "1e999", "9" * 40, "event.", "vars.", "customer", "{% if x %}", "{{ x | nothing }}", "[[[[[[[[[[[[",
    "((((((((((((", "{% for i in (1..9) %}", "\\", "@", "`", "%",
)  # fmt: skip


def damaged(chance: random.Random, text: str) -> str:
    """The text with one to four wounds: something left out, put in, doubled, moved or exchanged."""
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 1, 2, 5, 20, 80)))
        lines = text.split("\n")
        line = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                text = text[:at] + text[end:]
            case 1 | 2:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 3:
                text = text[:at] + text[at:end] * chance.choice((2, 3, 50)) + text[end:]
            case 4:
                text = "\n".join(
                    [*lines[:line], chance.choice(("", " ", "  ")) + lines[line].lstrip(), *lines[line + 1 :]]
                )
            case 5:
                text = "\n".join([*lines[:line], *lines[line + 1 :], lines[line]])
            case _:
                text = text[:at] + chance.choice(PIECES) + text[end:]
    return text


def answered(count: int, seed: int) -> int:
    """How many of so many damaged files had something to say; each in words and at a place that is there."""
    chance = random.Random(seed)
    sound = shipped_files()
    names = sorted(name for name in sound if not name.endswith("README.md"))
    found = 0
    for number in range(count):
        name = names[number % len(names)]
        files = around(name, damaged(chance, sound[name]), sound)
        _, problems = check(files)
        found += bool(render_all(problems, files))
        for problem in problems:
            assert problem.place.file in (*files, "company.yaml")
            assert 1 <= problem.place.line <= len(files.get(problem.place.file, "").splitlines()) + 1
    return found


def test_a_damaged_file_is_answered_in_words_and_never_with_a_traceback() -> None:
    assert answered(3_000, 20260302) > 2_000


@pytest.mark.soak
def test_a_hundred_thousand_damaged_files_are_answered_in_words() -> None:
    assert answered(100_000, 20260303) > 60_000


def around(name: str, text: str, sound: dict[str, str]) -> dict[str, str]:
    """The damaged file and the company."""
    return {"company.yaml": sound["company.yaml"], name: text}
