"""What happens in the demonstration: people who buy lamps, and what they do afterwards. No clock, no network.

What a customer does is drawn from a deck of courses, so that within a few minutes every way through the journeys of
`definitions/` is taken by somebody. Days are days of journey time.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Data = dict[str, Any]

PEOPLE: tuple[Data, ...] = (
    {"name": "Grete Hermann", "locale": "de", "time_zone": "Europe/Berlin", "phone": "+49 30 5550101"},
    {"name": "Ibrahim Okafor", "locale": "en", "time_zone": "Africa/Lagos"},
    {"name": "Solveig Dahl", "locale": "nb", "time_zone": "Europe/Oslo", "phone": "+47 555 50 102"},
    {"name": "Mateo Quispe", "locale": "es", "time_zone": "America/Lima"},
    {"name": "Aiko Tanabe", "locale": "ja", "time_zone": "Asia/Tokyo"},
    {"name": "Nora Whitfield", "locale": "en", "time_zone": "America/New_York", "attributes": {"plan": "enterprise"}},
    {"name": "Lucien Favre", "locale": "fr", "time_zone": "Europe/Paris"},
    {"name": "Priya Raman", "locale": "en", "time_zone": "Asia/Kolkata", "phone": "+91 22 5550 0103"},
)
PRODUCTS: tuple[Data, ...] = (
    {"sku": "LUX-10", "name": "Dawn bedside lamp", "needs_setup": True},
    {"sku": "LUX-20", "name": "Heron reading lamp", "needs_setup": True, "goes_with": {"name": "Heron side table"}},
    {"sku": "LUX-31", "name": "Fern garden lantern", "needs_setup": False},
    {"sku": "LUX-44", "name": "Orbit ceiling light", "needs_setup": True, "mounting": "ceiling"},
    {"sku": "LUX-52", "name": "Wren candle lamp", "needs_setup": False},
)
PRICES = {"LUX-10": "49.00", "LUX-20": "89.00", "LUX-31": "64.50", "LUX-44": "189.00", "LUX-52": "24.90"}
COMPLAINTS = (
    "The lamp flickers when it is dimmed.",
    "The shade arrived with a crack in it.",
    "It hums so loudly that I cannot read beside it.",
    "The switch was missing from the parcel.",
)
ANSWER = "We are sorry. A new one left our workshop today; please keep the old one for your own use."
PRAISE = ("It is the nicest thing in the room.", "My neighbour wants one, too.", "Simple, warm, done.")
BLAME = ("It stopped working after a week.", "Nobody answered the phone.", "The light is colder than on your pages.")
END_OF_LIFE_NOTICE_DAYS = 120


@dataclass(frozen=True)
class Purchase:
    """One purchase of one person."""

    order_id: str
    customer: Data
    product: Data
    amount: str
    day: date

    def data(self) -> Data:
        """The data of the event purchase.completed."""
        return {**self.about(), "amount": self.amount, "currency": "EUR"}

    def about(self) -> Data:
        """Whose it is and what was bought, as every later event says it."""
        return {"customer": self.customer, "order_id": self.order_id, "product": self.product}


@dataclass(frozen=True, order=True)
class Happening:
    """Something that happens so many days after the purchase."""

    days: float
    type: str
    data: Data = field(compare=False)


Course = Callable[[Purchase, random.Random], list[Happening]]


def purchases(run: str, rng: random.Random, today: Callable[[], date]) -> Iterator[Purchase]:
    """Purchases without end; nobody buys a second time before everybody has bought once."""
    numbers = itertools.count(1)
    while True:
        for person in rng.sample(PEOPLE, len(PEOPLE)):
            product, first_name = rng.choice(PRODUCTS), person["name"].split()[0].lower()
            customer = {"id": f"demo-{first_name}", "email": f"{first_name}@example.org", **person}
            yield Purchase(f"L-{run}-{next(numbers)}", customer, product, PRICES[product["sku"]], today())


def courses(rng: random.Random) -> Iterator[Course]:
    """What customers do, without end; each course is taken once before one is taken again."""
    while True:
        yield from rng.sample(COURSES, len(COURSES))


def sets_up_soon(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Sets the lamp up before any reminder, and is delighted when asked."""
    return [
        *_set_up(purchase, rng.uniform(0.3, 1.5)),
        _survey(purchase, 21 + rng.uniform(0.5, 4), rng.randint(9, 10), PRAISE, rng),
    ]


