"""What helps a person with a task, written for one customer: points to check, what to say, ready replies."""

from typing import Any

from journey import messages, templates
from journey.effects import Playbook
from store import definitions
from store.database import Tx


async def written(tx: Tx, playbook: Playbook, known: dict[str, Any]) -> dict[str, Any]:
    """The playbook in this customer's words; a reply that cannot be written says why."""
    return {
        "check": [said(point, known) for point in playbook.check],
        "say": said(playbook.say, known),
        "replies": [await _reply(tx, name, known) for name in playbook.replies],
    }


async def _reply(tx: Tx, name: str, known: dict[str, Any]) -> dict[str, str]:
    text = await definitions.text(tx, name)
    if text is None:
        return {"name": name, "problem": "it is not published any more"}
    try:
        letter = messages.render(text, known)
    except templates.TextProblem as problem:
        return {"name": name, "problem": str(problem)}
    return {"name": name, "subject": letter.subject, "text": letter.text, "language": letter.locale}


def said(source: str, known: dict[str, Any]) -> str:
    """A text for staff; one that cannot be written is kept as it stands, with the reason."""
    try:
        return templates.render(source, known).strip()
    except templates.TextProblem as problem:
        return f"{source.strip()} ({problem})"
