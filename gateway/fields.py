"""What a single value in an event may look like: a line of text, a mail address, a time zone, a moment.

Each function answers with a `Fault`, or with what it found.
"""

import difflib
import functools
import re
from datetime import UTC, date, datetime

from gateway.refusals import Fault
from gateway.strict_json import shown
from journey.time import zones
from store.address import ascii_address

EMAIL_MOST = 320
FIRST_YEAR, LAST_YEAR = 1970, 2100

# Control characters and line breaks forge headers and log lines; the direction overrides make one id look like another.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_RFC3339 = re.compile(
    r"(\d{4})-\d\d-\d\d[Tt]\d\d:\d\d:(?P<second>\d\d)(?:\.(?P<fraction>\d{1,12}))?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_MOMENT = "Send a date with its offset, such as 2026-11-24T09:30:00Z."


def line_fault(value: object, *, characters: int) -> Fault | None:
    """What keeps `value` from being one line of text with something in it, within the given length."""
    if not isinstance(value, str):
        return Fault("This is not a text.", "Send it as a text in quotes.")
    if not value.strip():
        return Fault("This text is empty.", "Fill it, or leave it out where it may be missing.")
    if len(value) > characters:
        return Fault(f"This text has {len(value):,} characters.", f"Keep it within {characters:,}.")
    if unfit := _UNFIT.search(value):
        code = f"U+{ord(unfit[0]):04X}"
        return Fault(f"A control character ({code}) stands at position {unfit.start() + 1}.", "Remove it.")
    return None


def email_fault(value: object) -> Fault | None:
    """What keeps `value` from being one mail address that mail can be sent to. Nothing is looked up.

    Addresses of internal and test networks are fine. An international domain is fine too (mail needs its ASCII form);
    an international name before the @ is not, since few servers take it.
    """
    if fault := line_fault(value, characters=EMAIL_MOST):
        return fault
    remedy = "Send one address such as grete@example.org."
    try:
        ascii_address(str(value))
    except ValueError as error:
        return Fault(f"This is not a mail address: {shown(str(error), 200)}", remedy)
    return None


@functools.cache
def _time_zones() -> dict[str, str]:
    """Every zone's name by its name in small letters."""
    return {name.lower(): name for name in zones.names()}


def time_zone_fault(value: object) -> Fault | None:
    """What keeps `value` from being a time zone by its IANA name."""
    if fault := line_fault(value, characters=64):
        return fault
    name = str(value)
    known = _time_zones()
    if known.get(name.lower()) == name:
        return None
    close = difflib.get_close_matches(name.lower(), known, n=1)
    remedy = f'Did you mean "{known[close[0]]}"?' if close else "Send a name such as Europe/Berlin."
    return Fault(f'There is no time zone "{shown(name)}".', remedy)


def day_fault(value: object) -> Fault | None:
    """What keeps `value` from being a day (RFC 3339 full-date)."""
    remedy = "Send a day such as 1990-05-17."
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return Fault("This is not a day.", remedy)
    try:
        date.fromisoformat(value)
    except ValueError:
        return Fault(f"There is no day {value}.", remedy)
    return None


def moment(value: object) -> datetime | Fault:
    """The moment, in UTC, that an RFC 3339 text means. Finer parts than a microsecond are cut."""
    if not isinstance(value, str):
        return Fault("This is not a text.", _MOMENT)
    found = _RFC3339.fullmatch(value)
    if not found:
        return Fault(f'"{shown(value)}" is not a date with time and offset (RFC 3339).', _MOMENT)
    if found["second"] == "60":
        return Fault("Leap seconds are not kept here.", "Send second 59.")
    if not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return Fault(f"The year {found[1]} is not within {FIRST_YEAR} and {LAST_YEAR}.", "Check the sender's clock.")
    plain = value.upper()
    if fraction := found["fraction"]:
        plain = plain.replace(f".{fraction}", f".{fraction[:6].ljust(6, '0')}", 1)
    try:
        return datetime.fromisoformat(plain).astimezone(UTC)
    except ValueError:
        return Fault(f'There is no such date as "{shown(value)}".', _MOMENT)
