"""The journey as a Mermaid flowchart, for pages that draw such text themselves (GitHub, GitLab, wikis)."""

from collections.abc import Iterator, Mapping

from journey.definition import Journey, Spot
from journey.drawing.parts import begins
from journey.steps import Step

_SHAPES = {"choose": "{{{}}}", "split": "{{{}}}", "race": "([{}])", "wait": "([{}])", "finish": "(({}))"}


def draw(journey: Journey, counts: Mapping[str, int] | None = None) -> str:
    """The text of the flowchart. ``counts`` puts how many customers are at a step behind its words, by step id."""
    names = {step_id: f"s{number}" for number, step_id in enumerate(journey.spots, 1)}
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _lines(journey, names, counts or {}))]) + "\n"


def _lines(journey: Journey, names: Mapping[str, str], counts: Mapping[str, int]) -> Iterator[str]:
    yield f"start([{_said(begins(journey))}]) --> {names[journey.first]}"
    for step_id, spot in journey.spots.items():
        count = f" ({counts[step_id]:,})" if counts.get(step_id) else ""
        yield names[step_id] + _SHAPES.get(spot.step.kind, "[{}]").format(_said(spot.step.words() + count))
    closing = {step.id: watch.as_ for watch in journey.watches for step in _all(watch.do)}
    for step_id, spot in journey.spots.items():
        if spot.step.ends() and spot.step.goes_to() is None:
            continue
        ends = f"end{names[step_id]}"
        for words, there in _ways(spot):
            if there is None:
                yield f"{names[step_id]} -->{_edge(words)} {ends}(({_said(closing.get(step_id, 'completed'))}))"
            else:
                yield f"{names[step_id]} -->{_edge(words)} {names[there]}"
    for number, watch in enumerate(journey.watches):
        word = "goal" if watch is journey.goal else "exit"
        words = _said(f"at any moment, {word}: {watch.on}" + (f" if {watch.if_}" if watch.if_ else ""))
        to = names[watch.do[0].id] if watch.do else f"out{number}(({_said(watch.as_)}))"
        yield f"{word}{number}>{words}] -.-> {to}"


def _ways(spot: Spot) -> Iterator[tuple[str, str | None]]:
    """Where a step leads, with the words of each way; None is the end."""
    step = spot.step
    for block, there in spot.blocks.items():
        yield step.label(block), there
    if step.goes_to() is not None:
        yield "", step.goes_to()
    elif step.goes_on() and not step.ends():
        yield (step.past() if spot.blocks else ""), spot.after


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        for _, block in step.blocks():
            yield from _all(block)


def _edge(words: str) -> str:
    return f"|{_said(words)}|" if words else ""


def _said(text: str) -> str:
    """Words between quotes, in which Mermaid reads nothing but entities."""
    short = " ".join(text.split())
    short = short if len(short) <= 80 else f"{short[:79]}…"
    for letter, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        short = short.replace(letter, code)
    return f'"{short}"'
