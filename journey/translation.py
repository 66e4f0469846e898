"""From a message of an upstream system to one of our events, by the table of its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey import conditions
from journey.declared.source import FIRST_OF, Rule, Source


@dataclass(frozen=True)
class Translated:
    """The event. ``left_out`` says what could not be read, with the reasons."""

    type: str
    data: dict[str, Any]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Untranslated:
    """No event, and why. ``ignored``: the source says that such messages are not kept."""

    reason: str
    ignored: bool = False


def translate(source: Source, name: str, message: Mapping[str, Any], now: datetime) -> Translated | Untranslated:
    """What a message of this name becomes; the first rule that fits counts."""
    if any(_fits(pattern, name) for pattern in source.ignore):
        return Untranslated(f'{source.source} ignores "{name}"', ignored=True)
    facts = {"event": dict(message)}
    reasons = []
    for rule in source.events:
        if not any(_fits(pattern, name) for pattern in rule.when):
            continue
        if rule.if_ is not None:
            judgement = conditions.judge(rule.if_, facts, now)
            if not judgement.holds:
                reasons.append(f"{rule.if_}{f': {judgement.problem}' if judgement.problem else ''}")
                continue
        return _applied(source, rule, _Reader(facts, now))
    if reasons:
        return Untranslated(f'no condition of {source.source} for "{name}" is met ({"; ".join(reasons)})')
    return Untranslated(f'no rule of {source.source} is for "{name}"')


def named(source: Source, message: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """The name and the id of a message, by the source's expressions; '' for what cannot be read."""
    reader = _Reader({"event": dict(message)}, now)
    found = (reader.value(f"= {source.named_by}", "named by"), reader.value(f"= {source.known_by}", "known by"))
    name, identity = ("" if value is None or isinstance(value, (dict, list)) else str(value) for value in found)
    return name, identity


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _applied(source: Source, rule: Rule, reader: "_Reader") -> Translated | Untranslated:
    kind = reader.value(rule.type, "type")
    if not isinstance(kind, str) or not kind.strip():
        return Untranslated(f"the type of the event cannot be read ({'; '.join(reader.left_out) or rule.type})")
    data = reader.facts["event"] if rule.data is None else reader.value(rule.data, "data")
    if not isinstance(data, dict):
        return Untranslated(f"its data is no group of fields ({'; '.join(reader.left_out) or rule.data})")
    customer = reader.value({**source.customer, **rule.customer}, "customer")
    return Translated(kind, {**data, "customer": customer}, tuple(reader.left_out))


class _Reader:
    """Works out values; remembers what could not be."""

    def __init__(self, facts: dict[str, Any], now: datetime) -> None:
        self.facts = facts
        self.left_out: list[str] = []
        self._now = now

    def value(self, written: Any, path: str) -> Any:
        """The value of what an author wrote; in groups and lists, what comes to nothing is left out."""
        if isinstance(written, dict) and written.keys() == {FIRST_OF}:
            return self._first(written[FIRST_OF], path)
        if isinstance(written, dict):
            found = {key: self.value(inner, f"{path}.{key}") for key, inner in written.items()}
            return {key: value for key, value in found.items() if value is not None}
        if isinstance(written, list):
            listed = [self.value(inner, f"{path}[{number}]") for number, inner in enumerate(written)]
            return [value for value in listed if value is not None]
        if not (isinstance(written, str) and written.startswith("= ")):
            return written
        judgement = conditions.judge(written[2:], self.facts, self._now)
        if judgement.problem:
            self.left_out.append(f"{path}: {judgement.problem}")
        return judgement.value

    def _first(self, choices: Any, path: str) -> Any:
        """The first that comes to something; only if none does it is said why."""
        before = len(self.left_out)
        for choice in choices if isinstance(choices, list) else [choices]:
            if (value := self.value(choice, path)) not in (None, ""):
                del self.left_out[before:]
                return value
        return None
