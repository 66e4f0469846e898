"""What always holds, whatever has happened: the invariants of reliability that concern the machine and its drivers."""

from collections.abc import Iterator

from journey import machine
from journey.inputs import Entry
from journey.state import State
from journey.turn import Turn
from tests.simulation.brain import Brain, Step
from tests.simulation.outside import LIFECYCLE, kind_of
from tests.simulation.world import World


def violations(world: World) -> list[str]:
    """Every broken promise of a world that has come to rest; empty when all is well."""
    found = list(world.faults)
    for rule in RULES:
        found += rule(world)
    return found


def i1_each_event_in_one_final_state(world: World) -> Iterator[str]:
    """Each accepted event is routed, with a delivery for whoever hears or begins, or unmatched, with none."""
    delivered: dict[int, list[str]] = {}
    for one in world.store.instances.values():
        for delivery in one.deliveries:
            if delivery.event is not None:
                delivered.setdefault(id(delivery.event), []).append(one.id)
    for accepted in world.store.inbox:
        got = sorted(delivered.get(id(accepted.event), []))
        if accepted.state not in ("routed", "unmatched") or got != sorted((*accepted.heard, *accepted.began)):
            yield f"I1 an event is {accepted.state} and has come to {got}"
        if (accepted.state == "routed") != bool(got):
            yield f"I1 an event is {accepted.state} but was delivered {len(got)} times"


def i2_applied_in_order_once(world: World) -> Iterator[str]:
    """What a mind applies is the sequence of its instance, from where it began, without holes, each once."""
    for name, brain in world.minds:
        applied = [step.delivery for step in brain.steps if step.delivery is not None]
        wanted = world.store.instances[name].deliveries[brain.launch.cursor : brain.launch.cursor + len(applied)]
        if applied != wanted:
            yield f"I2 {name} applied {[one.seq for one in applied]} after {brain.launch.cursor}"


def i3_effects_are_not_repeated(world: World) -> Iterator[str]:
    """Whatever is set back, begun or played again: no write is made twice, and what was sent is not sent again."""
    for key, count in world.store.made.items():
        if count > 1:
            yield f"I3 {key} was written {count} times"
    for key, count in _by_effect(world).items():
        if count > (1 if kind_of(key) == LIFECYCLE else 2):
            yield f"I3 {key} went out {count} times"


def i4_one_running_instance_a_key(world: World) -> Iterator[str]:
    """At most one running instance for each customer and key."""
    running = [(one.who, one.key) for one in world.store.instances.values() if not one.ended]
    if len(set(running)) < len(running):
        yield "I4 two running instances have one key"


def i5_the_version_changes_by_migration_only(world: World) -> Iterator[str]:
    """Every mind is on the version that its instance was pinned to or has migrated to."""
    for name, brain in world.minds:
        known = set(world.store.instances[name].versions)
        moved = {step.turn.plan["steps"][0]["id"] for step in brain.steps if step.turn.plan is not None}
        for step in brain.steps:
            if step.journey.hash not in known and not moved:
                yield f"I5 {name} ran on a version that it was never moved to"


def i6_effects_are_what_the_machine_asks_for(world: World) -> Iterator[str]:
    """The machine, called again with the same values, asks for the same; nothing else was written or sent."""
    asked: set[str] = set()
    written: set[str] = set()
    for name, brain in world.minds:
        for step in brain.steps:
            turn = _again(brain, step)
            if turn != step.turn:
                yield f"I12 {name} came to another turn from the same values"
            asked |= {f"{name}:{turn.ask.id}"} if turn.ask is not None else set()
            written |= {f"{name}:{write.id}" for write in turn.writes}
        asked |= {f"{name}:{state.asked.id}" for state in [brain.launch.snapshot] if state and state.asked}
    for key in _must_be_written(world) - world.store.made.keys():
        yield f"I6 {key} was decided and never written"
    for key in {_effect_of(key) for key in world.store.ledger} - asked:
        yield f"I6 {key} is in the ledger and nobody asked for it"
    for key in world.store.made.keys() - written:
        yield f"I6 {key} was written and nobody asked for it"


