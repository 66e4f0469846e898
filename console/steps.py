"""Where somebody rests in a journey and what can come next, in the words of the journey's author."""

from journey.definition import Journey


def place(journey: Journey, step_id: str | None) -> str:
    """Where a step stands, in reading order: ``step 4 of 15``; '' for one that the journey does not have."""
    ids = list(journey.spots)
    return f"step {ids.index(step_id) + 1} of {len(ids)}" if step_id in journey.spots else ""


def upcoming(journey: Journey, step_id: str | None) -> list[tuple[str, str]]:
    """The ways on from a step that waits: when, and what comes then."""
    spot = journey.spots.get(step_id or "")
    if spot is None:
        return []
    if not spot.step.hears():
        return [("then", named(journey, spot.after))]
    came = [named(journey, first) for name, first in spot.blocks.items() if name != "otherwise"]
    otherwise = named(journey, spot.blocks.get("otherwise", spot.after))
    if set(came) == {otherwise}:
        return [("then", otherwise)]
    comes = "when it comes" if len(spot.step.hears()) == 1 else "when one comes"
    return [(comes, " or ".join(dict.fromkeys(came))), ("if not", otherwise)]


def named(journey: Journey, step_id: str | None) -> str:
    """A step in its author's words; None: the end."""
    return "the end" if step_id is None else journey.spots[step_id].step.title()
