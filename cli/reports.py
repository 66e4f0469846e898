"""Problems for programs: JSON, GitHub's annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from cli.rule_pages import pages, text
from journey.problems import Problem


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects: file, line, column, rule, severity, message, hint."""
    return json.dumps([_plain(problem) for problem in problems], indent=2, ensure_ascii=False)


def as_github(problems: Sequence[Problem]) -> str:
    """Workflow commands that GitHub shows beside the lines of a pull request."""
    return "\n".join(
        f"::{'warning' if problem.warning else 'error'} file={_escaped(problem.place.file, ',:')},"
        f"line={problem.place.line},col={problem.place.column},title={problem.rule}::{_escaped(_text(problem))}"
        for problem in problems
    )


def as_sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0 (OASIS), for code scanning."""
    codes = sorted({problem.rule for problem in problems})
    run = {
        "tool": {"driver": {"name": "wayfare", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.rule)) for problem in problems],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


REPORTS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def _plain(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "rule": problem.rule,
        "severity": "warning" if problem.warning else "error",
        "message": problem.message,
        "hint": problem.hint,
    }


def _rule(code: str) -> dict[str, Any]:
    """The rule with its page, as a reporting descriptor."""
    page = pages().get(code)
    if page is None:
        return {"id": code}
    said = {"shortDescription": {"text": page.title}, "fullDescription": {"text": page.why}}
    return {"id": code, **said, "help": {"text": page.why, "markdown": text(code)}}


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    region = {"startLine": problem.place.line, "startColumn": problem.place.column}
    place = {"artifactLocation": {"uri": quote(problem.place.file)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": rule,
        "level": "warning" if problem.warning else "error",
        "message": {"text": _text(problem)},
        "locations": [{"physicalLocation": place}],
    }


def _text(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}".strip()


def _escaped(text: str, more: str = "") -> str:
    for letter in f"%\r\n{more}":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
