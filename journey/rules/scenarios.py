"""Rules about scenarios: what they name has to be there."""

from collections.abc import Iterator

from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.scenarios import Scenarios
from journey.yaml_tree import Tree


def unknown_journey(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """Scenarios of a journey that does not exist."""
    if scenarios.journey not in context.journeys:
        hint = did_you_mean(scenarios.journey, context.journeys)
        message = f'There is no journey "{scenarios.journey}".'
        yield Problem(tree.place(("journey",)), message, "unknown-journey", hint)


def unknown_message(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """A scenario expects a text that does not exist."""
    for number, scenario in enumerate(scenarios.scenarios):
        for position, expected in enumerate(scenario.expect):
            if expected.send is not None and expected.send not in context.messages:
                place = tree.place(("scenarios", number, "expect", position, "send"))
                hint = did_you_mean(expected.send, context.messages)
                yield Problem(place, f'There is no message "{expected.send}".', "unknown-message", hint)


def unknown_team(scenarios: Scenarios, tree: Tree, context: Context) -> Iterator[Problem]:
    """A scenario expects a mail to a team that does not exist."""
    teams = context.company.teams if context.company else {}
    for number, scenario in enumerate(scenarios.scenarios):
        for position, expected in enumerate(scenario.expect):
            if expected.notify is not None and context.company and expected.notify not in teams:
                place = tree.place(("scenarios", number, "expect", position, "notify"))
                hint = did_you_mean(expected.notify, teams)
                yield Problem(place, f'There is no team "{expected.notify}".', "unknown-team", hint)
