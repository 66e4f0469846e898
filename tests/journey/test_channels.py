"""Messages by several channels: their texts, their order, what reaches a customer, what is checked and simulated."""

from datetime import UTC, datetime

import pytest

from journey import channels, machine, messages
from journey.effects import SendMessage
from journey.inputs import Entry, Event
from journey.load import check, load
from journey.rehearsal import rehearse
from journey.texts import short

COMPANY = "company: Example\nmail from: Example <hello@example.org>\n"
LETTER = "---\nsubject: Welcome\ntopic: tips\n---\nHello {{ customer.first_name }}, this is long.\n"
JOURNEY = """journey: hello
title: Hello
owner: you@example.org
start: {on: purchase.completed}
steps:
  - send: welcome
    channels: [whatsapp, sms, email]
"""
TEXTS = {
    "messages/welcome.md": LETTER,
    "messages/welcome.sms.md": "Hello {{ customer.first_name }}! [Look]({{ company.website }})\n",
    "messages/welcome.whatsapp.md": "Hello from WhatsApp, **{{ customer.first_name }}**\n",
}
SCENARIOS = "journey: hello\nscenarios:\n"


def folder(**more: str) -> dict[str, str]:
    return {"company.yaml": COMPANY, "hello.yaml": JOURNEY, **TEXTS, **more}


def played(scenario: str, **more: str) -> str:
    """What a scenario of the journey comes to; '' if it goes as expected."""
    library = load(folder(**{"scenarios/hello.yaml": f"{SCENARIOS}  - {scenario}", **more}))
    result = rehearse(library, "hello", library.scenarios["hello"].scenarios[0])
    return "" if result.passed else result.render()


@pytest.mark.parametrize(
    ("text", "places", "segments", "wide"),
    [
        ("", 0, 1, ""),
        ("a" * 160, 160, 1, ""),
        ("a" * 161, 161, 2, ""),
        ("a" * 306, 306, 2, ""),
        ("a" * 307, 307, 3, ""),
        ("€" * 80, 160, 1, ""),
        ("a" * 152 + "€" + "a" * 152, 306, 3, ""),  # a sign of two places is not cut
        ("ü" * 70 + "\u2013", 71, 2, "\u2013"),
        ("ł" * 70, 70, 1, "ł"),
        ("ł" * 67 + "a" * 67, 134, 2, "ł"),
        ("ł" * 135, 135, 3, "ł"),
        ("😀" * 35, 70, 1, "😀"),
        ("a" * 66 + "😀" + "a" * 66, 134, 3, "😀"),
    ],
)
def test_a_short_message_is_as_long_as_the_standard_says(text: str, places: int, segments: int, wide: str) -> None:
    assert short.length(text) == short.Length(places, segments, tuple(dict.fromkeys(wide)))


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("+49 170 123-45.67", "+491701234567"),
        ("0049(0)170/1234567", "+491701234567"),
        ("+1 (555) 010-9999", "+15550109999"),
    ],
)
def test_a_telephone_number_is_read_as_people_write_it(written: str, wanted: str) -> None:
    assert channels.address("sms", {"phone": written}) == wanted == channels.address("whatsapp", {"phone": written})


