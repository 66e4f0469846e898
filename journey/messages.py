"""Message texts: one Markdown file a message, with its subject at the head, rendered to plain text and HTML.

    ---
    subject: Welcome, {{ customer.first_name }}
    ---
    Dear {{ customer.name }}, …
"""

import html
import re
from collections.abc import Mapping
from typing import Any, Literal

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict

from journey import templates, yaml_tree
from journey.problems import Place, Problem, did_you_mean

ROOTS = ("company", "customer", "journey", "start", "vars")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?\n?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_MARKS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

LAYOUT = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
</head>
<body style="margin:0;padding:24px;background:#f6f5f2;font:16px/1.55 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#22262b">
<div style="display:none;max-height:0;overflow:hidden">{preheader}</div>
<div style="max-width:560px;margin:0 auto;padding:28px 32px;background:#ffffff;border-radius:8px">
{body}
</div>
</body>
</html>
"""


class Message(BaseModel):
    """One message text. ``kind`` is its class: lifecycle mail is never doubled, transactional mail is never lost."""

    model_config = ConfigDict(frozen=True)

    name: str
    subject: str
    preheader: str = ""
    kind: Literal["lifecycle", "transactional"] = "lifecycle"
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
    tree, problems = yaml_tree.read("\n" + front.group(1), file)
    if not isinstance(tree.data, dict):
        return None, problems or [Problem(Place(file, 2), "The head holds no subject.", "message-head")]
    problems += _check_head(tree)
    subject, preheader = tree.data.get("subject"), tree.data.get("preheader") or ""
    if problems:
        return None, problems
    body = text[front.end() :]
    line = text[: front.end()].count("\n") + 1
    kind = tree.data.get("class", "lifecycle")
    message_text = Message(
        name=name, subject=str(subject), preheader=str(preheader), kind=kind, body=body, body_line=line
    )
    return message_text, problems + _check_texts(message_text, tree, file)


def _check_head(tree: yaml_tree.Tree) -> list[Problem]:
    known = ("subject", "preheader", "class")
    problems = [
        Problem(tree.place((key,), key=True), f'"{key}" is not known here.', "unknown-key", did_you_mean(key, known))
        for key in tree.data
        if key not in known
    ]
    if not str(tree.data.get("subject") or "").strip():
        problems.append(Problem(tree.place(("subject",)), "The message has no subject.", "message-head"))
    if tree.data.get("class", "lifecycle") not in ("lifecycle", "transactional"):
        place = tree.place(("class",))
        problems.append(Problem(place, "The class is lifecycle or transactional.", "message-class"))
    return problems


def _check_texts(message: Message, tree: yaml_tree.Tree, file: str) -> list[Problem]:
    problems: list[Problem] = []
    for source, place in (
        (message.subject, tree.place(("subject",))),
        (message.preheader, tree.place(("preheader",))),
        (message.body, None),
    ):
        problems += check_text(source, file, place, message.body_line)
    if not message.body.strip():
        problems.append(Problem(Place(file, message.body_line), "The message has no text.", "message-empty"))
    return problems


def check_text(source: str, file: str, place: Place | None, first_line: int = 1) -> list[Problem]:
    """Problems of one Liquid text: at ``place`` for a text in YAML, else by its own lines from ``first_line``."""

    def at(line: int, column: int) -> Place:
        return place or Place(file, first_line + line - 1, column)

    try:
        variables, unknown_filters = templates.check(source)
    except templates.TextProblem as problem:
        return [Problem(at(problem.line, problem.column), str(problem), "text-syntax")]
    problems = [Problem(at(1, 1), f'"{name}" is not a filter.', "unknown-filter") for name in unknown_filters]
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
    text = _plain(templates.render(message.body, facts)).strip() + "\n"
    body = _MARKDOWN.render(templates.render(message.body, facts, markdown=True))
    page = LAYOUT.format(
        lang=html.escape(language), subject=html.escape(subject), preheader=html.escape(preheader), body=body
    )
    return Rendered(subject=subject, text=text, html=page)


def _plain(markdown: str) -> str:
    """Markdown source as a person would type it: links written out, no emphasis marks."""
    return re.sub(r"\n{3,}", "\n\n", _MARKS.sub(r"\2", _LINK.sub(r"\1: \2", markdown)))
