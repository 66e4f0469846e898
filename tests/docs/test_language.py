"""What the manual shows is checked and played."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journey import durations
from journey.declared.fields import TYPES
from journey.definition import Journey
from journey.library import Library
from journey.life import Coming
from journey.load import load
from journey.simulator import simulate
from journey.time import lengths, local, zones

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "docs/language.md").read_text(), re.DOTALL | re.MULTILINE)
JOURNEYS = [text for kind, text in BLOCKS if kind == "yaml" and "scenarios:" not in text]
SCENARIOS = [text for kind, text in BLOCKS if kind == "yaml" and "scenarios:" in text]
MESSAGES = [text for kind, text in BLOCKS if kind == "markdown"]
TRACES = [text for kind, text in BLOCKS if kind == "trace"]
FRAME = "journey: example\ntitle: An example\nowner: docs@example.org\nstart: {on: purchase.completed}\n"
COMPANY = """company: Example
mail from: Example <hello@example.org>
calendar: office
teams: {onboarding-team: {title: Onboarding, email: onboarding@example.org}}
"""
TEXT = "---\nsubject: Hello\n---\nHello.\n"


[CALENDAR] = [text for kind, text in BLOCKS if kind == "calendar"]


def loaded(journey: str, **more: str) -> Library:
    whole = journey if journey.startswith("journey:") else FRAME + journey
    name = whole.split("\n")[0].split("#")[0].removeprefix("journey:").strip()
    files = {
        "company.yaml": COMPANY,
        f"{name}.yaml": whole,
        "messages/welcome.md": TEXT,
        "messages/setup-guide.md": TEXT,
        "messages/goodbye.md": TEXT,
        "calendars/office.yaml": CALENDAR,
        "calendars/works-holidays.ics": "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:docs\nEND:VCALENDAR\n",
        **more,
    }
    return load(files)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_example_of_the_manual_is_free_of_mistakes(journey: str) -> None:
    other = {"onboarding.yaml": FRAME.replace("example", "onboarding", 1) + "steps:\n  - send: welcome\n"}
    library = loaded(journey, **({} if journey.startswith("journey:") else other))
    assert library.journeys


@pytest.mark.parametrize("message", MESSAGES)
def test_the_message_of_the_manual_is_free_of_mistakes(message: str) -> None:
    assert loaded("steps:\n  - send: welcome\n", **{"messages/welcome.md": message}).messages["welcome"].body


@pytest.mark.parametrize("scenarios", SCENARIOS)
def test_the_scenarios_of_the_manual_are_free_of_mistakes(scenarios: str) -> None:
    frame = next(text for text in JOURNEYS if text.startswith("journey: onboarding"))
    assert loaded(frame, **{"scenarios/onboarding.yaml": scenarios}).scenarios


def test_the_population_of_the_manual_is_free_of_mistakes() -> None:
    [text] = [text for kind, text in BLOCKS if kind == "population"]
    found = loaded("steps:\n  - send: setup-guide\n", **{"populations/spring.yaml": text})
    assert found.populations["spring"].customers == 5000


def test_the_declarations_of_the_manual_are_free_of_mistakes() -> None:
    [event], [customer] = ([text for kind, text in BLOCKS if kind == wanted] for wanted in ("event", "customer"))
    found = loaded("steps:\n  - wait: 1 day\n", **{"events/purchase.completed.yaml": event, "customer.yaml": customer})
    assert found.events["purchase.completed"].fields["coupons"].title == "optional list of text"
    assert found.customer is not None


MOMENTS = [line for kind, text in BLOCKS if kind == "moments" for line in text.splitlines()]
BUSINESS = [line for kind, text in BLOCKS if kind == "business" for line in text.splitlines()]


@pytest.mark.parametrize("line", MOMENTS)
def test_local_times_mean_what_the_manual_says(line: str) -> None:
    name, wanted, said = line.split(" ", 1)[0], line.split(" ", 1)[1].split(" is ")[0], line.split(" is ")[1]
    at = datetime.fromisoformat(wanted)
    moment = local.moment(at.date(), at.time(), zones.zone(name))
    assert f"{moment.astimezone(zones.zone(name)):%Y-%m-%d %H:%M}" == said.removesuffix(" (the first)")
    assert moment.astimezone(zones.zone(name)).fold == 0


@pytest.mark.parametrize("line", BUSINESS)
def test_business_time_is_counted_as_the_manual_says(line: str) -> None:
    length, start, end = re.split(" after | is ", line)
    office = loaded("steps:\n  - wait: 1 day\n").calendars["office"]
    where = zones.zone(office.zone)
    begun = datetime.strptime(start, "%A %Y-%m-%d %H:%M").replace(tzinfo=where)
    over = lengths.after(lengths.parse(length), begun.astimezone(UTC), office).astimezone(where)
    assert (f"{begun:%A %Y-%m-%d %H:%M}", f"{over:%A %Y-%m-%d %H:%M}") == (start, end)


def test_the_manual_names_every_type_of_a_field() -> None:
    table = (ROOT / "docs/language.md").read_text().partition("| type | what it is |")[2].partition("\n\n")[0]
    assert {name for name in TYPES if f"`{name}`" not in table} == set()


def last_journey() -> Journey:
    return next(iter(loaded(JOURNEYS[-1]).journeys.values()))


@pytest.mark.parametrize("trace", TRACES)
def test_the_last_example_goes_as_the_manual_says(trace: str) -> None:
    expected = [line for line in trace.splitlines() if not line.startswith("when ")]
    events = []
    for line in trace.splitlines():
        if line.startswith("when "):
            words = line.removeprefix("when ").rsplit(" ", 1)
            events.append(Coming(durations.parse(words[0]), words[1]))
    seen = simulate(last_journey(), datetime(2026, 1, 1, tzinfo=UTC), {}, {}, events)
    lines = [f"{durations.say(line.after)} {line.kind} {line.text}" for line in seen.lines]
    assert [line for line in lines if line.split(" ")[2] in ("send", "finish")] == expected


def test_the_manual_has_a_section_for_every_step_kind() -> None:
    from journey.steps import STEPS

    headings = re.findall(r"^### (\w+)$", (ROOT / "docs/language.md").read_text(), re.MULTILINE)
    assert set(headings) == set(STEPS)
