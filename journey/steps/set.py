"""``set:``: attributes and tags of the customer, variables of the journey.

A value that begins with ``= `` is an expression, as in a spreadsheet; every other value is taken as written.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from journey import conditions
from journey.customer import READ_ONLY
from journey.effects import UpdateCustomer
from journey.model import Mistake
from journey.steps.base import Step, Use
from journey.turn import Desk, Move, Next

_TAGS = ("add tags", "remove tags")


class Set(Step):
    """What becomes what: ``customer.<attribute>``, ``vars.<name>``, ``add tags``, ``remove tags``."""

    kind: ClassVar[str] = "set"
    set: Annotated[dict[str, Any], Field(min_length=1, description="what becomes what")]

    @field_validator("set")
    @classmethod
    def _targets(cls, value: dict[str, Any]) -> dict[str, Any]:
        for target, given in value.items():
            if target in _TAGS:
                if not isinstance(given, list) or not all(isinstance(tag, str) and tag for tag in given):
                    raise Mistake(f'"{target}" takes a list of words, for example [vip]', target, rule="set-target")
                continue
            root, _, name = target.partition(".")
            if root not in ("customer", "vars") or not name.isidentifier():
                known = "customer.<name>, vars.<name>, add tags or remove tags"
                raise Mistake(f'"{target}" cannot be set; write {known}', target, rule="set-target")
            if root == "customer" and name in READ_ONLY:
                raise Mistake(f'"{target}" cannot be set by a journey', target, rule="set-target")
        return value

    def title(self) -> str:
        return f"set {', '.join(self.set)}"

    def enter(self, desk: Desk) -> Move:
        attributes: dict[str, Any] = {}
        for target, given in self.set.items():
            root, _, name = target.partition(".")
            if root == "vars":
                desk.vars[name] = self._value(desk, target, given)
            elif root == "customer":
                attributes[name] = self._value(desk, target, given)
        tags = [tuple(self.set.get(key, ())) for key in _TAGS]
        if attributes or any(tags):
            desk.writes.append(
                UpdateCustomer(id=desk.effect_id(), attributes=attributes, add_tags=tags[0], remove_tags=tags[1])
            )
        return Next()

    def reads(self) -> tuple[str, ...]:
        found = [field for use in self.uses() for field in conditions.fields(use.source, "customer")]
        return tuple(dict.fromkeys(found))

    def makes(self) -> tuple[str, ...]:
        return tuple(target.removeprefix("vars.") for target in self.set if target.startswith("vars."))

    def uses(self) -> Iterator[Use]:
        for target, given in self.set.items():
            if isinstance(given, str) and given.startswith("= "):
                yield Use(("set", target), given[2:], condition=False)

    def _value(self, desk: Desk, target: str, given: Any) -> Any:
        if not (isinstance(given, str) and given.startswith("= ")):
            return given
        judgement = desk.judge(given[2:])
        if judgement.problem:
            desk.decide(f"{target} is left empty: {judgement.problem}.", given[2:])
        return judgement.value
