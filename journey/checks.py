"""What the shape of a file cannot say: one function a rule, and one visible list of them.

Each rule takes a journey, its tree (for places) and the context (what else is defined) and yields problems.
"""

from collections.abc import Iterator
from datetime import timedelta

from journey import durations, flow_checks, name_checks
from journey.definition import Journey
from journey.places import Context, Rule, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.scenarios import Scenarios
from journey.steps.notify import Notify
from journey.steps.send import Send
from journey.steps.set import Set
from journey.steps.wait import Wait, WaitFor
from journey.yaml_tree import Tree

LONG = timedelta(days=400)


def unknown_message(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``send`` names a text that does not exist."""
    for step, path in placed_steps(journey):
        for key, name in step.messages() if isinstance(step, Send) else ():
            if name not in context.messages:
                hint = did_you_mean(name, context.messages) or f"Write it in messages/{name}.md."
                place = tree.place((*path, key))
                yield Problem(place, f'There is no message "{name}".', "unknown-message", hint)


def unknown_team(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``notify`` names a team that does not exist."""
    teams = context.company.teams if context.company else {}
    for step, path in placed_steps(journey):
        if isinstance(step, Notify) and context.company and step.notify not in teams:
            hint = did_you_mean(step.notify, teams)
            message = f'There is no team "{step.notify}" in company.yaml.'
            yield Problem(tree.place((*path, "notify")), message, "unknown-team", hint)


def duplicate_step_id(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Two steps have the same id."""
    first: dict[str, Place] = {}
    for step, path in placed_steps(journey):
        place = tree.place((*path, "id"))
        if step.id in first:
            message = f'Another step is already called "{step.id}" (line {first[step.id].line}).'
            yield Problem(place, message, "duplicate-step-id", "Give each step its own id.")
        first.setdefault(step.id, place)


def start_is_exit(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The same event starts and ends a journey without a condition that tells them apart."""
    for number, watch in enumerate(journey.exit):
        if watch.on == journey.start.on and watch.if_ is None:
            message = f"{watch.on} both starts and ends this journey."
            hint = "Add an if: that tells them apart."
            yield Problem(tree.place(("exit", number, "on")), message, "start-is-exit", hint)


def long_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of more than 400 days is odd."""
    for step, path in placed_steps(journey):
        if isinstance(step, Wait):
            for_event = isinstance(step.wait, WaitFor)
            text = step.wait.up_to if isinstance(step.wait, WaitFor) else step.wait
            if durations.parse(text) > LONG:
                place = tree.place((*path, "wait", "up to") if for_event else (*path, "wait"))
                yield Problem(place, f"{text} is a very long wait.", "long-wait", "Is it meant?", warning=True)


def zero_wait(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A wait of no time is odd."""
    for step, path in placed_steps(journey):
        if isinstance(step, Wait):
            text = step.wait.up_to if isinstance(step.wait, WaitFor) else step.wait
            if not durations.parse(text):
                place = tree.place((*path, "wait"))
                yield Problem(place, "This wait takes no time.", "zero-wait", "Give it a length.")


def yes_or_no(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """``yes`` and ``no`` are words in YAML 1.2, and a condition on them would quietly be false."""
    for step, path in placed_steps(journey):
        for target, value in step.set.items() if isinstance(step, Set) else ():
            if isinstance(value, str) and value.lower() in ("yes", "no", "on", "off"):
                message = f'This is the word "{value}".'
                hint = "For a value that is true or false in conditions, write true or false."
                yield Problem(tree.place((*path, "set", target)), message, "yes-or-no", hint, warning=True)


RULES: tuple[Rule, ...] = (
    unknown_message,
    unknown_team,
    duplicate_step_id,
    flow_checks.unreachable_step,
    flow_checks.unknown_step,
    flow_checks.endless_loop,
    flow_checks.closing_waits,
    name_checks.bad_expression,
    name_checks.bad_text,
    name_checks.unset_variable,
    start_is_exit,
    long_wait,
    zero_wait,
    yes_or_no,
)


def check_journey(journey: Journey, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one journey."""
    return [problem for rule in RULES for problem in rule(journey, tree, context)]


def check_scenarios(scenarios: Scenarios, tree: Tree, context: Context) -> list[Problem]:
    """Scenarios of a journey that does not exist, or that expect a message or a team that does not."""
    problems = []
    if scenarios.journey not in context.journeys:
        hint = did_you_mean(scenarios.journey, context.journeys)
        message = f'There is no journey "{scenarios.journey}".'
        problems.append(Problem(tree.place(("journey",)), message, "unknown-journey", hint))
    teams = context.company.teams if context.company else {}
    for number, scenario in enumerate(scenarios.scenarios):
        for position, expected in enumerate(scenario.expect):
            place = tree.place(("scenarios", number, "expect", position, expected.kind))
            if expected.send is not None and expected.send not in context.messages:
                hint = did_you_mean(expected.send, context.messages)
                problems.append(Problem(place, f'There is no message "{expected.send}".', "unknown-message", hint))
            if expected.notify is not None and context.company and expected.notify not in teams:
                hint = did_you_mean(expected.notify, teams)
                problems.append(Problem(place, f'There is no team "{expected.notify}".', "unknown-team", hint))
    return problems
