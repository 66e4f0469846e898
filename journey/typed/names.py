"""What the names of a journey hold, by the declarations: ``event``, ``start``, ``vars``, ``customer``.

For expressions and for the gaps of texts alike. Without declared events nothing is known, and nothing is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from journey import conditions
from journey.declared.customer import BUILT_IN, DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.fields import DeclaredField
from journey.definition import DeclaredVariable, Journey
from journey.problems import did_you_mean
from journey.steps import Step
from journey.steps.base import Use
from journey.steps.set import Set
from journey.steps.split import Split
from journey.typed import kinds
from journey.typed.infer import Reading
from journey.typed.kinds import ANY, GROUP, Kind
from journey.typed.syntax import tree

VARIABLES = "this journey"


@dataclass(frozen=True)
class Declared:
    """What is declared, as kinds: worked out once for all journeys."""

    events: Mapping[str, Kind]
    customer: Kind

    @classmethod
    def of(cls, events: Mapping[str, DeclaredEvent], customer: DeclaredCustomer | None) -> "Declared":
        """The kinds of what files declare."""
        known = {
            name: Kind("group", fields=kinds.of_fields(event.fields, name), origin=name)
            for name, event in events.items()
        }
        return cls(known, of_customer(customer))


@dataclass(frozen=True)
class Names:
    """The names of one journey. ``typed``: events are declared, so what is not declared is a mistake."""

    events: Mapping[str, Kind]
    customer: Kind
    start: Kind
    vars: Kind

    @property
    def typed(self) -> bool:
        """Whether anything is declared."""
        return bool(self.events)

    def event(self, kind: str) -> Kind:
        """What an event of this type carries."""
        return self.events.get(kind, ANY)

    def at(self, use: Use) -> dict[str, Kind]:
        """The names at one expression."""
        known = {"start": self.start, "vars": self.vars, "customer": self.customer}
        return {**known, "event": self.event(use.event) if use.event else ANY}

    def find(self, *path: str) -> "Kind | Unknown":
        """The kind of ``customer.plan`` as a text names it, or the part of it that is not declared."""
        kind = {"start": self.start, "vars": self.vars, "customer": self.customer}.get(path[0], ANY)
        for number, name in enumerate(path[1:], 1):
            if kind.name == "list":
                kind = kinds.WHOLE if name == "size" else kind.entry or ANY
            elif kind.fields is None or (name == "size" and "size" not in kind.fields):
                return ANY
            elif name not in kind.fields:
                return Unknown(".".join(path[: number + 1]), kind.origin, did_you_mean(name, kind.fields))
            else:
                found = kind.fields[name]
                kind = found.perhaps if kind.maybe else found
        return kind


@dataclass(frozen=True)
class Unknown:
    """A field that is not declared: ``customer.paln``, the declaration it is missing in, and what may be meant."""

    name: str
    origin: str
    hint: str

    @property
    def message(self) -> str:
        """The same as a sentence."""
        return f'"{self.name}" is not declared{f" for {self.origin}" if self.origin else ""}.'


def names(journey: Journey, said: Declared, steps: tuple[Step, ...]) -> Names:
    """The names of a journey whose steps, blocks included, are ``steps``."""
    events = said.events
    known = Names(events, said.customer, events.get(journey.start.on, ANY), GROUP)
    declared = {name: _variable(one) for name, one in journey.variables.items()}
    kept = [(name, step) for step in steps for name in step.makes() if name not in declared]
    found: dict[str, list[Kind]] = {}
    if events:
        known = replace(
            known, vars=Kind("group", fields={**declared, **{name: ANY for name, _ in kept}}, origin=VARIABLES)
        )
    for name, step in kept if events else ():  # a variable that is made of a later one stays unknown
        found.setdefault(name, []).append(_made(step, name, known))
        fields = {name: kinds.join(found.get(name, [])) for name, _ in kept}
        known = replace(known, vars=Kind("group", fields={**declared, **fields}, origin=VARIABLES))
    return known


def _variable(declared: DeclaredVariable) -> Kind:
    """A declared variable; without a default it is missing until it is set."""
    return replace(kinds.of(declared, VARIABLES), maybe=declared.default is None)


def of_customer(declared: DeclaredCustomer | None) -> Kind:
    """The customer; without a declaration any attribute is possible."""
    if declared is None:
        return GROUP
    fields = {**kinds.of_fields(BUILT_IN, "customers"), **kinds.of_fields(declared.attributes, "customers")}
    if declared.tags:
        tags = DeclaredField.model_validate({"list of": {"one of": list(declared.tags)}})
        fields["tags"] = kinds.of(tags, "customers")
    return Kind("group", fields=fields, origin="customers")


def _made(step: Step, name: str, known: Names) -> Kind:
    """The kind of a variable that a step keeps."""
    if isinstance(step, Set):
        return _set(step, f"vars.{name}", known)
    if isinstance(step, Split):
        return kinds.of(DeclaredField.model_validate({"one of": [arm.name for arm in step.split]}))
    fields = step.shapes().get(name)
    if fields is not None:
        return Kind("group", fields=kinds.of_fields(fields, VARIABLES), origin=f"vars.{name}")
    return kinds.join([known.event(event) for variable, event in step.takes() if variable == name])


def _set(step: Set, target: str, known: Names) -> Kind:
    for use in step.uses():
        if use.path == ("set", target):
            try:
                node = tree(use.source)
            except conditions.ExpressionError:
                return ANY
            return Reading(node, use.source, known.at(use)).kind
    return kinds.of_value(step.set[target])
