"""A population in virtual time: the same seed gives the same lives, and what is counted is what the machine did."""

import re
import statistics
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest

from journey import durations
from journey.life import Coming
from journey.load import check, load
from journey.population import picture, recorded, report
from journey.population.chance import Chance, read
from journey.population.forecast import forecast
from journey.population.model import Population
from journey.population.recorded import Recorded
from journey.population.report import Frame
from journey.population.tally import Tally, whole
from journey.rehearsal import begins, play
from journey.scenarios import Scenario
from tests.journey.folders import folder, shipped

POPULATION = """population: few
title: A few
begins: 2026-03-02
lasts: 10 weeks
customers: 200
arrive: between 0 days and 5 days
segments:
  - {percent: 50, as: home, customer: {plan: home}}
  - {percent: 50, as: pro, customer: {plan: pro}}
happens:
  - when: arrives
    one of:
      - {percent: 100, event: began, data: {order: "o-{number}", plan: = customer.plan}}
  - when: send a
    if: start.plan == "pro"
    one of:
      - {percent: 60, after: about 1 day, event: answered, data: {order: = start.order}}
  - when: send b
    one of:
      - {percent: 100, outcome: refused}
"""
STEPS = """  - send: a
  - wait: {for: answered, if: event.order == start.order, up to: 3 days}
    otherwise:
      - send: b
      - notify: care
        text: Please call.
      - finish: silent
"""


def files(population: str = POPULATION) -> dict[str, str]:
    return folder(STEPS) | {"populations/few.yaml": population}


def lived(seed: int = 1, numbers: range = range(200)) -> Tally:
    library = load(files())
    return forecast(library.journeys, library.populations["few"], seed, numbers)


def a_year() -> Population:
    return shipped_population().model_copy(update={"customers": 300})


def shipped_population() -> Population:
    return shipped().populations["a-year"]


# --- chance


def test_a_length_by_chance_lies_as_its_words_say() -> None:
    chance = Chance(1, 1)
    about = [chance.length("about 2 days") / timedelta(days=1) for _ in range(4000)]
    assert statistics.median(about) == pytest.approx(2, rel=0.05)
    assert sum(1 <= length <= 4 for length in about) / 4000 == pytest.approx(0.9, abs=0.02)
    between = [chance.length("between 1 day and 3 days") / timedelta(days=1) for _ in range(4000)]
    assert min(between) >= 1 and max(between) < 3
    assert statistics.mean(between) == pytest.approx(2, rel=0.03)
    assert chance.length("36 hours") == timedelta(hours=36)


def test_shares_are_taken_as_often_as_they_say_and_the_rest_is_nothing() -> None:
    chance = Chance(7, 3)
    drawn = [chance.one_of([(20, "a"), (30, "b")]) for _ in range(5000)]
    assert drawn.count("a") / 5000 == pytest.approx(0.2, abs=0.02)
    assert drawn.count("b") / 5000 == pytest.approx(0.3, abs=0.02)
    assert drawn.count(None) / 5000 == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("text", ["about soon", "between 2 days and 1 day", "between 1 day", "2 moons"])
def test_a_length_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"length|unit"):
        read(text)


# --- lives


def test_the_same_seed_gives_the_same_lives_and_another_seed_others() -> None:
    assert lived() == lived()
    assert lived(seed=2).messages != lived().messages


def test_customers_lived_through_apart_come_to_the_same_as_together() -> None:
    assert whole([lived(numbers=range(150, 200)), lived(numbers=range(150))]) == lived()


def test_what_is_counted_is_what_the_behaviours_and_the_journey_say() -> None:
    tally = lived()
    answered = tally.outcomes["story", "completed"]
    assert tally.begun["story"] == tally.customers == 200
    assert answered / 200 == pytest.approx(0.3, abs=0.08)  # 60 percent of the one half, most of them in time
    assert tally.outcomes["story", "silent"] == 200 - answered
    assert sum(tally.messages.values()) == 200  # b is always refused
    assert sum(tally.unsent.values()) == sum(tally.teams.values()) == 200 - answered
    assert {name for name, _ in tally.teams} == {"care"}
    assert max(day for _, day in tally.messages) <= 5


def test_nothing_happens_after_the_end_and_who_is_under_way_is_counted_where_they_stand() -> None:
    library = load(files(POPULATION.replace("10 weeks", "4 days").replace("5 days", "4 days")))
    tally = forecast(library.journeys, library.populations["few"], 1, range(200))
    assert tally.standing["story", "wait-for-answered"] > 0
    assert max(day for daily in (tally.events, tally.messages, tally.unsent, tally.teams) for _, day in daily) <= 3


