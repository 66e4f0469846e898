"""Counting open time and business days in a calendar.

A **business hour** is an hour of open time: what lies between closing and opening does not count. A **business day** is
a day with open hours. Three business days after a moment is the same time of day on the third business day after its
day, moved into the open hours of that day: to the opening if it is earlier, to the closing if it is later, to the end
of a break if it falls into one.
"""

from datetime import date, datetime, timedelta

from journey.time import local, zones
from journey.time.calendar import FAR, Calendar, backward, onward

_DAY = timedelta(days=1)
_NONE = timedelta()


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether a moment is in open hours."""
    return next_open(calendar, moment) == moment


def next_open(calendar: Calendar, moment: datetime) -> datetime:
    """The first open moment from a moment on, itself included; ten years on if there is none."""
    return next((span.start for span in onward(calendar, moment)), moment + FAR)


def after(calendar: Calendar, moment: datetime, length: timedelta) -> datetime:
    """The first moment at which so much open time has passed since a moment; at most ten years on."""
    left = length
    if left <= _NONE:
        return moment
    for span in onward(calendar, moment):
        if span.end - span.start >= left:
            return span.start + left
        left -= span.end - span.start
    return moment + FAR


def before(calendar: Calendar, moment: datetime, length: timedelta) -> datetime:
    """The last moment from which on so much open time passes up to a moment; at most ten years before."""
    left = length
    if left <= _NONE:
        return moment
    for span in backward(calendar, moment):
        if span.end - span.start >= left:
            return span.end - left
        left -= span.end - span.start
    return moment - FAR


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much open time there is from one moment up to another; none if the second is not later."""
    total = _NONE
    for span in onward(calendar, start):
        if span.start >= end:
            break
        total += min(span.end, end) - span.start
    return total


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether a day has open hours."""
    return bool(calendar.spans(day))


def day(calendar: Calendar, start: date, count: int) -> date:
    """So many business days after a day (before it, if negative); the day itself is not counted. Within ten years."""
    step = _DAY if count > 0 else -_DAY
    found, left = start, abs(count)
    while left and abs(found - start) < FAR:
        found += step
        left -= is_business_day(calendar, found)
    return found


def days_after(calendar: Calendar, moment: datetime, count: int) -> datetime:
    """So many business days after a moment (before it, if negative)."""
    here = moment.astimezone(zones.zone(calendar.zone))
    return within(calendar, day(calendar, here.date(), count), here.replace(tzinfo=None))


def within(calendar: Calendar, wanted: date, at: datetime) -> datetime:
    """The time of day of ``at`` on a day, moved into the day's open hours; where it is if the day has none."""
    moment = local.moment(wanted, at.time(), zones.zone(calendar.zone))
    spans = calendar.spans(wanted)
    for span in spans:
        if moment <= span.end:
            return max(moment, span.start)
    return spans[-1].end if spans else moment
