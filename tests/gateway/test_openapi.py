"""The description of the doors: every address and method is in it, and the running gateway does as it says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.routing import Route

from gateway import app, tracking
from gateway.openapi import document
from tests.gateway.server import KEY, Server
from tests.journey.folders import shipped_files

CONFIG = """
seed = 20261124
[generation]
allow-x00 = false
codec = "utf-8"
max-examples = {examples}
deterministic = true
[auth.openapi.key]
bearer = "{key}"
[auth.openapi.writeKey]
username = "{key}"
password = "none"
[phases.stateful]
enabled = false
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 428, 429, "5xx"]
"""

ALIKE = [path for path in tracking.ADDRESSES if path not in ("/v1/track", "/v1/b", tracking.BEACON)]
"""The doors of the tracking API do the same: three of them are enough."""
READING = [
    f"/v1/customers/{{customer}}/{last}" for last in ("complaints", "history", "loyalty", "products", "purchases")
]
"""Each reads one customer as the timeline does; test_customers holds their answers to the description."""
PLACES = [path for path in document()["paths"] if path not in (*ALIKE, *READING)]

EARLY, LATE = datetime(1970, 1, 2), datetime(2100, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
schemathesis.openapi.format("email", st.from_regex(r"[a-z][a-z0-9]{0,20}@[a-z]{2,20}\.(org|com)", fullmatch=True))
schemathesis.openapi.format("phone", st.from_regex(r"\+43 1 23[0-9]{3,6}", fullmatch=True))
schemathesis.openapi.format("time-zone", st.sampled_from(["Europe/Vienna", "UTC", "America/New_York"]))
schemathesis.openapi.format("moment", st.datetimes(EARLY, LATE, timezones=st.just(UTC)).map(datetime.isoformat))
schemathesis.openapi.format(
    "place", st.datetimes(EARLY, LATE, timezones=st.just(UTC)).map(lambda at: f"{at.isoformat()}~4f6ca0b1d2e3")
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    secrets = {"WAYFARE_SECRET_SHOPIFY": ["shhh"]}
    with Server(tmp_path_factory.mktemp("openapi"), embedded="default", secrets=secrets) as running:
        running.publish({name: text for name, text in shipped_files().items() if not name.startswith("events/")})
        yield running


def run(server: Server, path: str, examples: int, *, deep: bool) -> list[str]:
    """Send what schemathesis makes of one address; what was wrong, with the request. `deep` data costs minutes to
    make."""
    config = SchemathesisConfig.from_str(CONFIG.format(key=KEY, examples=examples))
    whole = document()
    whole["paths"] = {path: whole["paths"][path]}
    if not deep:
        whole["components"]["schemas"]["Value"] = {"$ref": "#/components/schemas/Plain"}
        media = whole["paths"][path].get("post", {}).get("requestBody", {}).get("content", {})
        media.pop("application/cloudevents+json", None)  # the same keys as plain JSON
    schema = schemathesis.openapi.from_dict(whole, config=config)
    schema.config.update(base_url=f"http://127.0.0.1:{server.port}")
    judged, wrong = 0, list[str]()
    for event in from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            wrong.append(f"schemathesis: {getattr(event, 'value', event)!r}")
        if isinstance(event, events.ScenarioFinished):
            for case_id, checks in event.recorder.checks.items():
                judged += 1
                for check in checks:
                    if check.failure_info is not None:
                        asked = event.recorder.cases[case_id].value.as_curl_command()
                        wrong.append(f"{check.name}: {check.failure_info.failure}\n{asked[:1000]}")
    assert judged > 3
    return wrong


@pytest.mark.parametrize("path", PLACES)
def test_whatever_is_sent_is_answered_as_described(server: Server, path: str) -> None:
    """All checks of schemathesis: no 5xx; no status, header or body that is not described; good data is taken, bad data
    is refused, no other method, no missing key."""
    wrong = run(server, path, 4, deep=False)
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.soak
@pytest.mark.parametrize("path", PLACES)
def test_whatever_is_sent_a_thousand_times_is_answered_as_described(server: Server, path: str) -> None:
    wrong = run(server, path, 1_000, deep=True)
    assert wrong == [], "\n\n".join(wrong)


def test_the_description_names_every_address_and_method_and_no_other(server: Server) -> None:
    described = {(path, method.upper()) for path, methods in document()["paths"].items() for method in methods}
    ways = {
        (re.sub(r":\w+}", "}", route.path), method)
        for route in app.routes(server.desk)
        if isinstance(route, Route) and route.methods is not None
        for method in route.methods - {"HEAD"}
    }
    assert ways - {("/openapi.json", "GET"), ("/api", "GET")} == described


def test_the_manual_is_there_for_programs_and_for_people_without_a_key(server: Server) -> None:
    for_programs = server.ask("GET", "/openapi.json", headers={"Authorization": None})
    assert for_programs.json == document()
    for_people = server.ask("GET", "/api", headers={"Authorization": None})
    assert for_people.status == 200 and for_people.headers["content-type"].startswith("text/html")
    text = server.text("/api")
    for path in document()["paths"]:
        assert path in text
    assert "Kept for ever" in text and "<script" not in text
