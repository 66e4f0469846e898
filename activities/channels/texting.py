"""SMS by a provider that speaks as Twilio does (https://www.twilio.com/docs/messaging/api/message-resource): a form is
posted with a name and a password, and the answer is JSON with ``sid``, ``status`` and, if it failed, ``code``.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from activities.channels.base import Barrier, Outcome, Parcel, read
from activities.channels.post import PATIENCE, Answer, Poster, by_status, refused

NOBODY_THERE = frozenset(
    {21211, 21214, 21217, 21219, 21408, 21421, 21610, 21612, 21614, 30004, 30005, 30006, 63003, 63024}
)
"""Codes that are about the recipient: no valid number, none for short messages, unknown, or "stop" was said (21610)."""
OURS = frozenset({20003, 20005, 20404, 21212, 21606, 21607, 21611, 21659, 21660, 63007})
"""Codes that are about our account or our sender."""
PASSING = frozenset({20429, 14107, 30001, 30002, 30003, 63018})
"""Codes for which a later try may help."""


@dataclass(frozen=True)
class Account:
    """Where to post, by whose account, and from which sender."""

    url: str
    user: str
    password: str
    sender: str

    @property
    def authorization(self) -> str:
        """The header by which we show who we are (RFC 7617)."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"

    @classmethod
    def from_url(cls, url: str) -> "Account":
        """https://user:password@host/path?from=%2B4930123, whose shape the settings have looked at."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        sender = query.pop("from", "")
        bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(query), ""))
        return cls(bare, unquote(parts.username or ""), unquote(parts.password or ""), sender)


class Texting:
    """Short messages by one account."""

    dedupes = False
    mark = ""
    """What stands before numbers."""

    def __init__(self, account: Account, patience: timedelta = PATIENCE) -> None:
        self._account = account
        self._poster = Poster(patience)

    async def transmit(self, parcel: Parcel, barrier: Barrier) -> Outcome:
        """Post one message."""
        said = {
            "To": f"{self.mark}{parcel.recipient}",
            "From": f"{self.mark}{self._account.sender.removeprefix(self.mark)}",
            "Body": read(parcel.body).get("text", ""),
        }
        # Twilio knows no such header; providers that do recognise a repetition by it.
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Idempotency-Key": parcel.key,
            "Authorization": self._account.authorization,
        }
        answer = await self._poster.post(self._account.url, urlencode(said).encode(), headers, barrier)
        return answer if isinstance(answer, Outcome) else _outcome(answer)

    async def close(self) -> None:
        """Nothing is kept open."""


def _outcome(answer: Answer) -> Outcome:
    said = answer.said
    code = _number(said.get("code") or said.get("error_code"))
    reason = f"the provider answers {answer.status}" + (f" (code {code})" if code else "")
    if answer.status < 300 and said.get("status") not in ("failed", "undelivered"):
        sid = said.get("sid")
        return Outcome("accepted", answer.status, remote_id=str(sid)[:200] if sid else None)
    if code in OURS:
        return Outcome("later", answer.status, reason, "ours")
    if code in NOBODY_THERE:
        return refused(answer, reason, for_good=True, nobody_there=True)
    if code in PASSING:
        return refused(answer, reason, for_good=False)
    return refused(answer, reason, for_good=True) if answer.status < 300 else by_status(answer, reason)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else 0
