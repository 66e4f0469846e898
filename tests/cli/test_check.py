"""`wayfare check` for programs: its exit codes and the forms of its reports."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.inside import SHIPPED, wayfare

TEXT = {"type": "object", "properties": {"text": {"type": "string", "minLength": 1}}, "required": ["text"]}
REGION = {
    "type": "object",
    "properties": {"startLine": {"type": "integer", "minimum": 1}, "startColumn": {"type": "integer", "minimum": 1}},
    "required": ["startLine", "startColumn"],
    "additionalProperties": False,
}


def exactly(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


SARIF = exactly(
    {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": exactly(
                {
                    "tool": exactly(
                        {
                            "driver": exactly(
                                {
                                    "name": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": exactly(
                                            {"id": {"type": "string"}},
                                            shortDescription=TEXT,
                                            fullDescription=TEXT,
                                            help=TEXT,
                                        ),
                                    },
                                }
                            )
                        }
                    ),
                    "results": {
                        "type": "array",
                        "items": exactly(
                            {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "locations": {
                                    "type": "array",
                                    "items": exactly(
                                        {
                                            "physicalLocation": exactly(
                                                {
                                                    "artifactLocation": exactly(
                                                        {"uri": {"type": "string", "pattern": r"^[^\s<>\"{}|\\^`]+$"}}
                                                    ),
                                                    "region": REGION,
                                                }
                                            )
                                        }
                                    ),
                                },
                            }
                        ),
                    },
                },
                columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            ),
        },
    },
    **{"$schema": {"type": "string"}},
)
"""The part of SARIF 2.1.0 (OASIS) that is used here; every object of it is closed in the standard, too."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "my definitions"
    shutil.copytree(SHIPPED, copy)
    return copy


def broken(folder: Path) -> Path:
    file = folder / "onboarding.yaml"
    file.write_text(file.read_text().replace("send: welcome", "send: welcom", 1))
    return folder


def test_a_folder_in_order_is_said_so_with_exit_code_0(folder: Path) -> None:
    said = wayfare("check", str(folder))
    assert said.code == 0
    assert said.out.startswith("No mistakes in")


def test_a_mistake_is_shown_at_its_place_with_exit_code_1(folder: Path) -> None:
    said = wayfare("check", str(broken(folder)))
    assert said.code == 1
    assert 'There is no message "welcom". Did you mean "welcome"? [unknown-message]' in said.out
    assert "wayfare explain" in said.out


def test_a_warning_alone_stops_nothing(folder: Path) -> None:
    (folder / "messages/old.md").write_text("---\nsubject: Old\n---\nOld.\n")
    said = wayfare("check", str(folder))
    assert said.code == 0
    assert "warning: No journey sends this text." in said.out


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = wayfare("check", str(tmp_path / "nowhere"))
    assert said.code == 1
    assert "There is no such folder." in said.out


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_every_form_has_the_exit_code_of_the_text(folder: Path, form: str) -> None:
    assert wayfare("check", str(folder), "--format", form).code == 0
    assert wayfare("check", str(broken(folder)), "--format", form).code == 1


def test_sarif_is_built_as_the_standard_says(folder: Path) -> None:
    said = json.loads(wayfare("check", str(broken(folder)), "--format", "sarif").out)
    Draft202012Validator(SARIF).validate(said)
    [run] = said["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    [error] = [result for result in run["results"] if result["level"] == "error"]
    place = error["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("/my%20definitions/onboarding.yaml")
    line = (folder / "onboarding.yaml").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line[place["region"]["startColumn"] - 1 :].startswith("welcom")


def test_json_is_a_list_of_problems(folder: Path) -> None:
    [error] = [
        entry
        for entry in json.loads(wayfare("check", str(broken(folder)), "--format", "json").out)
        if entry["severity"] == "error"
    ]
    assert set(error) == {"file", "line", "column", "rule", "severity", "message", "hint"}
    assert (error["rule"], error["hint"]) == ("unknown-message", 'Did you mean "welcome"?')
