"""What CEL's compiler says about a broken expression, in plain words and at the right place."""

import re

from journey.problems import did_you_mean

FUNCTIONS = (
    "all", "amount", "contains", "date", "days", "double", "duration", "endsWith", "exists", "filter", "getDate",
    "getDayOfWeek", "getFullYear", "getHours", "getMonth", "has", "hours", "int", "lowerAscii", "map", "matches",
    "minutes", "orValue", "replace", "size", "split", "startsWith", "string", "substring", "timestamp", "trim",
    "upperAscii", "weeks",
)  # fmt: skip
"""The functions an author may look for; CEL knows a few more."""

CURLY = tuple("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")
"""Quotation marks that word processors put in."""

_POSITION = re.compile(r"<input>:(\d+):(\d+): (.*)")
_WORDS = {
    "and": ('"and" is written && here.', ""),
    "or": ('"or" is written || here.', ""),
    "not": ('"not" is written ! here.', "For example !has(customer.phone)."),
    "is": ('"is" is written == here.', ""),
    "like": ('"like" is not known here.', 'Write for example customer.name.contains("lamp").'),
}
_SIGNS = {
    "=": ("A single = does not compare.", "Write == to compare."),
    "&": ("A single & is not read here.", "Write && for and."),
    "|": ("A single | is not read here.", "Write || for or."),
    "<>": ("<> is not read here.", "Write != for is not."),
    ")": ("This ) closes nothing.", "Remove it, or write the ( that is missing before it."),
    "]": ("This ] closes nothing.", "Remove it, or write the [ that is missing before it."),
    '"': ("A quotation mark stands alone here.", "Text stands between two of them, on one line."),
    "'": ("A quotation mark stands alone here.", "Text stands between two of them, on one line."),
}
_KINDS = {
    "bool": "true or false",
    "bytes": "bytes",
    "double": "a number",
    "dyn": "a value",
    "google.protobuf.Duration": "a length of time",
    "google.protobuf.Timestamp": "a time",
    "int": "a number",
    "list": "a list",
    "map": "a group of fields",
    "null": "nothing",
    "string": "text",
    "uint": "a number",
}


