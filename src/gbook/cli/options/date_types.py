"""Days, ambiguous times and ISO dates: what reading ISO 8601 and reading phrases have in common."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.errors import UsageError
from gbook.timeutil.instants import from_local

__all__ = ["Ambiguous", "Days", "instant_of", "iso_days"]


class Days(NamedTuple):
    """The whole days from `first` to `last`, both included."""

    first: date
    last: date


class Ambiguous(ValueError):
    """What was typed means several things: how to write each of them."""

    def __init__(self, *readings: object) -> None:
        self.readings = [str(reading) for reading in readings]


def iso_days(text: str) -> Days | None:
    """`2026-11-24`, `2026-W48-2` or the week `2026-W48`; None for anything else."""
    text = text.upper()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}-?[0-9]", text):
        day = date.fromisoformat(text)
        return Days(day, day)
    if week := re.fullmatch(r"([0-9]{4})-?W([0-9]{2})", text):
        monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return Days(monday, monday + timedelta(days=6))
    return None


def instant_of(wall: datetime, zone: ZoneInfo) -> int:
    """The instant of a wall clock that a person typed.

    Raises Ambiguous for one that clocks show twice, UsageError for one that they never show.
    """
    first, second = (from_local(wall.replace(fold=fold), zone) for fold in (0, 1))
    if first == second:
        return first
    if second < first:
        raise UsageError(f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks are put forward then")
    raise Ambiguous(*(wall.replace(tzinfo=zone, fold=fold).isoformat() for fold in (0, 1)))
