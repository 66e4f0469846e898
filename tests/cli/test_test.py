"""`wayfare test`: coverage at file and line, the threshold, expected traces written anew, JUnit."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.inside import SHIPPED, wayfare
from tests.journey.folders import folder as small

STEPS = """  - send: a
  - wait: {for: answered, up to: 2 days, into: answer}
    otherwise:
      - notify: care
        text: Please call.
      - choose:
          - if: start.vip == true
            do:
              - send: b
          - else: []
  - set: {vars.done: 1}
"""
STORY = """# Two stories.
journey: story
scenarios:
  - name: answers                      # the usual way
    customer: {id: c-1}
    events: [{after: 1 day, type: answered}]
    expect:
      # at once
      - {at: 0 days, send: b}          # the first letter
      # and then the end
      - {at: 1 day, finish: completed}

  - name: silent
    customer: {id: c-1}
    expect:
      - at: 0 days
        send: a
      # two days later
      - {at: 3 days, notify: care}     # they are late

# The end of the file.
"""
MENDED = """# Two stories.
journey: story
scenarios:
  - name: answers                      # the usual way
    customer: {id: c-1}
    events: [{after: 1 day, type: answered}]
    expect:
      # at once
      - {at: 0 days, send: a}          # the first letter
      # and then the end
      - {at: 1 day, finish: completed}

  - name: silent
    customer: {id: c-1}
    expect:
      - at: 0 days
        send: a
      # two days later
      - {at: 2 days, notify: care}     # they are late
      - {at: 2 days, finish: completed}

# The end of the file.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    exits = "exit:\n  - {on: left, as: gone}\n  - {on: went, as: gone}\n"
    files = small(STEPS, exits) | {"scenarios/story.yaml": STORY}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))


def test_the_scenarios_that_ship_reach_everything_and_go_the_same_on_odd_days() -> None:
    done = wayfare("test", "--min", "100")
    assert done.code == 0, done.out
    assert "not-covered" not in done.out


def test_what_no_scenario_reaches_is_named_at_its_line(folder: Path) -> None:
    done = wayfare("test", definitions=folder)
    file = folder / "story.yaml"
    branch = 'No scenario takes the way "start.vip == true" of "choose".'
    missing = [line for line in done.out.splitlines() if line.endswith("[not-covered]")]
    assert missing == [
        f"{file}:6:5: No scenario ends by this exit (gone). Write one in scenarios/story.yaml. [not-covered]",
        f"{file}:7:5: No scenario ends by this exit (gone). Write one in scenarios/story.yaml. [not-covered]",
        f"{file}:15:13: {branch} Write one in scenarios/story.yaml. [not-covered]",
    ]


def test_an_otherwise_path_that_nobody_takes_is_named_at_the_wait(shipped: Path) -> None:
    file = shipped / "scenarios/check-in.yaml"
    text = file.read_text()
    first, *stories = text.split("\n  - name: ")
    kept = [story for story in stories if "check-in-reminder" not in story]
    file.write_text("\n  - name: ".join([first, *kept]) + "\n")
    done = wayfare("test", "check-in", "--min", "100", definitions=shipped)
    assert done.code == 1
    assert 'No scenario takes the way "not within 1 week" of "ask check-in".' in done.out
    assert "at least 100 is wanted" in done.out
    lines = (shipped / "check-in.yaml").read_text().splitlines()
    place = next(line for line in done.out.splitlines() if "not within 1 week" in line)
    assert lines[int(place.split(":")[1]) - 1].strip() == "otherwise:"


def test_the_threshold_decides_the_exit_code_and_is_said(folder: Path) -> None:
    (folder / "scenarios/story.yaml").write_text(MENDED)
    assert wayfare("test", definitions=folder).code == 0
    assert wayfare("test", "--min", "60", definitions=folder).code == 0
    done = wayfare("test", "--min", "80", definitions=folder)
    assert done.code == 1
    assert "Of story 64.3 percent is reached; at least 80 is wanted." in done.out


def test_a_failure_is_told_side_by_side_at_its_place_with_the_first_difference_marked(folder: Path) -> None:
    done = wayfare("test", definitions=folder)
    assert done.code == 1
    assert f"{folder}/scenarios/story.yaml:13" in done.out
    silent = done.out.split("FAIL story: silent")[1].splitlines()
    assert silent[2:6] == [
        "  expected              seen",
        "  0 seconds: send a     0 seconds: send a",
        "► 3 days: notify care   2 days: notify care",
        "≠ (nothing)             2 days: finish completed",
    ]
    assert "  · answered did not come within 2 days." in silent


def test_update_writes_what_was_seen_and_leaves_comments_and_layout_alone(folder: Path) -> None:
    done = wayfare("test", "--update", definitions=folder)
    assert done.code == 0, done.out
    assert (folder / "scenarios/story.yaml").read_text() == MENDED


