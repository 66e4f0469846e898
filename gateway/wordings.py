"""What the pages for customers say, in the languages that we speak; anybody else reads English.

Sentences that one language has and another has not are found by a test.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Every sentence of these pages in one language. ``{}`` stands for a value."""

    language: str
    gone: str
    gone_help: str
    # the question
    question_title: str
    best: str
    comment: str
    optional: str
    send: str
    change: str
    thanks: str
    changed: str
    you_said: str
    you_wrote: str
    may_change: str
    enough_changes: str
    choose: str
    write: str
    # what we may write about
    preferences_title: str
    preferences: str
    topics: str
    tongue: str
    tongue_label: str
    pause: str
    pause_label: str
    no_pause: str
    until: str
    week: str
    month: str
    quarter: str
    save: str
    nothing: str
    in_any_case: str
    kept: str
    nothing_kept: str


EN = Words(
    language="en",
    gone="This link is no longer good",
    gone_help="It may be cut off: please open it again from the whole message. You can also answer any of our messages,"
    " and a person will see to it.",
    question_title="your answer",
    best="{} of {}",
    comment="In your own words",
    optional="if you like",
    send="Send my answer",
    change="Change my answer",
    thanks="Thank you for your answer.",
    changed="Thank you. Your answer is changed.",
    you_said="You said: {}.",
    you_wrote="You wrote:",
    may_change="You can change it or add a few words.",
    enough_changes="It has been changed so often that we take it as it is.",
    choose="Please choose one of the numbers, then press the button.",
    write="Please write a few words, then press the button.",
    preferences_title="your mail from us",
    preferences="What may we write to you about?",
    topics="Topics",
    tongue="Language",
    tongue_label="Write to me in",
    pause="A pause",
    pause_label="Write nothing for",
    no_pause="no time: no pause",
    until="as long as you said, until {}",
    week="a week",
    month="a month",
    quarter="three months",
    save="Save",
    nothing="Write me nothing of the kind any more",
    in_any_case="Receipts, answers you wait for and notices that we must send come in any case.",
    kept="Thank you. It is kept.",
    nothing_kept="We write you nothing of the kind any more.",
)
DE = Words(
    language="de",
    gone="Dieser Link gilt nicht mehr",
    gone_help="Vielleicht ist er abgeschnitten: Bitte öffnen Sie ihn noch einmal aus der ganzen Nachricht. Sie können"
    " auch auf jede unserer Nachrichten antworten, dann kümmert sich ein Mensch darum.",
    question_title="Ihre Antwort",
    best="{} von {}",
    comment="In Ihren eigenen Worten",
    optional="wenn Sie mögen",
    send="Antwort absenden",
    change="Antwort ändern",
    thanks="Vielen Dank für Ihre Antwort.",
    changed="Vielen Dank. Ihre Antwort ist geändert.",
    you_said="Sie sagten: {}.",
    you_wrote="Sie schrieben:",
    may_change="Sie können sie ändern oder einige Worte dazu schreiben.",
    enough_changes="Sie ist so oft geändert worden, dass wir sie so nehmen, wie sie ist.",
    choose="Bitte wählen Sie eine der Zahlen und drücken Sie dann den Knopf.",
    write="Bitte schreiben Sie ein paar Worte und drücken Sie dann den Knopf.",
    preferences_title="Ihre Post von uns",
    preferences="Worüber dürfen wir Ihnen schreiben?",
    topics="Themen",
    tongue="Sprache",
    tongue_label="Schreiben Sie mir auf",
    pause="Eine Pause",
    pause_label="Schreiben Sie mir nichts für",
    no_pause="keine Zeit: keine Pause",
    until="so lange, wie Sie sagten: bis {}",
    week="eine Woche",
    month="einen Monat",
    quarter="drei Monate",
    save="Speichern",
    nothing="Schreiben Sie mir nichts dergleichen mehr",
    in_any_case="Quittungen, Antworten, auf die Sie warten, und Mitteilungen, zu denen wir verpflichtet sind, kommen"
    " in jedem Fall.",
    kept="Vielen Dank. Es ist vermerkt.",
    nothing_kept="Wir schreiben Ihnen nichts dergleichen mehr.",
)
_ALL = {words.language: words for words in (EN, DE)}


def of(language: str) -> Words:
    """The sentences in a language (``de-AT`` is served by ``de``), else in English."""
    return _ALL.get(language.partition("-")[0].lower(), EN)
