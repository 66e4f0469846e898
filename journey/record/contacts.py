"""Contacts with a customer, whatever the way: how each stands on the timeline, and by which way they turn to us.

The preferred channel is what the customer said (the attribute ``preferred_channel``), else the way by which they
turned to us most in their last 20 contacts; of two, the later one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.record import letters
from journey.texts.scales import SCALES

LAST = 20
"""Of so many contacts the preferred channel is told."""

CHANNELS = {
    "phone": "Phone call",
    "email": "Mail",
    "chat": "Chat",
    "visit": "Visit",
    "letter": "Letter",
    "sms": "Text message",
    "social": "Social media",
    "app": "App",
    "other": "Contact",
}
"""The ways, and what a contact by each is called."""


@dataclass(frozen=True)
class Line:
    """How an event stands on the timeline: its kind, its words after "<type> came from <source>", and the way by which
    the customer turned to us, if they did."""

    kind: str = "event"
    words: str = ""
    came_by: str | None = None


def line(event_type: str, data: Mapping[str, Any]) -> Line:
    """The line of one event."""
    if event_type == "interaction.logged":
        return _contact(data)
    if event_type == "message.replied":
        return Line("reply", _said(data, "text"), "email")
    if event_type.startswith("message."):
        return Line("event", letters.words(event_type, data))
    if event_type in ("survey.answered", "survey.changed"):
        score, scale = data.get("score"), SCALES.get(str(data.get("scale")), SCALES["nps"])
        given = f"{score} of {scale.high}" if isinstance(score, int) and not isinstance(score, bool) else ""
        return Line("survey", ". ".join(part for part in (given, _said(data, "comment")) if part))
    if event_type in ("segment.entered", "segment.left"):
        return Line(words=_said(data, "title"))
    if event_type.startswith("complaint."):
        return Line("complaint", _said(data, "text"))
    return Line()


def _contact(data: Mapping[str, Any]) -> Line:
    channel = data.get("channel")
    channel = channel if isinstance(channel, str) and channel in CHANNELS else "other"
    inbound = data.get("direction") != "out"
    who = f", {_said(data, 'by')}" if _said(data, "by") else ""
    way = f"{CHANNELS[channel]} {'from' if inbound else 'to'} the customer{who}"
    words = f"{way}: {_said(data, 'summary')}" if _said(data, "summary") else way
    return Line("contact", words, channel if inbound else None)


def _said(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return " ".join(value.split())[:2_000] if isinstance(value, str) else ""


def preferred(came_by: Sequence[str]) -> str | None:
    """The preferred channel of the last contacts, the newest first."""
    recent = came_by[:LAST]
    return max(recent, key=lambda way: (recent.count(way), -recent.index(way)), default=None)
