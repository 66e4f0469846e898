"""Results as JUnit XML, which every CI can show."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from cli.rehearsing import Played


def report(played: Played, least: float) -> str:
    """One test case a scenario, and one a journey for what is reached of it."""
    suites = ET.Element("testsuites", name="wayfare")
    for one in played.coverages:
        stories = [story for story in played.results if story.result.journey == one.journey]
        below = one.percent < least
        failures = sum(not story.passed for story in stories) + below
        suite = ET.SubElement(
            suites, "testsuite", name=one.journey, tests=str(len(stories) + 1), failures=str(failures), errors="0"
        )
        for story in stories:
            case = ET.SubElement(suite, "testcase", classname=one.journey, name=_clean(story.result.scenario))
            if not story.passed:
                _fail(case, "It went otherwise than expected.", story.render())
        case = ET.SubElement(suite, "testcase", classname=one.journey, name="what the scenarios reach")
        if below:
            said = f"{one.percent:.1f} percent is reached; at least {least:g} is wanted."
            _fail(case, said, "\n".join(problem.render() for problem in one.missing))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _fail(case: ET.Element, message: str, text: str) -> None:
    ET.SubElement(case, "failure", message=message).text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)
