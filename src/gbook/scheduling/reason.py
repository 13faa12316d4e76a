"""One reason why a time cannot be booked."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Reason"]


class Reason(NamedTuple):
    """One reason why a time cannot be booked. `code` is stable; `start` and `end` are instants.

    Codes of the profile: past, notice, period, closed, off_grid, guest_cap.
    Codes of an account: own_hours, cap, seats, capacity, features, declined, busy, buffer,
    unreadable, no_calendar, readonly; of a series also own_dates and more_dates.
    """

    code: str
    message: str
    start: int | None = None
    end: int | None = None
    # The title of an event that is not private.
    subject: str | None = None
    # As the user named it.
    calendar: str | None = None
    # Of a series: the start of the date that cannot be booked, an instant.
    date: int | None = None
