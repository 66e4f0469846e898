"""``task: call-customer``: work for a person, with a form and a time by which it is due.

The team is told at once and reminded before the task is due (``warn``); others are told when it is late (``escalate``).
With ``up to`` the journey waits for it: for its outcome, for an event that overtakes it, or until the time is over. A
task that is waited for is closed when the journey goes on without it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from journey.declared.fields import DeclaredField, Fields
from journey.effects import BY_HAND, LEAST_LOADED, ROUND_ROBIN, CloseTask, NotifyTeam, OpenTask, Playbook
from journey.inputs import TASK_COMPLETED, EffectDone, Event
from journey.model import Frozen, Mistake
from journey.steps.base import CalendarName, Length, Name, Step, Use, Variable
from journey.steps.notify import untold
from journey.steps.race import Lane
from journey.steps.start import End
from journey.turn import Asked, Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep

RULES = (BY_HAND, ROUND_ROBIN, LEAST_LOADED)
"""What ``assign`` may say beside a person."""
_TEXT = DeclaredField.model_validate("text")
TOLD, CLOSED, FIRST_ALARM = 1, 98, 2
"""Ordinals of effects: the team is told; the task is closed; the first reminder or escalation."""
OPEN, ENTERED, DUE, RUNG = "task", "entered", "due", "rung"
"""What is kept while the journey waits (``State.here``): the effect that opened the task, when, when it is due, and how
many alarms have rung."""


class Escalation(Frozen):
    """Whom to tell how long after the task was due."""

    after: Annotated[Length, Field(description="so long after it was due; 0 hours: as soon as it is late")]
    to: Annotated[Name, Field(description="a team of definitions/company.yaml")]


class Alarm(NamedTuple):
    """A moment at which a team is told that the task is not done."""

    at: datetime
    team: str
    said: str


class Task(Step):
    """The team, what is to be done and by when, and what follows."""

    kind: ClassVar[str] = "task"
    task: Annotated[Name, Field(description="what it is called on record and in scenarios, in one word")]
    team: Annotated[Name, Field(description="a team of definitions/company.yaml")]
    headline: Annotated[
        str, Field(alias="title", min_length=1, max_length=200, description="what is to be done, in one line (Liquid)")
    ]
    text: Annotated[str, Field(max_length=5000, description="what the person should know (Liquid)")] = ""
    form: Annotated[Fields, Field(description="what is filled in: name and type of each field")] = Field(
        default_factory=dict
    )
    playbook: Annotated[Playbook | None, Field(description="what to check, what to say, ready replies")] = None
    assign: Annotated[
        str | None,
        Field(
            max_length=80,
            description="who gets it: round robin, least loaded, by hand, or a person; else the team's rule",
        ),
    ] = None
    skill: Annotated[Name | None, Field(description="only somebody of the team with this skill gets it")] = None
    priority: Annotated[int, Field(ge=1, le=9, description="1 to 9; 9 is the most urgent")] = 5
    due: Annotated[Length | None, Field(description="by when: 1 day, 8 business hours, 3 business days")] = None
    calendar: CalendarName = None
    warn: Annotated[Length | None, Field(description="the team is reminded so long before it is due")] = None
    escalate: Annotated[tuple[Escalation, ...], Field(description="whom to tell when it is late: {after, to}")] = ()
    up_to: Annotated[
        Length | None, Field(alias="up to", description="wait for it at most so long; without it go on at once")
    ] = None
    into: Annotated[
        Variable | None, Field(description="a name: vars.<name> holds its outcome and what was filled in")
    ] = None
    outcomes: Annotated[tuple[End, ...], Field(description="the outcomes it can have, each with its steps")] = ()
    overtaken_by: Annotated[
        tuple[Lane, ...], Field(alias="overtaken by", description="events or conditions that make it needless")
    ] = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when it was not done in time')]" = ()

    @model_validator(mode="after")
    def _what_goes_together(self) -> "Task":
        waiting = ("warn", "escalate", "into", "outcomes", "overtaken_by", "otherwise")
        for name in waiting:
            key = name.replace("_", " ")
            if getattr(self, name) and self.up_to is None:
                raise Mistake(f'"{key}" needs up to: beside it, the longest wait for the task', key)
        for key, given in (("warn", self.warn), ("escalate", self.escalate), ("calendar", self.calendar)):
            if given and self.due is None:
                raise Mistake(f'"{key}" needs due: beside it', key)
        return self

    def title(self) -> str:
        return f"task {self.task}"

    def words(self) -> str:
        return f"☑ {self.task} ({self.team})"

    def doing(self) -> str:
        return f"waits for the task {self.task}"

    def label(self, block: str) -> str:
        where, _, rest = block.partition("/")
        number = int(rest.partition("/")[0] or 0)
        if where == "outcomes":
            return self.outcomes[number].as_
        return self.overtaken_by[number].name if where == "overtaken by" else f"not within {self.up_to}"

    def past(self) -> str:
        return "it is done"

    def enter(self, desk: Desk) -> Move:
        for number, lane in enumerate(self.overtaken_by):
            if lane.there(desk):
                return Into(f"overtaken by/{number}/do")
        due = desk.wall.after(self.due, self.calendar) if self.due else None
        opened = OpenTask(
            id=desk.effect_id(),
            task=self.task,
            team=self.team,
            title=self.headline,
            text=self.text,
            vars=dict(desk.vars),
            form=self.form,
            outcomes=tuple(end.as_ for end in self.outcomes),
            priority=self.priority,
            due_at=due,
            awaited=self.up_to is not None,
            assign=self.assign or "",
            skill=self.skill or "",
            playbook=self.playbook,
        )
        desk.writes.append(opened)
        if self.up_to is not None:
            desk.here |= {OPEN: opened.id, ENTERED: desk.at.isoformat(), RUNG: 0}
            desk.here |= {DUE: due.isoformat()} if due else {}
        return self._tell(
            desk, TOLD, self.team, f"{self.headline}\n\nDue in {self.due}." if self.due else self.headline
        )

    def _tell(self, desk: Desk, ordinal: int, team: str, said: str) -> Move:
        text = f"{said}\n\n{self.text}".strip()
        return Asked(
            NotifyTeam(
                id=desk.effect_id(ordinal),
                team=team,
                text=text,
                vars=desk.vars,
                task=desk.effect_id() if ordinal == TOLD else "",
                about=desk.effect_id() if team == self.team else "",
            )
        )

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome != "accepted":
            told = desk.here.get(RUNG, 0)
            team = self.team if done.effect == desk.effect_id(TOLD) else self._alarms(desk)[told - 1].team
            desk.decide(f"{untold(team, done).said}; the task stands in the list of tasks.")
        return Next() if self.up_to is None else self._rest(desk)

    def _rest(self, desk: Desk) -> Move:
        alarm = self._next_alarm(desk)
        return Rest(alarm.at if alarm else self._end(desk))

    def _end(self, desk: Desk) -> datetime:
        """When the journey stops waiting; a version that does not wait for the task has stopped already."""
        entered = datetime.fromisoformat(desk.here[ENTERED])
        return desk.wall.from_moment(entered, self.up_to or "0 seconds", self.calendar)

    def _alarms(self, desk: Desk) -> list[Alarm]:
        """The reminder and the escalations, in order."""
        if DUE not in desk.here:
            return []
        due, wall, counted = datetime.fromisoformat(desk.here[DUE]), desk.wall, self.calendar
        late = f"Late: {self.headline}"
        found = [Alarm(wall.from_moment(due, one.after, counted), one.to, late) for one in self.escalate]
        if self.warn is not None:
            said = f"Due in {self.warn}: {self.headline}"
            found.append(Alarm(wall.from_moment(due, self.warn, counted, back=True), self.team, said))
        return sorted(found, key=lambda alarm: alarm.at)

    def _next_alarm(self, desk: Desk) -> Alarm | None:
        """The next team to tell; none after the journey's own wait is over."""
        left = self._alarms(desk)[desk.here[RUNG] :]
        return left[0] if left and left[0].at < self._end(desk) else None

    def woke(self, desk: Desk) -> Move:
        alarm = self._next_alarm(desk)
        if alarm is not None:
            number = desk.here[RUNG]
            desk.here[RUNG] = number + 1
            desk.decide(f"The task {self.task} is not done yet: {alarm.team} is told.")
            return self._tell(desk, FIRST_ALARM + number, alarm.team, alarm.said)
        desk.decide(f"The task {self.task} was not done in time.")
        self._close(desk, "cancelled", "it was not done in time")
        return Next() if self.up_to is None else Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        if event.type == TASK_COMPLETED:
            return self._completed(desk, event)
        for number, lane in enumerate(self.overtaken_by):
            if lane.came(desk, event, f"{event.type} came."):
                self._close(desk, "overtaken", lane.name)
                return Into(f"overtaken by/{number}/do")
        return None

    def _completed(self, desk: Desk, event: Event) -> Move | None:
        """The task is done; in a story that names no task it is the one of that name."""
        mine = event.data["task"] == desk.here[OPEN] if "task" in event.data else event.data.get("name") == self.task
        outcome = str(event.data.get("outcome") or "")
        number = next((number for number, end in enumerate(self.outcomes) if end.as_ == outcome), None)
        if not mine or (self.outcomes and number is None):
            return None
        desk.decide(f"The task {self.task} is done{f': {outcome}' if outcome else ''}.")
        if self.into:
            answers = event.data.get("answers")
            desk.vars[self.into] = {**(answers if isinstance(answers, dict) else {}), "outcome": outcome}
        return Next() if number is None else Into(f"outcomes/{number}/do")

    def abandoned(self, desk: Desk) -> None:
        if OPEN in desk.here:
            self._close(desk, "cancelled", "the journey went on without it")

    def _close(self, desk: Desk, state: Literal["overtaken", "cancelled"], reason: str) -> None:
        desk.writes.append(CloseTask(id=desk.effect_id(CLOSED), opened=desk.here[OPEN], state=state, reason=reason))

    def may_rest(self) -> bool:
        return self.up_to is not None

    def must_rest(self) -> bool:
        return self.up_to is not None and all(lane.until is None for lane in self.overtaken_by)

    def goes_on(self) -> bool:
        return self.up_to is None or not self.outcomes

    def hears(self) -> tuple[str, ...]:
        lanes = [kind for lane in self.overtaken_by for kind in lane.hears()]
        return tuple(dict.fromkeys((TASK_COMPLETED, *lanes))) if self.up_to is not None else ()

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field for lane in self.overtaken_by for field in lane.reads()))

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return tuple(((key,), text) for key, text in (("due", self.due), ("up to", self.up_to)) if text)

    def spans(self) -> tuple[str, ...]:
        return tuple(text for text in (self.due, self.up_to, self.warn, *(one.after for one in self.escalate)) if text)

    def counts_later(self) -> bool:
        return self.up_to is not None and (bool(self.calendars()) or self.reads_zone())

    def teams(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        others = ((("escalate", number, "to"), one.to) for number, one in enumerate(self.escalate))
        return ((("team",), self.team), *others)

    def people(self) -> tuple[str, ...]:
        """The people of company.yaml it names."""
        return (self.assign,) if self.assign and self.assign not in RULES else ()

    def messages(self) -> tuple[tuple[str, str], ...]:
        return tuple(("playbook", name) for name in (self.playbook.replies if self.playbook else ()))

    def sends(self) -> tuple[str, ...]:
        return ()

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield ("title",), self.headline
        if self.text:
            yield ("text",), self.text
        for number, point in enumerate(self.playbook.check if self.playbook else ()):
            yield ("playbook", "check", number), point
        if self.playbook and self.playbook.say:
            yield ("playbook", "say"), self.playbook.say

    def makes(self) -> tuple[str, ...]:
        return (*((self.into,) if self.into else ()), *(lane.into for lane in self.overtaken_by if lane.into))

    def certain(self, block: str) -> tuple[str, ...]:
        where, _, rest = block.partition("/")
        if where == "overtaken by":
            into = self.overtaken_by[int(rest.partition("/")[0])].into
        else:
            into = None if where == "otherwise" else self.into
        return (into,) if into else ()

    def shapes(self) -> dict[str, Fields]:
        return {self.into: {**self.form, "outcome": _TEXT}} if self.into else {}

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        lanes = enumerate(self.overtaken_by)
        return tuple((("overtaken by", number, "for"), lane.for_) for number, lane in lanes if lane.for_)

    def takes(self) -> tuple[tuple[str, str], ...]:
        return tuple(taken for lane in self.overtaken_by for taken in lane.takes())

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, end in enumerate(self.outcomes):
            yield f"outcomes/{number}/do", end.do
        for number, lane in enumerate(self.overtaken_by):
            yield f"overtaken by/{number}/do", lane.do
        if self.up_to is not None:
            yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        for number, lane in enumerate(self.overtaken_by):
            for use in lane.uses():
                yield replace(use, path=("overtaken by", number, *use.path))