class ExpressionError(ValueError):
    """An expression that cannot be compiled; ``line`` and ``column`` count from 1 inside the expression. ``unknown`` is
    the name that is not known, if that is the mistake; ``hint`` says what to do."""

    def __init__(self, message: str, line: int = 1, column: int = 1, hint: str = "", unknown: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.hint, self.unknown = line, column, hint, unknown


def plain(error: str, source: str) -> ExpressionError:
    """The first thing the compiler complains about, said for people who do not program."""
    if "recursion" in error:
        return ExpressionError("The expression is nested too deeply.", hint="Split it into several.")
    found = _POSITION.search(error)
    if found is None:
        return ExpressionError("The expression cannot be read.")
    line, column, text = int(found.group(1)), int(found.group(2)), found.group(3).removesuffix(" [INVALID_ARGUMENT]")
    lines = source.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    undeclared = re.search(r"undeclared reference to '([^']*)'", text)
    if undeclared:
        return _unknown(undeclared.group(1), written, line, column)
    if text.startswith(("Syntax error", "reserved identifier")):
        return _syntax(text, written, line, column)
    overload = re.search(r"found no matching overload for '([^']*)' applied to '\((.*)\)'", text)
    if overload:
        kinds = [part.split("(")[0].strip() for part in _split(overload.group(2))]
        return ExpressionError(_misfit(overload.group(1), kinds), line, column, _instead(kinds))
    if "invalid" in text and "literal" in text:
        return ExpressionError("This number cannot be read.", line, column, "It is too large or has odd characters.")
    if "has() argument" in text:
        return ExpressionError("has asks for one field.", line, column, "For example has(customer.phone).")
    return ExpressionError(f"{text[:1].upper()}{text[1:].rstrip('.')}.", line, column)


def _unknown(name: str, written: str, line: int, column: int) -> ExpressionError:
    """An unknown name; the compiler points behind its first word, or at the bracket of a function."""
    root = name.split(".")[0]
    start = written.rfind(root, 0, column - 1 + len(root))
    column = start + 1 if start >= 0 else column
    after = written[start + len(root) :].lstrip() if start >= 0 else ""
    if "." not in name and after.startswith("("):
        if name in FUNCTIONS:
            return ExpressionError(f'"{name}" is not used in this way.', line, column, _USAGE.get(name, ""))
        return ExpressionError(f'There is no function "{name}".', line, column, did_you_mean(name, FUNCTIONS))
    return ExpressionError(f'"{root}" is not known here.', line, column, unknown=root)


_USAGE = {
    "amount": "For example amount(start.amount) >= 100.",
    "date": 'For example now < date("2027-03-31").',
    "days": "For example now + days(3).",
    "contains": 'For example customer.name.contains("lamp").',
    "endsWith": 'For example customer.email.endsWith(".org").',
    "matches": 'For example start.order_id.matches("^A-[0-9]+$").',
    "size": "For example size(customer.tags).",
    "startsWith": 'For example start.product.sku.startsWith("P-").',
}


def _syntax(text: str, written: str, line: int, column: int) -> ExpressionError:
    rest = written[column - 1 :]
    before = written[: column - 1].rstrip()
    if re.search(r"\bnot$", before, re.IGNORECASE):
        return ExpressionError(*_at(_WORDS["not"], line, len(before) - 2))
    if before.endswith("<") and rest.startswith(">"):
        return ExpressionError(*_at(_SIGNS["<>"], line, len(before)))
    if rest[:1] in CURLY:
        return ExpressionError("Curly quotation marks are not read here.", line, column, 'Write straight ones: "…".')
    if not rest.strip():
        closing = re.search(r"missing '(.)'", text)
        opening = {")": "(", "]": "[", "}": "{"}.get(closing.group(1), "") if closing else ""
        if opening and closing:
            hint = f"Write {closing.group(1)} where it ends."
            return ExpressionError(f"This {opening} is never closed.", line, _opened(written, opening, column), hint)
        return ExpressionError("The expression ends too early.", line, column, "Something is missing at its end.")
    word = re.match(r"[A-Za-z_]\w*|.", rest)
    token = word.group(0) if word else rest[0]
    known = _WORDS.get(token.lower()) or _SIGNS.get(token)
    if known:
        return ExpressionError(*_at(known, line, column))
    if token in FUNCTIONS:
        return ExpressionError(f'"{token}" is not used in this way.', line, column, _USAGE.get(token, ""))
    shown = token if token.isalnum() else rest.split()[0][:20]
    return ExpressionError(f"{shown} is not expected here.", line, column, "Text stands between quotation marks.")


def _opened(written: str, opening: str, otherwise: int) -> int:
    """The column of the bracket that is still open at the end of the line."""
    open_columns: list[int] = []
    for found in re.finditer(r"'(?:\\.|[^'])*'|\"(?:\\.|[^\"])*\"|[()\[\]{}]", written):
        if found.group(0) in "([{":
            open_columns.append(found.start() + 1)
        elif found.group(0) in ")]}" and open_columns:
            open_columns.pop()
    return open_columns[-1] if open_columns and written[open_columns[-1] - 1] == opening else otherwise


def _at(said: tuple[str, str], line: int, column: int) -> tuple[str, int, int, str]:
    return said[0], line, column, said[1]


def _misfit(function: str, kinds: list[str]) -> str:
    """``== does not work between a number and text.``"""
    if function == "_?_:_" and kinds[0] in ("bool", "dyn"):
        return f"The two sides of : are of two kinds: {_named(kinds[1:])[0]} and {_named(kinds[1:])[1]}."
    name, parts = function.strip("_@").replace("_", " "), _named(kinds)
    if len(parts) < 2:
        return f"{name} does not work on {parts[0] if parts else 'nothing'}."
    return f"{name} does not work between {', '.join(parts[:-1])} and {parts[-1]}."


def _named(kinds: list[str]) -> list[str]:
    """The kinds in plain words; numbers with and without a fraction are told apart where both occur."""
    apart = {"int": "a whole number", "double": "a number with a fraction"} if {"int", "double"} <= set(kinds) else {}
    return [apart.get(kind) or _KINDS.get(kind, "a value") for kind in kinds]


def _instead(kinds: list[str]) -> str:
    """What to write instead, where people rarely guess it: beside points in time, and for numbers with a fraction."""
    known = set(kinds)
    if {"int", "double"} <= known:
        return "Write both with a point (1.0) or both without (1); double(…) makes one of the other."
    if {"google.protobuf.Timestamp", "string"} <= known:
        return 'Write a day, for example date("2027-03-31").'
    if "int" in known and known & {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
        return "Write a length of time, for example days(3)."
    return ""


def _split(kinds: str) -> list[str]:
    """``string, map(string, dyn)`` at its outer commas."""
    bare = kinds
    while re.search(r"\([^()]*\)", bare):
        bare = re.sub(r"\([^()]*\)", "", bare)
    return bare.split(",") if bare.strip() else []
