"""Rules about names: what a journey names has to be there."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem, did_you_mean
from journey.steps.goto import Goto
from journey.steps.notify import Notify
from journey.steps.send import Send
from journey.yaml_tree import Tree


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


def unknown_step(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``goto`` names a step that does not exist."""
    for step, path in placed_steps(journey):
        if isinstance(step, Goto) and step.goto not in journey.spots:
            hint = did_you_mean(step.goto, journey.spots) or "Give the step an id: and name that."
            yield Problem(tree.place((*path, "goto")), f'There is no step "{step.goto}".', "unknown-step", hint)
