"""Conditions that can never be met, are always met, or are turned around by a gap."""

import pytest

from journey.typed import possible
from journey.typed.kinds import Kind
from tests.journey.typed.reading import read

NEVER = [
    'customer.plan == "pro" && customer.plan == "home"',
    "event.count > 5 && event.count < 6",
    "5 < event.count && 6 > event.count",
    "event.score > 10",
    "event.score < 0",
    "event.paid && !event.paid",
    'event.kind != "home" && event.kind != "pro" && event.kind != "enterprise"',
    'event.kind in ["home"] && event.kind in ["pro"]',
    "has(event.coupon) && !has(event.coupon)",
    '!has(event.coupon) && event.coupon == "x"',
    'event.order_id.startsWith("A") && !event.order_id.startsWith("A")',
    "false",
    "event.paid ? false : event.score > 10",
    'event.more.x == "a" && event.more.x == "b"',
    "!has(event.extra.color)",
]
ALWAYS = [
    "event.score >= 0",
    "event.score <= 10",
    "event.paid || !event.paid",
    "true",
    "has(event.order_id)",
    'event.kind in ["home", "pro", "enterprise"]',
    'has(event.coupon) || !has(event.coupon) || event.coupon == "x"',
    'has(event.coupon) ? event.coupon == "x" || event.coupon != "x" : true',
    'event.order_id.startsWith("A") || !event.order_id.startsWith("A")',
]
SOMETIMES = [
    'customer.plan == "pro"',
    "event.weight > 5 && event.weight < 6",
    "event.count > 4 && event.count < 6",
    "customer.open_complaint || !customer.open_complaint",
    "event.order_id == event.currency",
    "has(customer.open_complaint) && customer.open_complaint",
    "size(event.words) > 3 && size(event.words) < 2",
    'event.words.exists(w, w == "a") && !event.words.exists(w, w == "b")',
    "event.more.x == 3",
    "has(event.product.needs_setup) && event.product.needs_setup",
]


@pytest.mark.parametrize("source", NEVER)
def test_a_condition_that_holds_in_no_world_is_impossible(source: str) -> None:
    assert possible.look(read(source)).never
    assert not possible.look(read(source)).always


@pytest.mark.parametrize("source", ALWAYS)
def test_a_condition_that_holds_in_every_world_is_told(source: str) -> None:
    assert possible.look(read(source)).always
    assert not possible.look(read(source)).never


@pytest.mark.parametrize("source", SOMETIMES)
def test_a_condition_that_depends_on_the_world_is_left_alone(source: str) -> None:
    assert not possible.look(read(source)).never
    assert not possible.look(read(source)).always


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ('customer.plan != "pro"', "customer.plan"),
        ("!customer.open_complaint", "customer.open_complaint"),
        ('!(customer.plan == "pro")', "customer.plan"),
        ('!customer.name.startsWith("A")', "customer.name"),
        ("event.paid && !event.product.needs_setup", "event.product.needs_setup"),
        ("!has(event.extra.color) || event.paid", "event.extra"),
        ('customer.plan == "pro"', ""),
        ('has(customer.plan) && customer.plan != "pro"', ""),
        ('!has(customer.plan) || customer.plan != "pro"', ""),
        ("!(has(customer.open_complaint) && customer.open_complaint)", ""),
        ('event.kind != "pro"', ""),
        ("!customer.?open_complaint.orValue(false)", ""),
    ],
)
def test_a_gap_that_turns_a_condition_around_is_found(source: str, field: str) -> None:
    assert possible.look(read(source)).turned_by == field


def test_a_branch_whose_turn_never_comes_is_found() -> None:
    branches = ["event.score > 3", "event.score > 7", "event.score > 2", "event.score >= 0", "event.paid"]
    assert possible.never_taken([read(branch) for branch in branches]) == [1, 4]


def test_a_gap_leaves_something_for_the_next_branch() -> None:
    assert possible.never_taken([read('customer.plan != "pro"'), read("!has(customer.plan)")]) == []


def test_conditions_with_too_many_worlds_are_left_alone() -> None:
    many = " && ".join(f"event.more.f{number} == {number}" for number in range(12))
    assert not possible.look(read(f"{many} && event.more.f1 == 2")).never
    assert possible.never_taken([read(many), read(many)]) == []


def test_the_same_loop_over_other_words_is_another_question() -> None:
    source = 'event.words.exists(w, w == "a") && !event.words.exists(w, w == "b")'
    assert not possible.look(read(source)).never
    same = 'event.words.exists(w, w == "a") && !event.words.exists(w, w == "a")'
    assert possible.look(read(same)).never


def test_nothing_is_known_of_a_field_without_a_declaration() -> None:
    untyped = {"event": Kind("any")}
    assert possible.look(read('event.a == "x" && event.a == "y"', untyped)).never
    assert not possible.look(read('event.a == "x" && event.b == "y"', untyped)).never
    assert not possible.look(read("has(event.a)", untyped)).always
