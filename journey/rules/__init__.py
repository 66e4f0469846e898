"""The rules: what the shape of a file cannot say. One function a rule, and here the one visible list of them.

A rule looks at one thing (a journey, scenarios, a message, an event, a source) with its tree, for the places, and at
the context: what else is defined. It yields problems; their code is the function's name with dashes. Every code has a
page (``pages/<code>.md``): what it means, a wrong example and a right one, both executed by the tests.

To add a rule: write the function in the file of its subject, add it to the list, write its page, show its sentences in
tests/journey/err/, and run `wayfare explain --all > docs/rules.md`. Mistakes of shape and of YAML have codes and pages,
too; they are found where files are read (``shape.py``, ``yaml_tree.py`` and the models' own validators).
"""

from collections.abc import Callable, Iterator

from journey.company import Company
from journey.declared.calendar import DeclaredCalendar
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.declared.subscriber import Subscriber
from journey.definition import Journey
from journey.messages import Message
from journey.places import Context
from journey.policies import Policies
from journey.population.model import Population
from journey.problems import Problem
from journey.record.products import Product
from journey.rules import (
    calendars,
    clocks,
    conditions,
    declarations,
    earlier,
    expressions,
    frames,
    kinds,
    names,
    odd,
    paths,
    policies,
    populations,
    products,
    short,
    staff,
    starts,
    subscribers,
    supply,
    texts,
    times,
    upstream,
    values,
    variables,
    wordings,
)
from journey.rules import scenarios as stories
from journey.rules.earlier import Earlier
from journey.scenarios import Scenarios
from journey.texts.folder import Texts
from journey.yaml_tree import Tree

JOURNEY: tuple[Callable[[Journey, Tree, Context], Iterator[Problem]], ...] = (
    frames.duplicate_step_id,
    frames.start_is_exit,
    frames.goal_never_reached,
    frames.same_outcome,
    names.unknown_message,
    names.unknown_team,
    staff.unknown_person,
    staff.nobody_can,
    names.unknown_step,
    names.unknown_journey,
    starts.start_data,
    paths.unreachable_step,
    paths.endless_loop,
    paths.closing_waits,
    paths.same_message_twice,
    paths.many_messages,
    paths.goto_next,
    times.long_wait,
    times.zero_wait,
    calendars.unknown_calendar,
    calendars.no_calendar,
    clocks.unknown_clock,
    clocks.paused_statutory_clock,
    clocks.unstopped_clock,
    clocks.beside_waits,
    clocks.goto_beside,
    expressions.bad_expression,
    expressions.not_a_condition,
    expressions.name_not_here,
    expressions.whole_customer,
    variables.unset_variable,
    variables.unread_variable,
    kinds.unknown_event,
    kinds.unknown_field,
    kinds.wrong_kinds,
    kinds.unknown_value,
    kinds.bad_key,
    kinds.unfit_attribute,
    kinds.unfit_variable,
    kinds.unknown_tag,
    conditions.impossible_condition,
    conditions.always_true,
    conditions.missing_turns,
    conditions.missing_value,
    conditions.branch_never_taken,
    odd.same_branches,
    odd.choose_without_choice,
    odd.repeat_once,
    odd.empty_arm,
    values.yes_or_no,
    texts.bad_text,
    supply.unset_in_text,
    supply.unknown_in_text,
    supply.missing_in_text,
    supply.wrong_filter,
    wordings.missing_translation,
)

SCENARIOS: tuple[Callable[[Scenarios, Tree, Context], Iterator[Problem]], ...] = (
    stories.unknown_journey,
    stories.unknown_message,
    stories.unknown_team,
    stories.unknown_event,
    stories.scenario_data,
)

TEXTS: tuple[Callable[[Texts, Context], Iterator[Problem]], ...] = (
    wordings.unknown_variable,
    wordings.unknown_snippet,
    wordings.snippet_circle,
    wordings.unknown_layout,
    wordings.layout_content,
    wordings.layout_unused,
    wordings.snippet_unused,
    wordings.translation_alone,
    wordings.translation_differs,
    wordings.written_twice,
    wordings.no_unsubscribe,
    wordings.survey_form,
    wordings.bad_html,
    wordings.bad_mjml,
    short.sms_too_long,
    short.sms_signs,
)

