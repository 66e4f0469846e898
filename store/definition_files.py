"""Reading a definitions folder from disk, as ``journey.load`` wants it: paths inside the folder to texts."""

from pathlib import Path

from journey.problems import Place, Problem

MAX_FILES = 5_000
MAX_BYTES = 1_000_000
"""Of one file; more is not even read. What each kind of file may hold is less."""
KINDS = (".yaml", ".yml", ".md", ".html", ".mjml", ".ics")
_OTHER_TEXT = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class _Unread(Exception):
    """Why a file cannot be read, what to do, the rule, and where in it."""

    def __init__(self, message: str, hint: str, rule: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.hint, self.rule, self.line, self.column = message, hint, rule, line, column


def read_folder(folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """Every file of definitions and texts below the folder, and a problem for each that cannot be read."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        hint = "Name the folder with WAYFARE_DEFINITIONS, or run the command where it is."
        return {}, [Problem(Place(str(folder)), "There is no such folder.", "no-folder", hint)]
    found = sorted(path for path in folder.rglob("*") if path.suffix in KINDS)
    for path in found[:MAX_FILES]:
        inside = path.relative_to(folder).as_posix()
        text = read_file(path, f"{folder}/{inside}")
        if isinstance(text, Problem):
            problems.append(text)
        else:
            files[inside] = text
    if len(found) > MAX_FILES:
        message = f"There are {len(found):,} files here; {MAX_FILES:,} are the limit."
        problems.append(Problem(Place(str(folder)), message, "too-many-files", "Keep only definitions and texts here."))
    return files, problems


def read_file(path: Path, name: str) -> str | Problem:
    """The text of a file, or why it cannot be read; ``name`` is how it is called in messages."""
    try:
        return _text(path, name)
    except _Unread as why:
        return Problem(Place(_shown(name), why.line, why.column), why.message, why.rule, why.hint)


def _text(path: Path, name: str) -> str:
    if _shown(name) != name:
        hint = "Call it by letters, digits, dots and dashes."
        raise _Unread("The name of this file holds characters that cannot be shown.", hint, "not-text")
    try:
        _is_file(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "Look at its owner and its rights."
        raise _Unread(f"The file cannot be read ({error.strerror}).", hint, "not-a-file") from None
    if len(content) > MAX_BYTES:
        raise _Unread(f"The file is larger than {MAX_BYTES // 1000} KB.", "Split it.", "file-too-large")
    return _decoded(content)


def _is_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        hint = "Give the folder another name, or remove it."
        raise _Unread("This is a folder with the name of a file.", hint, "not-a-file")
    if path.is_symlink() and not path.exists():
        hint = "Remove it, or put the file where it points to."
        raise _Unread("This is a link, and there is nothing where it points to.", hint, "not-a-file")
    raise _Unread("This is not a file that can be read.", "Put a file of text in its place.", "not-a-file")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        other = _OTHER_TEXT.get(content[:2])
        said = f"The file is {other} text." if other else "Here is a letter that is not UTF-8 text."
        raise _Unread(said, "Save the file as UTF-8.", "not-text", line, column) from None


def _shown(name: str) -> str:
    """A name without what a terminal cannot show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
