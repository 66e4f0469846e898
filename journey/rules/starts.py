"""Rules about a ``start`` of another journey."""

from collections.abc import Iterator

from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Problem
from journey.steps.start import StartStep
from journey.yaml_tree import Tree


def start_data(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """The other journey begins with an event that needs a field which is not given: it would never begin."""
    for step, path in placed_steps(journey):
        declared = context.events.get(context.starts.get(step.starts() or "", ""))
        if declared is None or not isinstance(step, StartStep):
            continue
        missing = [name for name, field in declared.fields.items() if not field.optional and name not in step.with_]
        if missing:
            place = tree.place((*path, "with"), key=True) if step.with_ else tree.place((*path, "start"))
            needs = ", ".join(f'"{name}"' for name in missing[:3])
            needs += f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            message = f'"{step.start}" begins with {declared.event}, which needs {needs}.'
            hint = f"Give it in with:, for example {missing[0]}: = start.{missing[0]}."
            yield Problem(place, message, "start-data", hint)
