"""Questions in letters: the scale stands where it is asked for, and what the answers come to is by definition."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey import messages, surveys
from journey.load import check
from journey.messages import Rendered
from journey.texts import scales
from journey.texts.scales import KINDS, SCALES
from tests.journey.folders import COMPANY

STORY = "journey: story\ntitle: T\nowner: a@example.org\nstart: {on: x}\nsteps:\n  - send: q\n"


def letter(head: str, body: str = "Hello {{ customer.name }},\n\n{{ survey }}\n\nBye.\n", **more: Any) -> Rendered:
    files = {"company.yaml": COMPANY, "story.yaml": STORY, "messages/q.md": f"---\nsubject: Q\n{head}\n---\n{body}"}
    library, problems = check({**files, **more.pop("files", {})})
    assert library is not None, problems
    facts = {"customer": {"name": more.pop("name", "Grete")}, "start": {}, "vars": {}, "company": library.company.facts}
    return messages.render(library.messages["q"], facts, answer=lambda score: f"https://w.example/a/{score}", **more)


@pytest.mark.parametrize("scale", SCALES)
def test_each_score_is_a_link_in_both_parts_of_the_letter(scale: str) -> None:
    mail = letter(f"survey: {scale}")
    lines = [f"- {score}: https://w.example/a/{score}" for score in SCALES[scale].scores]
    assert mail.text.startswith("Hello Grete,\n\n" + "\n".join(lines) + "\n\n") and mail.text.endswith("\n\nBye.\n")
    for score in SCALES[scale].scores:
        assert f'href="https://w.example/a/{score}">{score}</a>' in mail.html
    assert mail.survey == scale and mail.question == scales.words(scale, "en").question
    assert scales.PLACE not in mail.text + mail.html


def test_a_question_in_words_is_one_link() -> None:
    mail = letter("survey: text")
    assert "Answer in your own words: https://w.example/a/None" in mail.text
    assert mail.html.count("https://w.example/a/") == 1


def test_the_question_is_written_by_its_author_for_this_customer() -> None:
    assert letter("survey: csat\nquestion: Are you content, {{ customer.name }}?").question == "Are you content, Grete?"


def test_a_translation_has_the_same_scale_in_its_language() -> None:
    german = {"messages/q.de.md": "---\nsubject: F\n---\nGuten Tag\n\n{{ survey }}\n"}
    mail = letter("survey: ces", files=german, locale="de")
    assert "1: stimme gar nicht zu. 7: stimme voll zu." in mail.text and mail.survey == "ces"


def test_a_scale_stands_in_mjml_too() -> None:
    column = "<mj-column><mj-text>{{ survey }}</mj-text></mj-column>"
    body = f"<mjml><mj-body><mj-section>{column}</mj-section></mj-body></mjml>"
    files = {
        "company.yaml": COMPANY,
        "story.yaml": STORY,
        "messages/q.mjml": f"---\nsubject: Q\nsurvey: csat\n---\n{body}",
    }
    library, problems = check(files)
    assert library is not None, problems
    mail = messages.render(library.messages["q"], {}, answer=lambda score: f"https://w.example/a/{score}")
    assert "- 5: https://w.example/a/5" in mail.text and mail.html.count("https://w.example/a/") == 5


@pytest.mark.parametrize("name", [scales.PLACE, f"a{scales.PLACE}b", "{{ survey }}"])
def test_no_name_brings_a_scale_along(name: str) -> None:
    assert letter("survey: nps", name=name).html.count("https://w.example/a/0") == 1


def test_every_scale_has_its_words_in_every_language() -> None:
    assert {language: set(words) for language, words in scales._WORDS.items()} == {
        language: set(KINDS) for language in ("en", "de")
    }
    assert set(surveys.DEFINITIONS) == set(KINDS)


@pytest.mark.parametrize(
    ("scale", "scores", "figure", "mean"),
    [
        ("nps", {10: 3, 9: 2, 8: 4, 6: 1}, "NPS +40", 8.6),
        ("nps", {6: 1, 0: 1, 9: 1}, "NPS -33", 5.0),
        ("nps", {7: 5, 8: 5}, "NPS +0", 7.5),
        ("csat", {5: 2, 4: 1, 3: 1}, "CSAT 75 %", 4.25),
        ("ces", {7: 1, 4: 1}, "CES 5.5", 5.5),
    ],
)
def test_a_figure_is_what_its_definition_says(scale: str, scores: dict[int, int], figure: str, mean: float) -> None:
    found = surveys.result(scale, 100, sum(scores.values()), scores)
    assert found.figure == figure and found.mean == pytest.approx(mean)


def test_fewer_than_thirty_answers_are_too_few_to_judge() -> None:
    assert not surveys.result("nps", 100, 29, {9: 29}).enough
    assert surveys.result("nps", 100, 30, {9: 30}).enough
    assert surveys.result("nps", 0, 0, {}).rate is None and surveys.result("nps", 4, 1, {}).rate == 25


@given(st.dictionaries(st.integers(-2, 12), st.integers(0, 50)), st.sampled_from(KINDS))
def test_figures_stay_within_their_bounds_whatever_was_answered(scores: dict[int, int], scale: str) -> None:
    found = surveys.result(scale, 0, 0, scores)
    assert sum(count for _, count in found.counts) == found.scored
    assert found.nps is None or -100 <= found.nps <= 100
    assert found.good is None or 0 <= found.good <= 100
    assert (found.figure == "") == (found.scored == 0)
