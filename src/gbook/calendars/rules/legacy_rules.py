"""Recurrence rules of vCalendar 1.0, as old programs and phones write them: `MP2 1+ MO 20261231T000000`."""

from __future__ import annotations

import re
from datetime import datetime

from gbook.calendars.ics.values import WEEKDAY_CODES

__all__ = ["legacy_parts"]


def legacy_parts(text: str, start: datetime) -> dict[str, str] | None:
    """Return a vCalendar 1.0 rule as the parts of a RECUR value; None for any other text.

    `start` is the start of its series. Raises ValueError for a rule that cannot be read.
    Example: `MP2 1+ MO #3` is FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO;COUNT=3.
    """
    frequency, *words = text.upper().split() or [""]
    match = re.fullmatch(_FREQUENCY, frequency)
    if match is None:
        return None
    parts = {"FREQ": _FREQUENCIES[match[1]], "INTERVAL": match[2]}
    repeated = 0
    while words and (end := re.fullmatch(_END, words[-1])):
        # `#3` counts periods, and `#0` means without end.
        repeated = int(end[1] or repeated)
        if end[2]:
            parts["UNTIL"] = end[2]
        words.pop()
    name, values = _named(match[1], words, start)
    if values:
        parts[name] = ",".join(values)
    if repeated:
        parts["COUNT"] = str(repeated * max(1, len(values)))
    return parts


def _named(kind: str, words: list[str], start: datetime) -> tuple[str, list[str]]:
    """Return the part of a RECUR value for the days or months that a rule names, and its values."""
    if kind == "W":
        return "BYDAY", words
    if kind == "MP":
        return "BYDAY", _weekdays(words) or [f"{(start.day + 6) // 7}{WEEKDAY_CODES[start.weekday()]}"]
    if kind == "MD":
        return "BYMONTHDAY", ["-1" if word == "LD" else _signed(word) for word in words]
    if kind == "YM":
        return "BYMONTH", words
    if kind == "YD":
        return "BYYEARDAY", words or [str(start.timetuple().tm_yday)]
    if words:
        raise ValueError(f"{words[0][:40]!r} is not a part of such a rule")
    return "BYDAY", []


def _weekdays(words: list[str]) -> list[str]:
    """Return numbered weekdays: each number combined with each weekday after it.

    Example: `1+ 1- FR SA` is `1FR, -1FR, 1SA, -1SA`.
    """
    days: list[str] = []
    numbers: list[str] = []
    after_weekday = False
    for word in words:
        if word[:1].isdigit():
            numbers = [*([] if after_weekday else numbers), _signed(word)]
            after_weekday = False
        else:
            days += [f"{number}{word}" for number in numbers or [""]]
            after_weekday = True
    if numbers and not after_weekday:
        raise ValueError("its last number has no weekday")
    return days


def _signed(word: str) -> str:
    """Return a number with its sign in front: `2-` is `-2`, `2+` is `2`."""
    return f"-{word[:-1]}" if word.endswith("-") else word.removesuffix("+")


# Compiled at the first use: such rules are rare.
_FREQUENCY = r"(?a)(D|W|MP|MD|YM|YD)(\d{1,9})"
_END = r"(?a)#(\d{1,6})|(\d{4}-?\d\d-?\d\d(?:T[\d:Z]*)?)"
_FREQUENCIES = {
    "D": "DAILY",
    "W": "WEEKLY",
    "MP": "MONTHLY",
    "MD": "MONTHLY",
    "YM": "YEARLY",
    "YD": "YEARLY",
}
