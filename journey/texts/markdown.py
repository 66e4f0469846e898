"""Markdown, as authors write letters, to HTML and to the plain text that a person would have typed."""

import re
from collections.abc import Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from journey.texts.scales import PLACE

_LINK = re.compile(r"(?<![\\!])\[((?:\\.|[^\]\\\n])+)\]\(((?:\\.|[^)\\\s])+)\)")
_IMAGE = re.compile(r"(?<!\\)!\[((?:\\.|[^\]\\\n])*)\]\((?:\\.|[^)\\\s])+\)")
_MARKS = re.compile(r"(?<!\\)(\*\*|__)(?=\S)((?:\\.|[^\\])+?)(?<=\S)\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def to_html(source: str, scale: str = "") -> str:
    """The HTML of it, with a scale where its sign stands. A paragraph that is nothing but a link has the class
    ``action``: layouts make it a button."""
    tokens = _MARKDOWN.parse(source)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and _only_a_link(inline.children or ()):
            opening.attrSet("class", "action")
    html = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return html.replace(f"<p>{PLACE}</p>\n", scale).replace(PLACE, scale)


def _only_a_link(parts: Sequence[Token]) -> bool:
    kinds = [part.type for part in parts]
    return kinds[:1] == ["link_open"] and kinds[-1:] == ["link_close"] and kinds.count("link_open") == 1


def to_text(source: str, scale: str = "") -> str:
    """As a person would type it: links written out, pictures by their words, no emphasis marks; values stay what they
    are."""
    text = _IMAGE.sub(lambda image: image.group(1), source)
    text = _MARKS.sub(r"\2", _LINK.sub(_link, text))
    text = _ESCAPED.sub(r"\1", text).replace(PLACE, scale)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def _link(found: re.Match[str]) -> str:
    words, address = found.groups()
    same = _ESCAPED.sub(r"\1", words) in (_ESCAPED.sub(r"\1", address), _ESCAPED.sub(r"\1", address).partition(":")[2])
    return address if same else f"{words}: {address}"
