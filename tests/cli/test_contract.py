"""`wayfare contract`, as those who agree on events use it."""

import json
from pathlib import Path

import pytest

from cli.__main__ import run
from tests.journey.folders import DEFINITIONS
from workers.mistakes import UserMistake


@pytest.fixture(autouse=True)
def _shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYFARE_DEFINITIONS", str(DEFINITIONS))


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["contract", *words]) == code
    return capsys.readouterr().out


def test_every_event_with_the_journeys_that_hear_it(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys).splitlines()
    assert any(line.split() == ["purchase.completed", "check-in,", "onboarding"] for line in lines)


def test_the_schemas_can_be_given_to_the_senders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "--out", str(tmp_path))
    made = json.loads((tmp_path / "purchase.completed.schema.json").read_text())
    assert made == json.loads(said(capsys, "purchase.completed"))
    assert len(list(tmp_path.iterdir())) == len(said(capsys).splitlines())


def test_a_senders_schema_that_lacks_something_names_the_journeys_that_break(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enough = json.loads(said(capsys, "purchase.completed"))
    file = tmp_path / "order.json"
    file.write_text(json.dumps(enough))
    assert "No journey breaks" in said(capsys, "purchase.completed", "--against", str(file))
    del enough["properties"]["product"]["properties"]["needs_setup"]
    file.write_text(json.dumps(enough))
    told = said(capsys, "purchase.completed", "--against", str(file), code=1)
    assert '/product/needs_setup: "needs_setup" is not there. onboarding breaks (start.if).' in told
    assert "check-in may go another way (steps.0.choose.0.if)." in told
    assert told.rstrip().endswith("These journeys would break: onboarding.")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["purchase.complete"], 'Did you mean "purchase.completed"'),
        (["--against", "x.json"], "say which event"),
        (["purchase.completed", "--against", "nowhere.json"], "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(words: list[str], told: str) -> None:
    with pytest.raises(UserMistake, match=told):
        run(["contract", *words])
