"""The channels by which a customer can be reached: what their texts are called, where they lead, and which comes first.

A message has one text a channel: ``welcome.md`` is the letter, ``welcome.sms.md`` what goes by SMS.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Channel = Literal["email", "sms", "whatsapp", "push", "inbox", "webhook"]
EMAIL: Channel = "email"
CHANNELS: tuple[Channel, ...] = ("email", "sms", "whatsapp", "push", "inbox", "webhook")
TITLED: tuple[Channel, ...] = ("email", "push", "inbox")
"""Those whose texts have a subject."""
PHONED: tuple[Channel, ...] = ("sms", "whatsapp")
"""Those that lead to a telephone number."""
PREFERRED = "preferred_channel"
"""The customer's field that names the channel to try first."""
PUSH_TOKEN = "push_token"  # noqa: S105  the name of a field, not a secret
"""The customer's field that names the device (FCM's registration token)."""
ELSEWHERE = ("failed", "refused")
"""What may become of a message by one channel so that the next one is tried: it did not arrive, and that is certain."""
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def text_of(message: str, channel: str) -> str:
    """The name of a message's text for a channel."""
    return message if channel == EMAIL else f"{message}.{channel}"


def split(text: str) -> tuple[str, Channel]:
    """The message and the channel of a text, by its name."""
    name, _, last = text.rpartition(".")
    if name and last in CHANNELS and last != EMAIL:
        return name, last
    return text, EMAIL


def order(channels: Iterable[str], customer: Mapping[str, Any]) -> tuple[str, ...]:
    """The channels in the order in which they are tried: the one that the customer prefers first, if it is among
    them."""
    wanted = customer.get(PREFERRED)
    return tuple(sorted(channels, key=lambda channel: channel != wanted))


def address(channel: str, customer: Mapping[str, Any]) -> str:
    """Where a channel reaches the customer. Raises ValueError with the reason if it cannot."""
    if channel in PHONED:
        return phone(str(customer.get("phone") or ""))
    field, missing = _FIELDS.get(channel, ("id", ""))
    found = str(customer.get(field) or "").strip()
    if not found:
        raise ValueError(missing)
    return found


_FIELDS = {
    "email": ("email", "the customer has no e-mail address"),
    "push": (PUSH_TOKEN, "no device of the customer is known"),
}


def phone(number: str) -> str:
    """A telephone number as providers want it (E.164): +491701234567. Raises ValueError with the reason."""
    if not number.strip():
        raise ValueError("the customer has no telephone number")
    found = re.sub(r"[\s().\-/]|\(0\)", "", number.replace("(0)", ""))
    found = f"+{found[2:]}" if found.startswith("00") else found
    if not _NUMBER.fullmatch(found):
        raise ValueError(f'"{number}" is no telephone number with its country code')
    return found
