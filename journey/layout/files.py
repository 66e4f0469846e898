"""A definition file in the one layout. What it says is compared before and after, comments included."""

from collections import Counter

from journey import yaml_tree
from journey.layout.order import Kind, put_in_order
from journey.layout.printer import printed
from journey.layout.source import BLANK, Entry, Group, Scalar, read
from journey.problems import Place, Problem
from journey.schema import KINDS


def laid_out(text: str, path: str, shown: str = "") -> tuple[str, list[Problem]]:
    """The text of a file (``path`` inside the definitions folder says which kind it is) in the one layout; unchanged,
    with the reasons, if it cannot be read."""
    shown, text = shown or path, text.removeprefix("\ufeff").replace("\r\n", "\n")
    tree, problems = yaml_tree.read(text, shown)
    if problems or tree.data is None:
        return text, problems
    value, left = read(text)
    header = _taken_off(value)
    put_in_order(value, Kind(KINDS.get(kind_of_file(path))))
    if isinstance(value, Group) and value.entries:
        value.entries[0].before[:0] = header  # it is about the file, whichever key is the first
    made = printed(value, left)
    if yaml_tree.read(made, shown)[0].data != tree.data or _comments(made) != _comments(text):
        message = "The layout of this file cannot be changed without changing what it says."
        return text, [Problem(Place(shown), message, "layout", "It is left as it is.", warning=True)]
    return made, []


def _taken_off(value: Scalar | Group) -> list[str]:
    """The comments about the whole file: all above the first key, but for those between a blank line and the key."""
    if not isinstance(value, Group) or not value.entries:
        return []
    before = value.entries[0].before
    texts = [number for number, line in enumerate(before) if line != BLANK]
    blanks = [number for number, line in enumerate(before) if line == BLANK and texts and texts[0] < number < texts[-1]]
    cut = blanks[-1] + 1 if blanks and before[-1] != BLANK else len(before)
    value.entries[0].before = before[cut:]
    return before[:cut]


def kind_of_file(path: str) -> str:
    """The kind of a definition file by its place in the folder: journey, company, scenarios, …; '' if it is none."""
    place, _, name = path.rpartition("/")
    if place:
        return kind_of_folder(place.partition("/")[0])
    stem = name.rpartition(".")[0]
    return stem if stem in ("company", "customer", "loyalty", "policies") else "journey"


def kind_of_folder(name: str) -> str:
    """The kind of the files in a folder of definitions: ``events`` holds files of the kind event."""
    return next((kind for kind in (name, name.removesuffix("s")) if kind in KINDS), "")


def _comments(text: str) -> Counter[str]:
    value, left = read(text)
    found = Counter(line for line in left if line != BLANK)
    if isinstance(value, Group):
        for entry in _entries(value):
            found.update(line for line in (*entry.before, entry.behind, *entry.after) if line != BLANK)
    return found


def _entries(group: Group) -> list[Entry]:
    inner = [entry.value for entry in group.entries if not isinstance(entry.value, Scalar)]
    return [*group.entries, *(entry for one in inner for entry in _entries(one))]
