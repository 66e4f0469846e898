"""The JSON Schemas that editors use say of every key what it is for, show what to write, and what counts without it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from journey import yaml_tree
from journey.examples import examples
from journey.layout.files import kind_of_file
from journey.schema import KINDS, schema
from tests.journey.folders import DEFINITIONS, ROOT

OK = Path(__file__).parent / "ok"


def groups(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every group of keys in a schema, by the name of its model."""
    made = schema(kind)
    for name, group in {KINDS[kind].__name__: made, **made.get("$defs", {})}.items():
        yield from ((name, form) for form in (group, *group.get("anyOf", ())) if "properties" in form)


def keys(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of a schema, with what is said of it."""
    for name, group in groups(kind):
        yield from ((f"{name}.{key}", said) for key, said in group["properties"].items())


def models(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """A model and every model inside it."""
    if model not in seen:
        seen.add(model)
        for field in model.model_fields.values():
            for inner in inside(field.annotation):
                models(inner, seen)
    return seen


def inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from inside(part)


def mistakes(model: type[BaseModel], key: str, value: Any) -> list[str]:
    """What a model says of the value of one key, whatever else is missing."""
    try:
        model.model_validate({key: value}, by_alias=True, by_name=False)
    except ValidationError as error:
        return [
            f"{model.__name__}.{one['loc']}: {one['msg']}"
            for one in error.errors()
            if (one["loc"][:1] == (key,) and one["type"] != "missing") or len(one["loc"]) > 1
        ]
    return []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described(kind: str) -> None:
    assert [key for key, said in keys(kind) if not said.get("description")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_an_example_and_the_editor_accepts_it(kind: str) -> None:
    assert [key for key, said in keys(kind) if not said.get("examples")] == [], "write one in journey/examples.py"
    defs = schema(kind).get("$defs", {})
    wrong = [
        f"{key}: {example}"
        for key, said in keys(kind)
        for example in said["examples"]
        if not Draft202012Validator({**said, "$defs": defs}).is_valid(example)
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_can_be_written_and_every_default_is_told(kind: str) -> None:
    said = dict(keys(kind))
    for model in models(KINDS[kind], set()):
        for name, field in model.model_fields.items():
            found = said.get(f"{model.__name__}.{field.alias or name}", {})
            for example in found.get("examples", ()):
                assert mistakes(model, field.alias or name, example) == []
            if (
                found
                and field.default_factory is None
                and field.default not in ("", (), None)
                and not field.is_required()
            ):
                assert "default" in found, f"{model.__name__}.{name}"


def test_no_example_is_of_a_key_that_is_not_there() -> None:
    known = {name for kind in KINDS for key, _ in keys(kind) for name in (key, key.partition(".")[2])}
    assert sorted(set(examples()) - known) == []


@pytest.mark.parametrize("path", sorted(DEFINITIONS.rglob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_file_names_its_schema_and_the_schema_is_there(path: Path) -> None:
    head, _, place = path.read_text().partition("\n")[0].partition("$schema=")
    assert head == "# yaml-language-server: ", f"the first line of {path.relative_to(ROOT)}"
    kind = kind_of_file(path.relative_to(DEFINITIONS).as_posix())
    assert (path.parent / place).resolve() == DEFINITIONS / f"schemas/{kind}.schema.json"


RIGHT = [path for place in (DEFINITIONS, OK) for path in sorted(place.rglob("*.yaml"))]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_editor_marks_nothing_in_a_right_file(path: Path) -> None:
    root = OK if path.is_relative_to(OK) else DEFINITIONS
    kind = kind_of_file(path.relative_to(root).as_posix())
    data = yaml_tree.read(path.read_text(), path.name)[0].data
    assert [error.message for error in validator(kind).iter_errors(data)] == []


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))
