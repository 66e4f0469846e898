"""Strict JSON by itself: good JSON is what `json.loads` says, and anything else is `Malformed`."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import strict_json
from gateway.refusals import Malformed

# The first draw builds Unicode tables, which on a busy machine looks like a slow test.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts, values, max_size=6)


@patient
@given(objects, st.booleans(), st.sampled_from([None, 2]))
def test_good_json_is_read_as_the_standard_library_reads_it(
    value: dict[str, object], escaped: bool, indent: int
) -> None:
    """Whatever its layout and escapes."""
    raw = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    assert strict_json.parse(raw) == json.loads(raw) == value


@patient
@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_a_refusal(raw: bytes) -> None:
    """Never another exception."""
    judge(raw)


@patient
@given(
    objects,
    st.integers(0, 400),
    st.sampled_from("{}[]\",:\\u0019eE+-. \n\t\x00/'#NaIf") | st.characters(),
    st.booleans(),
)
def test_json_with_one_character_changed_gives_an_object_or_a_refusal(
    value: dict[str, object], at: int, character: str, insert: bool
) -> None:
    """The mistakes that people make."""
    text = json.dumps(value, ensure_ascii=bool(at % 2))
    changed = text[:at] + character + text[at + (0 if insert else 1) :]
    judge(changed.encode("utf-8", "surrogatepass"))


@patient
@given(
    st.lists(st.sampled_from(['{"a":', "[", "]", "}", ",", "1", '"\\ud800"', '"\\u0000"', "1e999", "NaN", '"a":', "{"]))
)
def test_pieces_of_json_in_any_order_give_an_object_or_a_refusal(pieces: list[str]) -> None:
    """Brackets and poison in all mixtures."""
    judge("".join(pieces).encode())


def judge(raw: bytes) -> None:
    """Parse, and hold the result to the promises of the module."""
    try:
        value = strict_json.parse(raw)
    except Malformed as refusal:
        assert refusal.problem.place and refusal.problem.message and refusal.problem.remedy
        json.dumps(refusal.as_json(), ensure_ascii=False).encode()
        return
    assert value == json.loads(raw)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert "\\u0000" not in json.dumps(value).replace("\\\\", "")


def test_the_limits_themselves_are_within_the_limits() -> None:
    """64 levels, 10,000 values, 65,536 characters, plus and minus 2^53-1."""
    inside = "[" * 63 + "]" * 63
    assert strict_json.parse(f'{{"a": {inside}}}'.encode())
    assert len(strict_json.parse(json.dumps({"a": [0] * 9_998}).encode())["a"]) == 9_998
    assert strict_json.parse(json.dumps({"a": "x" * 65_536}).encode())
    assert strict_json.parse(json.dumps({"a": [2**53 - 1, -(2**53) + 1]}).encode())
    for beyond in ([0] * 9_999, "x" * 65_537, 2**53, -(2**53)):
        with pytest.raises(Malformed):
            strict_json.parse(json.dumps({"a": beyond}).encode())


def test_numbers_keep_their_kind() -> None:
    """1 stays whole and 1.0 does not become so; a fraction too small to hold is zero."""
    value = strict_json.parse(b'{"a": 1, "b": 1.0, "c": -0.0, "d": 1e-999}')
    assert [type(number) for number in value.values()] == [int, float, float, float]
    assert math.copysign(1, value["c"]) == -1 and value["d"] == 0


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a": 1,}', "line 1, column 9: A comma stands before the closing bracket. Remove the comma."),
        (b'{"a": 1\n "b": 2}', "line 2, column 2: A comma or a closing bracket is missing. Put it here."),
        (b'{"a" 1}', "line 1, column 6: The colon after a key is missing. Put it here."),
        (b'{"a": "x}', "line 1, column 7: The text that begins here never ends. Close it with a double quote."),
        (b"{a: 1}", "line 1, column 2: A key was expected. Write keys in double quotes."),
        (
            b'{"a": "b\nc"}',
            r"line 1, column 9: A raw control character stands in a text. Write a line break as \n, a tab as \t.",
        ),
        (b'{"a": {"b/c": [{"~": 1, "~": 2}]}}', "/a/b~1c/0/~0: This key stands here more than once. Keep one."),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_remedy(raw: bytes, says: str) -> None:
    """Line and column for the writing, a JSON pointer for the meaning."""
    with pytest.raises(Malformed) as refused:
        strict_json.parse(raw)
    assert str(refused.value) == says


def test_what_a_sender_wrote_is_shown_harmlessly() -> None:
    """A key in a message is short, on one line, and without direction overrides."""
    with pytest.raises(Malformed) as refused:
        strict_json.parse(json.dumps({"a\n\u202e" + "x" * 500: math.nan}).encode())
    assert refused.value.problem.place == "/a\\n\\u202e" + "x" * 57 + "…"
