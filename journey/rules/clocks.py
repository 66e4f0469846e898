"""Rules about clocks, and about what is done beside the way."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem, did_you_mean
from journey.steps.clock import ClockStep, PauseClock, StartClock
from journey.yaml_tree import Tree


def unknown_clock(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A clock is paused, resumed or stopped that no step starts."""
    known = {spot.step.starts_clock() for spot in journey.spots.values()} - {""}
    for step, path in placed_steps(journey):
        if isinstance(step, ClockStep) and step.name not in known:
            hint = did_you_mean(step.name, known) or "Start it before, with clock: {start: …}."
            message = f'No step of this journey starts a clock "{step.name}".'
            yield Problem(tree.place((*path, "clock", step.verb)), message, "unknown-clock", hint)


def paused_statutory_clock(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A statutory clock never pauses."""
    steps = [spot.step for spot in journey.spots.values() if isinstance(spot.step, ClockStep)]
    strict = {step.name for step in steps if isinstance(step.clock, StartClock) and step.clock.kind == "statutory"}
    for step, path in placed_steps(journey):
        if isinstance(step, ClockStep) and isinstance(step.clock, PauseClock) and step.name in strict:
            message = f'The clock "{step.name}" is statutory and never pauses.'
            hint = "Pause an internal clock; the statutory one goes on."
            yield Problem(tree.place((*path, "clock", "pause")), message, "paused-statutory-clock", hint)


def unstopped_clock(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A clock is started and never stopped; it ends with the journey, which is odd."""
    stopped = {step.name for step, _ in placed_steps(journey) if isinstance(step, ClockStep) and step.verb == "stop"}
    for step, path in placed_steps(journey):
        name = step.starts_clock()
        if name and name not in stopped:
            message = f'The clock "{name}" is never stopped: it runs to the end of the journey.'
            hint = f"Write clock: {{stop: {name}}} where it has done its work."
            yield Problem(tree.place((*path, "clock", "start")), message, "unstopped-clock", hint, warning=True)


def beside_waits(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """What is done beside the way (warnings, breach, the failure of a message with a window) is done at once."""
    beside = {
        step: spot.step
        for spot in journey.spots.values()
        if spot.step.beside()
        for step in journey.inside(spot.step.id)
    }
    for step, path in placed_steps(journey):
        if step.id in beside and step.may_rest():
            message = f"A {step.kind} cannot stand here: these steps are done at once, beside the way."
            hint = "Send, notify, set, note and choose can; a goto leads the journey to steps that wait."
            yield Problem(tree.place(path), message, "beside-waits", hint)


def goto_beside(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``goto`` leads from the way into steps that are done beside it."""
    for spot in journey.spots.values():
        if not spot.step.beside():
            continue
        inside = journey.inside(spot.step.id)
        for step, path in placed_steps(journey):
            if step.goes_to() in inside and step.id not in inside:
                message = f'"{step.goes_to()}" is done beside the way, by "{spot.step.id}"; no way leads there.'
                yield Problem(tree.place((*path, step.kind)), message, "goto-beside", "Go to a step of the way.")
