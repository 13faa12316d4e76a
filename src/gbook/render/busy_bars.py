"""Busy time as bars: one row an account, time from left to right.

A window of at most two days is drawn day by day with hours across, a longer one with days across: as many as
fit, the rest below. A cell is shaded by how much of it is busy, and never empty if any of it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.shading import ALL, NONE, level, shades
from gbook.render.text import Styled, clean
from gbook.scheduling.account_time import AccountBusy
from gbook.timeutil.format import day_name, days, period_name, zone_name
from gbook.timeutil.instants import DAY, at_midnight, local

if TYPE_CHECKING:
    from rich.text import Text

    from gbook.engine.intervals import Interval
    from gbook.render.console import Console

__all__ = ["show_busy"]

HOUR = 3600
# The longest window that is drawn with hours across.
HOURS_ACROSS = 2 * DAY
# Columns: at most for names; at least and at most for a day; at most for an hour.
NAME_LIMIT, DAY_NARROWEST, DAY_WIDEST, HOUR_WIDEST = 20, 3, 12, 4
UNREADABLE = "?"
STYLES = {"busy": "red", "free": "dim", "unreadable": "yellow"}


@dataclass(frozen=True)
class _Scale:
    """The interval of each column (None for a gap), and the labels above them, by column."""

    title: str
    columns: Sequence[Interval | None]
    labels: Mapping[int, str]


def show_busy(console: Console, times: Mapping[str, AccountBusy], window: Interval, zone: ZoneInfo) -> None:
    """Print the busy time of accounts in `window` (instants), in the time of `zone`."""
    low, high = window
    names = min(NAME_LIMIT, max((len(clean(name)) for name in times), default=0)) + 2
    width = max(console.width - names, 2 * DAY_NARROWEST)
    by_hour = high - low <= HOURS_ACROSS
    scales = list(_hours(window, zone, width) if by_hour else _days(window, zone, width))
    console.print(Styled(f"Busy time, {period_name(window, zone)}", style="bold"))
    whole_days = "" if by_hour else "; a day from midnight to midnight"
    console.print(Styled(f"Times in {zone_name(zone, (low, high - 1))}{whole_days}", style="dim"))
    for scale in scales:
        console.print()
        if len(scales) > 1:
            console.print(Styled(scale.title, style="bold"))
        console.print(_block(console, scale, times, window, names))
    console.print()
    console.print(_legend(console, times))


def _hours(window: Interval, zone: ZoneInfo, width: int) -> Iterator[_Scale]:
    """Return a scale for each day: its hours within the window, equally wide."""
    for day, low, high in _each_day(window, zone):
        first = low + (max(low, window[0]) - low) // HOUR * HOUR
        hours = range(first, min(high, window[1]), HOUR)
        cells = max(1, min(HOUR_WIDEST, width // len(hours)))
        columns = [column for hour in hours for column in _divide(hour, min(hour + HOUR, high), cells)]
        labels = {cells * i: f"{local(hour, zone):%H}" for i, hour in enumerate(hours)}
        yield _Scale(day_name(day), columns, labels)


def _days(window: Interval, zone: ZoneInfo, width: int) -> Iterator[_Scale]:
    """Return scales of as many days as fit across, equally wide."""
    each = list(_each_day(window, zone))
    across = min(len(each), width // (DAY_NARROWEST + 1))
    if 7 <= across < len(each):
        across -= across % 7
    cells = min(DAY_WIDEST, width // across - 1)
    for begin in range(0, len(each), across):
        block = each[begin : begin + across]
        columns: list[Interval | None] = []
        labels = {}
        for day, low, high in block:
            labels[len(columns)] = _day_label(day, cells)
            columns += [*_divide(low, high, cells), None]
        yield _Scale(days(block[0][0], block[-1][0]), columns, labels)


def _each_day(window: Interval, zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    """Return the days that a window overlaps, each with its first instant and that of the next day."""
    day = local(window[0], zone).date()
    while (low := at_midnight(day, zone)) < window[1]:
        day += timedelta(days=1)
        yield day - timedelta(days=1), low, at_midnight(day, zone)


def _divide(low: int, high: int, parts: int) -> Iterator[Interval]:
    """Return equal parts of `[low, high)`, to the second."""
    edges = [low + (high - low) * i // parts for i in range(parts + 1)]
    return pairwise(edges)


def _day_label(day: date, width: int) -> str:
    texts = (f"{day:%a} {day.day} {day:%b}", f"{day:%a} {day.day}", str(day.day))
    return next(text for text in texts if len(text) <= width or text == texts[-1])


def _block(
    console: Console, scale: _Scale, times: Mapping[str, AccountBusy], window: Interval, names: int
) -> Text:
    from rich.cells import set_cell_size
    from rich.text import Text

    axis = ""
    for column, label in scale.labels.items():
        if column >= len(axis) + bool(axis):
            axis = axis.ljust(column) + label
    lines = [Text(" " * names + axis[: len(scale.columns)], style="dim")]
    for name, time in times.items():
        label = set_cell_size(clean(name), names - 2) + "  "
        lines.append(Text(label).append_text(_bar(console, scale, time, window)))
    for line in lines:
        line.rstrip()
    return Text("\n", no_wrap=True).join(lines)


def _bar(console: Console, scale: _Scale, time: AccountBusy, window: Interval) -> Text:
    from rich.text import Text

    bar = Text()
    for column in scale.columns:
        low, high = (max(column[0], window[0]), min(column[1], window[1])) if column else (0, 0)
        if low >= high:
            bar.append(" ")
        elif not time.readable:
            bar.append(UNREADABLE, STYLES["unreadable"])
        else:
            taken = sum(end - start for start, end in time.busy.clip(low, high))
            step = level(taken, high - low)
            bar.append(shades(console)[step], STYLES["busy" if step else "free"])
    return bar


def _legend(console: Console, times: Mapping[str, AccountBusy]) -> Text:
    from rich.text import Text

    characters = shades(console)
    text = Text.assemble((characters[ALL], STYLES["busy"]), " busy   ")
    text.append(characters[NONE + 1 : ALL], STYLES["busy"]).append(" partly   ")
    text.append(characters[NONE], STYLES["free"]).append(" free")
    if not all(time.readable for time in times.values()):
        text.append("   ").append(UNREADABLE, STYLES["unreadable"]).append(" unreadable (counted as busy)")
    return text
