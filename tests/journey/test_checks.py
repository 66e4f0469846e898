"""What an author is told: every wrong definition of err/ beside its exact answer (err/*.out)."""

import re
from pathlib import Path

import pytest

from journey.load import check, load
from journey.problems import DefinitionError, render_all
from tests.journey.folders import COMPANY, DECLARED, TEXT, folder, shipped_files
from tests.journey.golden import ERR, compare

WRONG = sorted(path for path in ERR.iterdir() if path.suffix in (".yaml", ".md", ".folder"))
SOUND = """journey: sound
title: A sound journey
owner: lifecycle@example.org
start: {on: sound.began}
steps:
  - send: welcome
  - send: setup-guide
  - send: verdict
"""
BEGAN = """event: sound.began
title: It began
fields: {order: {fields: {number: text, note: optional text}}}
"""
FOREIGN = ("Traceback", "pydantic", "ValueError", "token", "Input should", "INVALID", "NoneType", "expecting")
ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260301T100000Z\nEND:VEVENT\nEND:VCALENDAR\n"
VERDICT = "---\nsubject: Your verdict\n---\nYou gave us {{ vars.answer.score }}.\n{{ vars.comment }}\n"


def around(wrong: Path) -> dict[str, str]:
    """A sound folder with this file in its place."""
    files = {
        "company.yaml": COMPANY,
        "messages/welcome.md": TEXT,
        "messages/setup-guide.md": TEXT,
    }
    text = wrong.read_text()
    if wrong.suffix == ".folder":
        parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)
        return {"company.yaml": COMPANY, **dict(zip(parts[1::2], parts[2::2], strict=True))}
    if wrong.stem.startswith(("typed-", "event-")):
        sound = SOUND.replace("sound.began", "purchase.completed").replace("  - send: verdict\n", "")
        place = f"events/{wrong.name}" if wrong.stem.startswith("event-") else wrong.name
        return {**files, **DECLARED, "sound.yaml": sound, place: text}
    if wrong.stem == "variable-unset":
        return {**files, "messages/verdict.md": VERDICT, wrong.name: text}
    if wrong.stem == "source-events":
        files["events/sound.began.yaml"] = BEGAN
    files["sound.yaml"] = SOUND.replace("  - send: verdict\n", "")
    if wrong.suffix == ".md":
        files["sound.yaml"] += f"  - send: {wrong.stem}\n"
        return {**files, f"messages/{wrong.name}": text}
    if wrong.stem.startswith("calendar-"):
        files |= {"calendars/works.ics": ICS, "calendars/broken.ics": "no calendar"}
    places = {
        "calendar": f"calendars/{wrong.name}",
        "company": "company.yaml",
        "customer": "customer.yaml",
        "policies": "policies.yaml",
        "scenario": f"scenarios/{wrong.name}",
        "source": f"sources/{wrong.name}",
        "subscriber": f"subscribers/{wrong.name}",
    }
    return {**files, places.get(wrong.stem.split("-")[0], wrong.name): text}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda path: path.stem)
def test_a_wrong_definition_is_answered_in_plain_words_at_its_place(wrong: Path) -> None:
    files = around(wrong)
    _, problems = check(files)
    compare(wrong.stem, render_all(problems, files) + "\n")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda path: path.stem)
def test_every_answer_is_a_sentence_and_points_into_its_file(wrong: Path) -> None:
    files = around(wrong)
    for problem in check(files)[1]:
        lines = files[problem.place.file].split("\n")
        assert 1 <= problem.place.line <= len(lines)
        assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1
        assert re.fullmatch(r'["(\w{<>=&|!?+\-*/%:;.,\[\])}].*[.?!]', problem.message), problem.message
        assert not problem.hint or re.search(r'[.?!…)"]$', problem.hint), problem.hint
        assert not any(foreign in problem.message + problem.hint for foreign in FOREIGN)


def test_a_golden_answer_without_a_wrong_definition_is_forgotten_work() -> None:
    generated = {"yaml-too-deep", "yaml-too-many-values", "yaml-too-large", "text-too-long"}
    assert {path.stem for path in ERR.glob("*.out")} == {path.stem for path in WRONG} | generated


def test_a_folder_without_a_company_says_what_is_missing() -> None:
    files = folder("  - send: a\n")
    del files["company.yaml"]
    with pytest.raises(DefinitionError, match=r"company.yaml:1:1: The file is missing\. It holds the company's name"):
        load(files)


def test_load_tells_all_mistakes_of_all_files_in_reading_order() -> None:
    files = folder("  - send: x1\n  - send: x2\n", a="no head", b="---\nsubject: x\n---\n{{ nothing }}")
    with pytest.raises(DefinitionError) as caught:
        load(files)
    assert [(problem.place.file, problem.rule) for problem in caught.value.problems] == [
        ("messages/a.md", "message-head"),
        ("messages/b.md", "unknown-variable"),
        ("story.yaml", "unknown-message"),
        ("story.yaml", "unknown-message"),
    ]


def test_the_prefix_is_put_before_every_file_name() -> None:
    files = folder("  - send: welcom\n")
    assert {problem.place.file for problem in check(files, "definitions/")[1]} == {
        "definitions/story.yaml",
        *(f"definitions/messages/{name}.md" for name in "abcd"),
    }


def test_a_text_that_nobody_sends_is_a_warning_and_stops_nothing() -> None:
    library, problems = check(folder("  - send: a\n  - send: b\n  - send: c\n"))
    assert library is not None
    told = "messages/d.md:1:1: warning: No journey sends this text."
    hint = "Delete it when no customer who is under way can still get it."
    assert [problem.render() for problem in problems] == [f"{told} {hint} [message-unused]"]


def test_no_text_counts_as_unused_while_a_journey_cannot_be_read() -> None:
    assert [problem.rule for problem in check(folder("  - sent: a\n"))[1]] == ["step-kind"]


def test_the_same_journey_in_two_files_is_told() -> None:
    files = folder("  - send: a\n")
    files["story.yml"] = files["story.yaml"]
    assert "duplicate-journey" in [problem.rule for problem in check(files)[1]]


def test_a_text_that_two_journeys_send_may_use_what_only_one_keeps_if_it_can_do_without() -> None:
    text = "---\nsubject: Hello\n---\nHello {{ vars.answer.score | default: 'you' }}.\n"
    files = folder("  - wait: {for: x, up to: 1 day, into: answer}\n  - send: a\n", a=text)
    files["other.yaml"] = files["story.yaml"].replace("story", "other").replace(", into: answer", "")
    assert not [problem for problem in check(files)[1] if problem.rule == "unset-variable"]
    files["messages/a.md"] = text.replace(" | default: 'you'", "")
    found = [problem for problem in check(files)[1] if problem.rule == "unset-variable"]
    assert [(problem.place.file, problem.warning) for problem in found] == [("messages/a.md", False)]
    assert "the journey other sends this text" in found[0].message


def test_the_shipped_definitions_have_no_mistakes_and_no_warnings() -> None:
    library, problems = check(shipped_files())
    assert library is not None
    assert render_all(problems, {}) == ""
