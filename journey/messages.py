"""Message texts: one Markdown file a message, with its subject at the head, rendered to plain text and HTML.

---
subject: Welcome, {{ customer.first_name }}
---
Dear {{ customer.name }}, …
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict

from journey import templates
from journey.problems import Place, Problem, did_you_mean

HEAD = ("subject", "preheader", "class", "topic")
CLASSES = ("lifecycle", "transactional", "legal")
TOPIC = re.compile(r"[a-z][a-z0-9-]{0,39}")
ROOTS = ("company", "customer", "journey", "start", "vars")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?\n?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\\n])+)\]\(((?:\\.|[^)\\\s])+)\)")
_MARKS = re.compile(r"(?<!\\)(\*\*|__)(?=\S)((?:\\.|[^\\])+?)(?<=\S)\1")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

LAYOUT = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
</head>
<body style="margin:0;padding:24px;background:#f6f5f2;color:#22262b;
font:16px/1.55 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="display:none;max-height:0;overflow:hidden">{preheader}</div>
<div style="max-width:560px;margin:0 auto;padding:28px 32px;background:#ffffff;border-radius:8px">
{body}
</div>
</body>
</html>
"""


class Message(BaseModel):
    """One message text. ``kind`` is its class: lifecycle mail is never doubled, transactional mail is never lost, legal
    mail is neither without a person's word. ``topic`` is what customers may decline; service mail has none."""

    model_config = ConfigDict(frozen=True)

    name: str
    subject: str
    preheader: str = ""
    kind: Literal["lifecycle", "transactional", "legal"] = "lifecycle"
    topic: str = ""
    body: str
    body_line: int = 1


class Rendered(BaseModel):
    """A message written for one customer: subject (one line), plain text and HTML."""

    model_config = ConfigDict(frozen=True)

    subject: str
    text: str
    html: str


def parse(name: str, text: str, file: str) -> tuple[Message | None, list[Problem]]:
    """Read one message file; every problem at its place."""
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    if front is None:
        message = "A message begins with its subject between two lines of ---."
        return None, [Problem(Place(file), message, "message-head", "Write: ---, subject: …, ---, then the text.")]
    head, problems = _head(front.group(1), file)
    if problems:
        return None, problems
    message_text = Message(
        name=name,
        subject=head["subject"].text,
        preheader=head["preheader"].text if "preheader" in head else "",
        kind=head["class"].text if "class" in head else "lifecycle",  # type: ignore[arg-type]  # one of CLASSES
        topic=head["topic"].text if "topic" in head else "",
        body=text[front.end() :],
        body_line=text[: front.end()].count("\n") + 1,
    )
    return message_text, _check_texts(message_text, head, file)


@dataclass(frozen=True)
class _Line:
    """One line of the head: its text, where the text stands, and whether quotes stand around it."""

    text: str
    place: Place
    key: Place
    quoted: bool = False

    def at(self, _: int, column: int) -> Place:
        """Where a column of the text stands."""
        return Place(self.place.file, self.place.line, self.place.column + column - 1 + self.quoted)


def _head(text: str, file: str) -> tuple[dict[str, _Line], list[Problem]]:
    """The head's lines, ``key: text`` each. It is no YAML: a subject may hold colons and quotes as they come."""
    lines: dict[str, _Line] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 2):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, rest = line.partition(":")
        start = len(key) + 1 + len(rest) - len(rest.lstrip()) + 1
        said = _unquoted(rest.strip())
        quoted = len(said) < len(rest.strip())
        found = _Line(said, Place(file, number, start), Place(file, number, 1), quoted)
        key = key.strip()
        if not colon or key not in HEAD:
            hint = did_you_mean(key, HEAD)
            problems.append(Problem(found.key, f'"{key[:40]}" is not known here.', "unknown-key", hint))
        elif key in lines:
            first = lines[key].key
            message = f'"{key}" is already written at line {first.line}, column {first.column}.'
            problems.append(Problem(found.key, message, "duplicate-key", "Keep one of the two."))
        else:
            lines[key] = found
    return lines, problems + _check_head(lines, file)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _check_head(head: dict[str, _Line], file: str) -> list[Problem]:
    problems = []
    if "subject" not in head or not head["subject"].text:
        place = head["subject"].place if "subject" in head else Place(file)
        problems.append(Problem(place, "The message has no subject.", "message-head", "Write: subject: …"))
    if "class" in head and head["class"].text not in CLASSES:
        message = "The class is lifecycle, transactional or legal."
        problems.append(Problem(head["class"].place, message, "message-class"))
    if "topic" in head and not TOPIC.fullmatch(head["topic"].text):
        message = f'"{head["topic"].text}" cannot be a topic.'
        hint = "Write one word in small letters, for example tips or product-news."
        problems.append(Problem(head["topic"].place, message, "message-topic", hint))
    return problems


def _check_texts(message: Message, head: dict[str, _Line], file: str) -> list[Problem]:
    problems = check_text(message.subject, head["subject"].at)
    if "preheader" in head:
        problems += check_text(message.preheader, head["preheader"].at)
    problems += check_text(message.body, lambda line, column: Place(file, message.body_line + line - 1, column))
    if not message.body.strip():
        problems.append(Problem(Place(file, message.body_line), "The message has no text.", "message-empty"))
    return problems


def check_text(source: str, at: Callable[[int, int], Place]) -> list[Problem]:
    """Problems of one Liquid text; ``at`` says where a line and column of it stand in its file."""
    try:
        variables, unknown_filters = templates.check(source)
    except templates.TextProblem as problem:
        return [Problem(at(problem.line, problem.column), str(problem), "text-syntax", problem.hint)]
    problems = []
    for use in unknown_filters:
        hint = did_you_mean(use.path, templates.known_filters())
        problems.append(Problem(at(use.line, use.column), f'"{use.path}" is not a filter.', "unknown-filter", hint))
    for variable in variables:
        root = variable.path.split(".")[0]
        if root not in ROOTS:
            where = at(variable.line, variable.column)
            hint = did_you_mean(root, ROOTS)
            problems.append(Problem(where, f'"{variable.path}" is not known in a text.', "unknown-variable", hint))
    return problems


def render(message: Message, facts: Mapping[str, Any], language: str = "en") -> Rendered:
    """The message written for one customer. Raises TextProblem when a value it needs is missing."""
    subject = templates.one_line(templates.render(message.subject, facts)).strip()
    preheader = templates.one_line(templates.render(message.preheader, facts)).strip()
    written = templates.render(message.body, facts, markdown=True)
    text = _plain(written).strip() + "\n"
    body = _MARKDOWN.render(written)
    page = LAYOUT.format(
        lang=html.escape(language), subject=html.escape(subject), preheader=html.escape(preheader), body=body
    )
    return Rendered(subject=subject, text=text, html=page)


def _plain(markdown: str) -> str:
    """Markdown source as a person would type it: links written out, no emphasis marks; values stay what they are."""
    text = _MARKS.sub(r"\2", _LINK.sub(r"\1: \2", markdown))
    return re.sub(r"\n{3,}", "\n\n", _ESCAPED.sub(r"\1", text))
