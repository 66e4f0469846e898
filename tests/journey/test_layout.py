"""One layout: what a file means and every comment stay, and laying out twice changes nothing more."""

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import yaml_tree
from journey.layout.files import kind_of_file, laid_out
from journey.load import READERS, load, name_steps
from journey.schema import KINDS
from tests.journey.folders import DEFINITIONS, ROOT, folder, shipped_files
from tests.journey.worlds import raw_journey

FILES = sorted(
    path
    for place in (
        "definitions",
        "benchmarks/definitions",
        "tests/console/definitions",
        "tests/journey/err",
        "tests/journey/ok",
    )
    for path in (ROOT / place).rglob("*.yaml")
)
MESSY = """# yaml-language-server: $schema=schemas/journey.schema.json

# What it is for.
title:   A messy journey   # in short
journey: messy


owner:  a@example.org
steps:
# The first letter.
- send: welcome   # hello
  id: first

- wait:
      up to: 2 days
      for: answered   # what they say
  otherwise: [ {send:  welcome}, { note: "Nothing: came." } ]

- choose:

  - do: []
    if: 'a == "b"'
  - else:
       # - send: welcome
       - note: |
           One
             two

           three


       - notify: care
         text: >-
            folded
            text   # and no comment
# after the steps
goal: {as: won, on: answered,
  if: event.x == 1} # the best
exit:
   - # the worst
     on: left
     as: gone
   # about no exit
start: {on: began}

# The end.
"""
TIDY = """# yaml-language-server: $schema=schemas/journey.schema.json

journey: messy
# What it is for.
title: A messy journey                 # in short

owner: a@example.org
start: {on: began}
exit:
  # the worst
  - on: left
    as: gone
  # about no exit
# after the steps
goal: {on: answered, if: event.x == 1, as: won}  # the best
steps:
  # The first letter.
  - id: first
    send: welcome                      # hello

  - wait:
      for: answered                    # what they say
      up to: 2 days
    otherwise: [{send: welcome}, {note: "Nothing: came."}]

  - choose:
      - if: 'a == "b"'
        do: []
      - else:
          # - send: welcome
          - note: |
              One
                two

              three

          - notify: care
            text: >-
              folded
              text   # and no comment

# The end.
"""


def comments(text: str) -> Counter[str]:
    """Words that only stand in comments of the tests' own making."""
    return Counter(re.findall(r"# \w+\d+", text))


def test_a_messy_file_is_laid_out() -> None:
    made, problems = laid_out(MESSY, "messy.yaml")
    assert not problems
    assert made == TIDY
    assert laid_out(TIDY, "messy.yaml") == (TIDY, [])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_laying_out_changes_no_meaning_and_is_done_once(path: Path) -> None:
    text = path.read_text()
    before, problems = yaml_tree.read(text, "x")
    made, said = laid_out(text, path.name)
    if problems or before.data is None:
        assert made == text
        assert [problem.message for problem in said] == [problem.message for problem in problems]
        return
    assert not said
    assert yaml_tree.read(made, "x")[0].data == before.data
    assert laid_out(made, path.name) == (made, [])
    assert made.count("#") == text.count("#")


@pytest.mark.parametrize("path", sorted(DEFINITIONS.rglob("*.yaml")), ids=lambda path: path.name)
def test_what_ships_is_in_the_layout(path: Path) -> None:
    assert laid_out(path.read_text(), path.relative_to(DEFINITIONS).as_posix()) == (path.read_text(), [])


def test_the_versions_of_the_shipped_journeys_stay_the_same_when_their_files_are_scrambled_and_laid_out() -> None:
    files = shipped_files()
    before = load(files).journeys
    for seed in range(2):
        chance = random.Random(seed)
        mess = {
            path: _messy(chance, yaml_tree.read(text, path)[0].data) if path.endswith(".yaml") else text
            for path, text in files.items()
        }
        tidy = {path: laid_out(text, path)[0] if path.endswith(".yaml") else text for path, text in mess.items()}
        after = load({**tidy, **{path: text for path, text in files.items() if "/" in path}}).journeys
        assert {name: journey.hash for name, journey in before.items()} == {
            name: journey.hash for name, journey in after.items()
        }


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_random_journeys_in_random_layouts_keep_their_version_and_every_comment(chance: random.Random) -> None:
    raw = {**raw_journey(chance), "journey": "story"}
    raw["steps"] = raw["steps"] or [{"send": "a"}]
    text = _messy(chance, raw)
    before, problems = yaml_tree.read(text, "x")
    assert not problems, text
    made, said = laid_out(text, "story.yaml")
    assert not said, text
    after = yaml_tree.read(made, "x")[0]
    assert after.data == before.data
    name_steps(before.data)
    name_steps(after.data)
    assert after.data == before.data, "a step has another id"
    assert comments(made) == comments(text)
    assert laid_out(made, "story.yaml") == (made, [])


