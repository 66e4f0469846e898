"""Machines that answer by themselves (RFC 3834): out of office, receipts of ticket systems, lists."""

import re
from email.message import Message

from journey.returned import mime

_SUBJECTS = re.compile(
    r"^\W*(out of (the )?office|auto(matic|mated|matische|-)? ?(reply|response|antwort)|autoreply|auto:|abwesen(d|heit)"
    r"|(ich bin )?nicht im (hause|büro)|urlaub(s|:)|vacation|away from my mail|r.ponse automatique|absence du bureau"
    r"|respuesta autom.tica|fuera de la oficina|risposta automatica|automatisch antwoord)",
    re.IGNORECASE,
)
_PRECEDENCE = ("bulk", "junk", "list", "auto_reply")
_SIGNS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "list-id")


def why(mail: Message, envelope_from: str) -> str:
    """By what a mail shows that no person wrote it; '' if a person did."""
    said = mime.header(mail, "auto-submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return f"Auto-Submitted: {said[:40]}"
    if not envelope_from.strip("<> "):
        return "it has no sender to answer to"
    return _by_habit(mail)


def _by_habit(mail: Message) -> str:
    """What machines had before there was a standard, and some still have."""
    if re.search(r"\b(all|oof|autoreply)\b", mime.header(mail, "x-auto-response-suppress").lower()):
        return "X-Auto-Response-Suppress"
    precedence = mime.header(mail, "precedence").lower()
    if precedence in _PRECEDENCE:
        return f"Precedence: {precedence}"
    if sign := next((name for name in _SIGNS if mime.header(mail, name)), ""):
        return sign
    sender = mime.address(mail, "from").partition("@")[0]
    if sender in ("mailer-daemon", "postmaster"):
        return f"it comes from {sender}"
    subject = mime.header(mail, "subject")
    return f"the subject “{subject[:60]}”" if _SUBJECTS.search(subject) else ""
