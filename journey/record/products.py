"""Products and their lives (``definitions/products/<sku>.yaml``), what a customer has of them, and what may suit.

The rule of a recommendation, in this order: what follows a product that is near its end or past it; what is an upgrade
of a product the customer has; what goes with one. Only what is on sale that day, never what the customer has already.
Of several in one line, first what more of the customer's products lead to, then by title.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, model_validator

from journey.model import Frozen, Mistake

NEAR_ITS_END = timedelta(days=365)
"""So long before its end of sale or of support a product counts as near its end."""
MOST = 5
"""Of how many products a recommendation speaks at most."""

Sku = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^\S+$")]
Day = Annotated[date, Field(description="a day, for example 2027-03-31")]


EndOfSupport = Annotated[Day | None, Field(alias="end of support", description="the last day it is helped with")]


class Version(Frozen):
    """One version of a product."""

    released: Annotated[Day | None, Field(description="the day since when it is there: 2026-09-01")] = None
    end_of_support: EndOfSupport = None


class Product(Frozen):
    """One product, from its release to the end of its support."""

    product: Annotated[Sku, Field(description="its sku: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="its name, as customers know it")]
    released: Annotated[Day | None, Field(description="the day since when it is sold: 2026-09-01")] = None
    end_of_sale: Annotated[
        Day | None, Field(alias="end of sale", description="the last day it is sold: 2027-03-31")
    ] = None
    end_of_support: Annotated[
        Day | None, Field(alias="end of support", description="the last day it is helped with")
    ] = None
    successor: Annotated[Sku | None, Field(description="the product that follows it")] = None
    upgrade_of: Annotated[
        tuple[Sku, ...], Field(alias="upgrade of", description="products it is more than, for the same purpose")
    ] = ()
    goes_with: Annotated[tuple[Sku, ...], Field(alias="goes with", description="products it complements")] = ()
    warranty: Annotated[int | None, Field(ge=0, le=600, description="how long the warranty is, in months: 24")] = None
    used_up: Annotated[bool, Field(alias="used up", description="true: nobody keeps it, as coffee")] = False
    versions: Annotated[dict[str, Version], Field(description="its versions")] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> "Product":
        days = [("released", self.released), ("end of sale", self.end_of_sale), ("end of support", self.end_of_support)]
        known = [(name, day) for name, day in days if day is not None]
        for (_, before), (name, day) in pairwise(known):
            if day < before:
                raise Mistake(f"{name} is {day}, which is before {before}", name, hint="Mend one of the two days.")
        if self.successor == self.product:
            raise Mistake("a product does not follow itself", "successor", hint="Name another one, or remove it.")
        return self

    def on_sale(self, today: date) -> bool:
        """Whether it can be bought on a day."""
        return (self.released is None or self.released <= today) and not _past(self.end_of_sale, today)

    def near_its_end(self, today: date) -> bool:
        """Whether it will not be sold or helped with for long any more."""
        days = [day for day in (self.end_of_sale, self.end_of_support) if day is not None]
        return any(day - NEAR_ITS_END <= today for day in days)


def _past(day: date | None, today: date) -> bool:
    return day is not None and day < today


Catalogue = Mapping[str, Product]
"""Products by sku."""


def had(owned: Iterable[Mapping[str, Any]], catalogue: Catalogue, today: date) -> list[dict[str, Any]]:
    """What a customer has, with what the catalogue says of it: ``sku``, ``name``, ``version``, ``serial``, ``since``,
    ``warranty_until``, ``end_of_sale``, ``end_of_support``, ``supported``, ``successor``."""
    return [_had(one, catalogue.get(str(one.get("sku"))), catalogue, today) for one in owned]


def _had(one: Mapping[str, Any], product: Product | None, catalogue: Catalogue, today: date) -> dict[str, Any]:
    found = {name: value for name, value in one.items() if value is not None}
    if product is None:
        return found
    version = product.versions.get(str(one.get("version")))
    ends = [day for day in (product.end_of_support, version.end_of_support if version else None) if day]
    found |= {"name": product.title, "supported": not _past(min(ends, default=None), today)}
    if ends:
        found["end_of_support"] = min(ends).isoformat()
    if product.end_of_sale:
        found["end_of_sale"] = product.end_of_sale.isoformat()
    if product.successor:
        found["successor"] = _named(product.successor, catalogue)
    return found


def _named(sku: str, catalogue: Catalogue) -> dict[str, str]:
    return {"sku": sku, "name": catalogue[sku].title if sku in catalogue else sku}


def recommended(owned: Iterable[str], catalogue: Catalogue, today: date) -> list[dict[str, str]]:
    """What may suit a customer who has these skus: ``sku``, ``name`` and ``because`` in words."""
    mine = list(dict.fromkeys(sku for sku in owned if sku in catalogue))
    found: dict[str, dict[str, str]] = {}
    for lines in (_successors(mine, catalogue, today), _upgrades(mine, catalogue), _companions(mine, catalogue)):
        leads: dict[str, list[str]] = {}
        for sku, because in lines:
            leads.setdefault(sku, []).append(because)
        for sku in sorted(leads, key=lambda one: (-len(leads[one]), catalogue[one].title, one)):
            if sku not in mine and sku not in found and catalogue[sku].on_sale(today):
                found[sku] = {"sku": sku, "name": catalogue[sku].title, "because": leads[sku][0]}
    return list(found.values())[:MOST]


def _successors(mine: Sequence[str], catalogue: Catalogue, today: date) -> Iterator[tuple[str, str]]:
    for sku in mine:
        product = catalogue[sku]
        following = _following(product, catalogue, today)
        if product.near_its_end(today) and following is not None:
            yield following, f"it follows the {product.title}"


def _following(product: Product, catalogue: Catalogue, today: date) -> str | None:
    """The first successor of a product, or of its successor, that is on sale."""
    seen = {product.product}
    while product.successor is not None and product.successor in catalogue and product.successor not in seen:
        product = catalogue[product.successor]
        if product.on_sale(today):
            return product.product
        seen.add(product.product)
    return None


def _upgrades(mine: Sequence[str], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for product in catalogue.values():
        for sku in product.upgrade_of:
            if sku in mine:
                yield product.product, f"it is more than the {catalogue[sku].title}"


def _companions(mine: Sequence[str], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for product in catalogue.values():
        for sku in product.goes_with:
            if sku in mine:
                yield product.product, f"it goes with the {catalogue[sku].title}"


def warranty_until(product: Product | None, bought: date) -> date | None:
    """The last day of the warranty of something bought on a day."""
    if product is None or product.warranty is None:
        return None
    months = bought.month - 1 + product.warranty
    year, month = bought.year + months // 12, months % 12 + 1
    day = min(bought.day, _DAYS[month - 1] + (month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)))
    return date(year, month, day)


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
