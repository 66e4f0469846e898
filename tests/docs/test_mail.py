"""What the page on messages shows is checked."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from journey.policies import Policies

PAGE = (Path(__file__).parents[2] / "docs/mail.md").read_text()


def test_the_policies_of_the_page_are_free_of_mistakes_and_use_every_key() -> None:
    [text] = re.findall(r"^```yaml policies\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    policies = Policies.model_validate(yaml.load(text, yaml.BaseLoader))
    assert policies.model_fields_set == set(Policies.model_fields)


def test_the_page_names_every_gate_in_its_order() -> None:
    steps = re.findall(r"^\d+\. (.*)", PAGE, re.MULTILINE)
    words = (
        "stale_after",
        "suppressed",
        "topic",
        "dedupe",
        "precedence",
        "release",
        "pause",
        "hours",
        "caps",
        "providers",
    )
    assert [word for word, step in zip(words, steps, strict=True) if word not in step] == []
