"""The verbs for operations people, run as they run them: check, test, simulate, draw, new, schema."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "definitions"


def wayfare(*words: str, definitions: Path = SHIPPED, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "WAYFARE_DEFINITIONS": str(definitions), "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(
        [sys.executable, "-m", "cli", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "definitions"))


def test_the_shipped_definitions_are_free_of_mistakes() -> None:
    done = wayfare("check")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("No mistakes")


def test_the_shipped_scenarios_go_as_expected() -> None:
    done = wayfare("test")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


def test_a_mistake_is_shown_at_its_place_with_a_caret(folder: Path) -> None:
    file = folder / "onboarding.yaml"
    file.write_text(file.read_text().replace("send: welcome", "send: welcom", 1))
    done = wayfare("check", definitions=folder)
    assert done.returncode == 1
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "send: welcom" in text)
    column = file.read_text().splitlines()[line - 1].index("welcom") + 1
    assert f"{file}:{line}:{column}: " in done.stdout
    assert 'Did you mean "welcome"?' in done.stdout
    assert done.stdout.splitlines()[3].rstrip().endswith("^")


def test_the_formats_for_programs_say_the_same(folder: Path) -> None:
    file = folder / "onboarding.yaml"
    file.write_text(file.read_text().replace("send: welcome", "send: welcom", 1))
    listed = json.loads(wayfare("check", "--format", "json", definitions=folder).stdout)
    errors = [entry for entry in listed if entry["severity"] == "error"]
    assert [entry["rule"] for entry in errors] == ["unknown-message"]
    sarif = json.loads(wayfare("check", "--format", "sarif", definitions=folder).stdout)
    assert "unknown-message" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    github = wayfare("check", "--format", "github", definitions=folder).stdout
    assert f"::error file={file},line={errors[0]['line']},col={errors[0]['column']}" in github


def test_a_scenario_that_goes_otherwise_is_shown_side_by_side(folder: Path) -> None:
    file = folder / "scenarios/onboarding.yaml"
    file.write_text(file.read_text().replace("send: welcome", "send: setup-guide", 1))
    done = wayfare("test", "onboarding", definitions=folder)
    assert done.returncode == 1
    assert "► 0 seconds: send setup-guide" in done.stdout
    assert "0 seconds: send welcome" in done.stdout


def test_simulate_tells_the_story_with_its_reasons() -> None:
    done = wayfare("simulate", "onboarding")
    assert done.returncode == 0
    assert "SEND    welcome" in done.stdout
    assert "FINISH  activated" in done.stdout
    assert "· " in done.stdout
    assert "· " not in wayfare("simulate", "onboarding", "--quiet").stdout


def test_simulate_with_an_event_of_ones_own() -> None:
    done = wayfare("simulate", "onboarding", "--event", "purchase.refunded after 1 day")
    assert "FINISH  refunded" in done.stdout
    wrong = wayfare("simulate", "onboarding", "--event", "setup.complete after 1 day")
    assert wrong.returncode == 1
    assert 'Did you mean "setup.completed"?' in wrong.stderr


def test_an_unknown_journey_is_answered_with_a_likely_one() -> None:
    done = wayfare("simulate", "onbording")
    assert done.returncode == 1
    assert 'Did you mean "onboarding"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_journey_is_free_of_mistakes_laid_out_and_passes_scenarios_that_cover_it(folder: Path) -> None:
    assert wayfare("new", "win-back", definitions=folder).returncode == 0
    checked = wayfare("check", definitions=folder)
    assert checked.returncode == 0 and "warning" not in checked.stdout, checked.stdout
    tested = wayfare("test", "win-back", "--min", "100", definitions=folder)
    assert tested.returncode == 0, tested.stdout
    made = [str(folder / "win-back.yaml"), str(folder / "scenarios" / "win-back.yaml")]
    assert wayfare("fmt", "--check", *made, definitions=folder).returncode == 0
    again = wayfare("new", "win-back", definitions=folder)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_the_schemas_in_the_repository_are_those_of_the_models(tmp_path: Path) -> None:
    assert wayfare("schema", str(tmp_path)).returncode == 0
    for made in tmp_path.glob("*.json"):
        assert made.read_text() == (SHIPPED / "schemas" / made.name).read_text(), "run: wayfare schema"


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("journey", "[!clp]*.yaml"),
        ("loyalty", "loyalty.yaml"),
        ("product", "products/*.yaml"),
        ("segment", "segments/*.yaml"),
        ("policies", "policies.yaml"),
        ("journey", "check-in.yaml"),
        ("journey", "complaint.yaml"),
        ("company", "company.yaml"),
        ("scenarios", "scenarios/*.yaml"),
        ("event", "events/*.yaml"),
        ("customer", "customer.yaml"),
    ],
)
def test_what_ships_is_valid_by_its_schema(schema: str, pattern: str) -> None:
    files = [str(path) for path in SHIPPED.glob(pattern)]
    assert files
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--schemafile"]
    done = subprocess.run(
        [*command, str(SHIPPED / f"schemas/{schema}.schema.json"), *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_store_that_is_not_there_is_a_sentence_and_no_fault_of_ours(tmp_path: Path) -> None:
    done = wayfare("outbox", WAYFARE_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/nowhere/x.db")
    assert done.returncode == 1
    assert "The store cannot be used (unable to open database file)." in done.stderr
    assert "Traceback" not in done.stderr
