"""Dates and times as people type them, on the command line.

ISO 8601 is read here. Everything else (`tomorrow 9:30`, `next monday`, `24 Nov`) is read by `natural_dates`,
which is imported only then. Ambiguous input is refused with its readings, because a wrong guess books a
meeting.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gbook.cli.options.date_types import Ambiguous, Days, Use, instant_of, iso_days
from gbook.errors import UsageError
from gbook.timeutil.instants import at_midnight, local, parse_instant
from gbook.yamlfiles.quoting import quote

__all__ = ["typed_end", "typed_start", "typed_time"]

EXAMPLES = "2026-11-24, 2026-11-24T14:00, 2026-W48, tomorrow 9:30, next monday 14:00, 24 Nov, +3d or +2h"


def typed_start(text: str, zone: ZoneInfo, now: int, option: str = "--from") -> int:
    """Return the instant of --from, or of another option. Raises UsageError.

    A date means its beginning in `zone`. On a Friday, `friday` is that of next week.
    """
    typed = _read(option, text, zone, now, Use.START)
    return at_midnight(typed.first, zone) if isinstance(typed, Days) else typed


def typed_end(text: str, zone: ZoneInfo, now: int, since: int | None = None, option: str = "--to") -> int:
    """Return the instant of --to, or of another option; a date means its end in `zone`. Raises UsageError.

    A weekday, a date without a year and a time without a date count from `since`, the instant of --from.
    """
    typed = _read(option, text, zone, now, Use.END, since)
    return at_midnight(typed.last + timedelta(days=1), zone) if isinstance(typed, Days) else typed


def typed_time(text: str, zone: ZoneInfo, now: int, option: str = "--slot") -> int:
    """Return the instant at which a slot starts; a date without a time is refused. Raises UsageError."""
    typed = _read(option, text, zone, now, Use.SLOT)
    if isinstance(typed, Days):
        raise UsageError(f"{option}: {text!r} needs a time of day, for example '{typed.first} 14:00'")
    return typed


def _read(option: str, text: str, zone: ZoneInfo, now: int, use: Use, since: int | None = None) -> Days | int:
    """Return the days or the instant of an option's value. Raises UsageError, which names the option."""
    try:
        return _days_or_instant(text, zone, now, use, since)
    except UsageError as error:
        raise UsageError(f"{option}: {error.message}") from None


def _days_or_instant(text: str, zone: ZoneInfo, now: int, use: Use, since: int | None = None) -> Days | int:
    try:
        typed = _iso(text.strip().upper(), zone)
        if typed is None:
            from gbook.cli.options.natural_dates import read_phrase

            typed = read_phrase(text, zone, now, use, since)
        _check_year(typed)
    except Ambiguous as ambiguous:
        readings = " or ".join(ambiguous.readings)
        raise UsageError(f"{quote(text)} is ambiguous: use {readings}") from None
    except (ValueError, OverflowError):
        from gbook.cli.options.wrong_dates import explain

        reason = explain(text, local(now if since is None else since, zone).date())
        expected = f"expected a date or time such as {EXAMPLES}, found {quote(text)}"
        raise UsageError(f"{quote(text)} is not a date: {reason}" if reason else expected) from None
    return typed


def _iso(text: str, zone: ZoneInfo) -> Days | int | None:
    """Return the days or the instant of ISO 8601 text in upper case; None for any other text."""
    if days := iso_days(text):
        return days
    if not _ISO_TIME.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant_of(moment, zone) if moment.tzinfo is None else parse_instant(text, zone)


def _check_year(typed: Days | int) -> None:
    """Raise ValueError for a year outside 1900 to 9000: later steps add years and offsets."""
    low, high = (typed.first, typed.last) if isinstance(typed, Days) else (_day(typed), _day(typed))
    if low.year < 1900 or high.year > 9000:
        raise ValueError


def _day(instant: int) -> date:
    return local(instant, UTC).date()


_ISO_TIME = re.compile(r"[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}-?[0-9])[T ][0-9]{2}")
