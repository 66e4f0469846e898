"""Message texts: one file a message, with its subject at the head, rendered to plain text and HTML.

---
subject: Welcome, {{ customer.first_name }}
---
Dear {{ customer.name }}, …
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from journey import channels, templates
from journey.problems import Place, Problem, did_you_mean
from journey.texts import filters, head, locales, markdown, page, plain, scales, tracking
from journey.texts.head import Line

ROOTS = ("company", "customer", "journey", "start", "vars")
"""What every text can name."""
LETTER_ROOTS = (*ROOTS, "language", "survey", "unsubscribe_url")
"""What a message can name."""
PAGE_ROOTS = ("because", "content", "direction", "preheader", "subject")
"""What a layout can name besides."""


class Message(BaseModel):
    """One message text, in one language, with its ``translations``; whatever it needs is in it.

    ``kind`` is its class: lifecycle mail is never doubled, transactional mail is never lost, legal mail is neither
    without a person's word. ``topic`` is what customers may decline; service mail has none. ``because`` says in half a
    sentence why the customer gets it. ``locale`` is the language it is written in; nothing means the company's.
    ``survey`` is the scale of the question that it asks, ``question`` the question for the page behind the scale.
    ``thread`` is the conversation that it belongs to, among the letters of its journey's case.
    ``track`` is what is noted of it; None: what its journey or the company says.
    ``before`` and ``after`` are the Markdown of its layout, ``page`` is the HTML of its layout (or, of an MJML text,
    the whole); nothing means ours.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    subject: str = ""
    preheader: str = ""
    because: str = ""
    kind: Literal["lifecycle", "transactional", "legal"] = "lifecycle"
    topic: str = ""
    form: Literal["markdown", "mjml"] = "markdown"
    body: str
    body_line: int = 1
    locale: str = ""
    layout: str = ""
    survey: str = ""
    question: str = ""
    thread: str = ""
    track: tuple[str, ...] | None = None
    before: str = ""
    after: str = ""
    page: str = ""
    snippets: dict[str, str] = {}
    page_snippets: dict[str, str] = {}
    translations: dict[str, "Message"] = {}
    version: str = ""
    """What tells this wording from an earlier one."""

    @property
    def channel(self) -> str:
        """The channel it is written for."""
        return channels.split(self.name)[1]

    @property
    def digest(self) -> str:
        """The hash of all that a message says, in all its languages."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    def wording(self, *wishes: str) -> "Message":
        """The text in the first language that serves a wish, the wishes in their order; this one if none does."""
        own = {self.locale: self} if self.locale else {}
        written = {**own, **self.translations}
        return written.get(locales.choose(written, *wishes) or "", self)


class Rendered(BaseModel):
    """A message written for one customer: subject (one line), plain text and HTML; in which language, and from which
    version of its text; the scale and the words of the question it asks, if it asks one."""

    model_config = ConfigDict(frozen=True)

    subject: str
    text: str
    html: str
    preheader: str = ""
    locale: str = ""
    version: str = ""
    survey: str = ""
    question: str = ""


def parse(name: str, text: str, file: str) -> tuple[Message | None, list[Problem]]:
    """Read one message file; every problem at its place."""
    message, lines, problems = read(name, text, file)
    if message is None or problems:
        return None, problems
    problems = check_texts(message, lines, file)
    return message, problems


def read(name: str, text: str, file: str) -> tuple[Message | None, dict[str, Line], list[Problem]]:
    """The message in a file with the lines of its head, or the problems of the head; its texts are not looked at."""
    text = text.replace("\r\n", "\n")
    channel = channels.split(name)[1]
    front = head.split(text) or (("", "") if channel not in channels.TITLED else None)
    if front is None:
        message = "A message begins with its subject between two lines of ---."
        hint = "Write: ---, subject: …, ---, then the text."
        return None, {}, [Problem(Place(file), message, "message-head", hint)]
    lines, problems = head.read(front[0], file, channel)
    if problems:
        return None, lines, problems
    said = {key: line.text for key, line in lines.items()}
    language = locales.tag(said.get("language", ""))
    found = Message(
        name=name,
        subject=said.get("subject", ""),
        preheader=said.get("preheader", ""),
        because=said.get("because", ""),
        kind=said.get("class", "lifecycle"),  # type: ignore[arg-type]  # one of CLASSES
        topic=said.get("topic", ""),
        form="mjml" if file.endswith(".mjml") else "markdown",
        body=text[len(front[1]) :],
        body_line=front[1].count("\n") + 1,
        locale=language or "",
        layout=said.get("layout", ""),
        survey=said.get("survey", ""),
        question=said.get("question", ""),
        thread=said.get("thread", ""),
        track=tracking.words(said["track"]) if "track" in said else None,
    )
    return found, lines, []


def check_texts(message: Message, lines: Mapping[str, Line], file: str) -> list[Problem]:
    """Problems of everything that is written in a message file."""
    problems = []
    for key in ("subject", "preheader", "because", "question"):
        if key in lines:
            problems += check_text(lines[key].text, lines[key].at, LETTER_ROOTS)
    at = lambda line, column: Place(file, message.body_line + line - 1, column)  # noqa: E731
    problems += check_text(message.body, at, LETTER_ROOTS)
    if not message.body.strip():
        problems.append(Problem(Place(file, message.body_line), "The message has no text.", "message-empty"))
    return problems


def check_text(source: str, at: Callable[[int, int], Place], roots: tuple[str, ...] = ROOTS) -> list[Problem]:
    """Problems of one Liquid text; ``at`` says where a line and column of it stand in its file."""
    problems = check_liquid(source, at)
    if any(problem.rule == "text-syntax" for problem in problems):
        return problems
    for variable in templates.check(source)[0]:
        root = variable.path.split(".")[0]
        if root not in roots:
            problems.append(unknown(variable.path, at(variable.line, variable.column), roots))
    return problems


def check_liquid(source: str, at: Callable[[int, int], Place]) -> list[Problem]:
    """What cannot be read in a text, and the filters in it that do not exist."""
    try:
        _, unknown_filters = templates.check(source)
    except templates.TextProblem as problem:
        return [Problem(at(problem.line, problem.column), str(problem), "text-syntax", problem.hint)]
    problems = []
    for use in unknown_filters:
        hint = did_you_mean(use.path, templates.known_filters())
        problems.append(Problem(at(use.line, use.column), f'"{use.path}" is not a filter.', "unknown-filter", hint))
    return problems


def unknown(path: str, place: Place, roots: tuple[str, ...]) -> Problem:
    """A name that a text cannot use."""
    hint = did_you_mean(path.split(".")[0], roots)
    return Problem(place, f'"{path}" is not known in a text.', "unknown-variable", hint)


def _nowhere(score: int | None) -> str:
    return "#"


def render(
    message: Message,
    facts: Mapping[str, Any],
    *,
    locale: str = "",
    unsubscribe_url: str = "",
    answer: scales.Link = _nowhere,
) -> Rendered:
    """The message written for one customer, in ``locale`` or else in the language that the customer's record and the
    company's decide. ``unsubscribe_url`` is empty for mail that nobody can have stopped; ``answer`` says where the
    scores of its question lead. Raises TextProblem when a value it needs is missing."""
    company, customer = facts.get("company") or {}, facts.get("customer") or {}
    home = str(company.get("language") or locales.DEFAULT)
    found = message.wording(locale or str(customer.get("locale") or ""), home)
    language = found.locale or home
    known = {**_trimmed(facts), "language": language, "unsubscribe_url": unsubscribe_url or None}
    reader = filters.reader({**known, "customer": {**customer, **({"locale": locale} if locale else {})}}, language)
    snippets = tuple(sorted(found.snippets.items()))

    def write(source: str) -> str:
        return templates.one_line(templates.render(source, known, snippets=snippets, reader=reader)).strip()

    known |= {"subject": write(found.subject), "preheader": write(found.preheader) or None}
    if found.channel != channels.EMAIL:
        return _short(found, known, write(found.subject), language, reader)
    known |= {"because": write(found.because) or None, "direction": locales.direction(language)}
    question = write(found.question)
    scale = scales.html(found.survey, language, answer) if found.survey else ""
    known["survey"] = templates.Placed(scales.PLACE) if scale else None
    body = found.before + found.body + found.after if found.form == "markdown" else ""
    written = templates.render(body, known, mode="markdown", snippets=snippets, reader=reader)
    if not found.page and "unsubscribe_url" in body:
        known["unsubscribe_url"] = None  # the text has the link itself
    layout = templates.render(
        page.sound(found.page or page.PLAIN),
        {**known, "content": templates.Ready(page.PLACE), "survey": templates.Ready(scale) if scale else None},
        mode="html",
        snippets=tuple(sorted(found.page_snippets.items())),
        reader=reader,
    )
    return Rendered(
        subject=known["subject"],
        text=plain.of_page(layout, markdown.to_text(written, plain.of_page(scale).strip())),
        html=page.finished(layout, markdown.to_html(written, scale)),
        preheader=known["preheader"] or "",
        locale=language,
        version=found.version,
        survey=found.survey,
        question=question or (scales.words(found.survey, language).question if found.survey else ""),
    )


def _short(message: Message, known: dict[str, Any], subject: str, language: str, reader: Any) -> Rendered:
    """A text for a channel other than mail: without a layout; its HTML is the paragraphs alone."""
    snippets = tuple(sorted(message.snippets.items()))
    written = templates.render(message.body, known, mode="markdown", snippets=snippets, reader=reader)
    return Rendered(
        subject=subject,
        text=markdown.to_text(written),
        html=page.checked(markdown.to_html(written)),
        locale=language,
        version=message.version,
    )


def _trimmed(value: Any) -> Any:
    """The same facts without space around their texts: ``** Grete**`` would not be bold."""
    if isinstance(value, str):
        return templates.trimmed(value)
    if isinstance(value, Mapping):
        return {name: _trimmed(inner) for name, inner in value.items()}
    return [_trimmed(inner) for inner in value] if isinstance(value, list) else value
