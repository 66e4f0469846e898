"""Plain data to models, with every mistake at its place and in plain words.

pydantic finds the mistakes; this file finds where they stand in the YAML and says them for people who do not program.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from journey.problems import Problem, did_you_mean
from journey.steps import STEPS, kind_of
from journey.yaml_tree import Path, Tree

M = TypeVar("M", bound=BaseModel)

BLOCKS = ("steps", "do", "else", "then", "otherwise")
"""The keys that hold lists of steps."""

_KINDS = {
    "string_type": "a text is expected here",
    "bool_type": "true or false is expected here",
    "int_type": "a whole number is expected here",
    "list_type": "a list is expected here (lines that begin with -)",
    "tuple_type": "a list is expected here (lines that begin with -)",
    "dict_type": "keys with values are expected here",
    "model_type": "keys with values are expected here",
    "model_attributes_type": "keys with values are expected here",
    "string_too_short": "this is empty",
    "too_short": "this list is empty",
}


def shape(model: type[M], tree: Tree) -> tuple[M | None, list[Problem]]:
    """The model, or None and every mistake."""
    problems = [] if isinstance(tree.data, dict) else [_top(tree)]
    if not problems:
        try:
            return model.model_validate(tree.data, by_alias=True, by_name=False), []
        except ValidationError as error:
            problems = [_problem(model, tree, dict(item)) for item in error.errors() if not _follows(dict(item))]
    return None, problems


def _follows(error: dict[str, Any]) -> bool:
    """Whether a mistake only follows from others: a list counts as too short when what it holds is wrong."""
    return error["type"] == "too_short" and bool(error["input"])


def _top(tree: Tree) -> Problem:
    return Problem(tree.place(()), "The file must hold keys with values, for example journey: onboarding.", "shape")


def _problem(model: type[BaseModel], tree: Tree, error: dict[str, Any]) -> Problem:
    path, owner = _follow(model, tree, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(tree, path, owner)
    if kind == "missing":
        key = str(error["loc"][-1])
        example = _describe(owner, key)
        return Problem(tree.place(path, key=True), f'"{key}" is missing here.', "missing-key", example)
    if kind == "union_tag_not_found":
        return _no_kind(tree, path)
    place = tree.place(path)
    value = _value(tree.data, path)
    if kind == "literal_error":
        return Problem(place, f'"{value}" is not possible here.', "shape", f"Expected {error['ctx']['expected']}.")
    if kind == "string_pattern_mismatch":
        return Problem(place, f'"{value}" cannot be used here.', "shape", _describe_at(owner, path, capital=True))
    if kind == "string_too_long":
        return Problem(place, f"This is longer than {error['ctx']['max_length']} characters.", "shape", "Make it shorter.")
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        return Problem(place, f"{text[0].upper()}{text[1:]}.", "shape")
    text = _KINDS.get(kind, error["msg"])
    return Problem(place, f"{text[0].upper()}{text[1:]}.", "shape", _describe_at(owner, path, capital=True))


def _follow(model: type[BaseModel], tree: Tree, loc: tuple[str | int, ...]) -> tuple[Path, type[BaseModel] | None]:
    """The path in the YAML for pydantic's loc (whose union tags are not in the YAML), and the model that owns it."""
    path: tuple[str | int, ...] = ()
    tagged: tuple[str | int, ...] = ()
    data: Any = tree.data
    owner: type[BaseModel] | None = model
    for item in loc:
        at_step = len(path) > 1 and isinstance(path[-1], int) and path[-2] in BLOCKS
        if at_step and tagged != path and isinstance(item, str) and item in STEPS:
            owner, tagged = STEPS[item], path  # pydantic names the kind once before the key of the same name
            continue
        if isinstance(data, list) and isinstance(item, int) and item < len(data):
            path, data = (*path, item), data[item]
        elif isinstance(data, dict) and item in data:
            path, owner, data = (*path, item), _owner(owner, str(item)), data[item]
    return path, owner


def _owner(owner: type[BaseModel] | None, key: str) -> type[BaseModel] | None:
    """The model of the values under ``key``, as far as it can be told."""
    if owner is None:
        return None
    for name, field in owner.model_fields.items():
        if key in (name, field.alias):
            found = _models_in(field.annotation)
            return found if found is not None else owner
    return owner


def _models_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in STEPS.values():
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _models_in(argument)
        if found is not None:
            return found
    return None


def _keys(owner: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()] if owner else []


def _unknown_key(tree: Tree, path: Path, owner: type[BaseModel] | None) -> Problem:
    key = str(path[-1])
    parent = _value(tree.data, path[:-1])
    if len(path) > 2 and isinstance(path[-2], int) and path[-3] in BLOCKS:
        kind = kind_of(parent)
        owner = STEPS[kind] if kind else None
    known = [name for name in _keys(owner) if name != "semantics"]
    return Problem(tree.place(path, key=True), f'"{key}" is not known here.', "unknown-key", did_you_mean(key, known))


def _no_kind(tree: Tree, path: Path) -> Problem:
    step = _value(tree.data, path)
    if not isinstance(step, dict):
        hint = "A step is written as kind: value, for example send: welcome."
        return Problem(tree.place(path), "This is not a step.", "step-kind", hint)
    kinds = [key for key in step if key in STEPS]
    if len(kinds) > 1:
        place = tree.place((*path, kinds[1]), key=True)
        message = f'A step does one thing; this one says both "{kinds[0]}" and "{kinds[1]}".'
        return Problem(place, message, "step-kind", "Begin a new step with - before the second.")
    word = next((str(key) for key in step if key != "id"), "")
    place = tree.place((*path, word), key=True)
    return Problem(place, f'"{word}" is not a kind of step.', "step-kind", did_you_mean(word, STEPS))


def _describe(owner: type[BaseModel] | None, key: str) -> str:
    if owner is not None:
        for name, field in owner.model_fields.items():
            if key in (name, field.alias) and field.description:
                return f"It says {field.description}."
    return ""


def _describe_at(owner: type[BaseModel] | None, path: Path, *, capital: bool) -> str:
    words = [str(item) for item in path if isinstance(item, str)]
    text = _describe(owner, words[-1]) if words else ""
    return f"Expected: {text.removeprefix('It says ')}" if text and capital else text


def _value(data: Any, path: Path) -> Any:
    for item in path:
        known = item in data if isinstance(data, dict) else isinstance(data, list) and isinstance(item, int)
        data = data[item] if known else None
    return data
