"""Random journeys, and a random world that does to them whatever can be done, and much that should not be.

All chance comes from the given ``random.Random``: hypothesis passes one of its own and shrinks it; a seed gives the
same world in every process.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from journey import flow, machine
from journey.commands import Cancel, Command, Erase, Migrate, MoveTo, Pause, Resume, Skip
from journey.definition import Journey
from journey.inputs import CommandReceived, EffectDone, Entry, Event, EventReceived, Input, WokeUp
from journey.load import name_steps
from journey.state import State
from journey.time.calendar import Calendar
from journey.time.wall import LocalTime
from journey.turn import Turn

BEGAN = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
EVENTS = ("came", "went", "paid", "wrote")
LENGTHS = ("1 second", "10 minutes", "1 hour", "1 day", "2 days 6 hours", "1 week", "20 days")
SPANS = (*LENGTHS, "1 business day", "3 business days", "90 business minutes", "12 business hours")
DATES = ("start.on", "2 days before start.on", "1 month after vars.a", "3 business days after start.on", "customer.on")
WINDOWS = ("mon-fri 9:00-17:00", "sun 2:15-2:45", "0:00-24:00", "office")
ZONES = ("", "Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Mars/Olympus")
OFFICE = Calendar(name="office", zone="Europe/Berlin", week=("9:00-12:00, 13:00-17:00",) * 5 + ("closed",) * 2)
ON_STEPS = (
    "start.n > 3", "customer.plan == 'pro'", "has(customer.vip) && customer.vip", "vars.a == start.n", "vars.b.n >= 7",
    "vars.b.words.exists(word, word == 'no')", "size(start.words) > 1", "now > timestamp('2026-03-29T01:30:00Z')",
    "true", "false", "start.text.contains('a')", "customer['plan'] in ['pro', 'home']", "1 / start.n > 0",
    "start.?deep.?x.orValue(false)", "customer.tags.exists(tag, tag == 'vip')", "double(start.text) > 1.0", "vars.c",
)  # fmt: skip
STANDING = ON_STEPS[1:-4]
SINCE = ("step", "journey", "1 hour", "3 days")
ON_EVENTS = (
    *ON_STEPS, "event.n == start.n", "event.n > 3", "has(event.text)", "event.b.n < 2", "event.customer.vip == true",
)  # fmt: skip
VALUES = (
    "start.n + 1", "vars.a + 1", "customer.orders * 2", "unknown_name", "{'n': start.n}", "string(start.n)", "null",
    "start.words.map(word, word + '!')", "now", "1.0 / 0.0", "start", "vars.b", "9223372036854775807 + start.n",
    "b'ab'", "customer.plan",
)  # fmt: skip
SIMPLE = (
    None, True, False, 0, 1, 7, -3, 2**53 + 1, 2**70, 0.5, -0.0, 1e300, "", "no", "pro", "7", "ü😀\u202e", "a\x00b",
    "x" * 300, "2026-04-01", "2026-03-29T02:30", "2026-02-01T00:00:00Z", "9999-12-31",
)  # fmt: skip


def anything(chance: random.Random, depth: int = 2) -> Any:
    """Any JSON value."""
    kind = chance.randrange(10)
    if depth and kind == 0:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    if depth and kind == 1:
        return data(chance, depth - 1)
    return chance.choice(SIMPLE)


def data(chance: random.Random, depth: int = 2) -> dict[str, Any]:
    """An object with keys that the expressions ask for, and others."""
    keys = ("n", "text", "words", "vip", "plan", "tags", "orders", "b", "deep", "on", "reason", "", "ü", "customer")
    return {chance.choice(keys): anything(chance, depth) for _ in range(chance.randrange(5))}


def steps(chance: random.Random, depth: int) -> list[dict[str, Any]]:
    """A few steps, blocks inside; a block may be empty."""
    count = chance.randrange(3, 7) if depth == 3 else chance.randrange(3)
    return [step(chance, depth) for _ in range(count)]


def step(chance: random.Random, depth: int) -> dict[str, Any]:
    """A step of any kind; those with blocks only while there is depth left."""
    flat = (_send, _send, _note, _notify, _set, _wait, _finish, _goto, _clock)
    nested = (
        _wait_for, _wait_for, _wait_until, _choose, _race, _split, _repeat, _ask, _collect, _throttle, _call, _start,
        _task,
    )  # fmt: skip
    return chance.choice(flat + nested if depth else flat)(chance, depth - 1)


def _send(chance: random.Random, depth: int) -> dict[str, Any]:
    if chance.randrange(5) == 0:
        retry = {"retry": {"times": 1, "pause": "1 hour"}} if chance.randrange(3) == 0 else {}
        return {"send": chance.choice("abc"), "window": chance.choice(WINDOWS), **retry}
    return {"send": chance.choice("abc"), **_trying(chance, depth)}


def _trying(chance: random.Random, depth: int) -> dict[str, Any]:
    """Now and then it is tried again, and something is done when it fails."""
    doubling = chance.randrange(2) == 0
    retry = {"times": chance.randrange(1, 3), "pause": chance.choice(LENGTHS), "doubling": doubling}
    failing = {"on_failure": steps(chance, min(depth, 1))} if depth > 0 and chance.randrange(3) == 0 else {}
    return {**({"retry": retry} if chance.randrange(4) == 0 else {}), **failing}


def _ask(chance: random.Random, depth: int) -> dict[str, Any]:
    kind = {"for": chance.choice(EVENTS)} if chance.randrange(2) else {}
    asked = {"ask": chance.choice("ab"), "up to": chance.choice(LENGTHS), "into": "b", **kind, **_trying(chance, depth)}
    return {**asked, **_condition(chance, ON_EVENTS), "then": steps(chance, depth), "otherwise": steps(chance, depth)}


def _throttle(chance: random.Random, depth: int) -> dict[str, Any]:
    key = {"key": chance.choice(VALUES)} if chance.randrange(2) else {}
    return {
        "throttle": "mail",
        "at most": 2,
        "per": "1 day",
        **key,
        "otherwise": steps(chance, depth) or [{"send": "a"}],
    }


def _call(chance: random.Random, depth: int) -> dict[str, Any]:
    body = {"body": {"n": f"= {chance.choice(VALUES)}", "list": [1, "= start.n"]}} if chance.randrange(2) else {}
    url = f"https://example.org/{chance.choice(('x', '{{ start.n }}', '{{ vars.b.n }}?q={{ customer.plan }}'))}"
    into = {"into": "b"} if chance.randrange(2) else {}
    return {"call": "desk", "url": url, **body, **into, **_trying(chance, depth)}


def _ends(chance: random.Random, depth: int) -> dict[str, Any]:
    return {"outcomes": [{"as": name, "do": steps(chance, depth)} for name in ("good", "bad")[: chance.randrange(3)]]}


def _clock(chance: random.Random, depth: int) -> dict[str, Any]:
    name = chance.choice(("one", "two"))
    kind = chance.randrange(5)
    if kind == 0:
        pause = {"pause": name, "reason": "a question", "until": chance.choice(EVENTS), **_condition(chance, ON_EVENTS)}
        return {"clock": {**pause, "up to": chance.choice(SPANS)}}
    if kind < 3:
        return {"clock": {("resume", "stop")[kind - 1]: name}}
    quick = (
        [{"note": "Hurry."}],
        [{"send": "c"}],
        [{"choose": [{"if": "customer.plan == 'pro'", "do": []}, {"else": []}]}],
    )
    warn = [{"at": "50%", "do": chance.choice(quick)}] if chance.randrange(2) else []
    late = chance.choice((*quick, [], [{"goto": "note"}], [{"finish": "late"}]))
    clock = {"start": name, "kind": chance.choice(("internal", "statutory")), "due": chance.choice(SPANS)}
    return {"clock": clock, "warn": warn, "breach": late}


def _start(chance: random.Random, depth: int) -> dict[str, Any]:
    waiting = {"up to": chance.choice(LENGTHS), "into": "b", **_ends(chance, depth), "otherwise": steps(chance, depth)}
    with_ = {"with": {"n": f"= {chance.choice(VALUES)}", "m": 1}}
    waits = waiting if chance.randrange(3) else {}
    return {"start": "other", **with_, **waits, **_trying(chance, depth), "ends with this": chance.randrange(2) == 0}


def _task(chance: random.Random, depth: int) -> dict[str, Any]:
    work = {"task": "call", "team": "care", "title": "Call", "text": "Please.", "form": {"n": "optional number"}}
    due = {"due": chance.choice(LENGTHS), "warn": "1 hour"} if chance.randrange(2) else {}
    late = {"escalate": [{"after": chance.choice(LENGTHS), "to": "care"}]} if due and chance.randrange(2) else {}
    lanes = [{**_heard(chance), "do": steps(chance, depth)}, {"until": chance.choice(STANDING), "do": []}]
    over = {"overtaken by": lanes[: chance.randrange(3)]}
    waiting = {"up to": chance.choice(LENGTHS), "into": "b", **_ends(chance, depth), **over, **due, **late}
    return {**work, **({**waiting, "otherwise": steps(chance, depth)} if chance.randrange(3) else {})}


def _collect(chance: random.Random, depth: int) -> dict[str, Any]:
    quiet = {"quiet": chance.choice(LENGTHS[:3])} if chance.randrange(2) else {}
    most = {"at most": chance.randrange(2, 4)} if chance.randrange(2) else {}
    kind = chance.choice((*EVENTS, "began"))
    window = {"up to": chance.choice(SPANS), **quiet, **most, "into": chance.choice("ac")}
    return {"collect": kind, **_condition(chance, ON_EVENTS), **window}


def _note(chance: random.Random, depth: int) -> dict[str, Any]:
    return {"note": "A note."}


def _notify(chance: random.Random, depth: int) -> dict[str, Any]:
    return {"notify": "care", "text": "Please call.", **_trying(chance, depth)}


def _set(chance: random.Random, depth: int) -> dict[str, Any]:
    targets = chance.sample(("vars.a", "vars.c", "customer.plan", "customer.score"), chance.randrange(1, 4))
    values = {target: chance.choice((f"= {chance.choice(VALUES)}", anything(chance))) for target in targets}
    return {"set": {**values, **({"add tags": ["vip"]} if chance.randrange(2) else {"remove tags": ["vip", "new"]})}}


def _wait(chance: random.Random, depth: int) -> dict[str, Any]:
    kind = chance.randrange(6)
    if kind == 0:
        return {"wait": {"window": chance.choice(WINDOWS)}}
    if kind == 1:
        steps_then = {"on_past": chance.choice(("go on", [{"note": "It is past."}])), "on_invalid": "go on"}
        return {"wait": {"date": chance.choice(DATES), "at": "9:00"}, **steps_then}
    return {"wait": chance.choice(SPANS)}


def _finish(chance: random.Random, depth: int) -> dict[str, Any]:
    return {"finish": "over"} if depth < 2 and chance.randrange(2) else {"note": "Not yet."}


def _goto(chance: random.Random, depth: int) -> dict[str, Any]:
    return {"goto": f"{chance.choice(('send-a', 'send-b', 'wait-1-day', 'note', 'choose', 'set'))}"}


def _condition(chance: random.Random, pool: tuple[str, ...]) -> dict[str, Any]:
    return {"if": chance.choice(pool)} if chance.randrange(3) == 0 else {}


def _heard(chance: random.Random) -> dict[str, Any]:
    into = {"into": chance.choice(("a", "b"))} if chance.randrange(2) else {}
    return {"for": chance.choice(EVENTS), **_condition(chance, ON_EVENTS), **into}


def _wait_for(chance: random.Random, depth: int) -> dict[str, Any]:
    wait = {**_heard(chance), "up to": chance.choice(SPANS), "since": chance.choice(SINCE)}
    return {"wait": wait, "then": steps(chance, depth), "otherwise": steps(chance, depth)}


def _wait_until(chance: random.Random, depth: int) -> dict[str, Any]:
    wait = {"until": chance.choice(STANDING), "up to": chance.choice(SPANS)}
    return {"wait": wait, "then": steps(chance, depth), "otherwise": steps(chance, depth)}


def _choose(chance: random.Random, depth: int) -> dict[str, Any]:
    branches = [{"if": chance.choice(ON_STEPS), "do": steps(chance, depth)} for _ in range(chance.randrange(3))]
    return {"choose": [*branches, {"else": steps(chance, depth)}]}


def _race(chance: random.Random, depth: int) -> dict[str, Any]:
    lanes = [{**_heard(chance), "do": steps(chance, depth)} for _ in range(2)]
    if chance.randrange(3) == 0:
        lanes.insert(chance.randrange(3), {"until": chance.choice(STANDING), "do": steps(chance, depth)})
    return {"race": lanes, "up to": chance.choice(SPANS), "since": chance.choice(SINCE)}


def _split(chance: random.Random, depth: int) -> dict[str, Any]:
    percent = chance.randrange(101)
    shares = (("x", percent), ("y", 100 - percent))
    arms: list[dict[str, Any]] = [{"percent": share, "as": name, "do": steps(chance, depth)} for name, share in shares]
    if chance.randrange(4) == 0:
        arms[0] = {"holdout": percent, "up to": chance.choice(LENGTHS)}
    return {"split": arms, "into": "c"}


def _repeat(chance: random.Random, depth: int) -> dict[str, Any]:
    every = {"every": chance.choice(SPANS)} if chance.randrange(2) else {}
    until = {"until": chance.choice(ON_STEPS)} if chance.randrange(2) else {}
    rounds = {"times": chance.randrange(1, 4), **every, **until}
    return {"repeat": rounds, "do": steps(chance, depth) or [{"send": "a"}]}


def raw_journey(chance: random.Random) -> dict[str, Any]:
    """A journey as YAML would give it."""
    quick = [{"note": "Closing."}, {"send": "c"}]
    exits = [
        {
            "on": chance.choice(EVENTS[:2]),
            "as": "left",
            **_condition(chance, ON_EVENTS),
            "do": quick[: chance.randrange(3)],
        }
        for _ in range(chance.randrange(3))
    ]
    goal = {"on": chance.choice(EVENTS), "as": "won", "if": chance.choice(ON_EVENTS)}
    goal |= {"within": chance.choice(LENGTHS)} if chance.randrange(2) else {}
    frame = {"journey": "random", "title": "A random journey", "owner": "tests@example.org", "start": {"on": "began"}}
    return {**frame, "exit": exits, **({"goal": goal} if chance.randrange(2) else {}), "steps": steps(chance, 3)}


def random_journey(chance: random.Random) -> Journey:
    """A valid journey: jumps that lead nowhere or round for ever are notes instead."""
    raw = raw_journey(chance)
    while True:
        data = _copied(raw)
        name_steps(data)
        journey = Journey.model_validate(data)
        bad = {id_ for id_, spot in journey.spots.items() if getattr(spot.step, "goto", id_) not in journey.spots}
        if not bad and not set(flow.endless(journey)):
            return journey
        raw = _without_jumps(raw)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _without_jumps(value: Any) -> Any:
    if isinstance(value, dict):
        return {"note": "No jump."} if "goto" in value else {key: _without_jumps(item) for key, item in value.items()}
    return [_without_jumps(item) for item in value] if isinstance(value, list) else value


def begin(chance: random.Random, journey: Journey) -> Turn:
    """The first turn."""
    event = Event(type="began", data=data(chance), at=BEGAN)
    pace = chance.choice((1.0, 8640.0, 0.5))
    entry = Entry(event=event, who=chance.choice(("c-1", "c-2", "")), pace=pace)
    return machine.start(journey, entry, BEGAN + delay(chance))


def delay(chance: random.Random) -> timedelta:
    """Some time, not less than none."""
    return timedelta(seconds=chance.choice((0, 0, 0.001, 1, 600, 3600, 86_400, 400_000)))


OUTCOMES = (
    "accepted", "accepted", "accepted", "full", "busy", "refused", "failed", "suppressed", "unknown", "", "done", "ü",
)  # fmt: skip


def something(chance: random.Random, journey: Journey, state: State, seen: list[Input]) -> Input:
    """Any input: fitting or not, in time or not, for the first time or again."""
    now = state.now + delay(chance)
    kind = chance.randrange(8)
    if journey.spots[state.step or ""].step.hears() and chance.randrange(2):
        kind = 7
    if kind < 2 and state.asked is not None:
        outcome = chance.choice(OUTCOMES)
        local = LocalTime(customer=chance.choice(ZONES), company="Europe/Berlin", calendars=_calendars(chance))
        return EffectDone(effect=state.asked.id, outcome=outcome, value=data(chance), local=local, at=now)
    if kind < 4 and state.alarm_at is not None:
        return WokeUp(at=state.alarm_at + chance.choice((timedelta(0), delay(chance), -delay(chance))))
    if kind == 4 and seen:
        return chance.choice(seen)
    if kind == 5:
        effect = chance.choice(("send-a/1/0", "send-a/2/0", "choose/1/99", "", "nobody/1/0"))
        return EffectDone(effect=effect, value=data(chance), at=now - delay(chance))
    if kind == 6:
        return WokeUp(at=now - delay(chance))
    if kind == 3 or (state.paused is not None and chance.randrange(2)):
        return CommandReceived(command=some_command(chance, journey, state, now), at=now)
    at = now - chance.choice((timedelta(0), delay(chance)))
    return EventReceived(event=some_event(chance, journey, state, now), at=at)


def some_command(chance: random.Random, journey: Journey, state: State, now: datetime) -> Command:
    """A command, fitting or not, from somebody who sees where it stands, or saw it elsewhere. Seldom an end."""
    at = chance.choice((now, now - delay(chance), state.alarm_at or now))
    ids = [*journey.spots, "nowhere"]
    seen = chance.choice(("", state.step or "", chance.choice(ids)))
    some = {name: chance.choice(ids) for name in ids if chance.randrange(4) == 0}
    plan = chance.choice((journey.plan, journey.plan, {}, {**journey.plan, "journey": "another"}))
    migration = Migrate(
        at=at, version=journey.hash, plan=plan, map=some, ends={"nowhere": "moved"} if some else {ids[0]: "moved"}
    )
    version = {"from_version": chance.choice((journey.hash, "other"))} if chance.randrange(2) else {}
    waits = {"waits": chance.choice(("keep", "restart"))}
    orders: tuple[Command, ...] = (
        Resume(at=at, waits=chance.choice(("keep", "extend"))),
        Pause(at=at, by="Ada", reason="She asked us to wait."),
        Skip(at=at, step=seen),
        MoveTo(at=at, to=chance.choice(ids), step=seen),
        migration.model_copy(update={**version, **waits}),
        Cancel(at=at, outcome="given-up") if chance.randrange(2) else Erase(at=at),
    )
    return chance.choice((*orders[:2] * 2, *orders[:5] * 2, *orders))


def _calendars(chance: random.Random) -> dict[str, Calendar]:
    return chance.choice(({}, {"": OFFICE}, {"office": OFFICE}, {"": OFFICE, "office": OFFICE}))


def some_event(chance: random.Random, journey: Journey, state: State, now: datetime) -> Event:
    """An event that is waited for here, elsewhere or by nobody, accepted now, before, or exactly at the deadline."""
    wanted = journey.spots[state.step or ""].step.hears()
    deadline = state.alarm_at or now
    accepted = chance.choice((now, now - delay(chance), deadline, deadline - delay(chance), state.moved_at))
    kind = chance.choice((*EVENTS, *wanted * 3, "nobody.hears"))
    there = [*state.here.values(), "nobody's"]
    names = ("ask", "task", "instance", "name", "journey", "outcome", "answers")
    meant = {name: chance.choice((*there, "call", "other", "good", "bad", {"n": 1})) for name in names}
    named = {name: value for name, value in meant.items() if chance.randrange(3)} if chance.randrange(2) else {}
    return Event(type=kind, data={**data(chance), **named}, at=accepted, customer=data(chance))


def lived(chance: random.Random, journey: Journey, length: int = 25) -> Iterator[tuple[Turn, Input | None]]:
    """A life of an instance: every turn, with the input before it, and a few inputs after its end."""
    turn = begin(chance, journey)
    yield turn, None
    seen: list[Input] = []
    for _ in range(length):
        happened = something(chance, journey, turn.state, seen)
        seen.append(happened)
        turn = machine.advance(journey, turn.state, happened)
        yield turn, happened
        if turn.state.ended is not None and turn.ignored and chance.randrange(2):
            return
