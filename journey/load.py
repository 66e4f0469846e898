"""The one door from text to definitions: every file of a definitions folder in, a Library or every mistake out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from journey import rules, yaml_tree
from journey.company import Company
from journey.declared import special_days
from journey.declared.calendar import DeclaredCalendar
from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from journey.declared.subscriber import Subscriber
from journey.definition import OURS, Journey
from journey.library import Library
from journey.messages import Message
from journey.places import Context, placed_steps
from journey.policies import Policies
from journey.population.model import Population
from journey.problems import DefinitionError, Place, Problem, did_you_mean
from journey.record.loyalty import Loyalty
from journey.record.products import Product
from journey.record.segments import Segment
from journey.rules import records
from journey.rules.earlier import Earlier
from journey.rules.sources import kept as variables_kept
from journey.scenarios import Scenarios
from journey.shape import BLOCKS, shape
from journey.steps import kind_of
from journey.steps.clock import VERBS
from journey.texts import folder as text_folder
from journey.texts.asking import Askings
from journey.texts.composing import compose
from journey.texts.folder import Texts
from journey.yaml_tree import Tree

COMPANY = "company.yaml"
CUSTOMER = "customer.yaml"
LOYALTY = "loyalty.yaml"
POLICIES = "policies.yaml"
BRANCHES = ("choose", "race", "split", "outcomes", "overtaken by", "warn", "exit")
"""The keys that hold lists of branches, each with steps of its own."""


@dataclass
class _Folder:
    """What has been read so far."""

    company: Company | None = None
    journeys: dict[str, tuple[Journey, Tree]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    scenarios: dict[str, tuple[Scenarios, Tree]] = field(default_factory=dict)
    events: dict[str, tuple[DeclaredEvent, Tree]] = field(default_factory=dict)
    populations: dict[str, tuple[Population, Tree]] = field(default_factory=dict)
    customer: DeclaredCustomer | None = None
    sources: dict[str, tuple[Source, Tree]] = field(default_factory=dict)
    subscribers: dict[str, tuple[Subscriber, Tree]] = field(default_factory=dict)
    calendars: dict[str, tuple[DeclaredCalendar, Tree]] = field(default_factory=dict)
    ical: dict[str, str] = field(default_factory=dict)
    company_tree: Tree | None = None
    broken_calendars: set[str] = field(default_factory=set)
    policies: tuple[Policies, Tree] | None = None
    products: dict[str, tuple[Product, Tree]] = field(default_factory=dict)
    segments: dict[str, tuple[Segment, Tree]] = field(default_factory=dict)
    loyalty: dict[str, tuple[Loyalty, Tree]] = field(default_factory=dict)
    broken_journeys: set[str] = field(default_factory=set)
    broken_products: set[str] = field(default_factory=set)
    text_files: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(files: Mapping[str, str], prefix: str = "") -> Library:
    """Read a definitions folder: ``files`` maps paths inside it (``onboarding.yaml``) to their text; ``prefix`` is put
    before file names in messages. Raises DefinitionError with every problem."""
    library, problems = check(files, prefix)
    if library is None:
        raise DefinitionError(problem for problem in problems if not problem.warning)
    return library


def check(
    files: Mapping[str, str], prefix: str = "", in_use: Iterable[Earlier] = ()
) -> tuple[Library | None, list[Problem]]:
    """Like ``load``, with warnings, and never raising: no library if there is any mistake. ``in_use`` are the versions
    that customers are on: whoever stays on one has to be able to get the new texts."""
    folder = _Folder()
    for path in sorted(files):
        _read(folder, path, files[path], prefix + path)
    if COMPANY not in files:
        hint = "It holds the company's name, the sender of its mail and its teams."
        folder.problems.append(Problem(Place(prefix + COMPANY), "The file is missing.", "no-company", hint))
    texts = text_folder.read(folder.text_files, prefix, folder.company.language if folder.company else "")
    kept = _kept(folder)
    context = Context(
        company=folder.company,
        messages=frozenset(texts.wordings) | texts.broken,
        journeys=frozenset(folder.journeys) | folder.broken_journeys,
        texts={name: wordings[""].message for name, wordings in texts.wordings.items() if "" in wordings},
        kept=kept,
        sent=None if folder.broken_journeys else frozenset(kept),
        events={name: event for name, (event, _) in folder.events.items()},
        customer=folder.customer,
        starts={name: journey.start.on for name, (journey, _) in folder.journeys.items()},
        products={sku: product for sku, (product, _) in folder.products.items()},
        skus=frozenset(folder.products) | folder.broken_products,
        askings=Askings(texts),
        calendars=frozenset(folder.calendars) | folder.broken_calendars,
        ical=folder.ical,
    )
    folder.messages, problems = _composed(texts, context)
    folder.problems += problems
    folder.problems += _meaning(folder, texts, context)
    problems = sorted(set(folder.problems))
    library = None if any(not problem.warning for problem in problems) else _library(folder)
    newest = {journey.hash for journey in library.journeys.values()} if library is not None else ()
    stranded = [
        problem
        for one in (in_use if library is not None else ())
        if one.journey.hash not in newest
        for problem in rules.check_earlier(one, context, prefix)
    ]
    return (None if stranded else library), sorted([*problems, *stranded])


def _library(folder: _Folder) -> Library | None:
    """What a folder without mistakes says."""
    if folder.company is None:
        return None
    return Library(
        company=folder.company,
        journeys={name: _pinned(journey, folder.messages) for name, (journey, _) in folder.journeys.items()},
        messages=folder.messages,
        scenarios={name: scenarios for name, (scenarios, _) in folder.scenarios.items()},
        events={name: event for name, (event, _) in folder.events.items()},
        customer=folder.customer,
        policies=folder.policies[0] if folder.policies else Policies(),
        products={sku: product for sku, (product, _) in folder.products.items()},
        segments={name: segment for name, (segment, _) in folder.segments.items()},
        loyalty=next((loyalty for loyalty, _ in folder.loyalty.values()), None),
        populations={name: population for name, (population, _) in folder.populations.items()},
        sources={name: source for name, (source, _) in folder.sources.items()},
        subscribers={name: subscriber for name, (subscriber, _) in folder.subscribers.items()},
        calendars={name: special_days.resolved(one, folder.ical) for name, (one, _) in folder.calendars.items()},
    )


def journeys(files: Mapping[str, str]) -> tuple[dict[str, Journey], list[Problem]]:
    """The journeys of a folder that can be read, whatever else is wrong, by name; and the mistakes in the others."""
    folder = _Folder()
    for path in sorted(files):
        if "/" not in path and path not in READERS:
            _read(folder, path, files[path], path)
    mistakes = [problem for problem in folder.problems if not problem.warning]
    return {name: journey for name, (journey, _) in folder.journeys.items()}, mistakes


def _pinned(journey: Journey, messages: Mapping[str, Message]) -> Journey:
    """The journey with the texts that belong to this version of it."""
    names = {name for spot in journey.spots.values() for name in spot.step.pins()}
    known = {name: messages[name].digest for name in sorted(names & messages.keys())}
    return journey.model_copy(update={"pinned": known}) if known else journey


def _composed(texts: Texts, context: Context) -> tuple[dict[str, Message], list[Problem]]:
    """The messages, and every problem of their files; none is put together before all the files are in order."""
    problems = [*texts.problems, *rules.check_texts(texts, context)]
    if any(not problem.warning for problem in problems):
        return {}, problems
    messages, more = compose(texts)
    return messages, [*problems, *more]


def _meaning(folder: _Folder, texts: Texts, context: Context) -> Iterator[Problem]:
    """Every problem of meaning, in what can be read."""
    company = {"": (folder.company, folder.company_tree)} if folder.company is not None else {}
    kinds: tuple[tuple[Callable[[Any, Any, Context], list[Problem]], Mapping[str, tuple[Any, Any]]], ...] = (
        (rules.check_company, company),
        (rules.check_calendar, folder.calendars),
        (rules.check_journey, folder.journeys),
        (rules.check_scenarios, folder.scenarios),
        (rules.check_event, folder.events),
        (rules.check_population, folder.populations),
        (rules.check_source, folder.sources),
        (rules.check_product, folder.products),
        (rules.check_subscriber, folder.subscribers),
        (records.check_segment, folder.segments),
        (records.check_loyalty, folder.loyalty),
    )
    for check_one, found in kinds:
        for one, tree in found.values():
            yield from check_one(one, tree, context)
    for name, message in context.texts.items():
        yield from rules.check_message(message, texts.wordings[name][""].piece.file, context)
    if folder.policies is not None:
        yield from rules.check_policies(*folder.policies, context)


def _kept(folder: _Folder) -> dict[str, frozenset[str]]:
    """For each message, the variables that some journey which sends it keeps."""
    found: dict[str, frozenset[str]] = {}
    for journey, _ in folder.journeys.values():
        for step, _ in placed_steps(journey):
            for name in step.letters():
                found[name] = found.get(name, frozenset()) | variables_kept(journey)
    return found


def _read(folder: _Folder, path: str, text: str, shown: str) -> None:
    """One file, by its name or by its place; a README is for people. YAML in a folder that nobody knows is odd."""
    place, _, name = path.rpartition("/")
    kind = "yaml" if path.endswith((".yaml", ".yml")) else path.rpartition(".")[2]
    reader = READERS.get(path) or READERS.get(f"{place.partition('/')[0]}/*.{kind}")
    if reader is not None and name != "README.md":
        reader(folder, path, text, shown)
    elif reader is None and kind == "yaml":
        folders = sorted(known.partition("/")[0] for known in READERS if known.endswith(f"/*.{kind}"))
        hint = did_you_mean(place.partition("/")[0], [one for one in folders if one])
        folder.problems.append(Problem(Place(shown), "Nothing reads this file.", "unread-file", hint, warning=True))


def _read_company(folder: _Folder, path: str, text: str, shown: str) -> None:
    folder.company_tree, folder.company = _yaml(folder, Company, text, shown)


def _read_customer(folder: _Folder, path: str, text: str, shown: str) -> None:
    _, folder.customer = _yaml(folder, DeclaredCustomer, text, shown)


def _read_policies(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, policies = _yaml(folder, Policies, text, shown)
    if policies is not None:
        folder.policies = (policies, tree)


def _read_message(folder: _Folder, path: str, text: str, shown: str) -> None:
    folder.text_files[path] = text


def _read_event(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, event = _yaml(folder, DeclaredEvent, text, shown)
    if event is not None:
        folder.events[event.event] = (event, tree)


def _read_source(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, source = _yaml(folder, Source, text, shown)
    if source is not None:
        folder.sources[source.source] = (source, tree)


def _read_calendar(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, calendar = _yaml(folder, DeclaredCalendar, text, shown)
    if calendar is None:
        folder.broken_calendars.add(path.removeprefix("calendars/").rsplit(".", 1)[0])
    else:
        folder.calendars[calendar.calendar] = (calendar, tree)


def _read_ical(folder: _Folder, path: str, text: str, shown: str) -> None:
    folder.ical[path.removeprefix("calendars/")] = text


def _read_subscriber(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, subscriber = _yaml(folder, Subscriber, text, shown)
    if subscriber is not None:
        folder.subscribers[subscriber.subscriber] = (subscriber, tree)


def _read_scenarios(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, scenarios = _yaml(folder, Scenarios, text, shown)
    if scenarios is not None:
        folder.scenarios[path.removeprefix("scenarios/").rsplit(".", 1)[0]] = (scenarios, tree)


def _read_population(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, population = _yaml(folder, Population, text, shown)
    if population is not None:
        folder.populations[path.removeprefix("populations/").rsplit(".", 1)[0]] = (population, tree)


def _read_product(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, product = _yaml(folder, Product, text, shown)
    if product is None:
        folder.broken_products.add(path.removeprefix("products/").rsplit(".", 1)[0])
    else:
        folder.products[product.product] = (product, tree)


def _read_segment(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, segment = _yaml(folder, Segment, text, shown)
    if segment is not None:
        folder.segments[segment.segment] = (segment, tree)


def _read_loyalty(folder: _Folder, path: str, text: str, shown: str) -> None:
    tree, loyalty = _yaml(folder, Loyalty, text, shown)
    if loyalty is not None:
        folder.loyalty[path] = (loyalty, tree)


def _read_journey(folder: _Folder, path: str, text: str, shown: str) -> None:
    name = path.rsplit(".", 1)[0]
    tree, journey = _yaml(folder, Journey, text, shown)
    if isinstance(tree.data, dict) and not {"journey", "start", "steps"} & set(tree.data):
        hint = "A journey says journey:, title:, owner:, start: and steps:. Other files belong elsewhere."
        folder.problems = [problem for problem in folder.problems if problem.place.file != shown]
        folder.problems.append(Problem(Place(shown), "This file is not a journey.", "not-a-journey", hint))
    for key in OURS if isinstance(tree.data, dict) else ():
        if key in tree.data:
            place = tree.place((key,), key=True)
            folder.problems.append(Problem(place, f'"{key}" is not known here.', "unknown-key", "Remove it."))
    if journey is None:
        folder.broken_journeys.add(name)
        return
    if journey.journey in folder.journeys:
        other = folder.journeys[journey.journey][1].file
        message = f'The journey "{journey.journey}" is already written in {other}.'
        folder.problems.append(Problem(tree.place(("journey",)), message, "duplicate-journey", "Keep one of the two."))
    if journey.journey != name:
        message = f'The journey is called "{journey.journey}" but its file "{path}".'
        folder.problems.append(Problem(tree.place(("journey",)), message, "journey-name", "Give both the same name."))
    folder.journeys[journey.journey] = (journey, tree)


READERS: dict[str, Callable[[_Folder, str, str, str], None]] = {
    COMPANY: _read_company,
    CUSTOMER: _read_customer,
    POLICIES: _read_policies,
    "/*.yaml": _read_journey,
    "messages/*.md": _read_message,
    "messages/*.html": _read_message,
    "messages/*.mjml": _read_message,
    "events/*.yaml": _read_event,
    "sources/*.yaml": _read_source,
    "subscribers/*.yaml": _read_subscriber,
    "calendars/*.yaml": _read_calendar,
    "calendars/*.ics": _read_ical,
    "scenarios/*.yaml": _read_scenarios,
    "populations/*.yaml": _read_population,
    "products/*.yaml": _read_product,
    "segments/*.yaml": _read_segment,
    LOYALTY: _read_loyalty,
}
"""Who reads which files of a definitions folder."""


def _yaml(folder: _Folder, model: Any, text: str, shown: str) -> tuple[Tree, Any]:
    """The tree and the model of one file; the model is None when there is any mistake in it."""
    tree, problems = yaml_tree.read(text, shown)
    value = None
    if tree.data is not None:
        if model is Journey:
            name_steps(tree.data)
        value, mistakes = shape(model, tree)
        problems += mistakes
    folder.problems += problems
    return tree, None if problems else value


def name_steps(data: Any) -> None:
    """Give every step without an ``id`` one made of its kind and its main value, numbered when it occurs again."""
    taken: set[str] = set()
    steps = list(_steps(data))
    taken.update(step["id"] for step in steps if isinstance(step.get("id"), str))
    for step in steps:
        if "id" in step:
            continue
        base = _derived(step)
        number, name = 1, base
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        step["id"] = name


def _steps(data: Any) -> Any:
    """Every step of raw data: exits, goal, steps; of a step its branches, then what comes in time, then what does not.
    The order in which an author wrote the keys says nothing, so laying out a file anew renames no step."""
    for key, value in sorted(data.items(), key=_rank) if isinstance(data, dict) else ():
        if key == "goal":
            yield from _steps(value)
        elif key in (*BLOCKS, *BRANCHES) and isinstance(value, list):
            for inner in value:
                if key in BLOCKS and isinstance(inner, dict) and kind_of(inner):
                    yield inner
                yield from _steps(inner)


def _rank(item: tuple[str, Any]) -> int:
    return _ORDER.index(item[0]) if item[0] in _ORDER else 0


_ORDER = ("", "exit", "goal", "steps", *BRANCHES[:6], "then", "do", "else", "otherwise", *BLOCKS[-3:])


def _main_words(main: dict[str, Any]) -> str:
    """The words that tell one such step from others of its kind: ``for survey.answered``, ``start final-answer``."""
    for key in ("for", *VERBS):
        if isinstance(main.get(key), str):
            return f"{key} {main[key]}"
    return next((key for key in ("until", "date", "window") if key in main), "")


def _derived(step: dict[str, Any]) -> str:
    kind = kind_of(step) or "step"
    main = step.get(kind)
    if kind in ("note", "set", "choose", "race", "split", "repeat"):
        main = ""
    elif isinstance(main, dict):
        main = _main_words(main)
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", f"{kind} {main if isinstance(main, str) else ''}").strip("-.")
    return slug[:60]
