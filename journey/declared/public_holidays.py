"""The public holidays of countries and their parts, by the ``holidays`` library. Only definitions are read with it."""

import warnings
from collections.abc import Iterable
from datetime import date
from functools import cache

from journey.problems import did_you_mean

# The library takes a tenth of a second to be imported, and only definitions with a calendar need it.


class UnknownPlace(ValueError):
    """A country, or a part of one, that is not known; ``hint`` says what was meant."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@cache
def of(place: str, first: int, last: int) -> frozenset[date]:
    """The public holidays of ``DE`` or ``DE-HH`` in these years, as far as they are known. Raises UnknownPlace."""
    import holidays

    country, _, part = place.partition("-")
    parts = _parts()
    if country not in parts:
        raise UnknownPlace(f'"{place}" is not a country whose holidays are known.', _meant(country))
    if part and part not in parts[country]:
        known = sorted(parts[country])
        hint = did_you_mean(part, known) or (f"Known: {', '.join(known)}." if known else f"Write {country}.")
        raise UnknownPlace(f'"{country}" has no part "{part}" whose holidays are known.', hint)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of years that are not known: then there are none
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1)))


def of_all(places: Iterable[str], first: int, last: int) -> frozenset[date]:
    """The public holidays of all these places together. Raises UnknownPlace."""
    return frozenset(day for place in places for day in of(place, first, last))


@cache
def _parts() -> dict[str, list[str]]:
    import holidays

    return holidays.list_supported_countries(include_aliases=False)


def _meant(word: str) -> str:
    """A country by its name, or by its code of three letters, is told its code of two."""
    from holidays.registry import COUNTRIES

    for names in COUNTRIES.values():
        if word.lower().replace(" ", "") in {str(name).lower() for name in names}:
            return f'Write "{names[1]}".'
    return "Write its code of two letters, for example DE, or DE-BY for a part of it."
