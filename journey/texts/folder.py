"""The files of ``messages/``: texts, layouts and snippets, each in one or more languages (``welcome.md``,
``welcome.de.md``), sorted by what they are; and which of several serves a language."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from liquid.template import BoundTemplate

from journey import messages, templates
from journey.channels import CHANNELS, EMAIL
from journey.messages import Message
from journey.problems import Place, Problem
from journey.texts import locales
from journey.texts.head import Line

FORMS = {"message": ("md", "mjml"), "layout": ("md", "html", "mjml"), "snippet": ("md", "html")}
MAX_CHARACTERS = 100_000
"""Of one file: Gmail shows no more than about 100,000 bytes of a message."""
DEFAULT = "default"
"""The layout of texts that name none, if there is one of this name."""
NONE = "none"
"""What a text writes that wants no layout."""

Kind = Literal["message", "layout", "snippet"]


@dataclass(frozen=True)
class Piece:
    """One file: what it is, its name, its language ('' of the first file of its name), its form and its text."""

    kind: Kind
    name: str
    locale: str
    form: str
    text: str
    file: str

    def at(self, line: int, column: int) -> Place:
        """Where a line and column of its text stand."""
        return Place(self.file, line, column)


@dataclass(frozen=True)
class Source:
    """One text of Liquid in a file, and where its lines and columns stand."""

    text: str
    at: Callable[[int, int], Place]

    def place(self, index: int) -> Place:
        """Where an index into the text stands."""
        return self.at(*templates.position(self.text, index))


@dataclass(frozen=True)
class Wording:
    """A message in one language: its file, what is in it, and the lines of its head."""

    piece: Piece
    message: Message
    lines: Mapping[str, Line]

    def sources(self) -> Iterator[Source]:
        """Every text of Liquid in its file."""
        for key in ("subject", "preheader", "because", "question"):
            if key in self.lines:
                yield Source(self.lines[key].text, self.lines[key].at)
        first, file = self.message.body_line - 1, self.piece.file
        yield Source(self.message.body, lambda line, column: Place(file, first + line, column))


@dataclass
class Texts:
    """All of ``messages/``, as far as it can be read. ``language`` is the company's, in which a first file is written
    unless it says another."""

    language: str
    wordings: dict[str, dict[str, Wording]] = field(default_factory=dict)
    layouts: dict[str, dict[str, Piece]] = field(default_factory=dict)
    snippets: dict[tuple[str, str], dict[str, Piece]] = field(default_factory=dict)
    """By form and name."""
    broken: set[str] = field(default_factory=set)
    """Names of messages of which a file cannot be read."""
    broken_pieces: set[tuple[Kind, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def tongue(self, wording: Wording) -> str:
        """The language a message is written in."""
        return wording.piece.locale or wording.message.locale or self.language

    def layout(self, wording: Wording) -> Piece | None:
        """The layout of a message, in the language that serves the message's; None if it has none."""
        if wording.message.channel != EMAIL:
            return None
        first = self.wordings[wording.piece.name].get("", wording)
        name = first.message.layout or DEFAULT
        return self._serving(self.layouts.get(name, {}), self.tongue(wording)) if name != NONE else None

    def snippets_for(self, form: str, tongue: str) -> dict[str, Piece]:
        """The snippets that a text of this form (``md``; all others use ``html``) may render, in its language."""
        wanted = "md" if form == "md" else "html"
        found = {name: self._serving(pieces, tongue) for (one, name), pieces in self.snippets.items() if one == wanted}
        return {name: piece for name, piece in found.items() if piece is not None}

    def _serving(self, pieces: Mapping[str, Piece], tongue: str) -> Piece | None:
        written = {locale or self.language: piece for locale, piece in pieces.items()}
        return written.get(locales.choose(written, tongue) or "", pieces.get(""))


