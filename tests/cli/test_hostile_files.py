"""`wayfare check` and files that nobody should have: each is answered with one sentence, never with a traceback."""

import os
import shutil
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.inside import SHIPPED, wayfare

JOURNEY = """journey: odd
title: An odd file
owner: tests@example.org
start: {on: purchase.completed}
steps:
  - send: welcome
"""
FILES: dict[str, tuple[str | bytes, str]] = {
    "ten megabytes": (JOURNEY + "  - note: " + "x" * 10_000_000, "larger than 1000 KB. Split it. [file-too-large]"),
    "half a megabyte": (JOURNEY + "  - note: " + "x" * 500_000, "larger than 256 KB. Split it. [file-too-large]"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "1:1: Here is a letter that is not UTF-8 text."),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(200), "1:1: There is a character here that is not text."),
    "noughts": (JOURNEY.replace("odd", "o\0d"), "1:11: There is a character here that is not text."),
    "UTF-16": (JOURNEY.encode("utf-16"), "1:1: The file is UTF-16 text. Save the file as UTF-8. [not-text]"),
    "Latin-1": (JOURNEY.replace("An", "Größe").encode("latin-1"), "2:10: Here is a letter that is not UTF-8 text."),
    "an escape that is no letter": (JOURNEY.replace("An odd file", '"\\ud800"'), "2:11: This \\ stands for no letter."),
    "a bomb of aliases": (
        "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefgh")),
        "1:4: Anchors (&name) are not used here.",
    ),
    "an alias": ("a: *a\n", "1:4: Aliases (*name) are not used here."),
    "a merge key": (JOURNEY + "<<: {a: 1}\n", "7:1: Merge keys (<<) are not used here."),
    "a key twice": (JOURNEY + "title: again\n", '7:1: "title" is already written at line 2, column 1.'),
    "a tag of Python": (
        JOURNEY.replace("An odd file", "!!python/object/apply:os.system [id]"),
        "2:8: A value cannot begin with !!python/object/apply:os.system: that is a YAML tag.",
    ),
    "a tag": (JOURNEY.replace("An odd", "!important"), "2:8: A value cannot begin with !important"),
    "many brackets": ("a: " + "[" * 5_000, "1:35: This is nested more than 32 levels deep."),
    "many braces": ("{a: " * 5_000, "1:129: This is nested more than 32 levels deep."),
    "many dashes": ("- " * 5_000, "1:65: This is nested more than 32 levels deep."),
    "many values": ("a: [" + "1," * 30_000 + "]", "The file holds more than 20000 values."),
    "a large number": (JOURNEY + f"priority: {'9' * 5_000}\n", "7:11: A whole number is expected here."),
    "no number": (JOURNEY + "priority: 1e999\n", "7:11: A whole number is expected here."),
    "nothing": ("", "1:1: The file is empty."),
    "only a comment": ("# later\n", "1:1: The file is empty."),
    "a list": ("- a\n- b\n", "1:1: The file must hold keys with values"),
    "a word": ("hello\n", "1:1: The file must hold keys with values"),
    "two documents": (JOURNEY + "---\n" + JOURNEY, "7:1: A second document starts here."),
    "tabs": (JOURNEY.replace("  - send", "\t- send"), "6:1: A tab stands here. YAML is indented with spaces."),
    "a time that is no number": (JOURNEY + "  - wait: 9:30\n", '7:11: "9:30" is not a length of time'),
    "no, which is a word": (JOURNEY + "priority: no\n", "7:11: A whole number is expected here."),
    "on, which is a word": (JOURNEY.replace("purchase.completed", "on"), '4:13: There is no event "on".'),
    "a letter that clears the screen": (JOURNEY.replace("send", "s\x1b[2Jend"), "6:6: There is a character here"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in order, as small as can be."""
    made = tmp_path / "definitions"
    for path in ("company.yaml", "calendars/office.yaml", "events/purchase.completed.yaml", "messages/welcome.de.md"):
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / path, made / path)
    (made / "messages/welcome.md").write_text("---\nsubject: Welcome\n---\nWelcome.\n")
    (made / "sound.yaml").write_text(JOURNEY.replace("odd", "sound"))
    return made


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "shipped"))


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_nobody_should_have_is_answered_with_one_sentence(folder: Path, what: str) -> None:
    content, sentence = FILES[what]
    (folder / "odd.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = wayfare("check", str(folder))
    assert said.code == 1 and not said.err
    assert "1 mistake in" in said.out
    assert f"{folder}/odd.yaml:" in said.out and sentence in said.out
    assert all(letter.isprintable() for line in said.out.splitlines() for letter in line)


def make_nothing(place: Path) -> None:
    place.symlink_to("/nowhere/at/all.yaml")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (Path.mkdir, "This is a folder with the name of a file."),
        (make_nothing, "This is a link, and there is nothing where it points to."),
        (os.mkfifo, "This is not a file that can be read."),
        (lambda place: place.symlink_to("/dev/zero"), "This is not a file that can be read."),
    ],
    ids=["folder", "link", "pipe", "device"],
)
def test_what_is_no_file_is_told_and_not_left_out_in_silence(folder: Path, make: object, sentence: str) -> None:
    make(folder / "odd.yaml")  # type: ignore[operator]  # each makes something at a place
    said = wayfare("check", str(folder))
    assert said.code == 1
    assert f"{folder}/odd.yaml:1:1: {sentence}" in said.out and "1 mistake in" in said.out


def test_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    """The tests may run as root, who may read everything; so the system says no here by itself."""
    (folder / "odd.yaml").write_text(JOURNEY)
    real = Path.open

    def refusing(path: Path, *words: str, **more: str) -> object:
        if path.name == "odd.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path, *words, **more)  # type: ignore[call-overload]  # as it was called

    with mock.patch.object(Path, "open", refusing):
        said = wayfare("check", str(folder))
    assert said.code == 1
    assert "odd.yaml:1:1: The file cannot be read (Permission denied). Look at its owner and its rights." in said.out


@pytest.mark.parametrize("name", [b"odd\n.yaml", b"odd\xff.yaml", b"odd\x1b[2J.yaml"])
def test_a_name_that_cannot_be_shown_is_told(folder: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(JOURNEY)
    said = wayfare("check", str(folder))
    assert said.code == 1
    assert "The name of this file holds characters that cannot be shown." in said.out


def test_a_file_that_cannot_be_read_hides_no_mistake_and_makes_none(shipped: Path) -> None:
    """Everything names the company, a journey and a message; they are there, and only cannot be read."""
    for path in ("company.yaml", "complaint.yaml", "messages/welcome.md"):
        (shipped / path).write_bytes(b"\xff\xfe")
    (shipped / "check-in.yaml").write_text("journey: check-in\n")
    said = wayfare("check", str(shipped))
    named = {line.split(":")[0].removeprefix(f"{shipped}/") for line in said.out.splitlines() if " [" in line}
    assert named - {"What a word in [brackets] means"} == {
        "company.yaml", "complaint.yaml", "messages/welcome.md", "check-in.yaml",
    }  # fmt: skip


@pytest.mark.parametrize("verb", ["check", "test", "simulate", "fmt", "draw"])
def test_every_verb_that_reads_definitions_answers_in_words(shipped: Path, verb: str) -> None:
    (shipped / "onboarding.yaml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    words = ["onboarding"] if verb in ("simulate", "draw") else []
    said = wayfare(verb, *words, definitions=shipped)
    assert said.code == 1
    assert "UTF-8 text" in said.out + said.err and "fault is ours" not in said.out + said.err
