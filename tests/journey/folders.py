"""Small definitions folders for tests, and the files of the shipped one."""

from functools import cache
from pathlib import Path

from journey.definition import Journey
from journey.library import Library
from journey.load import load

ROOT = Path(__file__).parents[2]
DEFINITIONS = ROOT / "definitions"

COMPANY = """company: Example
mail from: Example <hello@example.org>
reply to: help@example.org
teams:
  care: {title: Care, email: care@example.org}
"""
DECLARED = {
    "events/purchase.completed.yaml": """event: purchase.completed
title: A purchase was paid
fields:
  order_id: text
  count: whole number
  weight: number
  paid: yes/no
  amount: amount
  currency: currency
  price: money
  ends_on: date
  at: moment
  coupon: optional text
  kind: {one of: [home, pro, enterprise]}
  score: {type: whole number, at least: 0, at most: 10}
  product: {fields: {sku: text, name: text, needs_setup: optional yes/no}}
  extra: {optional: true, fields: {color: text}}
  items: {list of: {fields: {sku: text, count: whole number}}}
  words: list of text
  more: anything
""",
    "events/survey.answered.yaml": """event: survey.answered
title: An answer came
fields: {order_id: text, score: optional whole number, comment: optional text}
""",
    "customer.yaml": """attributes:
  plan: {one of: [home, pro, enterprise]}
  open_complaint: yes/no
  seats: {type: whole number, at least: 0, at most: 120}
tags: {vip: People look after this customer personally.}
""",
}
HEAD = "title: A journey of the tests\nowner: tests@example.org\nstart: {on: began}\n"
TEXT = "---\nsubject: Hello\n---\nHello.\n"


def folder(steps: str, head: str = "", **messages: str) -> dict[str, str]:
    """A folder with one journey, ``story``, and its messages; ``a`` to ``d`` are always there."""
    files = {"company.yaml": COMPANY, "story.yaml": f"journey: story\n{HEAD}{head}steps:\n{steps}"}
    texts = {**dict.fromkeys("abcd", TEXT), **messages}
    return files | {f"messages/{name}.md": text for name, text in texts.items()}


def journey(steps: str, head: str = "") -> Journey:
    """The journey with these steps; ``head`` may hold exits and a goal."""
    return load(folder(steps, head)).journeys["story"]


def shipped_files() -> dict[str, str]:
    """The shipped definitions: paths inside the folder to texts."""
    found = sorted(path for path in DEFINITIONS.rglob("*") if path.suffix in (".yaml", ".md", ".html", ".mjml", ".ics"))
    return {path.relative_to(DEFINITIONS).as_posix(): path.read_text() for path in found}


@cache
def shipped() -> Library:
    """The shipped definitions."""
    return load(shipped_files())