def test_update_changes_nothing_where_all_goes_as_expected(shipped: Path) -> None:
    before = {path: path.read_text() for path in shipped.rglob("*.yaml")}
    assert wayfare("test", "--update", "--no-odd-days", definitions=shipped).code == 0
    assert before == {path: path.read_text() for path in shipped.rglob("*.yaml")}


def test_update_mends_short_forms_and_writes_what_was_never_expected(folder: Path) -> None:
    file = folder / "scenarios/story.yaml"
    file.write_text("""journey: story
scenarios:
  - name: short
    sends: [b]
    outcome: stalled   # how it ends
    vars: {done: 2}
  - name: in one line
    expect: [{at: 0 days, send: b}]
  - name: nothing was written
    start: {vip: true}
""")
    done = wayfare("test", "--update", definitions=folder)
    assert done.code == 0, done.out
    assert (
        file.read_text()
        == """journey: story
scenarios:
  - name: short
    sends: [a]
    outcome: completed
    vars: {done: 1}
  - name: in one line
    expect:
      - {at: 0 days, send: a}
      - {at: 2 days, notify: care}
      - {at: 2 days, finish: completed}
  - name: nothing was written
    start: {vip: true}
    expect:
      - {at: 0 days, send: a}
      - {at: 2 days, notify: care}
      - {at: 2 days, send: b}
      - {at: 2 days, finish: completed}
"""
    )


def test_a_text_that_cannot_be_written_is_not_blessed_by_an_update(folder: Path) -> None:
    (folder / "messages/a.md").write_text("---\nsubject: Hello {{ customer.name }}\n---\nHello.\n")
    done = wayfare("test", "--update", definitions=folder)
    assert done.code == 1
    assert "The text needs customer.name" in done.out


def test_the_results_are_written_for_ci_as_junit(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.xml"
    assert wayfare("test", "--min", "90", "--junit", str(file), definitions=folder).code == 1
    suite = ET.parse(file).getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("story", "3", "3")
    failures = {case.get("name"): case[0].text for case in suite}
    assert "► 0 seconds: send b         0 seconds: send a" in str(failures["answers"])
    assert "No scenario ends by this exit" in str(failures["what the scenarios reach"])


def test_a_scenario_that_goes_otherwise_on_an_odd_day_fails_and_the_day_is_named(folder: Path) -> None:
    (folder / "scenarios/story.yaml").write_text(MENDED)
    file = folder / "story.yaml"
    file.write_text(file.read_text().replace("start.vip == true", 'now > timestamp("2026-03-20T00:00:00Z")'))
    done = wayfare("test", definitions=folder)
    assert done.code == 1
    assert "FAIL story: silent" in done.out
    assert "begun on Monday 28 February 2028 (29 February is that week)" in done.out
    assert wayfare("test", "--no-odd-days", definitions=folder).code == 0


def test_update_opens_a_scenario_between_braces_and_loses_nothing_of_it(folder: Path) -> None:
    file = folder / "scenarios/story.yaml"
    file.write_text(
        "journey: story\nscenarios:\n  - {name: short, start: {vip: true}, expect: [{at: 0 days, send: b}]}   # kept\n"
    )
    assert wayfare("test", "--update", definitions=folder).code == 0
    assert (
        file.read_text()
        == """journey: story
scenarios:
  - name: short
    start: {vip: true}
    expect:
      - {at: 0 days, send: a}
      - {at: 2 days, notify: care}
      - {at: 2 days, send: b}
      - {at: 2 days, finish: completed}
"""
    )


@pytest.mark.parametrize(
    "scenarios",
    [
        "scenarios: [{name: short, sends: [b]}]\n",
        "scenarios:\n  - {name: short, # in short\n     sends: [b]}\n",
    ],
)
def test_update_leaves_what_it_cannot_open_alone_and_says_so(folder: Path, scenarios: str) -> None:
    file = folder / "scenarios/story.yaml"
    text = f"journey: story\n{scenarios}"
    file.write_text(text)
    done = wayfare("test", "--update", definitions=folder)
    assert done.code == 1
    assert "story.yaml" in done.err and "Write its keys below each other." in done.err
    assert file.read_text() == text


def test_a_message_that_was_refused_is_not_among_those_sent_and_an_update_writes_none(folder: Path) -> None:
    file = folder / "scenarios/story.yaml"
    file.write_text(
        "journey: story\nscenarios:\n  - name: refused\n    given: [{send: a, outcome: refused}]\n    sends: [a]\n"
    )
    assert wayfare("test", definitions=folder).code == 1
    assert wayfare("test", "--update", definitions=folder).code == 0
    assert "    sends: []\n" in file.read_text()
    assert wayfare("test", definitions=folder).code == 0
