"""What each text of ``messages/`` asks for, with the place where it is written: in its own file, in its layout or in a
snippet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from journey import messages
from journey.problems import Place
from journey.texts import uses
from journey.texts.folder import Piece, Source, Texts, Wording, parsed, tree
from journey.texts.uses import Findings, Rendering, Use


@dataclass(frozen=True)
class Asked:
    """One value a text asks for, and where."""

    use: Use
    place: Place
    roots: tuple[str, ...]
    """What can be named there."""


@dataclass(frozen=True)
class Rendered:
    """One snippet a text renders, and where; ``circle`` if it ends up in itself."""

    rendering: Rendering
    place: Place
    form: str
    circle: bool = False


@dataclass(frozen=True)
class Asking:
    """All that one source asks for."""

    values: tuple[Asked, ...] = ()
    snippets: tuple[Rendered, ...] = ()


@dataclass
class Askings:
    """What the texts ask for, each looked through once."""

    texts: Texts
    _layouts: dict[tuple[str, str], Asking] = field(default_factory=dict)
    _wordings: dict[str, tuple[Asking, ...]] = field(default_factory=dict)

    def of(self, wording: Wording) -> tuple[Asking, ...]:
        """What a message in one language asks for, first itself and then its layout."""
        if wording.piece.file not in self._wordings:
            self._wordings[wording.piece.file] = tuple(self._of(wording))
        return self._wordings[wording.piece.file]

    def _of(self, wording: Wording) -> Iterator[Asking]:
        tongue = self.texts.tongue(wording)
        form = "md" if wording.message.form == "markdown" else "html"
        for source in wording.sources():
            whole_page = form == "html" and source.text is wording.message.body
            roots = (*messages.LETTER_ROOTS, *messages.PAGE_ROOTS) if whole_page else messages.LETTER_ROOTS
            yield self._look(source, form, tongue, roots)
        layout = self.texts.layout(wording)
        if layout is not None:
            yield self.of_layout(layout, tongue)

    def of_layout(self, layout: Piece, tongue: str) -> Asking:
        """What a layout asks for in letters of a language."""
        key = (layout.file, tongue)
        if key not in self._layouts:
            roots = messages.LETTER_ROOTS if layout.form == "md" else (*messages.LETTER_ROOTS, *messages.PAGE_ROOTS)
            found = self._look(Source(layout.text, layout.at), layout.form, tongue, (*roots, "content"))
            self._layouts[key] = found
        return self._layouts[key]

    def _look(self, source: Source, form: str, tongue: str, roots: tuple[str, ...]) -> Asking:
        pieces, read = self.texts.snippets_for(form, tongue), tree(source.text)
        found = uses.find(read, parsed(pieces)) if read is not None else Findings((), ())
        values = [Asked(use, _place(source, pieces, use.snippet, use.index), roots) for use in found.uses]
        snippets = [
            Rendered(one, _place(source, pieces, one.snippet, one.index), form, one == found.circle)
            for one in found.renderings
        ]
        return Asking(tuple(values), tuple(snippets))


def _place(source: Source, pieces: Mapping[str, Piece], snippet: str, index: int) -> Place:
    piece = pieces.get(snippet)
    return source.place(index) if piece is None else Source(piece.text, piece.at).place(index)
