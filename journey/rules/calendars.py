"""Rules about business calendars, and about the names by which they are called."""

from collections.abc import Iterator
from datetime import date

from journey.company import Company
from journey.declared import ical, public_holidays, special_days
from journey.declared.calendar import DeclaredCalendar
from journey.declared.public_holidays import UnknownPlace
from journey.definition import Journey
from journey.places import Context, placed_steps
from journey.problems import Place, Problem, did_you_mean
from journey.time import hours
from journey.yaml_tree import Path, Tree

_WRITTEN: tuple[Path, ...] = (("calendar",), ("wait", "window"), ("window",))
"""Where a step may name a calendar."""


def calendar_name(calendar: DeclaredCalendar, tree: Tree, context: Context) -> Iterator[Problem]:
    """A calendar and its file are called otherwise."""
    file = tree.file.rpartition("calendars/")[2]
    if calendar.calendar != file.rpartition(".")[0]:
        message = f'The calendar is called "{calendar.calendar}" but its file "{file}".'
        yield Problem(tree.place(("calendar",)), message, "calendar-name", "Give both the same name.")


def unknown_country(calendar: DeclaredCalendar, tree: Tree, context: Context) -> Iterator[Problem]:
    """The holidays of a place that is not known."""
    for number, place in enumerate(calendar.places):
        try:
            public_holidays.of(place, special_days.FIRST, special_days.LAST)
        except UnknownPlace as error:
            path = ("holidays",) if isinstance(calendar.holidays, str) else ("holidays", number)
            yield Problem(tree.place(path), str(error), "unknown-country", error.hint)


def unknown_ical_file(calendar: DeclaredCalendar, tree: Tree, context: Context) -> Iterator[Problem]:
    """The iCal file of a calendar is not there, cannot be read, or lists more than whole days."""
    if calendar.ical is None:
        return
    place = tree.place(("ical",))
    if calendar.ical not in context.ical:
        hint = did_you_mean(calendar.ical, context.ical) or "Put it beside this file."
        yield Problem(place, f'There is no file "{calendar.ical}" beside this calendar.', "unknown-ical-file", hint)
        return
    try:
        _, left_out = special_days.listed(context.ical[calendar.ical])
    except ical.UnreadableCalendar as error:
        hint = "Export it anew from the calendar it comes from."
        yield Problem(place, f'"{calendar.ical}": {error}.', "unreadable-ical-file", hint)
        return
    if left_out:
        events = "1 event" if left_out == 1 else f"{left_out} events"
        message = f'{events} in "{calendar.ical}" with a time of day: left out, because only whole days count.'
        yield Problem(
            place, message, "ical-with-times", "Write shorter days under days: with their hours.", warning=True
        )


def day_that_changes_nothing(calendar: DeclaredCalendar, tree: Tree, context: Context) -> Iterator[Problem]:
    """A single day is given the hours that it has anyway."""
    week = {number: text for days, text in calendar.hours.items() for number in hours.days(days)}
    for written, text in calendar.days.items():
        if len(written) < len("2026-12-24"):
            continue
        usual = week.get(date.fromisoformat(written).weekday(), hours.CLOSED)
        if hours.intervals(usual) == hours.intervals(text) == ():
            day = hours.FULL[date.fromisoformat(written).weekday()].capitalize()
            place, message = tree.place(("days", written)), f"{written} is a {day}, which is closed anyway."
            yield Problem(place, message, "day-that-changes-nothing", "Is the date meant?", warning=True)


def unknown_calendar(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """A journey or a step names a calendar that does not exist."""
    if journey.calendar is not None:
        yield from _unknown(journey.calendar, tree.place(("calendar",)), context)
    for step, path in placed_steps(journey):
        for name in step.calendars():
            if name and name != journey.calendar:
                places = [(*path, *inside) for inside in _WRITTEN if tree.value((*path, *inside)) == name]
                yield from _unknown(name, tree.place(places[0] if places else path), context)


def unknown_calendar_of_company(company: Company, tree: Tree, context: Context) -> Iterator[Problem]:
    """The company, or a team of it, names a calendar that does not exist."""
    if company.calendar is not None:
        yield from _unknown(company.calendar, tree.place(("calendar",)), context)
    for name, team in company.teams.items():
        if team.calendar is not None:
            yield from _unknown(team.calendar, tree.place(("teams", name, "calendar")), context)


def _unknown(name: str, place: Place, context: Context) -> Iterator[Problem]:
    if name not in context.calendars:
        hint = did_you_mean(name, context.calendars) or f"Write it in calendars/{name}.yaml."
        yield Problem(place, f'There is no calendar "{name}".', "unknown-calendar", hint)


def no_calendar(journey: Journey, tree: Tree, context: Context) -> Iterator[Problem]:
    """Business time is counted, but nobody says in which calendar."""
    if journey.calendar is not None or context.company is None or context.company.calendar is not None:
        return
    for step, path in placed_steps(journey):
        if "" in step.calendars():
            message = "Business time is counted here, but no calendar is named."
            hint = "Write calendar: at this step, at the head of the journey or in company.yaml."
            yield Problem(tree.place(path), message, "no-calendar", hint)
