"""docker-compose.yml, the Dockerfile and env.example agree with the specification, each other and the product.

No Docker engine is at hand where these run, so what an engine would meet is looked for one by one.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose import (
    COMPOSE,
    ENV_EXAMPLE,
    ROOT,
    document,
    env_example,
    environment,
    filled_in,
    instructions,
    ours,
    services,
    variables,
)
from tests.house.trees import pyproject, rooms
from workers.lineup import ROLES, roles_named

TOOLS = Path(sys.executable).parent


def run(*command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=env)


def wayfare(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "cli", *words, env=env)


def schema_check(file: Path) -> subprocess.CompletedProcess[str]:
    return run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_the_file_follows_the_compose_specification() -> None:
    answer = schema_check(COMPOSE)

    assert answer.returncode == 0, answer.stdout


def test_a_misspelt_key_would_be_found(tmp_path: Path) -> None:
    misspelt = tmp_path / "docker-compose.yml"
    misspelt.write_text(COMPOSE.read_text().replace("healthcheck:", "healtcheck:", 1))

    assert "healtcheck" in schema_check(misspelt).stdout


def test_every_variable_is_in_the_example_and_the_example_has_no_other() -> None:
    assert {variable.name for variable in variables()} == set(env_example())


def test_a_secret_left_empty_stops_everything_with_a_sentence() -> None:
    empty = {name for name, line in env_example().items() if line.is_set and not line.value}
    asked = [variable for variable in variables() if variable.name in empty]

    assert empty >= {"WAYFARE_API_KEY", "STORE_PASSWORD", "POSTGRES_PASSWORD", "TEMPORAL_PASSWORD"}
    assert [variable for variable in asked if variable.sign != "?" or len(variable.rest.split()) < 4] == []


def test_the_example_shows_the_defaults_that_are_in_force() -> None:
    defaults = {variable.name: variable.rest for variable in variables() if variable.sign == "-"}

    assert defaults == {name: line.value for name, line in env_example().items() if not line.is_set}


def test_the_example_holds_no_secret() -> None:
    secrets = {name: line for name, line in env_example().items() if re.search("KEY|PASSWORD|SECRET", name)}

    assert [name for name, line in secrets.items() if line.value] == []


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_command_of_ours_is_a_verb_with_the_options_it_is_given(name: str) -> None:
    program, verb, *words = ours()[name]["command"]
    help_text = wayfare(verb, "--help")

    assert program == "wayfare"
    assert help_text.returncode == 0, help_text.stderr
    assert [word for word in words if word.startswith("-") and word not in help_text.stdout] == []


def test_the_services_share_out_every_role_once() -> None:
    commands = [service["command"] for service in ours().values() if service["command"][1] == "serve"]
    taken = [role for command in commands for role in roles_named(option(command, "--roles"))]

    assert sorted(taken) == sorted(ROLES)


@pytest.mark.parametrize("name", sorted(ours()))
def test_every_setting_exists_and_takes_the_value_it_is_given(name: str) -> None:
    given = environment(ours()[name])
    answer = wayfare("settings", "--json", env=given)

    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    secrets = {one for one in given if one.startswith("WAYFARE_SECRET_")}  # named by sources, teams and sites
    assert set(given) - secrets <= {row["name"] for row in json.loads(answer.stdout)}


def test_nothing_in_production_is_left_to_the_demonstration() -> None:
    for service in ours().values():
        assert environment(service)["WAYFARE_DEMO"] == "0"
        assert environment(service)["WAYFARE_SPEED"] == "off"


def test_every_service_waits_for_what_it_needs_in_a_way_that_can_come_true() -> None:
    for name, service in services().items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services(), f"{name} waits for {needed}, which is no service"
            other = services()[needed]
            if how["condition"] == "service_healthy":
                assert "healthcheck" in other, f"{name} waits for {needed} to be healthy, which nobody checks"
            else:
                assert how["condition"] == "service_completed_successfully"
                assert other["restart"].startswith("on-failure"), f"{needed} is started again although it is done"


def test_a_service_is_asked_at_addresses_that_are_services() -> None:
    named = [environment(service) for service in services().values()]
    hosts = {env["TEMPORAL_ADDRESS"].partition(":")[0] for env in named if "TEMPORAL_ADDRESS" in env}
    hosts |= {env["POSTGRES_SEEDS"] for env in named if "POSTGRES_SEEDS" in env}
    hosts |= {
        found for env in named for value in env.values() for found in re.findall(r"(?:@|smtp://)(\w+):\d+", value)
    }

    assert {"temporal", "postgres", "mailpit"} == hosts
    assert hosts <= set(services())


def test_the_namespace_that_is_made_is_the_one_that_is_used() -> None:
    made = environment(services()["temporal-namespace"])["TEMPORAL_NAMESPACE"]
    shown = environment(services()["temporal-ui"])["TEMPORAL_DEFAULT_NAMESPACE"]

    assert {shown} | {environment(service)["TEMPORAL_NAMESPACE"] for service in ours().values()} == {made}


@pytest.mark.parametrize("name", sorted(services()))
def test_every_image_is_pinned_to_a_version(name: str) -> None:
    image, _, tag = services()[name]["image"].partition(":")

    assert image
    assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?", tag), f"{name}: {tag or 'no tag'} may be another program tomorrow"


def test_our_own_image_has_the_version_of_the_project() -> None:
    assert {service["image"] for service in ours().values()} == {f"wayfare:{pyproject()['project']['version']}"}


def test_production_runs_the_temporal_that_make_run_starts() -> None:
    answer = run(TOOLS / "temporal", "--version").stdout
    ((server, pages),) = re.findall(r"Server ([\d.]+), UI ([\d.]+)", answer)

    assert services()["temporal"]["image"] == f"temporalio/server:{server}"
    assert services()["temporal-schema"]["image"] == f"temporalio/admin-tools:{server}"
    assert services()["temporal-namespace"]["image"] == f"temporalio/admin-tools:{server}"
    assert services()["temporal-ui"]["image"] == f"temporalio/ui:{pages}"


def test_nothing_is_published_beyond_this_machine_unless_the_operator_says_so() -> None:
    published = [filled_in(port) for service in services().values() for port in service.get("ports", [])]

    assert len(published) == 3
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_every_mounted_folder_is_in_the_repository_and_every_volume_is_declared() -> None:
    sources = {mount.split(":")[0] for service in services().values() for mount in service.get("volumes", [])}
    folders = {source for source in sources if source.startswith("./")}

    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    assert sources - folders == set(document()["volumes"])


def mounted(service: dict[str, Any], inside: str) -> Path:
    """The file of the repository that a service finds at a path inside its container."""
    mounts: list[str] = service["volumes"]
    for source, target, *_ in (mount.split(":") for mount in mounts):
        if inside.startswith(target + "/"):
            return ROOT / source / inside.removeprefix(target + "/")
    raise AssertionError(f"nothing is mounted at {inside}")


def test_every_script_a_container_runs_is_mounted_there_and_is_shell() -> None:
    scripts = [
        mounted(services()[name], services()[name]["entrypoint"][1])
        for name in ("temporal-schema", "temporal-namespace")
    ]
    scripts += (ROOT / "deploy" / "postgres").iterdir()

    for script in scripts:
        assert run("sh", "-n", script).returncode == 0, script
        assert script.stat().st_mode & 0o111, f"{script} is not executable"


def test_temporal_finds_its_dynamic_settings() -> None:
    temporal = services()["temporal"]
    file = mounted(temporal, "/etc/temporal/" + temporal["environment"]["DYNAMIC_CONFIG_FILE_PATH"])

    assert file.is_file()


def test_the_web_is_asked_for_its_health_where_make_run_asks() -> None:
    asked = re.search(r"'http://127\.0\.0\.1:8080(/\w+)'", services()["web"]["healthcheck"]["test"][-1])

    assert asked
    assert f'"{asked.group(1)}"' in (ROOT / "workers" / "lineup.py").read_text()


def test_the_example_and_the_file_tell_the_same_first_steps() -> None:
    assert "cp deploy/env.example .env" in COMPOSE.read_text()
    assert "cp deploy/env.example .env" in ENV_EXAMPLE.read_text()


def copied() -> list[str]:
    return [rest.split()[0] for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")]


def test_the_image_holds_every_room_and_the_definitions() -> None:
    assert set(copied()) == {*rooms(), "definitions", "requirements"}


def test_everything_the_image_is_made_from_is_there_and_is_let_through() -> None:
    let_through = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert [source for source in copied() if not (ROOT / source).is_dir()] == []
    assert sorted(let_through) == sorted(copied())


def test_the_image_stands_on_a_pinned_python_that_the_project_supports() -> None:
    bases = {rest.split()[0] for word, rest in instructions() if word == "FROM"}
    (version,) = {base.removeprefix("python:").partition("-")[0] for base in bases}

    assert len(bases) == 1, "a virtual environment works only with the Python that made it"
    assert pyproject()["project"]["requires-python"] == f">={version}"


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = [rest for word, rest in instructions() if word == "USER"]

    assert users[-1] == "wayfare"
    assert any(word == "RUN" and rest.startswith("useradd ") for word, rest in instructions())


def test_the_image_takes_the_locked_packages_and_keeps_them_where_they_were_made() -> None:
    assert ("RUN", "python requirements/install.py run") in list(instructions())
    assert ("COPY", "--from=packages /app/.venv .venv") in list(instructions())
    assert {rest for word, rest in instructions() if word == "WORKDIR"} == {"/app"}


def test_the_image_is_built_like_make_run_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for source in copied():
        shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))

    answer = subprocess.run(
        [sys.executable, "-m", "cli", "settings"], check=False, cwd=tmp_path, env={}, capture_output=True, text=True
    )

    assert answer.returncode == 0, answer.stderr
