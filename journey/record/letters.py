"""What became of a letter after it was sent, in words for the timeline."""

from collections.abc import Callable, Mapping
from typing import Any

Data = Mapping[str, Any]


def _bounced(data: Data) -> str:
    for_good = "for good" if data.get("bounce") == "hard" else "this time"
    code, reason = (str(data.get(name) or "") for name in ("code", "reason"))
    why = (reason if code in reason else f"{code} {reason}".strip())[:300]
    said = f"it could not be delivered {for_good}{f': {why}' if why else ''}"
    return f"{said}. The address gets nothing more" if data.get("suppressed") is True else said


_WORDS: Mapping[str, Callable[[Data], str]] = {
    "message.delivered": lambda data: "it has arrived",
    "message.bounced": _bounced,
    "message.complained": lambda data: "the customer called it spam. The address gets nothing more",
    "message.opened": lambda data: "it was opened",
    "message.clicked": lambda data: f"a link was followed: {str(data.get('link'))[:300]}",
}


def words(event_type: str, data: Data) -> str:
    """What has happened to which letter; '' for an event that is none of these."""
    said = _WORDS.get(event_type)
    return f"the message “{data.get('message')}”: {said(data)}" if said else ""
