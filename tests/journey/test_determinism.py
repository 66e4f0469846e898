"""The same run in two processes that differ in all that may differ gives the same bytes."""

import os
import subprocess
import sys

from tests.journey.folders import ROOT, shipped

WORLDS: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
    {
        "PYTHONHASHSEED": "4242",
        "TZ": "Pacific/Chatham",
        "LC_ALL": "tr_TR.UTF-8",
        "PYTHONOPTIMIZE": "1",
        "COLUMNS": "20",
    },
)


def test_every_turn_is_the_same_whatever_hash_seed_time_zone_and_language_the_process_has() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "tests.journey.all_turns"],
            cwd=ROOT,
            env={**os.environ, **world},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for world in WORLDS
    ]
    (first, first_error), (second, second_error) = [run.communicate(timeout=100) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], first_error.decode() + second_error.decode()
    assert first.count(b'{"state":') > 200 * 5 + sum(len(told.scenarios) for told in shipped().scenarios.values()) * 3
    for left, right in zip(first.splitlines(), second.splitlines(), strict=True):
        assert left == right


PURE = """
import sys
import journey.machine
unwanted = {
    "activities", "aiohttp", "aiosmtplib", "alembic", "asyncio", "cli", "console", "gateway", "http", "liquid",
    "markdown_it", "random", "secrets", "selectors", "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl", "store",
    "subprocess", "temporalio", "urllib.request", "workers", "workflows", "yaml",
}
print(*sorted(name for name in sys.modules if name in unwanted or name.split(".")[0] in unwanted))
"""
BESIDES = """
import datetime, sys, typing
import cel_expr_python.cel, pydantic

class Model(pydantic.BaseModel):
    at: typing.Annotated[datetime.datetime, pydantic.Field(description="when")]

Model.model_json_schema()
print(*sorted(sys.modules))
"""


def imported(program: str) -> set[str]:
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_machine_brings_in_nothing_of_the_world() -> None:
    """What pydantic and CEL bring in themselves is theirs; the machine's own part is looked at."""
    assert imported(PURE) - imported(BESIDES) == set()


def test_the_look_for_the_world_finds_it() -> None:
    assert {"yaml", "liquid"} <= imported(PURE.replace("import journey.machine", "import journey.load"))
