"""Rules about the files of ``messages/``: languages, layouts and snippets that are missing, unknown or unused, and HTML
and MJML that cannot be sent."""

from collections.abc import Iterator

from journey import messages
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.texts import composing, html, locales, mjml, scales
from journey.texts.composing import CONTENT
from journey.texts.folder import NONE, Piece, Texts, Wording
from journey.yaml_tree import Tree

OURS = {"company": ("name", "website", "reply_to", "language", "time_zone"), "journey": ("name", "title")}
"""The fields of the names that are not the customer's."""


def _all(texts: Texts) -> Iterator[Wording]:
    for wordings in texts.wordings.values():
        yield from wordings.values()


def _pieces(texts: Texts) -> Iterator[Piece]:
    for layouts in texts.layouts.values():
        yield from layouts.values()
    for snippets in texts.snippets.values():
        yield from snippets.values()


def unknown_variable(texts: Texts, context: Context) -> Iterator[Problem]:
    """A text, its layout or its snippet names what no text can name."""
    for wording in _all(texts):
        for asking in context.askings.of(wording) if context.askings else ():
            for asked in asking.values:
                root, *rest = asked.use.names
                if root not in asked.roots:
                    yield messages.unknown(asked.use.path, asked.place, asked.roots)
                elif root in OURS and rest and rest[0] not in OURS[root]:
                    hint = did_you_mean(rest[0], OURS[root])
                    message = f'"{root}.{rest[0]}" is not known in a text.'
                    yield Problem(asked.place, message, "unknown-variable", hint)


def unknown_snippet(texts: Texts, context: Context) -> Iterator[Problem]:
    """A text renders a snippet that is not there, or not in the form that it needs."""
    for wording in _all(texts):
        for asking in context.askings.of(wording) if context.askings else ():
            for rendered in asking.snippets:
                form = "md" if rendered.form == "md" else "html"
                name = rendered.rendering.name
                if (form, name) not in texts.snippets and ("snippet", name) not in texts.broken_pieces:
                    known = [one for kind, one in texts.snippets if kind == form]
                    hint = did_you_mean(name, known) or f"Write it in messages/snippets/{name}.{form}."
                    message = f'There is no snippet "{name}.{form}".'
                    yield Problem(rendered.place, message, "unknown-snippet", hint)


def snippet_circle(texts: Texts, context: Context) -> Iterator[Problem]:
    """A snippet renders itself, perhaps by way of others."""
    for wording in _all(texts):
        for asking in context.askings.of(wording) if context.askings else ():
            for rendered in asking.snippets:
                if rendered.circle:
                    message = f'The snippet "{rendered.rendering.name}" ends up in itself.'
                    yield Problem(rendered.place, message, "snippet-circle", "Take it out here.")


def unknown_layout(texts: Texts, context: Context) -> Iterator[Problem]:
    """A message names a layout that is not there."""
    for wording in _all(texts):
        line = wording.lines.get("layout")
        known = {*texts.layouts, *(name for kind, name in texts.broken_pieces if kind == "layout"), NONE}
        if line is not None and line.text not in known:
            hint = did_you_mean(line.text, known) or f"Write it in messages/layouts/{line.text}.html."
            yield Problem(line.place, f'There is no layout "{line.text}".', "unknown-layout", hint)


def layout_content(texts: Texts, context: Context) -> Iterator[Problem]:
    """A layout has one place for the text, no less and no more."""
    for layouts in texts.layouts.values():
        for layout in layouts.values():
            count = len(CONTENT.findall(layout.text))
            if count != 1:
                said = "no place" if count == 0 else f"{count} places"
                hint = "Write {{ content }} once, where the text belongs."
                yield Problem(Place(layout.file), f"This layout has {said} for the text.", "layout-content", hint)


def layout_unused(texts: Texts, context: Context) -> Iterator[Problem]:
    """No message has this layout."""
    used = {layout.name for layout in map(texts.layout, _all(texts)) if layout is not None}
    for name, layouts in texts.layouts.items():
        if name not in used and not texts.broken:
            for layout in layouts.values():
                yield Problem(
                    Place(layout.file), "No text has this layout.", "layout-unused", "Delete it.", warning=True
                )


def snippet_unused(texts: Texts, context: Context) -> Iterator[Problem]:
    """No message and no layout renders this snippet."""
    used = {
        ("md" if rendered.form == "md" else "html", rendered.rendering.name)
        for wording in _all(texts)
        for asking in (context.askings.of(wording) if context.askings else ())
        for rendered in asking.snippets
    }
    for key, snippets in texts.snippets.items():
        if key not in used and not texts.broken and not texts.broken_pieces:
            for piece in snippets.values():
                message = "No text renders this snippet."
                yield Problem(Place(piece.file), message, "snippet-unused", "Delete it.", warning=True)


def translation_alone(texts: Texts, context: Context) -> Iterator[Problem]:
    """A translation of nothing: customers who read no language of it would get no text at all."""
    for name, wordings in texts.wordings.items():
        if "" not in wordings and name not in texts.broken:
            for wording in wordings.values():
                yield _alone(wording.piece)
    groups = [*texts.layouts.values(), *texts.snippets.values()]
    for pieces in groups:
        if "" not in pieces:
            yield from map(_alone, pieces.values())