def _must_be_written(world: World) -> set[str]:
    """The writes of every turn that was reported: it happened."""
    return {
        f"{name}:{write.id}"
        for name, brain in world.minds
        for step in brain.steps[: brain.reported]
        for write in step.turn.writes
    }


def _again(brain: Brain, step: Step) -> Turn:
    if step.state is None or step.happened is None:
        entry = brain.launch.entry
        assert isinstance(entry, Entry)
        return machine.start(step.journey, entry, step.turn.state.now)
    return machine.advance(step.journey, step.state, step.happened)


def i7_what_can_move_has_moved(world: World) -> Iterator[str]:
    """At rest, everything delivered is applied, nothing asked for is left, and no deadline has passed."""
    for one in world.store.instances.values():
        state = one.snapshot
        if one.ended:
            continue
        if state is None or one.acked < len(one.deliveries):
            yield f"I7 {one.id} has not heard {len(one.deliveries) - one.acked} deliveries"
        elif one.id in world.resets:
            continue  # after an operator's reset the store shows the later place, until the instance has come as far
        elif state.wake_at is not None and state.wake_at <= world.now:
            yield f"I7 {one.id} should have woken up"
        elif state.asked is not None and state.paused is None:
            yield f"I7 {one.id} still waits for {state.asked.id}"


def i8_the_promise_of_each_class(world: World) -> Iterator[str]:
    """A lifecycle message goes out once at most; a transactional one ends in a known state; both never silently."""
    for key, count in _by_effect(world).items():
        if kind_of(key) == LIFECYCLE and count > 1:
            yield f"I8 the lifecycle message {key} went out {count} times"
    for key, row in world.store.ledger.items():
        if row.state in ("intent", "claimed", "at_dot"):
            yield f"I8 {key} is left {row.state}"


def i10_a_command_is_applied_or_refused(world: World) -> Iterator[str]:
    """Each command has one result, and what the store says is what the machine said."""
    for one in world.store.instances.values():
        said: dict[int, str] = {}
        for name, brain in world.minds:
            for step in brain.steps[: brain.reported] if name == one.id else ():
                if step.delivery is not None and step.delivery.command is not None:
                    said[step.delivery.seq] = step.turn.refused
        for seq, refused in said.items():
            if seq <= one.acked and one.refused.get(seq) != refused:
                yield f"I10 command {seq} of {one.id}: the machine said {refused!r}, the store {one.refused.get(seq)!r}"


def i11_nothing_after_the_end(world: World) -> Iterator[str]:
    """An instance that has ended has no deadline, no question and no later effect."""
    for name, brain in world.minds:
        over = False
        for step in brain.steps:
            if over and (step.turn.writes or step.turn.ask or step.turn.decisions):
                yield f"I11 {name} did something after its end"
            over = over or step.turn.state.ended is not None
            if over and _open(step.turn.state):
                yield f"I11 {name} has ended and still waits"
    for name, run in world.runs.items():
        if world.store.instances[name].ended and not run.done and run.attempts:
            yield f"I11 {name} has ended and something is still tried"


def _open(state: State) -> bool:
    return state.wake_at is not None or state.asked is not None or bool(state.mailbox)


def _effect_of(key: str) -> str:
    """Instance and effect, whatever else is in a message's key."""
    return ":".join(key.split(":")[:2])


def _by_effect(world: World) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, count in world.server.copies().items():
        counts[_effect_of(key)] = counts.get(_effect_of(key), 0) + count
    return counts


RULES = (
    i1_each_event_in_one_final_state,
    i2_applied_in_order_once,
    i3_effects_are_not_repeated,
    i4_one_running_instance_a_key,
    i5_the_version_changes_by_migration_only,
    i6_effects_are_what_the_machine_asks_for,
    i7_what_can_move_has_moved,
    i8_the_promise_of_each_class,
    i10_a_command_is_applied_or_refused,
    i11_nothing_after_the_end,
)