MESSAGE: tuple[Callable[[Message, str, Context], Iterator[Problem]], ...] = (texts.message_unused,)

EVENT: tuple[Callable[[DeclaredEvent, Tree, Context], Iterator[Problem]], ...] = (
    declarations.event_name,
    declarations.example_does_not_fit,
)

SOURCE: tuple[Callable[[Source, Tree, Context], Iterator[Problem]], ...] = (
    upstream.source_name,
    upstream.bad_expression,
    upstream.reserved_event,
    upstream.unknown_event,
    upstream.event_field_missing,
    upstream.unknown_customer_field,
    upstream.about_nobody,
    upstream.never_reached,
)

SUBSCRIBER: tuple[Callable[[Subscriber, Tree, Context], Iterator[Problem]], ...] = (
    subscribers.subscriber_name,
    subscribers.unknown_change,
)

CALENDAR: tuple[Callable[[DeclaredCalendar, Tree, Context], Iterator[Problem]], ...] = (
    calendars.calendar_name,
    calendars.unknown_country,
    calendars.unknown_ical_file,
    calendars.day_that_changes_nothing,
)

COMPANY: tuple[Callable[[Company, Tree, Context], Iterator[Problem]], ...] = (
    calendars.unknown_calendar_of_company,
    staff.unknown_team,
)


POPULATION: tuple[Callable[[Population, Tree, Context], Iterator[Problem]], ...] = (
    populations.unknown_moment,
    populations.unknown_event,
    populations.bad_expression,
)


EARLIER: tuple[Callable[[Earlier, Context, str], Iterator[Problem]], ...] = (earlier.earlier_version,)


POLICIES: tuple[Callable[[Policies, Tree, Context], Iterator[Problem]], ...] = (
    policies.unknown_journey,
    policies.unknown_message,
    policies.unknown_channel,
    policies.precedence_against_order,
)


PRODUCT: tuple[Callable[[Product, Tree, Context], Iterator[Problem]], ...] = (
    products.product_name,
    products.unknown_product,
    products.successor_circle,
)


def check_journey(journey: Journey, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one journey."""
    return [problem for rule in JOURNEY for problem in rule(journey, tree, context)]


def check_earlier(version: Earlier, context: Context, prefix: str) -> list[Problem]:
    """Every problem of those who are still on a version that is not the newest."""
    return [problem for rule in EARLIER for problem in rule(version, context, prefix)]


def check_calendar(calendar: DeclaredCalendar, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one business calendar."""
    return [problem for rule in CALENDAR for problem in rule(calendar, tree, context)]


def check_company(company: Company, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in the company's file."""
    return [problem for rule in COMPANY for problem in rule(company, tree, context)]


def check_scenarios(scenarios: Scenarios, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one file of scenarios."""
    return [problem for rule in SCENARIOS for problem in rule(scenarios, tree, context)]


def check_texts(found: Texts, context: Context) -> list[Problem]:
    """Every problem of meaning in the files of ``messages/``."""
    return [problem for rule in TEXTS for problem in rule(found, context)]


def check_message(message: Message, file: str, context: Context) -> list[Problem]:
    """Every problem of meaning in one message text, which stands in ``file``."""
    return [problem for rule in MESSAGE for problem in rule(message, file, context)]


def check_event(event: DeclaredEvent, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one declared event."""
    return [problem for rule in EVENT for problem in rule(event, tree, context)]


def check_population(population: Population, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one population."""
    return [problem for rule in POPULATION for problem in rule(population, tree, context)]


def check_subscriber(subscriber: Subscriber, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one subscriber."""
    return [problem for rule in SUBSCRIBER for problem in rule(subscriber, tree, context)]


def check_source(source: Source, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one upstream system."""
    return [problem for rule in SOURCE for problem in rule(source, tree, context)]


def check_policies(found: Policies, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in what holds for all journeys together."""
    return [problem for rule in POLICIES for problem in rule(found, tree, context)]


def check_product(product: Product, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one product."""
    return [problem for rule in PRODUCT for problem in rule(product, tree, context)]
