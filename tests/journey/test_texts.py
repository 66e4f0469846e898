"""Texts with layouts, snippets and translations: what is put together from the files, and what a customer gets."""

from typing import Any

import pytest

from journey import messages
from journey.library import Library
from journey.load import check, load
from journey.messages import Message
from journey.problems import render_all
from journey.texts import page
from tests.journey.folders import COMPANY
from tests.journey.golden import compare

HEAD = "---\nsubject: Hello {{ customer.name }}\npreheader: See inside\n---\n"
STOP = "{% if unsubscribe_url %}[no more]({{ unsubscribe_url }}){% endif %}\n"
HTML = """<html><head><style>p { color: #111111 }</style></head><body>
<h2>{{ company.name }}</h2>
{{ content }}
<p>{% if because %}You get this because {{ because }}.{% endif %}
{% if unsubscribe_url %}<a href="{{ unsubscribe_url }}">no more</a>{% endif %}</p>
</body></html>
"""
MJML = """<mjml><mj-head><mj-title>{{ subject }}</mj-title><mj-preview>{{ preheader }}</mj-preview></mj-head><mj-body>
<mj-section><mj-column><mj-text>{{ content }}</mj-text></mj-column></mj-section>
<mj-section><mj-column><mj-text>{{ company.name }}
{% if unsubscribe_url %}<a href="{{ unsubscribe_url }}">no more</a>{% endif %}</mj-text></mj-column></mj-section>
</mj-body></mjml>
"""


def folder(sends: str = "welcome", **files: str) -> dict[str, str]:
    """A folder whose journey sends some texts; files are named with ``__`` for a slash and ``_`` for a dot."""
    steps = "".join(f"  - send: {name}\n" for name in sends.split())
    story = f"journey: story\ntitle: T\nowner: a@example.org\nstart: {{on: began}}\nsteps:\n{steps}"
    texts = {f"messages/{name.replace('__', '/').replace('_', '.')}": text for name, text in files.items()}
    return {"company.yaml": COMPANY, "story.yaml": story, **texts}


def library(sends: str = "welcome", **files: str) -> Library:
    return load(folder(sends, **files))


def written(found: Library, message: str = "welcome", url: str = "", **customer: Any) -> messages.Rendered:
    customer = {"name": "Grete", **customer}
    facts = {"customer": customer, "company": found.company.facts, "start": {"order_id": "o-1"}, "vars": {}}
    return messages.render(found.messages[message], facts, unsubscribe_url=url)


def test_a_markdown_layout_frames_both_parts() -> None:
    layout = "*Northlight*\n\n{{ content }}\n\n---\n\n{{ company.name }}. " + STOP
    found = library(welcome_md=HEAD + "Dear **you**.\n", layouts__default_md=layout)
    plain, declined = written(found), written(found, url="https://example.org/u/1")
    assert plain.text == "*Northlight*\n\nDear you.\n\n---\n\nExample.\n"
    assert declined.text == "*Northlight*\n\nDear you.\n\n---\n\nExample. no more: https://example.org/u/1\n"
    assert '<a href="https://example.org/u/1"' in declined.html and "<strong>you</strong>" in declined.html
    assert "no more" not in plain.html


def test_an_html_layout_frames_the_page_and_its_words_frame_the_plain_text() -> None:
    text = HEAD.replace("preheader", "because: you have written to us\npreheader") + "Dear **you**.\n"
    found = library(welcome_md=text, layouts__default_html=HTML)
    mail = written(found, url="https://example.org/u/1")
    assert mail.text == (
        "Example\n\nDear you.\n\nYou get this because you have written to us. no more: https://example.org/u/1\n"
    )
    assert '<p style="color: #111111;">Dear <strong>you</strong>.</p>' in mail.html
    assert "<title>Hello Grete</title>" in mail.html and ">See inside</div>" in mail.html
    assert written(found).text.endswith("because you have written to us.\n")


