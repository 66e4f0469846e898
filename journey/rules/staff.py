"""Rules about the staff: who is named has to be there, and somebody has to be able to do what is asked."""

from collections.abc import Iterator

from journey.company import Company
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem, did_you_mean
from journey.steps.task import RULES, Task
from journey.yaml_tree import Tree


def unknown_person(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A task is for a person who is not there, or who is not of its team."""
    staff = context.company.staff if context.company else {}
    for step, path in placed_steps(journey):
        for name in step.people() if isinstance(step, Task) and context.company is not None else ():
            place = tree.place((*path, "assign"))
            if name not in staff:
                hint = (
                    did_you_mean(name, (*staff, *RULES)) or f"Write {', '.join(RULES)}, or add the person under staff:."
                )
                yield Problem(place, f'There is no "{name}" in company.yaml.', "unknown-person", hint)
            elif isinstance(step, Task) and step.team not in staff[name].teams:
                members = context.company.members(step.team) if context.company else []
                hint = f"Its people are {', '.join(members)}." if members else "Nobody is, in company.yaml."
                yield Problem(place, f"{name} is not of the team {step.team}.", "unknown-person", hint)


def nobody_can(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A task needs a skill that nobody of its team has."""
    for step, path in placed_steps(journey):
        if not isinstance(step, Task) or step.skill is None or context.company is None:
            continue
        if not context.company.members(step.team, step.skill):
            known = {
                skill for name in context.company.members(step.team) for skill in context.company.staff[name].skills
            }
            message = f'Nobody of the team {step.team} has the skill "{step.skill}".'
            hint = did_you_mean(step.skill, known) or "Add it to somebody's skills: in company.yaml."
            yield Problem(tree.place((*path, "skill")), message, "nobody-can", hint)


def unknown_team(company: Company, tree: Tree, context: Context) -> Iterator[Problem]:
    """Somebody works for a team that does not exist."""
    for name, person in company.staff.items():
        for number, team in enumerate(person.teams):
            if team not in company.teams:
                place = tree.place(("staff", name, "teams", number))
                message = f'There is no team "{team}" in company.yaml.'
                yield Problem(place, message, "unknown-team", did_you_mean(team, company.teams))
