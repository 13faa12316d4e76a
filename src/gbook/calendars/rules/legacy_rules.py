"""Recurrence rules of vCalendar 1.0, as old programs and phones write them: `MP2 1+ MO 20261231T000000`."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["legacy_parts"]


def legacy_parts(text: str, start: datetime) -> dict[str, str] | None:
    """Return such a rule of a series that starts at `start` as the parts of a RECUR value; None for others.

    Raises ValueError for one that cannot be read.
    """
    frequency, *words = text.upper().split() or [""]
    match = _FREQUENCY.fullmatch(frequency)
    if match is None:
        return None
    parts = {"FREQ": _FREQUENCIES[match[1]], "INTERVAL": match[2]}
    repeated = 0
    while words and (end := _END.fullmatch(words[-1])):
        # `#3` counts periods, and `#0` is for ever, as a rule without an end is here.
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
    """The days or months that a rule names, and the part of a RECUR value that does so."""
    if kind == "W":
        return "BYDAY", words
    if kind == "MP":
        return "BYDAY", _weekdays(words) or [f"{(start.day + 6) // 7}{_WEEKDAYS[start.weekday()]}"]
    if kind == "MD":
        return "BYMONTHDAY", ["-1" if word == "LD" else _signed(word) for word in words]
    if kind == "YM":
        return "BYMONTH", words
    if kind == "YD":
        return "BYYEARDAY", words or [str(start.timetuple().tm_yday)]
    if words:
        raise ValueError(f"{words[0][:40]!r} is no part of such a rule")
    return "BYDAY", []


def _weekdays(words: list[str]) -> list[str]:
    """`1+ 1- FR SA` as numbered weekdays: each number with each of the weekdays behind it."""
    found: list[str] = []
    numbers: list[str] = []
    behind_weekday = False
    for word in words:
        if word[:1].isdigit():
            numbers = [*([] if behind_weekday else numbers), _signed(word)]
            behind_weekday = False
        else:
            found += [f"{number}{word}" for number in numbers or [""]]
            behind_weekday = True
    if numbers and not behind_weekday:
        raise ValueError("its last number has no weekday")
    return found


def _signed(word: str) -> str:
    """`2-` as `-2`, `2+` as `2`."""
    return f"-{word[:-1]}" if word.endswith("-") else word.removesuffix("+")


_FREQUENCY = re.compile(r"(D|W|MP|MD|YM|YD)(\d{1,9})", re.ASCII)
_END = re.compile(r"#(\d{1,6})|(\d{4}-?\d\d-?\d\d(?:T[\d:Z]*)?)", re.ASCII)
_FREQUENCIES = {
    "D": "DAILY",
    "W": "WEEKLY",
    "MP": "MONTHLY",
    "MD": "MONTHLY",
    "YM": "YEARLY",
    "YD": "YEARLY",
}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
