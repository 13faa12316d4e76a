"""The dates of a booking that repeats, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.timeutil.format import count, day_name, time_range
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.bookings.event_data import Series
    from gbook.bookings.record import Record
    from gbook.calendars.busy.own_series import SeriesDate

__all__ = ["date_lines", "dates_not_declined", "dates_to_come", "declined_dates", "repeat_words"]

# At most this many dates are listed in a line.
LISTED = 12


def repeat_words(record: Record) -> str:
    """Return how a booking recurs, to follow its time: `, weekly, 6 times`; nothing for a single meeting."""
    if (series := record.series) is None:
        return ""
    repeat = series.repeat
    return f", {repeat.words if repeat else count(len(series.dates), 'date')}"


def date_lines(record: Record, zone: ZoneInfo) -> Iterator[str]:
    """Yield lines with the dates of a series: usual, moved, cancelled and skipped ones."""
    if (series := record.series) is None:
        return
    usual = record.end - record.start
    moved = [each for each in series.kept if _is_moved(each, usual)]
    regular = [each.start for each in series.kept if each not in moved]
    if regular:
        yield f"on {_days(regular, zone)}"
    for each in moved:
        yield f"moved from {_day(each.recurrence, zone)} to {_moved(each, zone)}"
    cancelled = [each.recurrence for each in series.dates if each.status == "cancelled"]
    for state, starts in (("cancelled", cancelled), ("skipped", series.skipped)):
        if starts:
            yield f"{state}: {_days(starts, zone)}"


def dates_to_come(series: Series, now: int) -> str:
    """Return how many dates of a series are to come, in words: `4 of 6 dates to come`."""
    coming = sum(each.end > now for each in series.kept)
    return f"{coming} of {count(len(series.dates), 'date')} to come"


def declined_dates(record: Record, zone: ZoneInfo, now: int) -> list[str]:
    """Return who has declined single dates that are to come: `declined on Mon 7 Dec 2026 by the guest`."""
    days: dict[str, list[str]] = {}
    declined_all = {one.email.casefold() for one in record.attendees if one.partstat == "DECLINED"}
    for each in record.series.kept if record.series else ():
        for address in each.declined if each.end > now else ():
            if address not in declined_all:
                who = "the guest" if address == (record.guest.email or "").casefold() else address
                days.setdefault(who, []).append(_day(each.start, zone))
    return [f"declined on {_listed(dates)} by {who}" for who, dates in days.items()]


def dates_not_declined(record: Record, zone: ZoneInfo, now: int) -> str:
    """Return the dates to come that a guest who has declined the series did not decline, in words, if any."""
    address = (record.guest.email or "").casefold()
    coming = [each for each in record.series.kept if each.end > now] if record.series else []
    days = [_day(each.start, zone) for each in coming if address not in each.declined]
    return f", but not on {_listed(days)}" if days else ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{', '.join(names[:LISTED])}{more}"


def _is_moved(each: SeriesDate, usual: int) -> bool:
    return each.start != each.recurrence or each.end - each.start != usual


def _moved(each: SeriesDate, zone: ZoneInfo) -> str:
    return f"{_day(each.start, zone)} {time_range(each.start, each.end, zone)}"


def _day(instant: int, zone: ZoneInfo) -> str:
    return day_name(local(instant, zone).date())


def _days(starts: Sequence[int], zone: ZoneInfo) -> str:
    """Return days as a list in which a year is said once: `23 Nov, 30 Nov, 7 Dec 2026, 4 Jan 2027`."""
    shown = [local(start, zone).date() for start in starts[:LISTED]]
    more = f" and {len(starts) - LISTED} more" if len(starts) > LISTED else ""
    return f"{', '.join(_named(shown))}{more}"


def _named(days: Sequence[date]) -> Iterable[str]:
    for day, following in zip(days, [*days[1:], None], strict=True):
        year = "" if following and following.year == day.year else f" {day:%Y}"
        yield f"{day.day} {day:%b}{year}"
