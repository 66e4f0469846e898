"""An example for every key of the definition files, for editors and for people who ask what to write there.

A name alone (``into``) is the key wherever it stands; ``Call.into`` is the key of one group, by the name of its model.
An example that stands beside the key in its model counts before this list.
"""

import json
import re
from functools import cache
from typing import Any

from journey import yaml_tree

_WRITTEN = """
id: reminder
was: send-reminder
title: From the purchase to the first evening of light
description: The shop says so once for each order.
calendar: office
time zone: Europe/Berlin
if: event.order_id == start.order_id
until: customer.plan == "pro"
up to: 5 days
since: journey
into: answer
do: [{send: welcome}]
then: [{note: It came in time.}]
otherwise: [{send: setup-reminder}]
retry: {times: 3, pause: 10 minutes, doubling: true}
on_failure: [{notify: care-team, text: "{{ customer.name }} cannot be reached."}]
priority: 8
as: activated
customer: {plan: pro, time_zone: Europe/Berlin}
data: {order_id: o-1, amount: "49.00", currency: EUR}
percent: 50
outcomes: [{as: helped, do: []}, {as: unreachable, do: [{send: sorry}]}]
released: 2026-09-01
end of support: 2031-12-31
secret: WAYFARE_SECRET_SHOP

Journey.journey: onboarding
Journey.owner: lifecycle@example.org
Journey.track: [clicks, opens]
Journey.start: {on: purchase.completed, key: event.order_id}
Journey.exit: [{on: purchase.refunded, if: event.order_id == start.order_id, as: refunded}]
Journey.goal: {on: setup.completed, as: activated, within: 30 days}
Journey.variables: {reminders: {type: whole number, default: 0}, answer: optional text}
Journey.on merge: keep newest
Journey.steps: [{send: welcome}, {wait: 2 days}, {send: setup-guide}]
Start.on: purchase.completed
Start.if: event.product.needs_setup
Start.key: event.order_id
Start.again: after 90 days
Watch.on: purchase.refunded
Watch.do: [{set: {customer.open_complaint: false}}, {send: goodbye}]
Goal.on: setup.completed
Goal.do: [{send: setup-done}]
Goal.within: 30 days

stale_after: 2 days
when_stale: send sorry-late
on_unknown: alert
dedupe: 30 days
channels: [whatsapp, sms, email]
pin: true
Send.send: welcome
Send.window: mon-fri 9:00-18:00
Ask.ask: how-is-it
Ask.for: survey.answered
Ask.if: event.score <= 10
Wait.wait: 2 days
Wait.on_past: go on
Wait.on_invalid: [{finish: no-date}]
WaitFor.for: setup.completed
WaitDate.at: "9:00"
Race.race: [{for: complaint.accepted, do: []}, {for: complaint.rejected, do: [{goto: once-more}]}]
Lane.for: complaint.accepted
Collect.collect: purchase.completed
Collect.if: amount(event.amount) > 0
Collect.up to: 1 hour
Collect.quiet: 10 minutes
Collect.at most: 20
Collect.into: purchases
Choose.choose: [{if: customer.plan == "enterprise", do: [{send: setup-visit}]}, {else: []}]
Branch.if: customer.plan == "enterprise"
Branch.else: []
Split.split: [{percent: 50, as: short, do: []}, {percent: 50, as: long, do: [{send: setup-guide}]}]
Split.experiment: first-words
Split.into: arm
Arm.as: short
Arm.holdout: 10
Arm.up to: 30 days
Repeat.repeat: {times: 3, every: 1 week, until: customer.onboarded}
Rounds.times: 3
Rounds.every: 1 week
Rounds.until: has(customer.onboarded) && customer.onboarded
Set.set: {customer.onboarded: true, vars.product: = start.product.name, add tags: [active]}
Note.note: Likes to be called in the morning.
Notify.notify: care-team
Notify.text: Please call {{ customer.name }} about the {{ start.product.name }}.
Goto.goto: reminder
FinishStep.finish: stalled
Retry.times: 3
Retry.pause: 10 minutes
Retry.doubling: true
Retry.on: [refused, failed]
Task.task: call-customer
Task.team: care-team
Task.title: Call {{ customer.name }} about the {{ start.product.name }}
Task.text: Please offer to set it up together.
Task.form: {reached: yes/no, call_again_on: optional date}
Task.due: 8 business hours
Task.warn: 2 hours
Task.escalate: [{after: 1 business day, to: leads}]
Task.up to: 2 weeks
Task.into: talk
Task.playbook: {check: ["Is the order delivered?"], say: Offer to do it together., replies: [setup-guide]}
Task.assign: round robin
Task.skill: german
Playbook.check: ["Is the order {{ start.order_id }} delivered?"]
Playbook.say: Offer to do it together, on the phone.
Playbook.replies: [setup-guide]
Task.overtaken by: [{for: setup.completed, do: []}]
Escalation.after: 1 business day
Escalation.to: leads
Call.call: open-ticket
Call.url: https://desk.example.org/tickets/{{ start.order_id }}
Call.method: PUT
Call.headers: {Authorization: secret desk-token}
Call.body: {customer: = customer.id, text: The lamp is dark.}
Call.timeout: 10 seconds
Call.into: ticket
StartStep.start: onboarding
StartStep.with: {order_id: = start.order_id}
StartStep.up to: 4 weeks
StartStep.ends with this: true
StartStep.into: result
End.as: activated
Throttle.throttle: reminders
Throttle.at most: 2
Throttle.per: 1 week
Throttle.key: start.order_id
Throttle.otherwise: [{finish: enough}]
ClockStep.clock: {start: first-answer, kind: internal, due: 8 business hours}
ClockStep.warn: [{at: 75%, do: [{notify: care-team, text: A quarter of the time is left.}]}]
ClockStep.breach: [{goto: too-late}]
StartClock.start: first-answer
StartClock.kind: internal
StartClock.due: 8 business hours
PauseClock.pause: first-answer
PauseClock.reason: we have asked the customer
PauseClock.until: customer.replied
PauseClock.up to: 5 business days
ResumeClock.resume: first-answer
StopClock.stop: first-answer
Warned.at: 75%
Warned.do: [{notify: care-team, text: A quarter of the time is left.}]

Company.company: Example Lamps
Company.mail from: Example Lamps <hello@example.org>
Company.reply to: help@example.org
Company.returns: returns@in.example.org
Company.website: https://www.example.org
Company.language: de
Company.track: [clicks]
Company.teams: {care-team: {title: Customer care, email: care@example.org}}
Team.title: Customer care
Team.email: care@example.org
Team.assign: round robin
Team.digest: 8:30
Company.staff: {emmy: {name: Emmy Noether, email: emmy@example.org, teams: [care-team], skills: [german]}}
Person.name: Emmy Noether
Person.email: emmy@example.org
Person.teams: [care-team]
Person.skills: [german]
Person.away: true

DeclaredField.type: whole number
DeclaredField.one of: [home, pro, enterprise]
DeclaredField.fields: {sku: text, name: text}
DeclaredField.list of: text
DeclaredField.optional: true
DeclaredField.closed: true
DeclaredField.at least: 0
DeclaredField.at most: 10
DeclaredField.description: 10 is the best
DeclaredField.example: 7
DeclaredVariable.type: whole number
DeclaredVariable.one of: [home, pro, enterprise]
DeclaredVariable.fields: {sku: text, name: text}
DeclaredVariable.list of: text
DeclaredVariable.optional: true
DeclaredVariable.closed: true
DeclaredVariable.at least: 0
DeclaredVariable.at most: 10
DeclaredVariable.description: how many reminders so far
DeclaredVariable.example: 2
DeclaredVariable.default: 0
DeclaredEvent.title: A purchase was paid
DeclaredEvent.on violation: keep
DeclaredEvent.closed: true
DeclaredEvent.fields: {order_id: text, product: {fields: {sku: text}}}
DeclaredEvent.example: {order_id: o-1, product: {sku: P-1}}
DeclaredCustomer.attributes: {plan: {one of: [home, pro]}, open_complaint: yes/no}
DeclaredCustomer.tags: {vip: People look after this customer personally.}
DeclaredCalendar.calendar: office
DeclaredCalendar.title: The office in Hamburg
DeclaredCalendar.ical: works-holidays.ics

Scenarios.journey: onboarding
Scenarios.scenarios: [{name: sets it up at once, sends: [welcome], outcome: activated}]
Scenario.name: sets it up at once
Scenario.begins: 2026-03-27 09:00
Scenario.start: {order_id: o-1}
Scenario.given: [{send: welcome, outcome: refused, reason: the mailbox is full}]
Scenario.events: [{after: 1 day, type: setup.completed, data: {order_id: o-1}}]
Scenario.expect: [{at: 0 days, send: welcome}, {at: 1 day, finish: activated}]
Scenario.sends: [welcome, setup-guide]
Scenario.outcome: activated
Scenario.vars: {reminders: 2}
Happening.after: 3 days
Happening.type: setup.completed
Given.mail: away
Given.from: 1 day
Given.until: 3 days
Given.send: welcome
Given.notify: care-team
Given.task: call-customer
Given.call: open-ticket
Given.start: onboarding
Given.throttle: reminders
Given.outcome: refused
Given.ends as: activated
Given.after: 2 hours
Given.reason: the mailbox is full
Given.value: {status: 200, body: {id: 7}}
Expectation.at: 3 days
Expectation.send: welcome
Expectation.notify: care-team
Expectation.note: The lamp is not set up
Expectation.set: customer.plan
Expectation.task: call-customer
Expectation.team: care-team
Expectation.call: open-ticket
Expectation.start: onboarding
Expectation.clock: first-answer paused
Expectation.finish: activated
Expectation.outcome: refused

Population.population: a-year
Population.title: A year of the shop
Population.begins: 2026-01-05
Population.lasts: 52 weeks
Population.customers: 10000
Population.arrive: between 1 day and 300 days
Population.segments: [{percent: 80, as: private}, {percent: 20, as: business, customer: {plan: enterprise}}]
Population.happens: [{when: arrives, one of: [{percent: 100, event: purchase.completed}]}]
Behaviour.when: send welcome
Behaviour.if: customer.plan == "pro"
Behaviour.one of: [{percent: 60, after: about 2 days, event: setup.completed}]
Reaction.after: between 1 hour and 3 days
Reaction.event: setup.completed
Reaction.data: {order_id: = event.order_id}
Reaction.outcome: refused
Reaction.value: {reason: the mailbox is full}
Segment.as: business

Segment.segment: drifting
Segment.if: has(customer.churn_risk) && customer.churn_risk == "high"

Source.source: shop
Source.sent by: shopify
Source.named by: event.kind
Source.known by: event.message_id
Source.customer: {id: = event.customer.id, email: = event.customer.email}
Source.events: [{when: orders/paid, type: purchase.completed, data: {order_id: = string(event.id)}}]
Source.ignore: [orders/create, "products/*"]
Source.otherwise: refuse
Rule.if: event.test == false
Rule.type: purchase.completed
Rule.customer: {email: = event.contact_email}
Rule.data: {order_id: = string(event.id)}
Subscriber.subscriber: crm
Subscriber.title: The customer system

Policies.hours: 8:00-21:00
Policies.caps: [{at most: 5, within: 7 days}]
Policies.order: [complaint, onboarding, check-in]
Policies.precedence: [{while: complaint, then: hold, journeys: [check-in], resume_after: 2 days}]
Policies.needs consent: [tips]
Policies.release: {journeys: [end-of-life]}
Policies.providers: {email: {at most: 50 per second}}
Cap.at most: 5
Cap.within: 7 days
Precedence.while: complaint
Precedence.then: hold
Precedence.journeys: [onboarding, check-in]
Precedence.resume_after: 2 days
Release.journeys: [end-of-life]
Release.messages: [end-of-life-notice]
Rate.at most: 50 per second
Rate.after an outage: 20 per second
Rate.warm up: {begins: 2026-12-01, per day: [200, 500, 1000]}
WarmUp.begins: 2026-12-01
WarmUp.per day: [200, 500, 1000]

Product.product: LUX-20
Product.title: Desk lamp Heron
Product.end of sale: 2027-03-31
Product.successor: LUX-21
Product.upgrade of: [LUX-10]
Product.goes with: [LUX-52]
Product.warranty: 24
Product.used up: true
Product.versions: {"2": {released: 2026-09-01}}

Loyalty.currency: EUR
Loyalty.points per unit: 1
Loyalty.first purchase: 50
Loyalty.bonus: [{product: LUX-20, points: 100}]
Loyalty.expire: 730 days
Loyalty.tiers: [{tier: bronze, from: 100}, {tier: gold, from: 1500}]
Loyalty.tier window: 365 days
Bonus.product: LUX-20
Bonus.points: 100
Tier.tier: gold
Tier.from: 1500
"""


@cache
def examples() -> dict[str, Any]:
    """The examples by ``Model.key`` or by the key alone."""
    written: dict[str, Any] = yaml_tree.read(_WRITTEN, "examples")[0].data
    return written


def written(value: Any) -> str:
    """A value on one line, as an author writes it."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    odd = isinstance(value, str) and re.search(r"[{}\[\],#\"]|: |:\Z|^[^\w=/]", value)
    return json.dumps(value, ensure_ascii=False) if odd or not isinstance(value, str) else value


def example(model: str, key: str) -> list[Any]:
    """The example of a key; none if there is none in this list."""
    known = examples()
    name = f"{model}.{key}" if f"{model}.{key}" in known else key
    return [known[name]] if name in known else []