def test_a_journey_that_never_starts_again_is_begun_once_however_often_its_event_comes() -> None:
    again = "  - when: began\n    one of: [{percent: 100, after: 8 days, event: began}]\n"
    library = load(files(POPULATION + again))
    tally = forecast(library.journeys, library.populations["few"], 1, range(20))
    assert tally.begun["story"] == 20
    assert sum(tally.events.values()) > 100


def test_every_instance_of_the_shipped_population_has_ended_or_stands_somewhere() -> None:
    tally = forecast(shipped().journeys, a_year(), 1, range(300))
    for journey in ("onboarding", "check-in", "complaint"):
        over = sum(count for (name, _), count in tally.outcomes.items() if name == journey)
        under_way = sum(count for (name, _), count in tally.standing.items() if name == journey)
        assert tally.begun[journey] == over + under_way > 0


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        pytest.param(told.journey, scenario, id=f"{told.journey}: {scenario.name}")
        for told in shipped().scenarios.values()
        for scenario in told.scenarios
    ],
)
def test_a_forecast_from_events_counts_what_a_scenario_plays(name: str, scenario: Scenario) -> None:
    """The population and the simulator are two drivers of one machine."""
    trace = play(shipped(), name, scenario)
    journey = shipped().journeys[name]
    if scenario.given:
        pytest.skip("what our people do, and mail that is refused, is not among the events on record")
    person = {**scenario.customer, "id": "c-1"}
    coming = [Coming(timedelta(), journey.start.on, scenario.start, person)]
    coming += [Coming(durations.parse(one.after), one.type, one.data, one.customer) for one in scenario.events]
    at, _ = begins(shipped(), name, scenario)
    events = [Recorded("c-1", at + one.after, one) for one in coming]
    if any(event.coming.type == journey.start.on for event in events[1:]):
        pytest.skip("in the scenario a second start is only heard, on record it may begin another instance")
    over = at + trace.lines[-1].after  # somebody else's event then, so that the record reaches to the end
    events.append(Recorded("c-2", over, Coming(timedelta(), "page.viewed", {}, {"id": "c-2"})))
    _, tally = recorded.lived({name: journey}, events, (), "x", shipped().times)
    sent = [line.name for line in trace.lines if line.kind == "send"]
    counted = [message for (message, _), count in tally.messages.items() for _ in range(count)]
    assert sorted(counted) == sorted(sent)
    assert trace.state.ended is not None
    assert tally.outcomes == {(name, trace.state.ended.outcome): 1}


WITH_A_TASK = """  - task: call
    team: care
    title: Call them.
    up to: 5 days
    into: done
    outcomes:
      - {as: reached, do: [{send: a}]}
      - {as: not-reached, do: []}
    otherwise: [{finish: nobody-called}]
"""
CALLS = """population: few
title: A few
begins: 2026-03-02
lasts: 10 weeks
customers: 100
happens:
  - when: arrives
    one of: [{percent: 100, event: began, data: {order: 1}}]
  - when: task call
    one of:
      - {percent: 50, after: about 1 day, outcome: reached}
      - {percent: 20, after: 2 days, outcome: not-reached}
"""


def test_tasks_are_counted_by_team_and_done_as_a_behaviour_says() -> None:
    library = load(folder(WITH_A_TASK) | {"populations/few.yaml": CALLS.replace("lasts", "arrive: 1 day\nlasts")})
    tally = forecast(library.journeys, library.populations["few"], 1, range(100))
    assert sum(tally.tasks.values()) == 100
    assert {team for team, _ in tally.tasks} == {"care"}
    assert not tally.teams  # the mail of a task is the task
    assert sum(tally.messages.values()) == pytest.approx(50, abs=12)
    assert tally.outcomes["story", "nobody-called"] == pytest.approx(30, abs=12)
    words = " ".join(ET.fromstring(picture.draw(Frame("x", date(2026, 3, 2), 70, 1), tally)).itertext())
    assert "Tasks a day" in words


def test_the_task_of_one_instance_is_not_done_for_another_of_the_same_customer() -> None:
    story = folder(WITH_A_TASK)["story.yaml"].replace("{on: began}", "{on: began, key: event.order, again: always}")
    first = "  - when: arrives\n    one of: [{percent: 100, event: began, data: {order: 1}}]\n"
    people = CALLS.replace(first, first + first.replace("order: 1", "order: 2")).replace("about 1 day", "2 days")
    library = load(folder(WITH_A_TASK) | {"story.yaml": story, "populations/few.yaml": people})
    tally = forecast(library.journeys, library.populations["few"], 1, range(60))
    assert tally.begun["story"] == pytest.approx(120, abs=2)
    # 30 of 100 tasks are never done; were each done for both, it would be 9.
    assert tally.outcomes["story", "nobody-called"] == pytest.approx(36, abs=14)


