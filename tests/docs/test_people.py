"""What the page on people shows is checked."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.task_requests import ACTS
from journey.company import Company, Team
from journey.load import check

PAGE = (Path(__file__).parents[2] / "docs/people.md").read_text()
CALENDAR = 'calendar: office\ntitle: The office\ntime zone: UTC\nhours: {mon-fri: "9:00-17:00"}\n'


def test_the_company_of_the_page_is_free_of_mistakes_and_uses_every_key_of_teams_and_staff() -> None:
    [text] = re.findall(r"^```yaml company\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    library, problems = check({"company.yaml": text, "calendars/office.yaml": CALENDAR})
    assert problems == [] and library is not None
    company = library.company
    assert company.teams["care-team"].model_fields_set == set(Team.model_fields)
    assert set().union(*(one.model_fields_set for one in company.staff.values())) == {
        "name", "email", "teams", "skills", "away",
    }  # fmt: skip
    assert isinstance(company, Company)


def test_the_page_names_every_act_at_both_doors() -> None:
    for act in ACTS:
        assert f"wayfare tasks {act} " in PAGE and f"`POST /v1/tasks/{{id}}/{act}`" in PAGE
