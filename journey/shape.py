"""Plain data to models, with every mistake at its place and in plain words.

pydantic finds the mistakes; this file finds where they stand in the YAML and says them for people who do not program.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from journey import company
from journey.declared.event import EVENT_TYPE as DECLARED_TYPE
from journey.declared.fields import FIELD
from journey.declared.source import SECRET
from journey.declared.subscriber import ADDRESS as RECEIVER
from journey.definition import OURS, OWNER
from journey.examples import example, written
from journey.model import Mistake
from journey.problems import Problem, did_you_mean
from journey.scenarios import CLOCK
from journey.steps import STEPS
from journey.steps.base import EVENT_TYPE, NAME, VARIABLE
from journey.yaml_tree import Path, Tree

M = TypeVar("M", bound=BaseModel)

BLOCKS = ("steps", "do", "else", "then", "otherwise", "on_failure", "on_past", "on_invalid", "breach")
"""The keys that hold lists of steps."""

_LIST = "A list is expected here (lines that begin with -)."
_GROUP = "Keys with values are expected here."
_NUMBER = "A number is expected here."
_WHOLE = "A whole number is expected here."
_KINDS = {
    "date_from_datetime_parsing": "A day such as 2027-03-31 is expected here.",
    "date_parsing": "A day such as 2027-03-31 is expected here.",
    "date_type": "A day such as 2027-03-31 is expected here.",
    "string_type": "A text is expected here.",
    "bool_type": "true or false is expected here.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _GROUP,
    "model_type": _GROUP,
    "model_attributes_type": _GROUP,
}
"""pydantic's kinds of mistakes, in plain words."""

_BOUNDS = {
    "too_short": "This list has too few entries: {actual_length} of at least {min_length}.",
    "too_long": "This list has too many entries: {actual_length} of at most {max_length}.",
    "string_too_short": "At least {min_length} characters are expected here.",
    "string_too_long": "This is longer than {max_length} characters.",
    "greater_than_equal": "A number of at least {ge} is expected here.",
    "less_than_equal": "A number of at most {le} is expected here.",
}

_PATTERNS = {
    NAME: "Write one word of letters (a to z), digits, dots and dashes.",
    EVENT_TYPE: "Write it without spaces.",
    CLOCK: "Write the clock's name and what happens to it, for example first-answer started.",
    VARIABLE: "Write one word of letters, digits and _, beginning with a letter.",
    FIELD: "Write one word of letters, digits and _, beginning with a letter.",
    DECLARED_TYPE: "Write it without spaces and strokes.",
    RECEIVER: "Write a web address that begins with https://, or nats: and a subject.",
    SECRET: "Write the name of an environment variable that begins with WAYFARE_SECRET_, never the secret itself.",
    OWNER: "Write a mail address.",
    company.ADDRESS: "Write a mail address.",
    company.SENDER: "Write a mail address, or Name <address>.",
    company.WEBSITE: "Write a web address that begins with https://.",
    company.LANGUAGE: "Write a language code such as en or de-AT.",
}


def shape(model: type[M], tree: Tree) -> tuple[M | None, list[Problem]]:
    """The model, or None and every mistake."""
    problems = [] if isinstance(tree.data, dict) else [_top(tree)]
    if not problems:
        try:
            return model.model_validate(tree.data, by_alias=True, by_name=False), []
        except ValidationError as error:
            errors = [dict(item) for item in error.errors()]
            problems = [_problem(model, tree, item) for item in errors if not _follows(item, errors)]
    return None, problems


def _follows(error: dict[str, Any], errors: list[dict[str, Any]]) -> bool:
    """Whether a mistake only follows from others: a list counts as too short when what it holds is wrong."""
    loc = error["loc"]
    inside = any(len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors)
    return error["type"] == "too_short" and inside


def _top(tree: Tree) -> Problem:
    return Problem(
        tree.place(()), "The file must hold keys with values, for example journey: onboarding.", "wrong-type"
    )


