"""Links of a letter that lead by way of us, and the picture that tells that it was opened; for those who ask for it.

What is followed is looked up by its place in the letter, so a link of ours leads nowhere but where its author wrote.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Literal

What = Literal["clicks", "opens"]
WHAT: tuple[What, ...] = ("clicks", "opens")
NONE = "none"
UNTRACKED = "no-track"
"""The class of links that lead straight to their place."""
MOST = 200
"""Links of one letter."""

_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]*)"[^>]*>', re.IGNORECASE)
_HREF = re.compile(r'(\shref=")[^"]*(")', re.IGNORECASE)
_CLASS = re.compile(r'\sclass="([^"]*)"', re.IGNORECASE)
_PIXEL = '<img src="{}" width="1" height="1" alt="" style="width:1px;height:1px;border:0">'


def words(said: str) -> tuple[str, ...]:
    """What the head of a letter says, word by word."""
    return tuple(word.strip() for word in said.split(",") if word.strip())


def wanted(*said: tuple[str, ...] | None) -> frozenset[str]:
    """What is to be tracked: by the first that says anything, the letter before its journey before the company."""
    first = next((one for one in said if one is not None), ())
    return frozenset(first) - {NONE}


def tracked(page: str, ours: str, link: Callable[[int], str]) -> tuple[str, list[str]]:
    """The page with its links leading by way of us, and where they lead, in their order. Links to ``ours`` (where our
    own pages are), to anything but web pages, and of the class ``no-track`` stay."""
    addresses: list[str] = []

    def led(found: re.Match[str]) -> str:
        tag, address = found.group(0), unescape(found.group(1)).strip()
        classes = _CLASS.search(tag)
        out = classes is not None and UNTRACKED in classes.group(1).split()
        if out or not address.lower().startswith(("http://", "https://")) or address.startswith(ours):
            return tag
        if address not in addresses:
            if len(addresses) >= MOST:
                return tag
            addresses.append(address)
        there = escape(link(addresses.index(address)))
        return _HREF.sub(lambda old: f"{old.group(1)}{there}{old.group(2)}", tag, count=1)

    return _LINK.sub(led, page), addresses


def with_picture(page: str, address: str) -> str:
    """The page with a picture at its end that is asked for when somebody looks at it."""
    picture = _PIXEL.format(escape(address))
    return re.sub(r"(</body>)", lambda end: f"{picture}{end.group(1)}", page, count=1, flags=re.IGNORECASE)
