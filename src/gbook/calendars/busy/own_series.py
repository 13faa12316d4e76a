"""The dates of a series as plain data: a list of bookings that is known already imports no reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from gbook.calendars.busy.events import Event

__all__ = ["SeriesDate", "read_dates"]

Status = Literal["confirmed", "tentative", "cancelled"]


class SeriesDate(msgspec.Struct, frozen=True, array_like=True):
    """One date of a series `[start, end)`, in instants."""

    # The start that the rule gives it: its RECURRENCE-ID (RFC 5545 §3.8.4.4).
    recurrence: int
    start: int
    end: int
    status: Status = "confirmed"
    # The addresses, in lower case, of attendees who have declined this date, or all dates.
    declined: Sequence[str] = ()


def read_dates(components: Sequence[bytes], zone: str) -> list[SeriesDate] | None:
    """Return the dates of the VEVENTs of one UID, by their original start: a series and its overrides.

    `zone` is the IANA name of the zone of times without one. None: they are no series, or one that is
    endless, has more than MAX_DATES dates, or cannot be read in full; it blocks as any series does.
    """
    from gbook.calendars.busy.own_dates import read_own_dates

    dates = read_own_dates(components, zone)
    return None if dates is None else [_series_date(date) for date in dates]


def _series_date(date: Event) -> SeriesDate:
    from gbook.calendars.busy.events import declined_addresses, is_cancelled

    start = date.start.instant
    end = date.extent.end(date.start) if date.extent else start
    status: Status = "tentative" if date.value("STATUS") == "TENTATIVE" else "confirmed"
    original = start if date.original is None else date.original
    return SeriesDate(
        original, start, end, "cancelled" if is_cancelled(date) else status, tuple(declined_addresses(date))
    )
