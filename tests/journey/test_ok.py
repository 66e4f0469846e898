"""What may be written: a folder of right definitions, usual ones and odd ones, that says every kind and every key."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from journey import yaml_tree
from journey.layout.files import kind_of_file
from journey.library import Library
from journey.load import check, name_steps
from journey.problems import Problem
from journey.rehearsal import rehearse
from journey.schema import KINDS, schema
from journey.shape import shape
from journey.steps import STEPS
from store.definition_files import read_folder

OK = Path(__file__).parent / "ok"
FILES = sorted(path.relative_to(OK).as_posix() for path in OK.rglob("*.yaml"))


@cache
def checked() -> tuple[Library | None, list[Problem]]:
    return check(read_folder(OK)[0])


@pytest.mark.parametrize("path", FILES)
def test_a_right_file_is_answered_with_silence(path: str) -> None:
    assert [problem.render() for problem in checked()[1] if problem.place.file == path] == []


def test_the_right_files_are_many_and_work_together() -> None:
    library, problems = checked()
    assert library is not None and not problems
    assert len(FILES) >= 60


def test_the_right_scenarios_go_as_they_say() -> None:
    library = checked()[0]
    assert library is not None
    for told in library.scenarios.values():
        for scenario in told.scenarios:
            result = rehearse(library, told.journey, scenario)
            assert result.passed, result.render()


def written(value: Any) -> Iterator[tuple[str, str]]:
    """Every key that a file says, by the name of the model that has it."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield type(value).__name__, field.alias or name
            yield from written(getattr(value, name))
    elif isinstance(value, dict):
        yield from (key for inner in value.values() for key in written(inner))
    elif isinstance(value, (tuple, list)):
        yield from (key for inner in value for key in written(inner))


def known(kind: str) -> Iterator[tuple[str, str]]:
    """Every key that an editor offers in a kind of file, by the name of the model that has it."""
    made = schema(kind)
    models = {KINDS[kind].__name__: made, **made.get("$defs", {})}
    for name, model in models.items():
        for form in (model, *model.get("anyOf", ())):
            yield from ((name, key) for key in form.get("properties", {}))


@cache
def said() -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    for path in FILES:
        tree, _ = yaml_tree.read((OK / path).read_text(), path)
        kind = kind_of_file(path)
        if kind == "journey":
            name_steps(tree.data)
        model, _ = shape(KINDS[kind], tree)
        found[kind] |= set(written(model))
    return {kind: frozenset(keys) for kind, keys in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_kind_of_file_has_a_right_example(kind: str) -> None:
    assert sorted(set(known(kind)) - said()[kind]) == []


def test_every_kind_of_step_has_a_right_example() -> None:
    library = checked()[0]
    assert library is not None
    assert {spot.step.kind for one in library.journeys.values() for spot in one.spots.values()} == set(STEPS)
