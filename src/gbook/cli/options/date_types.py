"""Days, ambiguous dates, ISO 8601 dates and their use, shared by the readers of ISO 8601 and of phrases."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.errors import UsageError
from gbook.timeutil.instants import from_local

__all__ = ["Ambiguous", "Days", "Use", "instant_of", "iso_days"]


class Use(Enum):
    """What a date is for, which says what a weekday means on that weekday."""

    # The start of a window: the next one.
    START = auto()
    # The end of a window: this day.
    END = auto()
    # A slot: ambiguous, unless its time on this day has passed.
    SLOT = auto()


class Days(NamedTuple):
    """The whole days from `first` to `last`, both included."""

    first: date
    last: date


class Ambiguous(ValueError):
    """Input with several readings; `readings` has an unambiguous spelling of each."""

    def __init__(self, *readings: object) -> None:
        self.readings = [str(reading) for reading in readings]


def iso_days(text: str) -> Days | None:
    """Return the days of `2026-11-24`, `2026-W48-2` or the week `2026-W48`; None for anything else."""
    text = text.upper()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}-?[0-9]", text):
        day = date.fromisoformat(text)
        return Days(day, day)
    if week := re.fullmatch(r"([0-9]{4})-?W([0-9]{2})", text):
        monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return Days(monday, monday + timedelta(days=6))
    return None


def instant_of(wall: datetime, zone: ZoneInfo) -> int:
    """Return the instant of a wall-clock time that a person typed.

    Raises Ambiguous for a time that occurs twice, UsageError for one that does not occur.
    """
    first, second = (from_local(wall.replace(fold=fold), zone) for fold in (0, 1))
    if first == second:
        return first
    if second < first:
        raise UsageError(
            f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks go forward at that time"
        )
    raise Ambiguous(*(wall.replace(tzinfo=zone, fold=fold).isoformat() for fold in (0, 1)))
