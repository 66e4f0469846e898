"""In which language a customer is written to, and how dates, times, money and numbers look there."""

from typing import Any

import pytest

from journey import messages, templates
from journey.messages import Message
from journey.text_errors import TextProblem
from journey.texts import filters, locales


def wording(locale: str) -> Message:
    return Message(name="m", subject=f"in {locale or 'the first'}", body="{{ start.on | date }}", locale=locale)


def spoken(*others: str, base: str = "") -> Message:
    return wording(base).model_copy(update={"translations": {locale: wording(locale) for locale in others}})


def facts(locale: str | None = None, company: str = "en", zone: str | None = None) -> dict[str, Any]:
    customer = {"locale": locale, "time_zone": zone}
    return {
        "customer": {name: value for name, value in customer.items() if value},
        "company": {"language": company, "time_zone": "Europe/Berlin"},
        "start": {"on": "2027-03-31", "at": "2027-03-31T23:30:00Z", "amount": "1234.5", "currency": "EUR"},
        "vars": {},
    }


@pytest.mark.parametrize(
    ("reader", "company", "others", "base", "read"),
    [
        ("de-AT", "en", ("de", "de-AT"), "", "de-AT"),
        ("de-AT", "en", ("de",), "", "de"),
        ("de-CH", "en", ("de", "de-AT"), "", "de"),
        ("de_at", "en", ("de", "de-AT"), "", "de-AT"),
        ("DE-Latn-AT-1996", "en", ("de",), "", "de"),
        ("de_AT.UTF-8", "en", ("de-AT",), "", "de-AT"),
        ("zh-Hant-TW", "en", ("zh", "zh-Hant"), "", "zh-Hant"),
        ("fr", "en", ("de", "en"), "pl", "en"),
        ("fr", "en-GB", ("de", "en"), "pl", "en"),
        ("fr", "nl", ("de",), "", ""),
        ("fr", "nl", ("de", "nl"), "pl", "nl"),
        ("pl", "de", ("de",), "pl", "pl"),
        (None, "de", ("de",), "pl", "de"),
        (None, "en", ("de",), "", ""),
        ("nonsense, really", "en", ("de",), "", ""),
        ("", "en", ("de",), "", ""),
    ],
)
def test_the_customers_language_comes_first_then_the_companys_then_the_first_file(
    reader: str | None, company: str, others: tuple[str, ...], base: str, read: str
) -> None:
    written = messages.render(spoken(*others, base=base), facts(reader, company))
    assert written.subject == f"in {read or 'the first'}"
    assert written.locale == (read or company)


def test_a_language_may_be_asked_for() -> None:
    assert messages.render(spoken("de", "fr"), facts("de"), locale="fr-CH").subject == "in fr"


@pytest.mark.parametrize(
    ("reader", "others", "day"),
    [
        ("de-AT", ("de",), "31. März 2027"),
        ("fr", ("de",), "March 31, 2027"),
        ("en-GB", (), "31 March 2027"),
        ("en", (), "March 31, 2027"),
        ("ar", ("ar",), "31 مارس 2027"),
        ("ja", ("ja",), "2027年3月31日"),
    ],
)
def test_a_date_looks_as_the_reader_writes_it_in_the_language_of_the_text(
    reader: str, others: tuple[str, ...], day: str
) -> None:
    assert messages.render(spoken(*others), facts(reader)).text == f"{day}\n"


def test_the_page_says_its_language_and_its_direction() -> None:
    message = spoken("ar", "he", "de")
    assert '<html lang="ar" dir="rtl">' in messages.render(message, facts("ar")).html
    assert '<html lang="he" dir="rtl">' in messages.render(message, facts("he-IL")).html
    assert '<html lang="de" dir="ltr">' in messages.render(message, facts("de-CH")).html


def say(gap: str, locale: str = "de", zone: str | None = None) -> str:
    known = facts(locale, zone=zone)
    return templates.render(f"{{{{ {gap} }}}}", known, reader=filters.reader(known, locale))


