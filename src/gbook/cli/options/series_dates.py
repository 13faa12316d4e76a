"""The option that names one date of a booking that repeats."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.options.dates import typed_start
from gbook.cli.session import Session
from gbook.timeutil.instants import local

__all__ = ["SeriesDay", "chosen_date"]

SeriesDay = Annotated[
    str | None,
    typer.Option(
        "--date",
        metavar="DATE",
        help="One date of a booking that repeats. (default: all dates to come)",
        show_default=False,
    ),
]


class ChosenDate(NamedTuple):
    """The part of a booking that changes: a date of a series by its original start, or what is to come."""

    recurrence: int | None
    now: int

    def of(self, record: gbook.Record) -> gbook.Record:
        """Return the booking as it is shown: the date by itself, or a series from its first date to come."""
        return gbook.part_of_series(record, self.recurrence, self.now)

    def day(self, record: gbook.Record, zone: ZoneInfo) -> date | None:
        """Return the day in `zone` of the date of a series, for --date; None for what is to come."""
        return None if self.recurrence is None else local(self.of(record).start, zone).date()


def chosen_date(session: Session, record: gbook.Record, typed: str | None, zone: ZoneInfo) -> ChosenDate:
    """Return the date of --date. Raises UsageError, and NotFound if the booking is not on that day."""
    if typed is None:
        return ChosenDate(None, session.now)
    day = local(typed_start(typed, zone, session.now, "--date"), zone).date()
    return ChosenDate(gbook.date_on(record, day, zone).recurrence, session.now)
