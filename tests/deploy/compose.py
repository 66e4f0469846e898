"""docker-compose.yml, the Dockerfile and env.example as data, read the way Docker reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ENV_EXAMPLE = ROOT / "deploy" / "env.example"


class Variable(NamedTuple):
    """One ${NAME}, ${NAME:-default} or ${NAME:?sentence}."""

    name: str
    sign: str
    rest: str


class Line(NamedTuple):
    """One variable of env.example: set there, or commented out to show its default."""

    value: str
    is_set: bool


VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@cache
def document() -> dict[str, Any]:
    """The file, its merges resolved."""
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    """Every service by its name."""
    found: dict[str, dict[str, Any]] = document()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our own image."""
    return {name: service for name, service in services().items() if "build" in service}


def variables() -> list[Variable]:
    """Every variable in the file, as often as it stands there."""
    return [Variable(*found) for found in VARIABLE.findall(COMPOSE.read_text())]


def env_example() -> dict[str, Line]:
    """Every variable that env.example shows."""
    found = re.findall(r"^(# )?([A-Z][A-Z_]*)=(.*)$", ENV_EXAMPLE.read_text(), re.MULTILINE)
    return {name: Line(value, not comment) for comment, name, value in found}


def filled_in(text: str) -> str:
    """A text with its variables replaced, for someone who filled in every secret with the word secret."""
    lines = env_example()

    def value(found: re.Match[str]) -> str:
        variable = Variable(*found.groups())
        line = lines[variable.name]
        return (line.value or "secret") if line.is_set else variable.rest

    return VARIABLE.sub(value, text)


def environment(service: dict[str, Any]) -> dict[str, str]:
    """What a service finds in its environment when the secrets are filled in."""
    return {name: filled_in(value) for name, value in service.get("environment", {}).items()}


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions in order: ("COPY", "cli cli")."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest.strip()