def read(files: Mapping[str, str], prefix: str, language: str) -> Texts:
    """Sort the files of ``messages/`` (``files`` maps paths inside the definitions folder to texts)."""
    found = Texts(locales.tag(language) or locales.DEFAULT)
    for path in sorted(files):
        piece, problems = _piece(path, files[path].replace("\r\n", "\n"), prefix + path)
        found.problems += problems
        if piece is not None:
            _add(found, piece)
        elif problems:
            found.broken.add(path.removeprefix("messages/").partition(".")[0])
    return found


def _piece(path: str, text: str, file: str) -> tuple[Piece | None, list[Problem]]:
    """A file by its path, or nothing if it is none of these; too long, and spelled wrong, are problems."""
    place, _, base = path.removeprefix("messages/").rpartition("/")
    kind: Kind | None = {"": "message", "layouts": "layout", "snippets": "snippet"}.get(place)  # type: ignore[assignment]  # the three of Kind
    stem, _, form = base.rpartition(".")
    if kind is None or form not in FORMS[kind] or base == "README.md":
        return None, []
    name, _, last = stem.rpartition(".")
    # "sms" is a language, too (Skolt Sami), but not in the name of a file.
    locale = locales.tag(last) if name and last not in CHANNELS else None
    if locale and locale != last:
        message = f'"{last}" in the file\'s name is a language in another spelling.'
        hint = f"Call the file {name}.{locale}.{form}."
        return None, [Problem(Place(file), message, "locale-name", hint)]
    if len(text) > MAX_CHARACTERS:
        message = f"The file has {len(text):,} characters; {MAX_CHARACTERS:,} are the limit."
        return None, [Problem(Place(file), message, "text-too-long", "Mail programs cut off much less.")]
    return Piece(kind, name if locale else stem, locale or "", form, text, file), []


def _add(found: Texts, piece: Piece) -> None:
    if piece.kind == "message":
        _add_message(found, piece)
        return
    problems = list(unreadable([Source(piece.text, piece.at)]))
    found.problems += problems
    if problems:
        found.broken_pieces.add((piece.kind, piece.name))
    if piece.kind == "layout":
        kept = found.layouts.setdefault(piece.name, {})
    else:
        kept = found.snippets.setdefault((piece.form, piece.name), {})
    _keep(found, kept, piece)


def _keep(found: Texts, kept: dict[str, Piece], piece: Piece) -> None:
    if piece.locale in kept:
        found.problems.append(_twice(piece, kept[piece.locale].file))
    kept.setdefault(piece.locale, piece)


def _twice(piece: Piece, other: str) -> Problem:
    message = f'The {piece.kind} "{piece.name}" is already written in {other}.'
    return Problem(Place(piece.file), message, "written-twice", "Keep one of the two.")


def _add_message(found: Texts, piece: Piece) -> None:
    message, lines, problems = messages.read(piece.name, piece.text, piece.file)
    if message is not None:
        wording = Wording(piece, message, lines)
        problems = list(unreadable(wording.sources()))
        if not message.body.strip():
            problems.append(Problem(Place(piece.file, message.body_line), "The message has no text.", "message-empty"))
        kept = found.wordings.setdefault(piece.name, {})
        if piece.locale in kept:
            problems.append(_twice(piece, kept[piece.locale].piece.file))
        else:
            kept[piece.locale] = wording
    found.problems += problems
    if problems:
        found.broken.add(piece.name)


def unreadable(sources: Iterable[Source]) -> Iterator[Problem]:
    """What is wrong with the Liquid of texts: signs and tags, and filters that do not exist."""
    for source in sources:
        yield from messages.check_liquid(source.text, source.at)


def parsed(pieces: Mapping[str, Piece]) -> dict[str, BoundTemplate]:
    """The syntax trees of the pieces that can be read."""
    trees = {name: tree(piece.text) for name, piece in pieces.items()}
    return {name: found for name, found in trees.items() if found is not None}


def tree(text: str) -> BoundTemplate | None:
    """The syntax tree of a text; None if it cannot be read, which has been told."""
    try:
        return templates.parsed(text)
    except templates.TextProblem:
        return None
