"""Rules about segments and the loyalty programme."""

from collections.abc import Callable, Iterator

from journey import conditions
from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.record.loyalty import Loyalty
from journey.record.segments import Segment
from journey.rules.expressions import no_condition, unknown_names, unreadable
from journey.rules.sources import declared, place_in, place_of
from journey.steps.base import Use
from journey.templates import position
from journey.typed.infer import Reading
from journey.typed.syntax import tree as syntax
from journey.yaml_tree import Tree


def check_segment(segment: Segment, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in one segment."""
    return [problem for rule in SEGMENT for problem in rule(segment, tree, context)]


def check_loyalty(loyalty: Loyalty, tree: Tree, context: Context) -> list[Problem]:
    """Every problem of meaning in the loyalty programme."""
    return list(bonus_for_nothing(loyalty, tree, context))


def segment_name(segment: Segment, tree: Tree, context: Context) -> Iterator[Problem]:
    """A segment and its file are called otherwise."""
    file = tree.file.rpartition("segments/")[2]
    if segment.segment != file.removesuffix(".yaml").removesuffix(".yml"):
        message = f'The segment is called "{segment.segment}" but its file "{file}".'
        yield Problem(tree.place(("segment",)), message, "segment-name", "Give both the same name.")


def segment_condition(segment: Segment, tree: Tree, context: Context) -> Iterator[Problem]:
    """A condition that cannot be read, is none, or names what is not known of a customer."""
    use = Use((), segment.if_, ("customer", "now"))
    problems = list(unreadable(tree, ("if",), use))
    if problems:
        yield from problems
        return
    yield from no_condition(tree, ("if",), use)
    yield from unknown_names(tree, ("if",), use)
    if context.events:
        known = {"customer": declared(context).customer}
        for finding in Reading(syntax(segment.if_), segment.if_, known).findings:
            place = place_in(tree, ("if",), segment.if_, *position(segment.if_, finding.at))
            yield Problem(place, finding.message, finding.rule, finding.hint)


def segment_circle(segment: Segment, tree: Tree, context: Context) -> Iterator[Problem]:
    """A segment is made of segments: who is in it would depend on the order in which they are asked."""
    for mention in conditions.mentions(segment.if_):
        if (mention.root, mention.field) == ("customer", "segments"):
            use = Use((), segment.if_)
            message = "A segment cannot be made of segments."
            hint = "Write the condition itself."
            yield Problem(place_of(tree, ("if",), use, mention), message, "segment-circle", hint)


SEGMENT: tuple[Callable[[Segment, Tree, Context], Iterator[Problem]], ...] = (
    segment_name,
    segment_condition,
    segment_circle,
)


def bonus_for_nothing(loyalty: Loyalty, tree: Tree, context: Context) -> Iterator[Problem]:
    """Extra points for a product that has no file, although others have."""
    for number, bonus in enumerate(loyalty.bonus) if context.skus else ():
        if bonus.product not in context.skus:
            place = tree.place(("bonus", number, "product"))
            hint = did_you_mean(bonus.product, context.skus)
            yield Problem(place, f'There is no product "{bonus.product}".', "bonus-for-nothing", hint)
