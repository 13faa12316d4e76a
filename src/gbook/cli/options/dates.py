"""Dates and times as people type them, on the command line.

ISO 8601 is read here, at no cost; everything else (`tomorrow 9:30`, `next monday`, `24 Nov`) by `phrases`,
which is imported only then. What could mean two things is refused with its readings: a wrong guess books a
meeting.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gbook.cli.options.date_types import Ambiguous, Days, instant_of, iso_days
from gbook.errors import UsageError
from gbook.timeutil.instants import at_midnight, local, parse_instant
from gbook.yamlfiles.quoting import quote

__all__ = ["typed_end", "typed_start", "typed_time"]

EXAMPLES = "2026-11-24, 2026-11-24T14:00, 2026-W48, tomorrow 9:30, next monday 14:00, 24 Nov, +3d or +2h"


def typed_start(text: str, zone: ZoneInfo, now: int) -> int:
    """The instant that `--from` means; a date means its beginning in `zone`. Raises UsageError."""
    meant = _read(text, zone, now)
    return at_midnight(meant.first, zone) if isinstance(meant, Days) else meant


def typed_end(text: str, zone: ZoneInfo, now: int) -> int:
    """The instant that `--to` means; a date means its end in `zone`. Raises UsageError."""
    meant = _read(text, zone, now)
    return at_midnight(meant.last + timedelta(days=1), zone) if isinstance(meant, Days) else meant


def typed_time(text: str, zone: ZoneInfo, now: int) -> int:
    """The instant that a slot starts at; a date alone is no such time. Raises UsageError."""
    meant = _read(text, zone, now)
    if isinstance(meant, Days):
        raise UsageError(f"{text!r} says no time of day: expected one too, as in '{meant.first} 14:00'")
    return meant


def _read(text: str, zone: ZoneInfo, now: int) -> Days | int:
    try:
        meant = _iso(text.strip().upper(), zone)
        if meant is None:
            from gbook.cli.options.natural_dates import read_phrase

            meant = read_phrase(text, zone, now)
        _check_year(meant)
    except Ambiguous as several:
        readings = " or ".join(several.readings)
        raise UsageError(f"{quote(text)} may mean {readings}: write the one that is meant") from None
    except (ValueError, OverflowError):
        raise UsageError(f"expected a date or time such as {EXAMPLES}, found {quote(text)}") from None
    return meant


def _iso(text: str, zone: ZoneInfo) -> Days | int | None:
    """What ISO 8601 means by a text in upper case; None for what is no ISO 8601."""
    if days := iso_days(text):
        return days
    if not _ISO_TIME.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant_of(moment, zone) if moment.tzinfo is None else parse_instant(text, zone)


def _check_year(meant: Days | int) -> None:
    """Every later step may add years, and offsets, to what was typed. Raises ValueError."""
    low, high = (meant.first, meant.last) if isinstance(meant, Days) else (_day(meant), _day(meant))
    if low.year < 1900 or high.year > 9000:
        raise ValueError


def _day(instant: int) -> date:
    return local(instant, UTC).date()


_ISO_TIME = re.compile(r"[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}-?[0-9])[T ][0-9]{2}")
