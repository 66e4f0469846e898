"""Who follows a link: a person, as far as that can be told, or a program that looks at every link of a letter.

Rule 1: asking for the head alone, or ahead of time (``Purpose: prefetch``), is a program's.
Rule 2: so is what calls itself one: no browser's name, or one of those that programs use.
Rule 3: so is what comes within ten seconds after the letter was handed over.
Rule 4: two different links of one letter within ten seconds are a program's, both; so a click is told ten seconds
later, when no other has followed.

None of it is certain. So nothing hangs on it but a figure and an event: a link unsubscribes nobody and answers nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

SOON = timedelta(seconds=10)
_PROGRAMS = re.compile(
    r"bot\b|crawl|spider|scan|preview|headless|phantom|python|curl|wget|java/|okhttp|go-http|libwww|httpclient|monitor"
    r"|barracuda|mimecast|proofpoint|safelinks|symantec|trend ?micro|fortinet|sophos|ms-office|outlook-",
    re.IGNORECASE,
)


def program(method: str, headers: Mapping[str, str], sent: datetime | None, at: datetime) -> str:
    """By what a request shows that no person made it; '' if a person may have."""
    if method != "GET":
        return f"it asked with {method}"
    ahead = " ".join(headers.get(name, "") for name in ("purpose", "sec-purpose", "x-moz", "x-purpose")).lower()
    if "prefetch" in ahead or "preview" in ahead:
        return "it asked ahead of time"
    agent = headers.get("user-agent", "")
    if not agent.startswith("Mozilla/"):
        return f"it calls itself {agent[:60] or 'nothing'}"
    if found := _PROGRAMS.search(agent):
        return f"it calls itself {found.group(0)}"
    if sent is not None and at - sent < SOON:
        return "it came as soon as the letter"
    return ""
