"""From files to messages: each text with its layout, its snippets and its translations in one value, ready to be
rendered for a customer."""

import hashlib
import json
import re
from collections.abc import Mapping

from journey import channels, templates
from journey.messages import Message
from journey.problems import Place, Problem
from journey.texts import mjml, uses
from journey.texts.folder import DEFAULT, Piece, Texts, Wording, parsed
from journey.texts.head import Line

CONTENT = re.compile(r"\{\{-?\s*content\s*-?\}\}")
_ONE_FOR_ALL = ("class", "topic", "layout", "survey", "thread", "track")
"""What only the first file of a message says, for all its languages."""


def compose(texts: Texts) -> tuple[dict[str, Message], list[Problem]]:
    """Every message that can be put together, by name, and why the others cannot be."""
    messages: dict[str, Message] = {}
    problems: list[Problem] = []
    for name, wordings in texts.wordings.items():
        if "" not in wordings or name in texts.broken:
            continue
        made = {locale: _made(texts, wording) for locale, wording in wordings.items()}
        found = [problem for _, mistakes in made.values() for problem in mistakes]
        problems += found
        if not found:
            first = made[""][0]
            others = {locale: _translated(first, message) for locale, (message, _) in made.items() if locale}
            messages[name] = first.model_copy(update={"translations": dict(sorted(others.items()))})
    return {name: _as_the_letter(messages, message) for name, message in messages.items()}, problems


def _as_the_letter(messages: Mapping[str, Message], message: Message) -> Message:
    """The text for another channel with the class and the topic that the letter of its name has, if there is one."""
    name, channel = channels.split(message.name)
    letter = messages.get(name)
    if letter is None or channel == channels.EMAIL:
        return message
    others = {locale: _translated(letter, one) for locale, one in message.translations.items()}
    return _translated(letter, message).model_copy(update={"translations": others})


def _translated(first: Message, message: Message) -> Message:
    said = {name: getattr(first, name) for name in ("kind", "topic", "layout", "survey", "thread", "track")}
    return _versioned(message.model_copy(update=said))


def _versioned(message: Message) -> Message:
    """The message with what tells it from an earlier wording: a hash of all that it is made of."""
    said = message.model_dump(mode="json", exclude={"translations", "version", "body_line"})
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return message.model_copy(update={"version": digest[:12]})


def _made(texts: Texts, wording: Wording) -> tuple[Message, list[Problem]]:
    layout = texts.layout(wording)
    message, problems = _framed(wording, layout)
    tongue = texts.tongue(wording)
    form = "md" if message.form == "markdown" else "html"
    head = f"{message.subject}{message.preheader}{message.because}{message.question}"
    snippets = _used(f"{head}{message.before}{message.body}{message.after}", texts, form, tongue)
    update = {
        "locale": tongue,
        "snippets": snippets,
        "page_snippets": _used(message.page, texts, "html", tongue),
    }
    return _versioned(message.model_copy(update=update)), problems


def _used(source: str, texts: Texts, form: str, tongue: str) -> dict[str, str]:
    """The snippets that a text renders, and those that they render."""
    pieces = texts.snippets_for(form, tongue)
    if not source or not pieces:
        return {}
    found = uses.find(templates.parsed(source), parsed(pieces))
    named = {rendering.name for rendering in found.renderings}
    return {name: pieces[name].text for name in sorted(named & pieces.keys())}


def _framed(wording: Wording, layout: Piece | None) -> tuple[Message, list[Problem]]:
    """The message with its layout around it."""
    message, form = wording.message, layout.form if layout else ""
    if message.form == "mjml":
        return _framed_mjml(wording, layout)
    if layout is None:
        return message, []
    if form == "md":
        before, after = CONTENT.split(layout.text, maxsplit=1)
        return message.model_copy(update={"before": before, "after": after}), []
    if form == "html":
        return message.model_copy(update={"page": layout.text}), []
    page, problems = _compiled(layout.text, layout.file)
    if not problems and not CONTENT.search(page):
        said = "A Markdown text needs {{ content }} inside <mj-text>."
        hint = "Move it there, or write the texts of this layout in MJML."
        problems = [Problem(Place(layout.file), said, "layout-content", hint)]
    return message.model_copy(update={"page": page}), problems


def _framed_mjml(wording: Wording, layout: Piece | None) -> tuple[Message, list[Problem]]:
    message, file = wording.message, wording.piece.file
    if mjml.whole(message.body):
        page, problems = _compiled(message.body, file)
    elif layout is not None and layout.form == "mjml":
        page, problems = _compiled(CONTENT.sub(lambda _: message.body, layout.text, count=1), file)
    else:
        said = "This text is a part of an MJML document, and has no MJML layout to stand in."
        hint = f"Write messages/layouts/{DEFAULT}.mjml, or a whole document: <mjml>…</mjml>."
        page, problems = "", [Problem(Place(file, message.body_line), said, "layout-form", hint)]
    return message.model_copy(update={"page": page}), problems


def _compiled(source: str, file: str) -> tuple[str, list[Problem]]:
    try:
        return mjml.compiled(source), []
    except ValueError as error:
        hint = "Look for a sign < that is meant as a sign (write &lt;), and for attributes without quotation marks."
        return "", [Problem(Place(file), f"The MJML cannot be read ({error}).", "mjml", hint)]


def said_again(texts: Texts) -> list[Problem]:
    """What a translation says though its first file says it for all languages, and says otherwise."""
    problems = []
    for wordings in texts.wordings.values():
        first = wordings.get("")
        for locale, wording in wordings.items():
            if locale and first is not None:
                problems += _differing(first.lines, wording.lines, first.piece.file)
    for name, wordings in texts.wordings.items():
        letter = texts.wordings.get(channels.split(name)[0], {}).get("")
        first = wordings.get("")
        if letter is not None and first is not None and letter is not first:
            problems += _differing(letter.lines, first.lines, letter.piece.file, of="channels")
    return problems


def _differing(first: Mapping[str, Line], lines: Mapping[str, Line], file: str, of: str = "languages") -> list[Problem]:
    problems = []
    for key in _ONE_FOR_ALL:
        if key in lines and (key not in first or first[key].text != lines[key].text):
            message = f'"{key}" is said in {file} for all {of}.'
            problems.append(Problem(lines[key].key, message, "translation-differs", "Remove this line."))
    if "language" in lines and of == "languages":
        message = "The name of the file says in which language it is written."
        problems.append(Problem(lines["language"].key, message, "translation-differs", "Remove this line."))
    return problems
