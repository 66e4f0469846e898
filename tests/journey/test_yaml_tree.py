"""YAML as it is read here: YAML 1.2 words, positions, and limits before anything is built."""

from pathlib import Path
from typing import Any

import pytest

from journey.load import check
from journey.problems import Place, render_all
from journey.yaml_tree import MAX_BYTES, read
from store.definition_files import read_folder
from tests.journey.folders import COMPANY
from tests.journey.golden import compare


def data(text: str) -> Any:
    tree, problems = read(text, "f.yaml")
    assert problems == []
    return tree.data


def rules(text: str) -> list[str]:
    return [problem.rule for problem in read(text, "f.yaml")[1]]


@pytest.mark.parametrize(
    "word",
    [
        "on", "off", "yes", "no", "Yes", "NO", "y", "n", "9:30", "1:20:30", "010", "0o17", "0x1F", "1_000", ".inf",
        "-.INF", ".nan", "1e999", "2026-03-01", "2026-03-01T10:00:00Z", "=", "TruE",
    ],
)  # fmt: skip
def test_what_older_yaml_would_turn_into_something_else_stays_text(word: str) -> None:
    assert data(f"value: {word}") == {"value": word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-12", -12), ("+3", 3),
        ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("2e3", 2000.0), ("'5'", "5"), ('"true"', "true"), ("''", ""),
        ("9" * 19, "9" * 19),
    ],
)  # fmt: skip
def test_numbers_true_false_and_nothing_are_what_they_look_like(written: str, value: Any) -> None:
    assert data(f"value: {written}") == {"value": value}
    assert type(data(f"value: {written}")["value"]) is type(value)


def test_a_key_is_text_even_if_it_looks_like_something_else() -> None:
    assert data("on: 1\n5: 2\ntrue: 3\n~: 4\n") == {"on": 1, "5": 2, "true": 3, "~": 4}


def test_lines_of_windows_and_a_mark_at_the_beginning_are_read() -> None:
    assert data("\ufeffa: 1\r\nb:\r\n  - 2\r\n") == {"a": 1, "b": [2]}


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\n", "a: &x 1", "a: *x", "a: !t 1", "a: !!python/name:os.system", "<<: {a: 1}", "a: 1\na: 2",
        "a: 1\n---\nb: 2", "a: 1\n...\nb: 2", "a:\n\t- b", "\x00", "a: \x7f", "a: \x85b", "a: \u2028", "a: \ud800",
        "a: \ufffe", "%YAML 9.9\n---\na: 1", "? [a]\n: 1", "", "# nothing", "- a\nb: 1", "@", "`", "'", '"', "{", "}",
        "]", ": :", "a: b: c", "*", "&", "!", "|", ">", "%", "? ", "?", "-", "--- ", "a: |x\n b", "a: 'b' c",
        "{a: 1]", "[a: 1}", "\ufffe", "a: \udc00b",
    ],
)  # fmt: skip
def test_whatever_is_no_definition_is_answered_and_never_raises(text: str) -> None:
    tree, problems = read(text, "f.yaml")
    for problem in problems:
        assert problem.place.line >= 1 and problem.place.column >= 1
    assert problems or tree.data is None or isinstance(tree.data, (str, list, dict))
    check({"company.yaml": COMPANY, "f.yaml": text})


LARGE = {
    "yaml-too-deep": "steps: " + "[" * 100_000,
    "yaml-too-many-values": "steps:\n" + "- []\n" * 20_001,
    "yaml-too-large": "# " + "x" * 300_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_refused(name: str) -> None:
    files = {"company.yaml": COMPANY, f"{name}.yaml": LARGE[name]}
    _, problems = check(files)
    compare(name, render_all(problems, files) + "\n")


@pytest.mark.parametrize(
    "opening",
    ["[", "{a: ", "- ", "? ", "- - ? ", "{[", "a:\n", "[[", "'", '"', "{{", "!a ", "&a ", "|", "- [", "{? "],
)
def test_openings_repeated_nearly_a_hundred_thousand_times_do_no_harm(opening: str) -> None:
    text = (opening * 99_999)[: MAX_BYTES - 1]
    assert rules(text)


def test_a_file_may_be_as_large_as_the_limit_says() -> None:
    assert rules("# " + "x" * (MAX_BYTES - 8) + "\na: 1") == []
    assert rules("# " + "ü" * (MAX_BYTES // 2) + "\na: 1") == ["file-too-large"]


def test_bytes_that_are_no_text_are_told_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_bytes(b"company: Gr\xfc\xdfe")
    (tmp_path / "picture.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "sound.yaml").write_text("a: ü", encoding="utf-8")
    files, problems = read_folder(tmp_path)
    assert files == {"sound.yaml": "a: ü"}
    assert [problem.render() for problem in problems] == [
        f"{tmp_path}/company.yaml:1:12: Here is a letter that is not UTF-8 text. Save the file as UTF-8. [not-text]",
        f"{tmp_path}/picture.yaml:2:118: Here is a letter that is not UTF-8 text. Save the file as UTF-8. [not-text]",
    ]


def test_values_and_keys_know_their_place() -> None:
    tree, _ = read("a: ü\nlist:\n  - key: [1, two]\n", "f.yaml")
    assert tree.place(("a",)) == Place("f.yaml", 1, 4)
    assert tree.place(("list", 0, "key", 1)) == Place("f.yaml", 3, 14)
    assert tree.place(("list", 0, "key"), key=True) == Place("f.yaml", 3, 5)
    assert tree.place(("list", 0, "not", "there")) == Place("f.yaml", 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "a: here it is X !",
        "a: 'here it''s X !'",
        'a: "here \\"it\\" is\\tX !"',
        "a: >-\n  here it\n  is X !",
        "a: |\n    here\n      it is\n\n    X !\n",
        "a: |2-  # a remark\n   here is X !",
        "a: here it\n  is X !",
        "a: 'here it\n\n  is X !'",
        "ü: [{a: x}, 'ü', \"here ü X !\"]",
    ],
)
def test_a_character_inside_a_text_is_found_whatever_quotes_are_around_it(written: str) -> None:
    tree, problems = read(written, "f.yaml")
    assert problems == []
    path: tuple[str | int, ...] = ("a",) if "a" in tree.data else ("ü", 2)
    value = tree.value(path)
    line = value[: value.index("X")].count("\n") + 1
    column = value.index("X") - (value.rfind("\n", 0, value.index("X")) + 1) + 1
    place = tree.inside(path, value, line, column)
    assert written.split("\n")[place.line - 1][place.column - 1] == "X"


def test_the_end_of_a_text_is_found_too() -> None:
    tree, _ = read("a: '1 +'", "f.yaml")
    assert tree.inside(("a",), "1 +", 1, 4) == Place("f.yaml", 1, 8)


def test_a_place_inside_a_text_that_is_not_written_is_the_nearest_place() -> None:
    tree, _ = read("a:\n  b: x", "f.yaml")
    assert tree.inside(("a", "c"), "text", 1, 3) == tree.place(("a",))
