"""The CloudEvents SDK, as a sender has it, against the running server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent

from tests.gateway.fakes import purchase
from tests.gateway.server import Server


def event(event_id: str, **attributes: Any) -> CloudEvent:
    """A purchase, made by the SDK."""
    always = {"id": event_id, "source": "/shops/größe 1", "type": "purchase.completed"}
    return CloudEvent(attributes=always | attributes, data=purchase()["data"])


@pytest.mark.parametrize("write", [http.to_structured_event, http.to_binary_event])
@pytest.mark.parametrize("media", [{}, {"datacontenttype": "application/json"}])
def test_the_sdk_is_understood_in_both_modes(tmp_path: Path, write: Any, media: dict[str, str]) -> None:
    """With a media type and without: the SDK then sends none at all in binary mode."""
    message = write(event("e 1%", time=datetime(2026, 11, 24, 9, 30, tzinfo=UTC), tenant="a", **media))
    with Server(tmp_path) as server:
        answer = server.post(message.body, {"Content-Type": None} | message.headers)
        assert (answer.status, answer.json["state"]) == (202, "accepted")
        assert (answer.json["source"], answer.json["id"]) == ("/shops/größe 1", "e 1%")


def test_the_other_mode_is_the_same_event(tmp_path: Path) -> None:
    """Structured first, binary again: a duplicate, not a conflict."""
    sent = event("e-1", time=datetime(2026, 11, 24, 9, 30, tzinfo=UTC), subject="o-1")
    with Server(tmp_path) as server:
        states = []
        for write in (http.to_structured_event, http.to_binary_event):
            message = write(sent)
            states.append(server.post(message.body, {"Content-Type": None} | message.headers).json["state"])
        assert states == ["accepted", "duplicate"]
