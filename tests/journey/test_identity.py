"""Who a customer is: names, their strength, and records as things said."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.identity import Known, Said, Verdict, joined, name, names, news, parted, separated, united, who

DAY = timedelta(days=1)
START = datetime(2026, 11, 24, tzinfo=UTC)


def known(customer_id: str, age: int = 0, **its_names: str) -> Known:
    return Known(customer_id, START + age * DAY, {kind: frozenset([value]) for kind, value in its_names.items()})


def test_names_are_found_the_strongest_first_and_written_one_way() -> None:
    given_ = {"phone": "0049 (30) 123-456", "anonymous_id": "x", "email": "Grete@Example.org", "id": "c-1", "name": "G"}

    assert list(names(given_).items()) == [
        ("id", "c-1"), ("email", "grete@example.org"), ("phone", "+4930123456"), ("anonymous", "x"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "12", "0000000000", "ask at the desk", None, 49_30_123_456])
def test_what_is_no_phone_number_is_no_name(text: Any) -> None:
    assert name("phone", text) == ""


def test_nobody_is_known_yet() -> None:
    assert who({"id": "c-1"}, {}) == Verdict(None)


def test_the_strongest_name_says_who_it_is() -> None:
    grete, emmy = known("A", id="c-1"), known("B", id="c-2", email="g@x")

    assert who({"id": "c-1", "email": "g@x"}, {"id": grete, "email": emmy}) == Verdict("A")


def test_an_address_without_an_id_joins_the_id_that_comes_with_it() -> None:
    grete, nameless = known("A", 5, id="c-1"), known("B", email="g@x")

    assert who({"id": "c-1", "email": "g@x"}, {"id": grete, "email": nameless}) == Verdict("A", ("B",))


def test_of_two_without_an_id_the_elder_stays() -> None:
    younger, elder = known("A", 1, email="g@x"), known("B", 0, phone="+4930123456")
    given_ = {"email": "g@x", "phone": "+4930123456"}

    assert who(given_, {"email": younger, "phone": elder}) == Verdict("B", ("A",))


def test_a_shared_phone_does_not_join_two_addresses() -> None:
    one = known("A", email="one@x", phone="+4930123456")

    assert who({"email": "two@x", "phone": "+4930123456"}, {"phone": one}) == Verdict(None)


def test_two_ids_are_never_joined_by_a_third_name() -> None:
    one, other = known("A", id="c-1", email="g@x"), known("B", id="c-2", anonymous="x")

    assert who({"email": "g@x", "anonymous_id": "x"}, {"email": one, "anonymous": other}) == Verdict("A")


# Things said

values = st.sampled_from(["pro", "free", 1, True, None])
records = st.dictionaries(
    st.sampled_from(["email", "attributes.plan", "attributes.size"]),
    st.builds(Said, values, st.integers(0, 9).map(lambda day: START + day * DAY)),
)


@given(records, records, records)
def test_records_can_be_joined_in_any_order(one: Any, other: Any, third: Any) -> None:
    assert joined(one, other) == joined(other, one)
    assert joined(joined(one, other), third) == joined(one, joined(other, third))
    assert joined(one, one) == one


@given(st.lists(st.tuples(st.sampled_from(["plan", "size"]), values), min_size=1, max_size=4))
def test_it_does_not_matter_in_which_order_things_are_learned(sayings: list[tuple[str, Any]]) -> None:
    said = [{key: Said(value, START + day * 2 * DAY)} for day, (key, value) in enumerate(sayings)]
    found = set()
    for order in permutations(said):
        record: dict[str, Said] = {}
        for one in order:
            record |= news(record, one)
        found.add(tuple(sorted((key, repr(one.value)) for key, one in record.items())))

    assert len(found) == 1


def test_a_later_word_holds_and_an_earlier_one_that_comes_late_does_not() -> None:
    record = {"plan": Said("pro", START)}

    assert news(record, {"plan": Said("free", START - DAY)}) == {}
    assert news(record, {"plan": Said("free", START + DAY)}) == {"plan": Said("free", START + DAY)}


def test_of_two_words_of_one_moment_the_one_that_comes_second_holds() -> None:
    assert news({"plan": Said("pro", START)}, {"plan": Said("free", START)}) == {"plan": Said("free", START)}


def test_what_is_said_again_within_a_day_is_no_news() -> None:
    record = {"plan": Said("pro", START)}

    assert news(record, {"plan": Said("pro", START + DAY / 2)}) == {}
    assert news(record, {"plan": Said("pro", START + DAY)}) == {"plan": Said("pro", START + DAY)}


@given(records, records, records)
def test_parting_gives_back_what_was_before_with_what_came_since(before: Any, others: Any, since: Any) -> None:
    later = {key: Said(one.value, one.at + 100 * DAY) for key, one in since.items()}
    now = joined(joined(before, others), later)

    assert parted(now, before, others) == joined(before, later)


def test_tags_are_united_and_separated() -> None:
    mine, others = ["old", "vip"], ["new", "vip"]
    now = [*united(mine, others), "since"]

    assert now == ["new", "old", "vip", "since"]
    assert separated(now, mine, others) == ["old", "since", "vip"]