def _problem(model: type[BaseModel], tree: Tree, error: dict[str, Any]) -> Problem:
    path, owner, holder = _follow(model, tree, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(tree, path, holder)
    if kind == "missing":
        key = str(error["loc"][-1])
        return Problem(tree.place(path, key=True), f'"{key}" is missing here.', "missing-key", _describe(owner, key))
    if kind == "union_tag_not_found":
        return _no_kind(tree, path)
    if error["loc"][-1:] == ("[key]",) and kind != "value_error":
        message = f'"{path[-1]}" cannot be the name of anything here.'
        return Problem(
            tree.place(path, key=True), message, "wrong-value", _PATTERNS.get(error["ctx"].get("pattern"), "")
        )
    if kind == "value_error":
        return _said(tree, path, error["ctx"]["error"], at_key=error["loc"][-1:] == ("[key]",))
    return _misfit(tree, path, error, holder)


def _misfit(tree: Tree, path: Path, error: dict[str, Any], holder: type[BaseModel] | None) -> Problem:
    """A value of the wrong kind, size or form."""
    expected = _expected(holder, path)
    kind, given, place = error["type"], error.get("ctx", {}), tree.place(path)
    if kind == "literal_error":
        message = f'"{tree.value(path)}" is not possible here.'
        return Problem(place, message, "wrong-value", f"Expected: {given['expected'].replace(chr(39), '')}.")
    if kind == "string_pattern_mismatch":
        message = f'"{tree.value(path)}" cannot be used here.'
        return Problem(place, message, "wrong-value", _PATTERNS.get(given["pattern"], expected))
    if tree.value(path) is None:
        return Problem(place, "Nothing is written here.", "empty-value", expected)
    if kind == "string_too_long":
        return Problem(place, _BOUNDS[kind].format(**given), "out-of-bounds", "Make it shorter.")
    if kind in ("string_too_short", "too_short") and given.get("actual_length", 0) == 0:
        return Problem(place, "This is empty.", "empty-value", expected)
    if kind in _BOUNDS:
        bounds = {name: f"{value:g}" if isinstance(value, float) else value for name, value in given.items()}
        return Problem(place, _BOUNDS[kind].format(**bounds), "out-of-bounds", expected)
    said = _KINDS.get(kind, "This value is not possible here.")
    shown = example(holder.__name__, str(path[-1])) if holder is not None and said in (_LIST, _GROUP) else []
    more = f" For example {path[-1]}: {written(shown[0])}." if shown else ""
    return Problem(place, said, "wrong-type", f"{expected}{more}".strip())


def _said(tree: Tree, path: Path, error: Exception, *, at_key: bool) -> Problem:
    """A mistake that one of our own validators found."""
    text = str(error)
    whole = (*path, *error.path) if isinstance(error, Mistake) else path
    key = at_key or (isinstance(error, Mistake) and bool(error.path) and isinstance(error.path[-1], str))
    hint, rule = (error.hint, error.rule) if isinstance(error, Mistake) else ("", "bad-value")
    named = "_" in text.split(" ", 1)[0]  # a key of the language stays as it is written
    said = text if named else f"{text[0].upper()}{text[1:]}"
    return Problem(tree.place(whole, key=key), f"{said}.", rule, hint)


def _follow(
    model: type[BaseModel], tree: Tree, loc: tuple[str | int, ...]
) -> tuple[Path, type[BaseModel] | None, type[BaseModel] | None]:
    """The path in the YAML for pydantic's loc (whose union tags are not in the YAML), the model of what is there, and
    the model that has the last key."""
    path: tuple[str | int, ...] = ()
    tagged: tuple[str | int, ...] = ()
    data: Any = tree.data
    owner: type[BaseModel] | None = model
    holder: type[BaseModel] | None = None
    for item in loc:
        at_step = len(path) > 1 and isinstance(path[-1], int) and path[-2] in BLOCKS
        if at_step and tagged != path and isinstance(item, str) and item in STEPS:
            owner, tagged = STEPS[item], path  # pydantic names the kind once before the key of the same name
            continue
        if isinstance(data, list) and isinstance(item, int) and item < len(data):
            path, data = (*path, item), data[item]
        elif isinstance(data, dict) and item in data:
            path, holder, owner, data = (*path, item), owner, _owner(owner, str(item), data[item]), data[item]
    return path, owner, holder


def _owner(owner: type[BaseModel] | None, key: str, data: Any) -> type[BaseModel] | None:
    """The model of the values under ``key``, as far as it can be told: of several, the one that knows most of them."""
    if owner is None:
        return None
    for name, field in owner.model_fields.items():
        if key in (name, field.alias):
            found = list(_models_in(field.annotation))
            given = set(data) if isinstance(data, dict) else set()
            return max(found, key=lambda one: len(given & set(_keys(one))), default=owner)
    return owner


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in STEPS.values():
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _keys(owner: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()] if owner else []


def _unknown_key(tree: Tree, path: Path, holder: type[BaseModel] | None) -> Problem:
    key = str(path[-1])
    known = [name for name in _keys(holder) if name not in OURS]
    meant = _MEANT_KEYS.get(key.lower(), "")
    hint = _beside(tree, path) or (f'Did you mean "{meant}"?' if meant in known else did_you_mean(key, known))
    if key == "else" and "choose" in known:
        hint = "It is the last of the branches, inside choose, and begins with a dash."
    return Problem(tree.place(path, key=True), f'"{key}" is not known here.', "unknown-key", hint)


def _beside(tree: Tree, path: Path) -> str:
    """What to do about a key of a step that stands one level too deep, inside the value of the step's kind."""
    deepest = next((end for end in range(len(path) - 2, 0, -1) if isinstance(path[end - 1], int)), 0)
    kind = str(path[deepest])
    if deepest and kind in STEPS and str(path[-1]) in _keys(STEPS[kind]):
        return f'It stands beside "{kind}", not inside it: write it as far to the left as "{kind}".'
    return ""


_MEANT = {
    **dict.fromkeys(("sent", "mail", "email", "message"), "send"),
    **dict.fromkeys(("delay", "sleep", "pause", "wait for", "wait until"), "wait"),
    **dict.fromkeys(("add tag", "add tags", "remove tag", "tag", "update"), "set"),
    **dict.fromkeys(("http", "post", "request", "webhook"), "call"),
    **dict.fromkeys(("ticket", "to do", "todo"), "task"),
    **dict.fromkeys(("deadline", "sla", "timer"), "clock"),
    **dict.fromkeys(("question", "survey"), "ask"),
    **dict.fromkeys(("experiment", "a/b"), "split"),
    **dict.fromkeys(("limit", "cap"), "throttle"),
    "comment": "note",
    "batch": "collect",
    **dict.fromkeys(("if", "when", "branch", "switch"), "choose"),
    **dict.fromkeys(("end", "stop", "exit", "done"), "finish"),
    **dict.fromkeys(("loop", "every"), "repeat"),
    **dict.fromkeys(("alert", "tell"), "notify"),
    **dict.fromkeys(("jump", "go"), "goto"),
}
"""What people write for a kind of step when they do not look it up."""


_MEANT_KEYS = {
    **dict.fromkeys(("max", "maximum", "timeout", "within"), "up to"),
    **dict.fromkeys(("condition", "when"), "if"),
    **dict.fromkeys(("label", "name"), "id"),
    "event": "for",
    "else": "otherwise",
}
"""What people write for a key of a step, where there is one of that name."""


def _no_kind(tree: Tree, path: Path) -> Problem:
    step = tree.value(path)
    if not isinstance(step, dict):
        shown = example(STEPS[step].__name__, step) if step in STEPS else ["welcome"]
        said = f"{step if step in STEPS else 'send'}: {written(shown[0])}" if shown else "send: welcome"
        hint = f"A step is written as kind: value, for example {said}."
        return Problem(tree.place(path), "This is not a step.", "step-kind", hint)
    kinds = [key for key in step if key in STEPS]
    if len(kinds) > 1:
        place = tree.place((*path, kinds[1]), key=True)
        message = f'A step does one thing; this one says both "{kinds[0]}" and "{kinds[1]}".'
        return Problem(place, message, "step-kind", "Begin a new step with - before the second.")
    word = next((str(key) for key in step if key not in ("id", "was")), "")
    if not word:
        hint = "A step is written as kind: value, for example send: welcome."
        return Problem(tree.place(path), "This step does nothing.", "step-kind", hint)
    place = tree.place((*path, word), key=True)
    meant = _MEANT.get(word.lower())
    hint = f'Did you mean "{meant}"?' if meant else did_you_mean(word, STEPS)
    return Problem(place, f'"{word}" is not a kind of step.', "step-kind", hint)


def _describe(owner: type[BaseModel] | None, key: str) -> str:
    if owner is not None:
        for name, field in owner.model_fields.items():
            if key in (name, field.alias) and field.description:
                return f"It says {field.description}."
    return ""


def _expected(holder: type[BaseModel] | None, path: Path) -> str:
    words = [str(item) for item in path if isinstance(item, str)]
    text = _describe(holder, words[-1]) if words else ""
    return text.replace("It says ", "Write ", 1)
