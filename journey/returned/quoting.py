"""What somebody wrote in a reply, without what they quote, by the few forms that mail programs have for it.

No pattern looks further than one line, so no mail can make one slow.
"""

import re

LONGEST = 20_000
"""Of what is kept, in characters; the whole mail is there, too."""

_OPENS = r"^\W{0,3}(on|am|le|el|il|op|den)\b.{4,200}"
_WROTE = r"\b(wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\b.{0,80}:$"
_INTRODUCES = re.compile(_OPENS + _WROTE, re.IGNORECASE)
_BEGINS = re.compile(_OPENS + "$", re.IGNORECASE)
_ENDS = re.compile(_WROTE, re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\W{0,10}(original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht)\W{0,10}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^_{20,}$")
_HEADS = re.compile(r"^\**(from|von|de|da|van)\**:\**\s.{1,300}$", re.IGNORECASE)
_NEXT_HEADS = re.compile(
    r"^\**(sent|date|to|gesendet|datum|an|envoyé|à|enviado|para|inviato|verzonden|aan)\**:", re.IGNORECASE
)
_SIGNED = re.compile(r"^-- ?$")


def own_words(text: str) -> str:
    """The reply alone. A mail that is nothing but quotation stays as it is: somebody wrote between the lines."""
    lines = [line.rstrip()[:2_000] for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _quotes_from_here(line.strip(), [one.strip() for one in lines[number + 1 : number + 3]]):
            break
        kept.append(line)
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    said = "\n".join(kept).strip("\n")
    return (said if said.strip() else "\n".join(lines).strip())[:LONGEST]


def _quotes_from_here(line: str, after: list[str]) -> bool:
    if _INTRODUCES.match(line) or _ORIGINAL.match(line) or _RULE.match(line) or _SIGNED.match(line):
        return True
    if _BEGINS.match(line) and after and _ENDS.search(after[0]) and not after[0].startswith(">"):
        return True
    return bool(_HEADS.match(line) and after and _NEXT_HEADS.match(after[0]))