def test_an_mjml_layout_holds_markdown_and_mjml_alike() -> None:
    parts = "<mj-section><mj-column><mj-text><p>Dear {{ customer.name }},</p></mj-text></mj-column></mj-section>\n"
    layout = MJML.replace(
        "<mj-section><mj-column><mj-text>{{ content }}</mj-text></mj-column></mj-section>", "{{ content }}"
    )
    found = library(
        "welcome news",
        welcome_md=HEAD + "Dear **you**.\n",
        news_mjml="---\nsubject: News\nlayout: bare\n---\n" + parts,
        layouts__default_mjml=MJML,
        layouts__bare_mjml=layout,
    )
    welcome, news = written(found), written(found, "news", name="<b>Grete</b>", url="https://example.org/u/1")
    assert welcome.text == "Dear you.\n\nExample\n" and "<strong>you</strong>" in welcome.html
    assert news.text == "Dear <b>Grete</b>,\n\nExample no more: https://example.org/u/1\n"
    assert "Dear &lt;b&gt;Grete&lt;/b&gt;," in news.html
    for mail in (welcome, news):
        assert '<html lang="en" dir="ltr"' in mail.html and "{{" not in mail.html and "<mj-" not in mail.html
        assert "fonts.googleapis" not in mail.html


def test_a_whole_mjml_document_needs_no_layout() -> None:
    text = "<mj-text>Dear {{ customer.name }}</mj-text>"
    body = f"<mjml><mj-body><mj-section><mj-column>{text}</mj-column></mj-section></mj-body></mjml>\n"
    mail = written(
        library(welcome_mjml=HEAD + body, layouts__default_html=HTML, sends="welcome other", other_md=HEAD + "x\n")
    )
    assert mail.text == "Dear Grete\n"


def test_a_text_chooses_its_layout_or_none() -> None:
    found = library(
        "a b c",
        a_md="---\nsubject: A\n---\nA.\n",
        b_md="---\nsubject: B\nlayout: other\n---\nB.\n",
        c_md="---\nsubject: C\nlayout: none\n---\nC.\n",
        layouts__default_md="default\n\n{{ content }}\n\n" + STOP,
        layouts__other_md="other\n\n{{ content }}\n\n" + STOP,
    )
    assert [written(found, name).text for name in "abc"] == ["default\n\nA.\n", "other\n\nB.\n", "C.\n"]


def test_one_letter_is_in_one_language_with_its_layout_and_snippets() -> None:
    found = library(
        "welcome other",
        welcome_md=HEAD + "Hello.\n\n{% render 'bye', who: customer.name %}\n",
        welcome_de_md="---\nsubject: Hallo\n---\nHallo.\n\n{% render 'bye', who: customer.name %}\n",
        welcome_fr_md="---\nsubject: Salut\n---\nSalut.\n\n{% render 'bye', who: customer.name %}\n",
        other_md=HEAD + "Other.\n",
        snippets__bye_md="Bye, {{ who }}!\n",
        snippets__bye_de_md="Tschüss, {{ who }}!\n",
        layouts__default_md="{{ content }}\n\nYours " + STOP,
        layouts__default_de_md="{{ content }}\n\nEure " + STOP,
    )
    said = {locale: written(found, locale=locale) for locale in ("en", "de-AT", "fr", "it")}
    assert said["en"].text == said["it"].text == "Hello.\n\nBye, Grete!\n\nYours\n"
    assert said["de-AT"].text == "Hallo.\n\nTschüss, Grete!\n\nEure\n"
    assert said["fr"].text == "Salut.\n\nBye, Grete!\n\nYours\n"
    assert [mail.locale for mail in said.values()] == ["en", "de", "fr", "en"]
    assert written(found, "other", locale="de").text == "Other.\n\nYours\n"
    assert len({mail.version for mail in said.values()}) == 3 and all(mail.version for mail in said.values())


def test_the_first_file_may_be_in_another_language_than_the_companys() -> None:
    found = library(
        welcome_md="---\nsubject: Dzień dobry\nlanguage: pl\n---\nDzień dobry.\n",
        welcome_en_md="---\nsubject: Hello\n---\nHello.\n",
    )
    assert [written(found, locale=locale).locale for locale in ("pl", "en", "fr")] == ["pl", "en", "en"]


