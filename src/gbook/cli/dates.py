"""Dates and times as people type them, on the command line."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from gbook.errors import UsageError
from gbook.instants import at_midnight, parse_instant

__all__ = ["typed_end", "typed_start"]


def typed_start(text: str, zone: ZoneInfo, now: int) -> int:
    """The instant that `--from` means; a date means its beginning in `zone`."""
    day = _date(text)
    return at_midnight(day, zone) if day else _time(text, zone, now)


def typed_end(text: str, zone: ZoneInfo, now: int) -> int:
    """The instant that `--to` means; a date means its end in `zone`."""
    day = _date(text)
    return at_midnight(day + timedelta(days=1), zone) if day else _time(text, zone, now)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def _time(text: str, zone: ZoneInfo, now: int) -> int:
    try:
        return parse_instant(text, zone)
    except ValueError:
        raise UsageError(f"expected a date or time such as 2026-11-24T14:00, found {text!r}") from None
