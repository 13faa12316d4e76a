"""Busy time as bars: one row an account, time from left to right.

A window of one or two days is drawn day by day; one of up to two weeks with as many days across as have an
hour in a cell, the rest below; a longer one with days across in which a cell is several hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Intervals
from gbook.render.text import Styled
from gbook.render.timeline import (
    Hours,
    Scale,
    busy_cells,
    busy_legend,
    cell_minutes,
    day_label,
    day_scales,
    days_across,
    hours_around,
    label_width,
    longest_day,
    print_axes,
    print_bar,
    print_legend,
    short_time,
)
from gbook.timeutil.format import days, period_name, zone_name
from gbook.timeutil.instants import each_day

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.render.console import Console
    from gbook.scheduling.account_time import AccountBusy

__all__ = ["show_busy"]

# The days of the longest window that is drawn day by day, and of the longest one with hours in each day.
DAY_BY_DAY, WITH_HOURS = 2, 14
HOUR = 3600
WHOLE_DAY: Hours = (0, 24)
# These hours are always shown, even if nothing begins or ends in them.
OFFICE: Hours = (8, 18)
# Columns of a day at least and at most, in a window without hours.
DAY_NARROWEST, DAY_WIDEST = 3, 12

Day = tuple[date, int, int]


def show_busy(console: Console, times: Mapping[str, AccountBusy], window: Interval, zone: ZoneInfo) -> None:
    """Print the busy time of accounts in `window` (instants), in the time of `zone`."""
    cells = label_width(times, console.width)
    width = max(console.width - cells, 2 * DAY_NARROWEST)
    listed = each_day(window, zone)
    hours = _hours(listed, times.values(), window, zone, width)
    console.print(Styled(f"Busy time, {period_name(window, zone)}", style="bold"))
    console.print(Styled(f"Times in {zone_name(zone, (window[0], window[1] - 1))}", style="dim"))
    if hours is None:
        console.print(Styled("A day is from midnight to midnight.", style="dim"))
        scales = list(_days(listed, width))
    else:
        if hours != WHOLE_DAY:
            console.print(Styled("Hours left out: only all-day events.", style="dim"))
        dates = [day for day, _, _ in listed]
        longest = min(longest_day(dates, hours, zone), (window[1] - window[0]) / HOUR)
        across = 1 if len(dates) <= DAY_BY_DAY else days_across(len(dates), ceil(longest), width)
        minutes = cell_minutes(longest, (width + 1) // across - 1)
        scales = list(day_scales(dates, hours, window, zone, across, minutes))
    for scale in scales:
        _print_scale(console, scale if len(scales) > 1 else scale._replace(title=""), times, window, cells)
    console.print()
    print_legend(console, busy_legend(console, times.values()))


def _hours(
    listed: Sequence[Day], times: Iterable[AccountBusy], window: Interval, zone: ZoneInfo, width: int
) -> Hours | None:
    """Return the hours of each day that are shown; None for a window that is too long for hours."""
    if len(listed) > WITH_HOURS:
        return None
    if len(listed) <= DAY_BY_DAY and longest_day([day for day, _, _ in listed], WHOLE_DAY, zone) <= width:
        return WHOLE_DAY
    busy = Intervals(interval for time in times for interval in short_time(time.busy)).clip(*window)
    parts = [part for _, low, high in listed for part in busy.clip(low, high)]
    first, last = hours_around(parts, zone) or OFFICE
    return min(first, OFFICE[0]), max(last, OFFICE[1])


def _days(listed: Sequence[Day], width: int) -> Iterator[Scale]:
    """Return scales of as many days as fit across, equally wide."""
    across = min(len(listed), width // (DAY_NARROWEST + 1))
    if 7 <= across < len(listed):
        across -= across % 7
    cells = min(DAY_WIDEST, width // across - 1)
    for begin in range(0, len(listed), across):
        block = listed[begin : begin + across]
        columns: list[Interval | None] = []
        labels = {}
        for day, low, high in block:
            labels[len(columns)] = day_label(day, cells)
            columns += [*_divide(low, high, cells), None]
        yield Scale(columns, [labels], days(block[0][0], block[-1][0]))


def _divide(low: int, high: int, parts: int) -> Iterator[Interval]:
    """Return equal parts of `[low, high)`, to the second."""
    edges = [low + (high - low) * i // parts for i in range(parts + 1)]
    return pairwise(edges)


def _print_scale(
    console: Console, scale: Scale, times: Mapping[str, AccountBusy], window: Interval, cells: int
) -> None:
    """Print the labels of a scale, and a row for each account."""
    console.print()
    if scale.title:
        console.print(Styled(scale.title, style="bold"))
    print_axes(console, scale._replace(title=""), cells)
    for name, time in times.items():
        print_bar(console, Styled(name), cells, busy_cells(console, scale.columns, time, window))