@pytest.mark.parametrize(
    ("wait", "bound", "ends"),
    [
        ("1 day", "false", {("story", "completed"): 5, ("other", "completed"): 5}),
        ("2 weeks", "false", {("story", "late"): 5, ("other", "completed"): 5}),
        ("2 weeks", "true", {("story", "late"): 5, ("other", "cancelled"): 5}),
    ],
)
def test_a_journey_that_begins_another_one_hears_of_its_end(
    wait: str, bound: str, ends: dict[tuple[str, str], int]
) -> None:
    steps = f"""  - start: other
    with: {{n: 1}}
    up to: 1 week
    ends with this: {bound}
    otherwise: [{{finish: late}}]
"""
    frame = "journey: other\ntitle: Other\nowner: a@example.org\nstart: {on: x}\n"
    begins = CALLS[: CALLS.index("  - when: task call")].replace("lasts", "arrive: 1 day\nlasts")
    other = f"{frame}steps: [{{wait: {wait}}}, {{send: b}}]\n"
    library = load(folder(steps) | {"other.yaml": other, "populations/few.yaml": begins})
    tally = forecast(library.journeys, library.populations["few"], 1, range(5))
    assert tally.begun == {"story": 5, "other": 5}
    assert tally.outcomes == ends


# --- what is told


def test_the_table_says_totals_busiest_days_and_outcomes() -> None:
    frame = Frame("A few", date(2026, 3, 2), 70, 1)
    lines = list(report.table(frame, lived()))
    assert lines[0] == "A few: 200 customers, 70 days from 2026-03-02 (seed 1)"
    assert lines[3].split()[:3] == ["messages", "200", "2.9"]
    assert any(line.startswith("  care ") for line in lines)
    assert "story: 200 began" in lines
    assert any("silent, half of them within 4 days" in line for line in lines)
    total = sum(float(line.split()[0]) for line in lines[lines.index("story: 200 began") + 1 :])
    assert total == pytest.approx(100, abs=0.2)


def test_the_data_for_programs_has_a_number_for_each_day() -> None:
    tally = lived()
    data = report.data(Frame("A few", date(2026, 3, 2), 70, 1), tally)
    assert len(data["messages"]["a"]) == 70
    assert sum(data["messages"]["a"]) == 200
    assert data["journeys"]["story"]["reached"]["send-a"] == 200


@pytest.mark.parametrize("days", [7, 70, 364])
def test_the_picture_is_well_formed_and_names_what_it_shows(days: int) -> None:
    svg = ET.fromstring(picture.draw(Frame("A <few> & more", date(2026, 3, 2), days, None), lived()))
    words = " ".join(svg.itertext())
    for said in ("A <few> & more", "Messages a day", "Mail to teams a day", "care", "silent", "from real events"):
        assert said in words
    paths = " ".join(path.get("d", "") for path in svg.iter())
    numbers = [float(part) for part in re.findall(r"\d+\.\d+", paths)]
    assert numbers and all(0 <= number <= 960 for number in numbers)


def test_more_names_than_colours_share_the_last_one() -> None:
    tally = Tally()
    for number in range(12):
        tally.messages[f"m{number}", number] = 12 - number
    words = " ".join(ET.fromstring(picture.draw(Frame("x", date(2026, 3, 2), 20, 1), tally)).itertext())
    assert "5 others 15" in " ".join(words.split())


# --- mistakes


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("when: send a", "when: send aa", 'There is no message "aa". Did you mean "a"?'),
        ("when: send a", "when: mail a", '"mail a" is no moment'),
        ("percent: 60", "percent: 160", "at most 100"),
        ("about 1 day", "about soon", "is not a length of time"),
        ("percent: 50, as: home", "percent: 40, as: home", "The shares add up to 90 percent"),
        ("event: answered,", "event: answered, outcome: x,", "either which event comes"),
        ("when: arrives\n", "when: arrives\n    if: customer.plan ===\n", "[bad-expression]"),
        ("begins: 2026-03-02", "begins: soon", "few.yaml:3"),
    ],
)
def test_a_mistake_in_a_population_is_told_at_its_place(right: str, wrong: str, said: str) -> None:
    assert right in POPULATION
    _, problems = check(files(POPULATION.replace(right, wrong)))
    assert said in " ".join(problem.render() for problem in problems)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no", "x:1: this is not an event on record"),
        ('{"type": "a", "data": {"customer": {"id": "c"}}}', "(time is missing)"),
        ('{"type": "a", "time": "2026-01-01T00:00:00Z", "data": {"customer": {}}}', "whose it is"),
    ],
)
def test_a_line_that_is_no_event_is_named(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        recorded.read([line], "x")