@pytest.mark.parametrize(
    ("channel", "customer", "reason"),
    [
        ("sms", {}, "the customer has no telephone number"),
        ("sms", {"phone": "0170 1234567"}, '"0170 1234567" is no telephone number with its country code'),
        ("whatsapp", {"phone": "+49 call me"}, '"+49 call me" is no telephone number with its country code'),
        ("email", {"phone": "+491701234567"}, "the customer has no e-mail address"),
        ("push", {"id": "c-1"}, "no device of the customer is known"),
    ],
)
def test_who_cannot_be_reached_is_told_with_the_reason(channel: str, customer: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as told:
        channels.address(channel, customer)
    assert str(told.value) == reason


def test_the_channel_that_a_customer_prefers_comes_first_if_it_is_among_them() -> None:
    assert channels.order(("whatsapp", "sms", "email"), {"preferred_channel": "email"}) == ("email", "whatsapp", "sms")
    assert channels.order(("whatsapp", "sms"), {"preferred_channel": "push"}) == ("whatsapp", "sms")
    assert channels.order(("whatsapp", "sms"), {}) == ("whatsapp", "sms")


def test_a_text_for_a_channel_has_the_class_and_topic_of_the_letter_and_its_own_languages() -> None:
    files = folder(
        **{
            "messages/welcome.sms.de.md": "Hallo!\n",
            "messages/welcome.de.md": LETTER,
            "messages/welcome.whatsapp.de.md": "Hallo!\n",
        }
    )
    texts = load(files).messages
    assert {name: (one.kind, one.topic, one.channel) for name, one in texts.items()} == {
        "welcome": ("lifecycle", "tips", "email"),
        "welcome.sms": ("lifecycle", "tips", "sms"),
        "welcome.whatsapp": ("lifecycle", "tips", "whatsapp"),
    }
    assert texts["welcome.sms"].translations["de"].topic == "tips"


def test_a_short_message_is_written_without_a_layout_and_without_marks() -> None:
    facts = {"customer": {"first_name": "G*ete <b>"}, "company": {"website": "https://x.example"}, "journey": {}}
    texts = load(folder(**{"messages/layouts/default.html": "<p>Frame {{ content }}</p>"})).messages
    written = messages.render(texts["welcome.sms"], facts, unsubscribe_url="https://x.example/u")
    assert (written.subject, written.text) == ("", "Hello G*ete <b>! Look: https://x.example\n")
    assert "&lt;b&gt;" in written.html and "Frame" not in written.html
    assert messages.render(texts["welcome.whatsapp"], facts).text == "Hello from WhatsApp, G*ete <b>\n"


def test_each_channel_of_a_step_needs_its_text_and_nothing_else_does() -> None:
    files = folder()
    del files["messages/welcome.sms.md"]
    [problem] = check(files)[1]
    assert (problem.rule, problem.place.file, problem.place.line) == ("unknown-message", "hello.yaml", 6)
    assert problem.hint == "Write it in messages/welcome.sms.md."
    alone = {"hello.yaml": JOURNEY.replace("[whatsapp, sms, email]", "sms"), "company.yaml": COMPANY}
    assert check({**alone, "messages/welcome.sms.md": "Hello.\n"})[1] == []


def test_ten_segments_go_and_eleven_are_a_mistake() -> None:
    def problems(count: int) -> list[tuple[str, bool]]:
        found = check(folder(**{"messages/welcome.sms.md": "a" * 153 * count + "\n"}))[1]
        return [(one.rule, one.warning) for one in found]

    assert problems(3) == []
    assert problems(10) == [("sms-too-long", True)]
    assert problems(11) == [("sms-too-long", False)]


REACHED = "{first_name: Grete, phone: '+491701234567', email: grete@example.org"


@pytest.mark.parametrize(
    ("customer", "given", "sends"),
    [
        (f"{REACHED}}}", "[]", "[welcome.whatsapp]"),
        (f"{REACHED}, preferred_channel: email}}", "[]", "[welcome]"),
        ("{first_name: Grete, email: grete@example.org}", "[]", "[welcome]"),
    ],
)
def test_a_scenario_says_by_which_channel_a_message_goes(customer: str, given: str, sends: str) -> None:
    said = f"{{name: it goes, customer: {customer}, given: {given}, sends: {sends}, outcome: completed}}\n"
    assert played(said) == ""


@pytest.mark.parametrize("vain", [["welcome.whatsapp"], ["welcome.whatsapp", "welcome.sms"]])
def test_a_message_that_one_channel_could_not_deliver_goes_by_the_next(vain: list[str]) -> None:
    given = ", ".join(f"{{send: {text}, outcome: failed}}" for text in vain)
    went = ["welcome.whatsapp", "welcome.sms", "welcome"][len(vain)]
    steps = [*(f"send: {text}, outcome: failed" for text in vain), f"send: {went}", "finish: completed"]
    expect = ", ".join(f"{{at: 0 seconds, {one}}}" for one in steps)
    assert played(f"{{name: it goes, customer: {REACHED}}}, given: [{given}], expect: [{expect}]}}\n") == ""


def test_whom_no_channel_reaches_gets_nothing_and_what_is_in_doubt_is_not_sent_by_another_one() -> None:
    expect = "[{at: 0 seconds, send: welcome, outcome: suppressed}, {at: 0 seconds, finish: completed}]"
    assert played(f"{{name: nobody, customer: {{first_name: Grete}}, expect: {expect}}}\n") == ""
    doubt = "[{at: 0 seconds, send: welcome.whatsapp, outcome: unknown}, {at: 0 seconds, finish: completed}]"
    given = "[{send: welcome.whatsapp, outcome: unknown}]"
    assert played(f"{{name: doubt, customer: {REACHED}}}, given: {given}, expect: {doubt}}}\n") == ""


def test_pinned_texts_of_all_channels_belong_to_the_version_and_come_along_with_the_message() -> None:
    journey = load(folder(**{"hello.yaml": JOURNEY + "    pin: true\n"})).journeys["hello"]
    assert sorted(journey.pinned) == ["welcome", "welcome.sms", "welcome.whatsapp"]
    at = datetime(2026, 3, 3, 12, tzinfo=UTC)
    asked = machine.start(journey, Entry(event=Event(type="purchase.completed", at=at)), at).ask
    assert isinstance(asked, SendMessage) and asked.channels == ("whatsapp", "sms", "email")
    assert {"welcome": asked.text, **asked.texts} == journey.pinned


def test_a_channel_is_named_once() -> None:
    [problem] = check(folder(**{"hello.yaml": JOURNEY.replace("whatsapp, sms", "sms, sms")}))[1][:1]
    assert (problem.message, problem.place.column) == ('"sms" is tried already.', 21)
