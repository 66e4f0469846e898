"""A message written for somebody who need not exist: as text, page, picture and mail."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest

from journey import messages, samples
from journey.load import load
from store import identity
from store.database import Database
from tests.cli.inside import wayfare
from tests.journey.folders import COMPANY, HEAD, shipped
from tests.system.smtp_server import SmtpServer
from workers import picture, preview
from workers.mistakes import UserMistake
from workers.settings import Settings

MISSING = "NO PICTURE WAS TAKEN, because there is no chromium here:  apt-get install chromium"


@pytest.fixture
def chromium() -> None:
    """There is one, or the test is skipped, loudly; with WAYFARE_REQUIRE_BROWSER=1 it fails."""
    if picture.chromium() is None:
        if os.environ.get("WAYFARE_REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


def test_every_shipped_message_is_written_for_the_customer_of_a_scenario() -> None:
    best = samples.best(shipped())
    assert best.keys() == shipped().messages.keys()
    for name, sample in best.items():
        mail = messages.render(shipped().messages[name], sample.facts)
        assert sample.story and "[" not in mail.subject + mail.text, name


def test_a_message_that_no_scenario_sends_is_written_with_what_is_declared_and_words_in_brackets() -> None:
    fields = "{order_id: text, score: optional number}"
    event = f"event: began\ntitle: It began\nfields: {fields}\nexample: {{order_id: L-1041}}\n"
    body = "{{ vars.answer.score }}, {{ customer.plan }}, {{ customer.name }}\n"
    steps = "steps:\n  - wait: {for: began, up to: 1 day, into: answer}\n  - send: a\n"
    found = load(
        {
            "company.yaml": COMPANY,
            "events/began.yaml": event,
            "customer.yaml": "attributes: {plan: text}\n",
            "story.yaml": f"journey: story\n{HEAD}{steps}",
            "messages/a.md": f"---\nsubject: '{{{{ start.order_id }}}}'\n---\n{body}",
        }
    )
    seen = preview.preview(found, "a")
    assert (seen.mail.subject, seen.mail.text.split("\n")[0]) == ("L-1041", "[answer score], [plan], Grete Hermann")
    assert seen.whom == "Grete Hermann (no scenario sends this text)"


def test_a_preview_is_printed_and_kept_as_files(tmp_path: Path) -> None:
    said = wayfare("preview", "welcome", "--out", str(tmp_path), "--no-pictures")
    assert said.code == 0, said.err
    assert re.match(r"For: Grete Hermann \(scenario: .+\), in en\nSubject: Welcome, Grete\.", said.out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["welcome.en.html", "welcome.en.txt"]
    assert (tmp_path / "welcome.en.txt").read_text() in said.out
    assert (tmp_path / "welcome.en.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("welcom",), 'Did you mean "welcome"?'),
        (("welcome", "--locale", "german"), "write for example de or de-AT"),
        (("welcome", "--scenario", "nobody"), "Known here:"),
        (("welcome", "--out", "/dev/null/x"), "name another with --out"),
        (("welcome", "--no-pictures", "--send-to", "nobody"), "is not a mail address"),
    ],
)
def test_what_cannot_be_previewed_is_said_with_what_to_do(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    out = () if "--out" in words else ("--out", str(tmp_path))
    said = wayfare("preview", *words, *out, "--no-pictures")
    assert said.code != 0 and says in said.err and "Traceback" not in said.err


def test_the_length_of_a_short_message_is_told_and_what_makes_it_dear() -> None:
    assert preview.length(messages.Rendered(subject="", text="Hello.\n", html="")) == "Segments: 1 (6 places)"
    dear = messages.Rendered(subject="", text="a" * 70 + "\u2026", html="")
    assert preview.length(dear) == "Segments: 2 (71 places, because of \u2026)"


def test_a_scenario_is_named_by_its_beginning() -> None:
    seen = preview.preview(shipped(), "setup-guide-ceiling", scenario="A ceiling lamp")
    assert "a ceiling lamp comes with" in seen.whom


async def test_a_customer_of_the_store_takes_the_place_of_the_sample(db: Database) -> None:
    async with db.write() as tx:
        await identity.resolve(tx, {"id": "c-9", "email": "ada@example.org", "name": "Ada Lovelace", "locale": "en-GB"})
    settings = Settings(database_url=str(db.url))
    for reference in ("c-9", "ada@example.org"):
        known = await preview.facts_of(settings, reference)
        seen = preview.preview(shipped(), "welcome", customer=known)
        assert "Hello Ada," in seen.mail.text and seen.whom.startswith("Ada Lovelace")
    with pytest.raises(UserMistake, match='There is no customer "c-10"'):
        await preview.facts_of(settings, "c-10")


async def test_a_preview_is_mailed_to_whom_you_name_and_says_that_it_is_one() -> None:
    mail = preview.preview(shipped(), "welcome").mail
    async with SmtpServer() as smtp:
        settings = Settings(smtp_url=f"smtp://127.0.0.1:{smtp.port}?tls=none")
        said = await asyncio.to_thread(preview.mailed, settings, shipped(), mail, "me@example.org")
        [kept] = smtp.kept
        assert said == f"Sent to me@example.org through 127.0.0.1:{smtp.port}."
        assert (kept.recipient, kept.subject) == ("me@example.org", f"Preview: {mail.subject}")
        assert kept.letter["Content-Language"] == "en"
        await smtp.down()
        with pytest.raises(UserMistake, match="was not sent to me"):
            await asyncio.to_thread(preview.mailed, settings, shipped(), mail, "me@example.org")


def test_without_a_chromium_there_is_a_sentence_in_place_of_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "chromium", lambda: None)
    mail = preview.preview(shipped(), "welcome").mail
    lines = list(preview.kept(mail, tmp_path / "welcome", {"wide": 600}))
    assert lines[-1] == "There is no Chromium here to take a picture with: apt-get install chromium."
    assert len(lines) == 3


def test_a_browser_that_is_none_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "chromium", lambda: "/bin/true")
    with pytest.raises(picture.NoPicture, match="Chromium ended before"):
        picture.taken("<p>Hello</p>", [picture.Shot(300)])


@pytest.mark.usefixtures("chromium")
def test_pictures_are_as_wide_as_asked_show_the_whole_page_and_dark_ones_are_dark(tmp_path: Path) -> None:
    mail = preview.preview(shipped(), "welcome").mail
    lines = list(preview.kept(mail, tmp_path / "welcome", {"wide": 620, "narrow": 380}))
    assert [line.rsplit("/", 1)[1] for line in lines[2:]] == [
        "welcome.wide.png is taken.",
        "welcome.narrow.png is taken.",
        "welcome.dark.png is taken.",
    ]
    wide, narrow, dark = (tmp_path / f"welcome.{name}.png" for name in ("wide", "narrow", "dark"))
    assert size(wide)[0] == 620 and size(narrow)[0] == 380 and size(narrow)[1] > size(wide)[1] > 400
    assert wide.read_bytes() != dark.read_bytes()


def size(file: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    raw = file.read_bytes()
    assert raw.startswith(b"\x89PNG")
    return int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])


@pytest.mark.usefixtures("chromium")
def test_a_page_that_is_pictured_runs_no_scripts() -> None:
    page = "<p style='height:50px'>x</p><script>document.body.style.height='3000px'</script>"
    [taken] = picture.taken(page, [picture.Shot(300)])
    assert int.from_bytes(taken[20:24]) < 1_000
