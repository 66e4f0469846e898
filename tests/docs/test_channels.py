"""What the page on channels shows is checked and played, and names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from journey.channels import CHANNELS, text_of
from journey.load import load
from journey.rehearsal import rehearse
from workers.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs/channels.md").read_text()
COMPANY = "company: Northlight\nmail from: Northlight <hello@northlight.example>\n"
HEAD = "journey: parcel\ntitle: A parcel\nowner: you@example.org\nstart: {on: purchase.completed}\nsteps:\n"
SCENARIO = "journey: parcel\nscenarios:\n  - name: WhatsApp refuses\n    customer: {phone: '+49 170 1234567'}\n"


def block(kind: str) -> str:
    [text] = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(text)


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in text.splitlines())


def test_the_journey_the_texts_and_the_scenario_of_the_page_work_together() -> None:
    library = load(
        {
            "company.yaml": COMPANY,
            "parcel.yaml": HEAD + indented(block("yaml journey"), "  "),
            "messages/parcel.md": "---\nsubject: Your parcel\n---\nIt comes.\n",
            "messages/parcel.sms.md": block("markdown"),
            "messages/parcel.whatsapp.md": "It comes.\n",
            "scenarios/parcel.yaml": SCENARIO
            + "    start: {product: {name: Lamp}}\n"
            + indented(block("yaml"), "    ")
            + "      - {at: 0 seconds, finish: completed}\n",
        }
    )
    result = rehearse(library, "parcel", library.scenarios["parcel"].scenarios[0])
    assert result.passed, result.render()


def test_the_page_has_a_row_for_every_channel_and_names_settings_that_there_are() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| `(.+?)` \|.*\| `(WAYFARE_\w+)` \|$", PAGE, re.MULTILINE)
    assert [channel for channel, _, _ in rows] == list(CHANNELS)
    assert [text for _, text, _ in rows] == [f"{text_of('parcel', channel)}.md" for channel in CHANNELS]
    known = {row.name for row in Settings.from_environment({}).rows()}
    named = set(re.findall(r"WAYFARE_[A-Z_]+", PAGE))
    assert {one for one in named if not one.startswith("WAYFARE_SECRET_")} <= known