@pytest.mark.parametrize(
    ("gap", "german", "english"),
    [
        ("start.on | date", "31. März 2027", "March 31, 2027"),
        ('start.on | date: "short"', "31.03.27", "3/31/27"),
        ('start.on | date: "medium"', "31.03.2027", "Mar 31, 2027"),
        ('start.on | date: "full"', "Mittwoch, 31. März 2027", "Wednesday, March 31, 2027"),
        ('start.on | date: "weekday"', "Mittwoch", "Wednesday"),
        ('start.on | date: "day"', "31. März", "March 31"),
        ('start.on | date: "month"', "März 2027", "March 2027"),
        ("start.at | date", "1. April 2027", "April 1, 2027"),
        ("start.at | time", "01:30", "1:30 AM"),
        ("start.amount | money: start.currency", "1.234,50 €", "€1,234.50"),
        ('1234.5 | money: "JPY"', "1.234 ¥", "¥1,234"),
        ("start.amount | number", "1.234,5", "1,234.5"),
        ("start.amount | number: 2", "1.234,50", "1,234.50"),
        ('"0.125" | number: 2', "0,13", "0.13"),
        ("12 | number: 0", "12", "12"),
    ],
)
def test_dates_times_money_and_numbers_in_two_languages(gap: str, german: str, english: str) -> None:
    assert (say(gap), say(gap, "en")) == (german, english)


def test_the_clock_is_the_readers_and_the_companys_where_no_reader_has_one() -> None:
    assert say("start.at | time", zone="America/New_York") == "19:30"
    assert say("start.at | date", zone="America/New_York") == "31. März 2027"
    assert say("start.at | time", zone="Mars/Olympus") == "01:30"
    assert templates.render("{{ start.at | time }}", facts("ja", "de", "Asia/Tokyo")) == "01:30"


def test_an_amount_that_brings_its_currency_needs_no_other() -> None:
    price = {"price": {"amount": "7", "currency": "EUR"}}
    assert templates.render("{{ price | money }}", {**facts(), **price}) == "€7.00"


@pytest.mark.parametrize(
    ("gap", "says"),
    [
        ('"now" | date', '"now" is no date'),
        ('"today" | date', '"today" is no date'),
        ('"31 March 2027" | date', '"31 March 2027" is no date'),
        ('"2027-02-30" | date', '"2027-02-30" is no date'),
        ("1774915200 | date", '"1774915200" is no date'),
        ('start.on | date: "%d.%m.%Y"', '"%d.%m.%Y" is no form of it'),
        ("start.on | time", "has no time of day"),
        ("start.amount | money", "says its currency"),
        ('start.amount | money: "euro"', "says its currency"),
        ('"many" | money: "EUR"', '"many" is no number'),
        ('"nan" | number', '"nan" is no number'),
        ('"1e999999" | number', "is no number"),
        ("true | number", "is no number"),
        ("5 | number: 99", "how many decimals"),
        ("start.none | date", "needs start.none, which is missing"),
        ("start.none | money: start.currency", "needs start.none, which is missing"),
        ("start.amount | money: start.none", "needs start.none, which is missing"),
    ],
)
def test_what_is_no_date_and_no_number_holds_the_text_and_says_why(gap: str, says: str) -> None:
    with pytest.raises(TextProblem, match=says):
        say(gap)


@pytest.mark.parametrize(
    "much",
    [
        "{{ customer.x | replace: '', customer.x }}",
        "{{ customer.x | append: customer.x | append: customer.x }}",
        "{% assign n = 9999999 %}{% for i in (1..90) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
        "{{ customer.x | split: '' | join: customer.x }}",
        "{{ customer.x | prepend: customer.x }}",
    ],
)
def test_no_filter_makes_much_out_of_little(much: str) -> None:
    with pytest.raises(TextProblem, match="cannot be written"):
        templates.render(much, {"customer": {"x": "xy" * 100_000}})


def test_language_tags_have_one_spelling_and_words_are_none() -> None:
    assert [locales.tag(text) for text in ("DE_at", "zh-hant-tw", "en-001", "EN")] == [
        "de-AT",
        "zh-Hant-TW",
        "en-001",
        "en",
    ]
    assert not any(locales.tag(text) for text in ("v2", "new", "faq", "german", "", "de-", "xx", "de--AT"))
