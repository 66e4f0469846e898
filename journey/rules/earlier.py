"""Rules about versions that are not the newest any more: texts are live, so who is still on one gets the new ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from journey import flow
from journey.definition import Journey
from journey.places import Context
from journey.problems import Place, Problem
from journey.rules.supply import Supply, supplies

RULE = "earlier-version"


@dataclass(frozen=True)
class Earlier:
    """A version of a journey, and how many customers stand at which of its steps."""

    journey: Journey
    version: int
    standing: Mapping[str, int]

    def said(self) -> str:
        """Who is on it, in words."""
        count = sum(self.standing.values())
        who = "1 customer is" if count == 1 else f"{count:,} customers are"
        return f"version {self.version} of {self.journey.journey}, which {who} still on"


def earlier_version(earlier: Earlier, context: Context, prefix: str) -> Iterator[Problem]:
    """Somebody who is still on it would get a text that is gone, or that asks for what this version never keeps."""
    there, told = supplies(earlier.journey), set[Problem]()
    for step_id in flow.reachable(earlier.journey, earlier.standing):
        step = earlier.journey.spots[step_id].step
        for name in dict.fromkeys(step.sends()):
            if name not in step.pins():
                told.update(_gone(name, earlier, context, prefix))
                told.update(_asks(name, earlier, context, there.get(step_id)))
    yield from sorted(told)


def _gone(name: str, earlier: Earlier, context: Context, prefix: str) -> Iterator[Problem]:
    if name not in context.messages:
        message = f'The text "{name}" is gone, and {earlier.said()}, sends it.'
        hint = "Keep the file until they are through."
        yield Problem(Place(f"{prefix}messages/{name}.md"), message, RULE, hint)


def _asks(name: str, earlier: Earlier, context: Context, there: Supply | None) -> Iterator[Problem]:
    wordings = context.askings.texts.wordings.get(name, {}) if context.askings is not None else {}
    for wording in wordings.values():
        for asking in context.askings.of(wording) if context.askings is not None else ():
            for asked in asking.values:
                root, *rest = asked.use.names
                if root != "vars" or not rest or not asked.use.needed or there is None:
                    continue
                if rest[0] not in there.perhaps and ("vars", rest[0]) not in there.certain:
                    message = f'Nothing keeps "vars.{rest[0]}" in {earlier.said()}; their letter would be held.'
                    field = asked.use.path
                    hint = f'Write {{{{ {field} | default: "…" }}}}, or ask first: {{% if {field} %}}.'
                    yield Problem(asked.place, message, RULE, hint)
