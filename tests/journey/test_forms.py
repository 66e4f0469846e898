"""What people write into a form becomes values of the types that are asked for."""

from __future__ import annotations

from pydantic import TypeAdapter

from journey import forms
from journey.declared.fields import Fields

FORM = TypeAdapter(Fields).validate_python(
    {"reached": "yes/no", "calls": "whole number", "said": "optional text", "mood": {"one of": ["1", "2"]},
     "on": "optional date", "paid": "optional amount", "list": {"list of": "text", "optional": True}}
)  # fmt: skip


def test_each_field_is_read_by_its_type_and_what_is_empty_is_left_out() -> None:
    said = {"reached": "true", "calls": " 7 ", "said": "12", "mood": "1", "on": " ", "paid": "49.00", "list": '["a"]'}
    assert forms.typed(FORM, said) == {
        "reached": True, "calls": 7, "said": "12", "mood": "1", "paid": "49.00", "list": ["a"],
    }  # fmt: skip


def test_what_cannot_be_read_stays_as_it_was_written_and_is_told() -> None:
    answers = forms.typed(FORM, {"reached": "perhaps", "calls": "many", "mood": "1"})
    assert answers == {"reached": "perhaps", "calls": "many", "mood": "1"}
    assert [one.partition(":")[0] for one in forms.wrong(FORM, (), "", answers)] == ["reached", "calls"]
