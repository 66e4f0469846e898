"""`wayfare new`: a journey to begin with."""

from __future__ import annotations

import re
from typing import Annotated

import typer

JOURNEY = """# yaml-language-server: $schema=schemas/journey.schema.json
journey: {name}                    # the file's name, without .yaml
title: {title}                     # what it is, in a few words
owner: you@example.org             # whom to ask

start:
  on: purchase.completed           # the event that begins it
  # if: event.product.needs_setup  # only such events
  key: event.order_id              # one running journey per customer and order
  again: never                     # never, always, or: after 90 days

exit:                              # ends it at any moment, whatever it waits for
  - on: purchase.refunded
    if: event.order_id == start.order_id
    as: refunded

# goal:                            # the same, for success
#   on: setup.completed
#   as: activated

steps:
  - send: {name}-hello             # the text is messages/{name}-hello.md
  - wait: 3 days
  - wait:
      for: survey.answered         # an event, with the longest wait
      if: event.order_id == start.order_id
      up to: 1 week
      into: answer                 # its data becomes vars.answer
    then:
      - note: 'They gave {{{{ vars.answer.score | default: "no number out" }}}} of 10.'
    otherwise:
      - finish: silent             # the outcome, in one word
"""

MESSAGE = """---
subject: Hello, {{ customer.first_name | default: "and thank you" }}
---
Dear {{ customer.name | default: "customer" }},

thank you for your {{ start.product.name | default: "purchase" }}. How do you like it?

{{ company.name }}
"""

SCENARIOS = """# yaml-language-server: $schema=../schemas/scenarios.schema.json
journey: {name}
scenarios:
  - name: never answers
    customer: {{id: c-1, name: Grete Hermann, email: grete@example.org}}
    start: {{order_id: o-1, product: {{sku: P-1, name: Lamp}}}}
    expect:
      - {{at: 0 days, send: {name}-hello}}
      - {{at: 10 days, finish: silent}}

  - name: answers after five days
    customer: {{id: c-1, name: Grete Hermann, email: grete@example.org}}
    start: {{order_id: o-1, product: {{sku: P-1, name: Lamp}}}}
    events:
      - {{after: 5 days, type: survey.answered, data: {{order_id: o-1, score: 9}}}}
    expect:
      - {{at: 0 days, send: {name}-hello}}
      - {{at: 5 days, note: They gave 9 of 10.}}
      - {{at: 5 days, finish: completed}}

  - name: gets the money back
    customer: {{id: c-1, name: Grete Hermann, email: grete@example.org}}
    start: {{order_id: o-1, product: {{sku: P-1, name: Lamp}}}}
    events:
      - {{after: 1 day, type: purchase.refunded, data: {{order_id: o-1}}}}
    expect:
      - {{at: 0 days, send: {name}-hello}}
      - {{at: 1 day, finish: refunded}}
"""


def new(
    name: Annotated[str, typer.Argument(help="The journey's name: small letters, digits and dashes.")],
) -> int:
    """Write a journey to begin with: a commented file, a message and three scenarios, all free of mistakes."""
    from journey.layout.files import laid_out
    from workers.mistakes import UserMistake
    from workers.settings import settings_in_force

    if not re.fullmatch(r"[a-z][a-z0-9-]{1,50}", name):
        raise UserMistake(f'"{name}" cannot be the name: use small letters, digits and dashes, for example win-back.')
    folder = settings_in_force().definitions
    texts = {
        folder / f"{name}.yaml": laid_out(
            JOURNEY.format(name=name, title=name.replace("-", " ").capitalize()), f"{name}.yaml"
        )[0],
        folder / "messages" / f"{name}-hello.md": MESSAGE,
        folder / "scenarios" / f"{name}.yaml": laid_out(SCENARIOS.format(name=name), f"scenarios/{name}.yaml")[0],
    }
    for file in texts:
        if file.exists():
            raise UserMistake(f"{file} is there already; nothing was written.")
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(f"{file} is written.")
    print(f"Now change them to your needs; then: wayfare check, wayfare simulate {name}, wayfare test {name}.")
    return 0
