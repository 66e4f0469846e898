"""Rules about names: what a journey names has to be there."""

from collections.abc import Iterator

from journey.channels import split
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem, did_you_mean
from journey.yaml_tree import Tree


def unknown_message(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``send`` names a text that does not exist."""
    for step, path in placed_steps(journey):
        for key, name in step.messages():
            if name not in context.messages:
                others = [one for one in context.messages if split(one)[0] != split(name)[0]]
                hint = did_you_mean(name, others) or f"Write it in messages/{name}.md."
                place = tree.place((*path, key))
                yield Problem(place, f'There is no message "{name}".', "unknown-message", hint)


def unknown_team(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``notify`` names a team that does not exist."""
    teams = context.company.teams if context.company else {}
    for step, path in placed_steps(journey):
        for inner, name in step.teams() if context.company else ():
            if name not in teams:
                message = f'There is no team "{name}" in company.yaml.'
                yield Problem(tree.place((*path, *inner)), message, "unknown-team", did_you_mean(name, teams))


def unknown_journey(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``start`` step names a journey that does not exist."""
    for step, path in placed_steps(journey):
        name = step.starts()
        if name is not None and name not in context.journeys:
            hint = did_you_mean(name, context.journeys)
            yield Problem(tree.place((*path, step.kind)), f'There is no journey "{name}".', "unknown-journey", hint)


def unknown_step(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A ``goto`` names a step that does not exist."""
    for step, path in placed_steps(journey):
        name = step.goes_to()
        if name is not None and name not in journey.spots:
            others = [one for one, spot in journey.spots.items() if spot.step.goes_to() is None]
            hint = did_you_mean(name, others) or "Give the step an id: and name that."
            yield Problem(tree.place((*path, step.kind)), f'There is no step "{name}".', "unknown-step", hint)