def _messy(chance: random.Random, data: Any) -> str:
    """Data as somebody in a hurry would write it: keys anyhow, any indentation, comments and blank lines anywhere."""
    dumped = yaml.dump(
        _shuffled(chance, data),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=chance.choice((None, False)),
        indent=chance.choice((2, 3, 4)),
        width=chance.choice((40, 100, 10_000)),
        allow_unicode=True,
    )
    lines = []
    for number, line in enumerate(dumped.splitlines()):
        safe = _is_whole(line)
        if safe and chance.randrange(6) == 0:
            lines.append(" " * chance.choice((0, len(line) - len(line.lstrip()))) + f"# above{number}")
        if safe and chance.randrange(8) == 0:
            lines += [""] * chance.randrange(1, 3)
        lines.append(f"{line}   # behind{number}" if safe and line.endswith(":") and chance.randrange(3) == 0 else line)
    return "\n".join(lines) + chance.choice(("\n", "\n\n# last0\n", ""))


class _Dumper(yaml.SafeDumper):
    """Texts in several ways: plain, quoted, below a |."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = value.isascii() and value.isprintable()
    style = "|" if plain and "\n" not in value and len(value) > 40 and " " in value.strip() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if style == "|" else style)


_Dumper.add_representer(str, _text)


def _is_whole(line: str) -> bool:
    """Whether a line begins a key or an entry, so that a comment may stand above it."""
    return re.match(r"^ *(- )*\"[\w .@-]+\":( |$)", line) is not None and line.count('"') % 2 == 0


def _shuffled(chance: random.Random, data: Any) -> Any:
    if isinstance(data, dict):
        keys = list(data)
        chance.shuffle(keys)
        return {key: _shuffled(chance, data[key]) for key in keys}
    return [_shuffled(chance, item) for item in data] if isinstance(data, list) else data


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a: |2\n    x\n  y\n", "a: |2\n    x\n  y\n"),
        ('a: "x\\ \n  y"\n', None),
        ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
        ("a:\n- - 1\n  - 2\n-\n", "a:\n  - - 1\n    - 2\n  -\n"),
        ("a: [1,\n  2, # two\n  3]\n", "a:\n  - 1\n  - 2                                  # two\n  - 3\n"),
        ("a: {}\r\nb: []\r\n", "a: {}\nb: []\n"),
        ("a: 'x\n   y'\n", "a: 'x\n  y'\n"),
        ("a:\n", "a:\n"),
        ("a: |\n  x  \n  y\n", "a: |\n  x  \n  y\n"),
    ],
)
def test_odd_things_are_laid_out_too_or_left_alone_with_a_word(text: str, made: str | None) -> None:
    found, problems = laid_out(text, "events/x.yaml")
    assert found == (text if made is None else made)
    assert [problem.rule for problem in problems] == (["layout"] if made is None else [])


def test_every_file_that_is_read_has_a_kind_whose_keys_have_an_order() -> None:
    places = {path.replace("/*.yaml", "/x.yaml").removeprefix("/") for path in READERS if path.endswith(".yaml")}
    assert {kind_of_file(path) for path in places} == set(KINDS)


def test_a_file_that_cannot_be_read_is_left_alone_with_the_reason() -> None:
    text = folder("  - send: a\n")["story.yaml"] + "steps: [\n"
    made, problems = laid_out(text, "story.yaml")
    assert made == text
    assert problems


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "# The file.\n\n# About caps.\ncaps: []\nhours: daily 8-9\n",
            "# The file.\n\nhours: daily 8-9\n# About caps.\ncaps: []\n",
        ),
        ("# The file.\ncaps: []\nhours: daily 8-9\n", "# The file.\nhours: daily 8-9\ncaps: []\n"),
        ("# The file.\n\ncaps: []\nhours: daily 8-9\n", "# The file.\n\nhours: daily 8-9\ncaps: []\n"),
        ("caps: []\n# one\n  # two\nhours: daily 8-9\n", "# one\n# two\nhours: daily 8-9\ncaps: []\n"),
    ],
)  # fmt: skip
def test_a_comment_stays_with_its_key_and_comments_in_their_order(text: str, made: str) -> None:
    assert laid_out(text, "policies.yaml") == (made, [])


def test_a_step_says_first_what_it_is_called_and_then_what_it_does() -> None:
    step = "steps:\n  - retry: {times: 1, pause: 1 hour}\n    send: a\n    id: first\n"
    made = "steps:\n  - id: first\n    send: a\n    retry: {times: 1, pause: 1 hour}\n"
    assert laid_out(step, "story.yaml") == (made, [])


def test_a_file_saved_on_windows_loses_its_mark_and_its_line_ends() -> None:
    assert laid_out("\ufeffcaps: []\r\n", "policies.yaml") == ("caps: []\n", [])
