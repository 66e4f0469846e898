"""`wayfare explain`, and the page of all rules."""

from cli.rule_pages import pages
from tests.cli.inside import ROOT, wayfare


def test_without_a_rule_every_rule_is_listed_with_its_meaning() -> None:
    said = wayfare("explain")
    assert said.code == 0
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(pages())
    assert "A step sends a text that does not exist." in said.out


def test_a_rule_is_shown_with_a_wrong_and_a_right_example() -> None:
    said = wayfare("explain", "unknown-message")
    assert said.code == 0
    assert said.out.startswith("# unknown-message\n")
    assert said.out.index("send: welcom\n") < said.out.index("Right:") < said.out.index("send: welcome\n")


def test_a_code_may_come_with_its_brackets() -> None:
    assert wayfare("explain", "[unknown-message]").out == wayfare("explain", "unknown-message").out


def test_a_rule_that_does_not_exist_is_told_with_the_one_that_may_be_meant() -> None:
    said = wayfare("explain", "unknwon-message")
    assert said.code == 1
    assert said.err == 'There is no rule "unknwon-message". Did you mean "unknown-message"?\n'


def test_the_page_of_all_rules_is_written_from_the_same_source() -> None:
    said = wayfare("explain", "--all")
    assert said.out == (ROOT / "docs/rules.md").read_text(), "run: wayfare explain --all > docs/rules.md"
