"""The scales of questions that a letter may ask: which there are, and how they stand in a letter.

Each answer is a link. In a letter the scale is a list, so that it is one for those who hear it, too, and for those who
read plain text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

Link = Callable[[int | None], str]
"""Where a score leads; None: where the question is answered in words."""

PLACE = "\ue0a7"
"""Stands in a text where its scale comes. No value can hold it (``templates.one_line``)."""
WORDS_ONLY = "text"


@dataclass(frozen=True)
class Scale:
    """The lowest and the highest score; from which one on an answer counts as a good one."""

    low: int
    high: int
    good: int

    @property
    def scores(self) -> range:
        """Every score, in order."""
        return range(self.low, self.high + 1)


SCALES = {"nps": Scale(0, 10, 9), "csat": Scale(1, 5, 4), "ces": Scale(1, 7, 5)}
"""Net Promoter Score, customer satisfaction, customer effort (version 2.0: agreement that we made it easy)."""
KINDS = (*SCALES, WORDS_ONLY)


@dataclass(frozen=True)
class Words:
    """What a scale says in a language: its two ends, and the question if its author wrote none."""

    low: str
    high: str
    question: str


_WORDS = {
    "en": {
        "nps": Words("not at all likely", "extremely likely", "How likely are you to recommend us to a friend?"),
        "csat": Words("very dissatisfied", "very satisfied", "How satisfied are you?"),
        "ces": Words("strongly disagree", "strongly agree", "We made it easy for you. Do you agree?"),
        WORDS_ONLY: Words("", "", "What would you like to tell us?"),
    },
    "de": {
        "nps": Words("gar nicht wahrscheinlich", "äußerst wahrscheinlich", "Würden Sie uns weiterempfehlen?"),
        "csat": Words("sehr unzufrieden", "sehr zufrieden", "Wie zufrieden sind Sie?"),
        "ces": Words("stimme gar nicht zu", "stimme voll zu", "Wir haben es Ihnen leicht gemacht. Stimmen Sie zu?"),
        WORDS_ONLY: Words("", "", "Was möchten Sie uns sagen?"),
    },
}
_ANSWER = {"en": "Answer in your own words", "de": "Mit eigenen Worten antworten"}

_LIST = "margin:0 0 8px;padding:0;list-style:none"
_ITEM = "display:inline-block;margin:0 4px 8px 0;padding:0"
_SCORE = (
    "display:inline-block;min-width:22px;padding:10px 7px;border:1px solid;border-radius:8px;font-weight:600;"
    "line-height:1.2;text-align:center;text-decoration:none"
)


def words(kind: str, language: str) -> Words:
    """What a scale says in a language; in English where we do not have it."""
    return _WORDS.get(language.partition("-")[0], _WORDS["en"])[kind]


def html(kind: str, language: str, link: Link) -> str:
    """The scale as it stands in a letter."""
    if kind == WORDS_ONLY:
        said = _ANSWER.get(language.partition("-")[0], _ANSWER["en"])
        return f'<p class="action"><a href="{escape(link(None))}">{said}</a></p>\n'
    scale, ends = SCALES[kind], words(kind, language)
    items = "".join(
        f'<li style="{_ITEM}"><a style="{_SCORE}" href="{escape(link(score))}">{score}</a></li>\n'
        for score in scale.scores
    )
    said = f"{scale.low}: {ends.low}. {scale.high}: {ends.high}."
    return f'<ul style="{_LIST}">\n{items}</ul>\n<p>{escape(said)}</p>\n'
