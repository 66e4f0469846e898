"""Which language a customer reads, and how it writes dates and numbers.

Tags are BCP 47 (``de``, ``de-AT``, ``zh-Hant-TW``); which of several texts fits is decided as RFC 4647 section 3.4 says
(lookup): the tag, then the tag without its last part, and so on.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

DEFAULT = "en"
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?")
_BEGINNING = re.compile(rf"({_TAG.pattern})(?![A-Za-z0-9])")
"""``de-DE-1996``, ``de_DE.UTF-8``: what comes after language, script and region chooses no text."""


def tag(text: str) -> str | None:
    """The language tag in its one spelling (``de_at`` is ``de-AT``); None if it is none or its language is unknown."""
    if not _TAG.fullmatch(text):
        return None
    parts = re.split("[-_]", text)
    spelled = [parts[0].lower(), *(part.title() if len(part) == 4 else part.upper() for part in parts[1:])]
    return "-".join(spelled) if _known(spelled[0]) else None


@lru_cache(maxsize=1024)
def _known(language: str) -> bool:
    try:
        Locale(language)
    except UnknownLocaleError:
        return False
    return True


def lookup(wanted: str) -> Iterator[str]:
    """The tag and what it falls back to: ``de-AT``, ``de``. Nothing if it does not begin as a language tag."""
    beginning = _BEGINNING.match(wanted)
    found = tag(beginning.group(1)) if beginning else None
    while found:
        yield found
        found = found.rpartition("-")[0]


def choose(written: Collection[str], *wishes: str) -> str | None:
    """The first language a text is written in that serves a wish, the wishes in their order; None if none does."""
    for wish in wishes:
        for one in lookup(wish):
            if one in written:
                return one
    return None


@lru_cache(maxsize=256)
def conventions(written: str, reader: str = "") -> Locale:
    """How dates and numbers look in a text written in ``written``: as the reader is used to (``de-AT``) if that is the
    same language, else as the text's own language does."""
    same = [one for one in lookup(reader) if one.split("-")[0] == written.split("-")[0]]
    for one in (*same, *lookup(written), DEFAULT):
        try:
            return Locale.parse(one, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError(f"{DEFAULT} is always known")


def direction(written: str) -> str:
    """``rtl`` for languages written from right to left, else ``ltr``."""
    return str(conventions(written).text_direction)
