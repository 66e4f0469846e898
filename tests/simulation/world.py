"""A whole Wayfare in one process and one seeded order of events: inbox, router, bells, Temporal, workers, the ledger, a
mail server and a clock; any of them may fail between any two of its steps.

All chance comes from one ``random.Random``: a seed is a world, and the same world in every process.
"""

import random
from collections import defaultdict
from collections.abc import Generator
from typing import Any

from journey.commands import Migrate
from journey.definition import Journey
from journey.effects import Ask
from journey.inputs import EffectDone, Entry, Event
from journey.work import Delivery, Launch, Work
from tests.journey.worlds import BEGAN, EVENTS, data, delay, random_journey, some_command
from tests.simulation.brain import Begin, Brain, Fetch, GiveUp, Keep, Rest, Said
from tests.simulation.outside import Accepted, Dot, MailServer, Row, Store
from tests.simulation.runs import Attempt, Run, fingerprint, iter_nothing

PEOPLE, KEYS = ("c-1", "c-2"), ("k-1", "k-2")
ACTIONS = 160
HEALING = 4_000


class World:
    """``broken`` is the name of a planted bug (see ``test_worlds.py``)."""

    def __init__(self, seed: int, broken: str = "") -> None:
        self.chance = random.Random(seed)
        self.broken = broken
        self.now = BEGAN
        self.store, self.server = Store(broken), MailServer()
        self.runs: dict[str, Run] = {}
        self.bells: list[tuple[str, int, Delivery | None]] = []
        self.zombies: list[Attempt] = []
        self.minds: list[tuple[str, Brain]] = []
        self.results: dict[str, dict[int, str]] = defaultdict(dict)
        self.faults: list[str] = []
        self.falls: set[str] = set()
        self.resets: set[str] = set()
        self.calm = False
        for _ in range(2):
            self.publish(random_journey(self.chance))

    def publish(self, journey: Journey) -> None:
        """Make a version the one in force; those under way keep theirs."""
        self.store.versions[journey.hash] = journey
        self.store.active = journey.hash

    # What may happen

    def live(self) -> None:
        """Everything that may happen, in a random order, and then peace until nothing more happens."""
        for _ in range(ACTIONS):
            self.act()
        self.heal()

    def act(self) -> None:
        """One thing."""
        kind = self.chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        getattr(self, f"_{kind}")()

    def _post(self) -> None:
        kind = self.chance.choice(("began", *EVENTS, "nobody.hears"))
        event = Event(type=kind, data=data(self.chance), at=self.now, customer=data(self.chance))
        self.store.inbox.append(Accepted(event, self.chance.choice(PEOPLE), self.chance.choice(KEYS)))

    def _route(self) -> None:
        waiting = [one for one in self.store.inbox if one.state == "new"]
        if waiting:
            for name in self.store.route(waiting[0]):
                self._bell(name)

    def _bell(self, name: str) -> None:
        deliveries = self.store.instances[name].deliveries
        inline = deliveries[-1] if len(deliveries) > 1 and self.chance.random() < 0.7 else None
        self.bells.append((name, len(deliveries), inline))

    def _ring(self) -> None:
        """A bell arrives: late, twice, in another order, or not at all."""
        if not self.bells:
            return
        place = self.chance.randrange(len(self.bells))
        name, upto, inline = self.bells[place]
        if self.calm or self.chance.random() < 0.8:
            self._signal(name, upto, inline)
        if self.calm or self.chance.random() < 0.8:
            self.bells.pop(place)

    def _signal(self, name: str, upto: int, inline: Delivery | None) -> None:
        run = self.runs.get(name)
        if run is None:
            self.start(name)
        elif not run.done:
            if self.broken == "applies what it hears" and inline is not None and run.brain is not None:
                run.brain.cursor = inline.seq - 1
            run.words.append(Said(self.now, rung=upto, deliveries=(inline,) if inline else ()))

    def _sweep(self) -> None:
        """Ring whoever has not heard, or should have woken up."""
        if self.broken == "nobody sweeps":
            return
        for one in self.store.instances.values():
            late = one.snapshot is not None and one.snapshot.wake_at is not None and one.snapshot.wake_at < self.now
            if not one.ended and (one.acked < len(one.deliveries) or late):
                self.bells.append((one.id, len(one.deliveries), None))

    def _command(self) -> None:
        running = [one for one in self.store.instances.values() if not one.ended and one.snapshot is not None]
        if not running:
            return
        one = self.chance.choice(running)
        assert one.snapshot is not None
        if one.snapshot.ended is not None:
            return
        command = some_command(self.chance, self.store.versions[one.version], one.snapshot, self.now)
        if isinstance(command, Migrate):
            target = self.chance.choice(list(self.store.versions.values()))
            ends = dict.fromkeys(self.store.versions[one.version].spots, "moved") if self.chance.random() < 0.5 else {}
            command = command.model_copy(update={"version": target.hash, "plan": target.plan, "ends": ends})
        self.store.command(one, command)
        self._bell(one.id)

    def _work(self) -> None:
        """A worker does the next thing for some instance."""
        open_runs = [run for run in self.runs.values() if not run.done]
        if open_runs:
            self.step(self.chance.choice(open_runs))

    def _attempt(self) -> None:
        under_way = [(run, one) for run in self.runs.values() for one in run.attempts if one.answer is None]
        if under_way:
            self.try_on(*self.chance.choice(under_way))

    def _zombie(self) -> None:
        """A process that hung goes on."""
        for one in self.zombies:
            one.stopped = False
            self.push(one)
        self.zombies = [one for one in self.zombies if one.answer is None]

    def _time(self) -> None:
        wakes = [run.request.until for run in self.runs.values() if isinstance(run.request, Rest) and run.request.until]
        if wakes and self.chance.random() < 0.5:
            self.now = max(self.now, min(wakes))
        else:
            self.now += delay(self.chance)

    def _crash(self) -> None:
        """Every worker is killed, or hangs for a while; what was not reported to Temporal is forgotten."""
        hangs = self.chance.random() < 0.5
        for run in self.runs.values():
            self.forget(run, hangs=hangs)

    def forget(self, run: Run, *, hangs: bool = False) -> None:
        """Whoever drove a run is gone."""
        for one in run.attempts:
            if hangs and one.answer is None:
                one.stopped = True
                self.zombies.append(one)
        run.mind = run.brain = run.request = None
        run.attempts, run.fresh, run.heard = [], [], run.kept

    def _continue_as_new(self) -> None:
        resting = [
            run for run in self.runs.values()
            if not run.done and run.brain and run.brain.steps and isinstance(run.request, Rest) and not run.brain.asking
            and run.heard == len(run.words)
        ]  # fmt: skip
        if resting:
            run = self.chance.choice(resting)
            assert run.brain is not None
            brain = run.brain
            plan = (
                self.store.versions[self.store.active].plan
                if self.broken == "follows the newest"
                else brain.launch.plan
            )
            cursor = 0 if self.broken == "forgets its place" else brain.cursor
            launch = Launch.model_construct(
                instance_id=brain.launch.instance_id, plan=plan, entry=None, snapshot=brain.steps[-1].turn.state,
                cursor=cursor, upto=brain.upto,
            )  # fmt: skip
            self.runs[brain.launch.instance_id] = Run(launch)

    def _reset(self) -> None:
        """An operator sets a workflow back to an earlier moment; its signals come again."""
        run = self._any_run()
        if run is not None and run.log:
            self.falls.add(run.launch.instance_id)
            self.resets.add(run.launch.instance_id)
            self.forget(run)
            run.log = run.log[: self.chance.randrange(len(run.log))]
            run.heard = run.kept = sum(bool(said.rung or said.alarm) for said, _ in run.log)
            run.rung_for = None
            run.done = False

    def _wipe(self) -> None:
        """Temporal has lost a workflow; it begins again from the store."""
        run = self._any_run()
        if run is not None:
            self.falls.add(run.launch.instance_id)
            self.forget(run)
            del self.runs[run.launch.instance_id]

    def _any_run(self) -> Run | None:
        running = [run for name, run in self.runs.items() if not self.store.instances[name].ended]
        return self.chance.choice(running) if running else None

    def _publish(self) -> None:
        if len(self.store.versions) < 4:
            self.publish(random_journey(self.chance))

    # How it happens

    def start(self, name: str) -> None:
        """Start an instance's workflow: with its entry, or from its snapshot if Temporal does not know it any more."""
        one = self.store.instances[name]
        if one.ended:
            return
        common: dict[str, Any] = {"instance_id": name, "plan": one.plan, "upto": len(one.deliveries)}
        if one.snapshot is None:
            event = one.deliveries[0].event
            assert event is not None
            entry = Entry.model_construct(event=event, who=one.who, pace=1.0)
            launch = Launch.model_construct(entry=entry, snapshot=None, cursor=1, **common)
        else:
            launch = Launch.model_construct(entry=None, snapshot=one.snapshot, cursor=one.acked, **common)
        self.runs[name] = Run(launch)

    def step(self, run: Run) -> None:
        """The next thing that a worker does for a run."""
        if run.mind is None:
            self.revive(run)
        request = run.request
        if isinstance(request, Keep):
            self.store.write(request.work)
            self.tell(run, Said(self.now))
        elif isinstance(request, Begin):
            assert request.work.effect is not None
            run.begun[request.work.effect.id] = request.work
            self.begin(run, request.work)
            self.tell(run, Said(self.now))
        elif isinstance(request, GiveUp):
            run.attempts = [one for one in run.attempts if one.effect != request.effect]
            self.tell(run, Said(self.now))
        elif isinstance(request, Fetch):
            self._fetch(run, request)
        elif isinstance(request, Rest):
            self._rest(run, request)

    def _fetch(self, run: Run, request: Fetch) -> None:
        late = request.by is not None and any(
            one.state == "new" and one.event.at <= request.by for one in self.store.inbox
        )
        if not late:
            deliveries = self.store.instances[run.launch.instance_id].deliveries
            self.tell(run, Said(self.now, deliveries=tuple(deliveries[request.after :])))

    def _rest(self, run: Run, rest: Rest) -> None:
        """Nothing is to be done now: report to Temporal (unless an effect is tried inside this task), then listen."""
        brain = run.brain
        assert brain is not None
        if not brain.steps and brain.launch.snapshot is None and not run.log and not run.fresh:
            self.tell(run, Said(self.now))
            return
        if all(one.lasting for one in run.attempts):
            self.commit(run)
        answered = next((one for one in run.attempts if one.answer is not None), None)
        if run.heard < len(run.words):
            run.heard += 1
            word = run.words[run.heard - 1]
            self.tell(run, Said(self.now, word.rung, word.deliveries, alarm=word.alarm))
        elif answered is not None:
            run.attempts.remove(answered)
            assert answered.answer is not None
            self.tell(run, Said(self.now, answer=answered.answer.model_copy(update={"at": self.now})))
        elif rest.until is not None and rest.until <= self.now and run.rung_for != (rest.until, len(brain.steps)):
            run.rung_for = (rest.until, len(brain.steps))
            run.words.append(Said(self.now, alarm=True))
        elif not run.log and not run.fresh:
            self.tell(run, Said(self.now))

    def tell(self, run: Run, said: Said) -> None:
        """Say something to a mind; what it wants next is its request."""
        assert run.mind is not None
        assert run.brain is not None
        try:
            run.request = run.mind.send(said)
        except StopIteration:
            run.request, run.done = None, True
        run.fresh.append((said, fingerprint(run.request)))
        if run.done:
            self.commit(run)

    def commit(self, run: Run) -> None:
        """Temporal has it."""
        if run.brain is not None:
            run.brain.reported = len(run.brain.steps)
        run.log += run.fresh
        run.fresh, run.kept = [], run.heard

    def revive(self, run: Run) -> None:
        """A worker takes the run up: a new mind hears again all that is in the log, and must ask for the same."""
        run.brain = Brain(run.launch, self.broken)
        self.minds.append((run.launch.instance_id, run.brain))
        run.mind = run.brain.live()
        run.request = next(run.mind)
        for said, asked in run.log:
            try:
                run.request = run.mind.send(said)
            except StopIteration:
                run.request, run.done = None, True
            if isinstance(run.request, Begin) and run.request.work.effect is not None:
                run.begun[run.request.work.effect.id] = run.request.work
            if fingerprint(run.request) != asked:
                self.faults.append(f"I12 replay of {run.launch.instance_id}: {fingerprint(run.request)} != {asked}")
        run.brain.reported = len(run.brain.steps)
        if run.brain.asking and run.brain.answer is None and not isinstance(run.request, Begin):
            self.begin(run, run.begun[run.brain.asking], lasting=True)

    def begin(self, run: Run, work: Work, *, lasting: bool = False) -> None:
        """A try at an effect begins."""
        effect = work.effect
        assert effect is not None
        key = f"{work.instance_id}:{effect.id}"
        if self.broken == "sends by run":
            key += f":{len(self.minds)}"
        if self.broken == "sends something else":
            key += "x"
        attempt = Attempt(key, effect.id, iter_nothing(), lasting)
        attempt.stages = self.stages(attempt, work, effect)
        run.attempts.append(attempt)

    def try_on(self, run: Run, attempt: Attempt) -> None:
        """The next stage of an attempt; now and then it runs out of its time as a local one."""
        if not attempt.lasting and (attempt.waits or self.chance.random() < 0.1):
            attempt.lasting = True
        self.push(attempt)

    def push(self, attempt: Attempt) -> None:
        """One stage further."""
        try:
            attempt.waits = next(attempt.stages) == "wait"
        except StopIteration as end:
            attempt.answer = end.value

    def stages(self, attempt: Attempt, work: Work, effect: Ask) -> Generator[str, None, EffectDone]:
        """Everything that an attempt does, with a place to die between any two of its steps."""
        yield "begun"
        self.store.write(work)
        if effect.kind == "read_customer":
            yield "written"
            return EffectDone(effect=effect.id, value=dict(self.store.record), at=self.now)
        outcome = yield from self._send(attempt)
        yield "settled"
        return EffectDone(effect=effect.id, outcome=outcome, value={}, at=self.now)

    def _send(self, attempt: Attempt) -> Generator[str, None, str]:
        while True:
            patience = self._somebody_else(attempt)
            if not patience and self.store.ledger.get(attempt.key, _NONE).state == "at_dot":
                self._cut_off(attempt)
            epoch = self.store.claim(attempt.key, patience=patience)
            if epoch == "wait":
                yield "wait"
                continue
            if isinstance(epoch, str):
                return epoch
            outcome = yield from self._transmit(attempt, epoch)
            if outcome:
                return outcome
            yield "wait"

    def _transmit(self, attempt: Attempt, epoch: int) -> Generator[str, None, str]:
        """From the first command to the answer after the dot; '' if it is to be tried again."""
        mood = "good" if self.calm else self.chance.choices(_MOODS, (8, 1, 1, 1, 1))[0]
        yield "claimed"
        if mood == "away":
            self.store.settle(attempt.key, epoch, "held")
            return ""
        yield "body"
        if not self.store.at_dot(attempt.key, epoch) and self.broken != "no barrier":
            return ""
        yield "barrier"
        if not attempt.cut and mood not in ("later", "refused"):
            self.server.accepted.append(Dot(attempt.key, self.now))
        yield "dot"
        if mood == "lost" or attempt.cut:
            state = self.store.doubt(attempt.key, epoch)
            return "" if state == "wait" else state
        state = {"later": "held", "refused": "refused"}.get(mood, "accepted")
        self.store.settle(attempt.key, epoch, state)
        return "" if state == "held" else state

    def _somebody_else(self, attempt: Attempt) -> bool:
        """Whether another attempt at the same message is alive and its lease with it."""
        others = [one for run in self.runs.values() for one in run.attempts if one.key == attempt.key]
        return any(one is not attempt and one.answer is None and not one.stopped for one in others)

    def _cut_off(self, attempt: Attempt) -> None:
        """Whoever hung before the dot so long that the message counts as in doubt has lost its connection by now."""
        for one in self.zombies:
            if one.key == attempt.key and one is not attempt:
                one.cut = True

    def heal(self) -> None:
        """Everything works again, and all that can move does: nothing may be left undone."""
        self.calm = True
        self._zombie()
        for hung in self.zombies:
            hung.cut = True
        for name in [one for one in self.store.instances if one not in self.runs]:
            self.start(name)  # `wayfare rebuild`
        for _ in range(HEALING):
            self._deliver_all()
            if not self._all_move():
                if self.broken != "nobody sweeps the ledger":
                    self.store.sweep({one.key for run in self.runs.values() for one in run.attempts})
                return
        self.faults.append("I7 it never comes to rest")

    def _deliver_all(self) -> None:
        while any(one.state == "new" for one in self.store.inbox):
            self._route()
        self._sweep()
        while self.bells:
            self._ring()

    def _all_move(self) -> bool:
        """Whether anything moved when everybody had a turn."""
        before = self._picture()
        for run in list(self.runs.values()):
            while (not run.done and len(run.words) > run.heard) or (run.request is None and not run.done):
                self.step(run)
                self._push_all(run)
            for _ in range(4):
                if not run.done:
                    self.step(run)
                    self._push_all(run)
        return self._picture() != before

    def _push_all(self, run: Run) -> None:
        for one in run.attempts:
            for _ in range(12):
                if one.answer is None:
                    self.try_on(run, one)

    def _picture(self) -> tuple[Any, ...]:
        instances = [(one.acked, one.turns, one.ended) for one in self.store.instances.values()]
        runs = [(run.done, fingerprint(run.request)) for run in self.runs.values()]
        return tuple(instances), tuple(runs), len(self.server.accepted)


_KINDS = {
    "post": 14, "route": 14, "ring": 14, "sweep": 2, "command": 6, "work": 60, "attempt": 40, "zombie": 3, "time": 12,
    "crash": 3, "continue_as_new": 2, "reset": 1, "wipe": 1, "publish": 1,
}  # fmt: skip
"""What may happen, and how often."""
_NONE = Row()
_MOODS = ("good", "away", "later", "refused", "lost")