def test_what_the_first_file_says_of_all_languages_holds_for_its_translations() -> None:
    found = library(
        welcome_md="---\nsubject: Hello\nclass: transactional\n---\nHello.\n",
        welcome_de_md="---\nsubject: Hallo\n---\nHallo.\n",
    )
    assert found.messages["welcome"].wording("de").kind == "transactional"


def test_a_version_changes_with_the_text_its_layout_and_its_snippets_and_with_nothing_else() -> None:
    files = {
        "welcome_md": HEAD + "Hello. {% render 'bye' %}\n",
        "welcome_de_md": "---\nsubject: Hallo\n---\nHallo.\n",
        "snippets__bye_md": "Bye.\n",
        "layouts__default_md": "{{ content }}\n\n" + STOP,
    }
    before = library(**files).messages["welcome"]
    assert library(**files).messages["welcome"] == before
    for name, text in files.items():
        after = library(**{**files, name: text.replace("\n", " now\n") if "welcome" not in name else text + "Now.\n"})
        message = after.messages["welcome"]
        assert (message.version == before.version) == (name == "welcome_de_md"), name


def test_a_published_message_needs_nothing_else_and_old_ones_can_still_be_read() -> None:
    found = library(welcome_md=HEAD + "Hello.\n", layouts__default_html=HTML).messages["welcome"]
    assert Message.model_validate(found.model_dump(mode="json")) == found
    old = {"name": "welcome", "subject": "Hello", "kind": "lifecycle", "preheader": "", "body": "Hi.", "body_line": 4}
    assert messages.render(Message.model_validate(old), {}).text == "Hi.\n"


def test_a_snippet_knows_what_it_is_given_and_what_every_text_knows() -> None:
    found = library(
        welcome_md=HEAD + "{% assign who = customer.name %}{% render 'who', who: 'Mara' %} {{ who }}\n",
        snippets__who_md="{{ who }} of {{ company.name }}{% assign who = 'nobody' %}",
    )
    assert written(found).text == "Mara of Example Grete\n"


def test_values_in_snippets_are_as_harmless_as_in_texts() -> None:
    found = library(welcome_md=HEAD + "{% render 'who', who: customer.name %}\n", snippets__who_md="**{{ who }}**")
    mail = written(found, name="[x](http://evil.example) <b>")
    assert mail.text == "[x](http://evil.example) <b>\n" and "evil.example</strong>" not in mail.html
    assert "<strong>[x](http://evil.example) &lt;b&gt;</strong>" in mail.html


def test_a_file_that_no_mail_program_would_show_whole_is_refused() -> None:
    files = folder(welcome_md=HEAD + "Hello, hello.\n" * 10_000)
    compare("text-too-long", render_all(check(files)[1], files) + "\n")


def test_folders_within_the_three_and_readmes_are_left_alone() -> None:
    files = folder(welcome_md=HEAD + "Hello.\n", drafts__x_md="draft", README_md="# Texts", layouts__README_md="# L")
    assert check(files)[1] == []


@pytest.mark.parametrize("subject", ["{{ customer.name }}", "{% render 'who' %}"])
def test_a_subject_may_render_a_snippet_and_stays_one_line(subject: str) -> None:
    found = library(
        welcome_md=f"---\nsubject: {subject}\n---\n{{% render 'who' %}}\n", snippets__who_md="{{ customer.name }}\n"
    )
    assert written(found, name="Grete\nBcc: evil@example.org").subject == "Grete Bcc: evil@example.org"


def test_the_page_of_a_company_without_a_layout_has_a_place_for_the_link_to_decline() -> None:
    mail = written(library(welcome_md=HEAD + "Hello.\n"), url="https://example.org/u/1")
    assert mail.text.endswith("Example: no more of these mails: https://example.org/u/1\n")
    assert page.PLACE not in mail.html