def sets_up_late(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Needs the guide, and a second question."""
    return [
        *_set_up(purchase, rng.uniform(3, 9)),
        _survey(purchase, 28 + rng.uniform(0.5, 4), rng.randint(7, 8), PRAISE, rng),
    ]


def is_disappointed(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Sets the lamp up and regrets it."""
    return [
        *_set_up(purchase, rng.uniform(1, 5)),
        _survey(purchase, 21 + rng.uniform(0.5, 4), rng.randint(0, 5), BLAME, rng),
    ]


def stays_silent(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Is never heard of again."""
    return []


def sends_it_back(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Gets the money back."""
    refund = {**purchase.about(), "amount": purchase.amount, "currency": "EUR"}
    return [Happening(rng.uniform(1, 5), "purchase.refunded", refund)]


def complains_and_is_satisfied(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Complains, gets an answer in time, accepts it, and finds that this was done well."""
    opened = rng.uniform(0.5, 4)
    answered = opened + rng.uniform(0.3, 1.8)
    accepted = answered + rng.uniform(0.3, 3)
    return [
        _opened(purchase, opened, rng),
        _answered(purchase, answered),
        Happening(accepted, "complaint.accepted", _complaint(purchase)),
        _verdict(purchase, accepted + 3 + rng.uniform(1, 8), rng.randint(4, 5)),
    ]


def complains_and_waits(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Complains, gets an answer after the two working days, says no more, and finds that this was not done well."""
    opened = rng.uniform(0.5, 4)
    answered = opened + rng.uniform(4.2, 6.5)
    return [
        _opened(purchase, opened, rng),
        _answered(purchase, answered),
        _verdict(purchase, answered + 10 + rng.uniform(1, 8), rng.randint(1, 3)),
    ]


def complains_in_vain(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Complains and hears nothing."""
    return [_opened(purchase, rng.uniform(0.5, 4), rng)]


def complains_twice(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Complains, does not accept the answer, and accepts the second one."""
    opened = rng.uniform(0.5, 4)
    answered = opened + rng.uniform(0.3, 1.8)
    rejected = answered + rng.uniform(0.3, 3)
    again = rejected + rng.uniform(0.3, 1.8)
    text = "That does not help me: I would like my money back."
    return [
        _opened(purchase, opened, rng),
        _answered(purchase, answered),
        Happening(rejected, "complaint.rejected", {**_complaint(purchase), "text": text}),
        _answered(purchase, again),
        Happening(again + rng.uniform(0.5, 6), "complaint.accepted", _complaint(purchase)),
    ]


def changes_over(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Sets the lamp up, hears that it will not be made any more, and changes over to its successor."""
    announced = rng.uniform(4, 8)
    return [
        *_set_up(purchase, rng.uniform(0.5, 2)),
        _end_of_life(purchase, announced),
        Happening(announced + rng.uniform(4, 50), "migration.completed", purchase.about()),
    ]


def keeps_the_old_one(purchase: Purchase, rng: random.Random) -> list[Happening]:
    """Hears that the lamp will not be made any more, and declines or says nothing."""
    announced = rng.uniform(4, 8)
    declined = Happening(announced + rng.uniform(22, 40), "migration.declined", purchase.about())
    return [_end_of_life(purchase, announced), *([declined] if rng.random() < 0.5 else [])]


COURSES: tuple[Course, ...] = (
    sets_up_soon,
    sets_up_soon,
    sets_up_late,
    sets_up_late,
    is_disappointed,
    stays_silent,
    sends_it_back,
    complains_and_is_satisfied,
    complains_and_waits,
    complains_in_vain,
    complains_twice,
    changes_over,
    changes_over,
    keeps_the_old_one,
)


def _set_up(purchase: Purchase, days: float) -> list[Happening]:
    return [Happening(days, "setup.completed", purchase.about())] if purchase.product["needs_setup"] else []


def _survey(purchase: Purchase, days: float, score: int, words: tuple[str, ...], rng: random.Random) -> Happening:
    return Happening(days, "survey.answered", {**purchase.about(), "score": score, "comment": rng.choice(words)})


def _complaint(purchase: Purchase) -> Data:
    return {**purchase.about(), "complaint_id": purchase.order_id.replace("L-", "C-", 1)}


def _opened(purchase: Purchase, days: float, rng: random.Random) -> Happening:
    return Happening(days, "complaint.opened", {**_complaint(purchase), "text": rng.choice(COMPLAINTS)})


def _answered(purchase: Purchase, days: float) -> Happening:
    return Happening(days, "complaint.answered", {**_complaint(purchase), "text": ANSWER})


def _verdict(purchase: Purchase, days: float, score: int) -> Happening:
    """The answer about a complaint names the complaint alone; with an order it would answer the check-in too."""
    complaint = _complaint(purchase)
    data = {"customer": complaint["customer"], "complaint_id": complaint["complaint_id"], "score": score}
    return Happening(days, "survey.answered", data)


def _end_of_life(purchase: Purchase, days: float) -> Happening:
    ends_on = purchase.day + timedelta(days=END_OF_LIFE_NOTICE_DAYS)
    successor = {"sku": f"{purchase.product['sku']}-2", "name": f"{purchase.product['name']} II"}
    data = {**purchase.about(), "successor": successor, "ends_on": ends_on.isoformat()}
    return Happening(days, "product.end_of_life_announced", data)