def _alone(piece: Piece) -> Problem:
    file = f"{piece.name}.{piece.form}"
    message = f"There is no {file} of which this could be a translation."
    return Problem(Place(piece.file), message, "translation-alone", f"Write {file} for everybody else.")


def translation_differs(texts: Texts, context: Context) -> Iterator[Problem]:
    """A translation says for itself what the first file says for all languages."""
    yield from composing.said_again(texts)


def written_twice(texts: Texts, context: Context) -> Iterator[Problem]:
    """A message has a translation into the language of its first file."""
    for wordings in texts.wordings.values():
        first = wordings.get("")
        again = wordings.get(texts.tongue(first)) if first is not None else None
        if first is not None and again is not None:
            language = texts.tongue(first)
            message = f"{first.piece.file} is written in {language} already."
            hint = "Delete one of the two, or say in the head of the first in which language it is: language: …"
            yield Problem(Place(again.piece.file), message, "written-twice", hint)


def no_unsubscribe(texts: Texts, context: Context) -> Iterator[Problem]:
    """A layout of letters that customers may decline has no place for the link to do so."""
    seen = set()
    for wording in _all(texts):
        layout = texts.layout(wording)
        kind = texts.wordings[wording.piece.name].get("", wording).message.kind
        if layout is None or layout.file in seen or kind != "lifecycle":
            continue
        seen.add(layout.file)
        asking = context.askings.of_layout(layout, texts.tongue(wording)) if context.askings else None
        if asking and not any(asked.use.names == ("unsubscribe_url",) for asked in asking.values):
            message = "This layout has no link by which a customer can end such letters."
            hint = 'Write <a href="{{ unsubscribe_url }}">…</a> inside {% if unsubscribe_url %}…{% endif %}.'
            if layout.form == "md":
                hint = "Write [no more of these]({{ unsubscribe_url }}) inside {% if unsubscribe_url %}…{% endif %}."
            yield Problem(Place(layout.file), message, "no-unsubscribe", hint, warning=True)


def survey_form(texts: Texts, context: Context) -> Iterator[Problem]:
    """A letter names a scale in its head and has no place for it, or has a place and names none."""
    for wording in _all(texts):
        scale = texts.wordings[wording.piece.name].get("", wording).message.survey
        first = wording.message.body_line
        asking = context.askings.of(wording) if context.askings else ()
        places = [asked.place for one in asking for asked in one.values if asked.use.names == ("survey",)]
        in_head = [place for place in places if place.file == wording.piece.file and place.line < first]
        for place in in_head:
            yield Problem(place, "The scale cannot stand in the head.", "survey-form", "Write it into the text.")
        for place in [] if scale or in_head else places:
            hint = f"Write in the head, for example: survey: csat. There are {', '.join(scales.KINDS)}."
            yield Problem(place, "There is no scale for this place.", "survey-form", hint)
        if scale and not places:
            place = wording.lines["survey"].key if "survey" in wording.lines else Place(wording.piece.file)
            hint = "Write {{ survey }} on a line of its own where the customer is to answer."
            yield Problem(place, "This letter asks a question and has no place for its scale.", "survey-form", hint)
        if not scale and "question" in wording.lines:
            message = "A question needs a scale on which it is answered."
            hint = f"Write for example: survey: csat. There are {', '.join(scales.KINDS)}."
            yield Problem(wording.lines["question"].key, message, "survey-form", hint)


def bad_html(texts: Texts, context: Context) -> Iterator[Problem]:
    """HTML that mail programs take out, values where they would do harm, images that nobody sees or finds; the codes
    are ``html-not-sent``, ``value-place``, ``image-alt`` and ``image-address``."""
    for piece in _pieces(texts):
        if piece.form in ("html", "mjml"):
            yield from html.check(piece.text, Place(piece.file))
    for wording in _all(texts):
        if wording.message.form == "mjml":
            yield from html.check(wording.message.body, Place(wording.piece.file, wording.message.body_line))


def bad_mjml(texts: Texts, context: Context) -> Iterator[Problem]:
    """MJML with elements that do not exist, are not sent, or stand in the wrong place; the code is ``mjml``."""
    for piece in _pieces(texts):
        if piece.form == "mjml":
            yield from mjml.check(piece.text, Place(piece.file))
    for wording in _all(texts):
        if wording.message.form == "mjml":
            yield from mjml.check(wording.message.body, Place(wording.piece.file, wording.message.body_line))


def missing_translation(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A message is not written in a language in which another message of the same journey is."""
    wordings = context.askings.texts.wordings if context.askings else {}
    sent = {name: wordings[name] for step, _ in placed_steps(journey) for name in step.letters() if name in wordings}
    spoken = sorted({locale for found in sent.values() for locale in found if locale})
    for found in sent.values():
        first = found.get("")
        written = {*found, context.askings.texts.tongue(first)} if first is not None and context.askings else set()
        for locale in spoken if first is not None else ():
            if locales.choose(written - {""}, locale) is None and first is not None:
                file = f"{first.piece.name}.{locale}.{first.piece.form}"
                message = (
                    f"Other letters of the journey {journey.journey} are written in {locale}, too; this one is not."
                )
                yield Problem(Place(first.piece.file), message, "missing-translation", f"Write {file}.", warning=True)
