"""Time from left to right: columns with labels above them, and busy time as shades below.

The bars of `gbook busy` and the view of people share it. A cell is shaded by how much of it is busy, and
never looks free if any of it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Intervals
from gbook.render.shading import ALL, NONE, legend_lines, level, shades
from gbook.render.text import Styled, cell_length, clean
from gbook.render.wrapping import cut
from gbook.timeutil.format import day_name
from gbook.timeutil.instants import MINUTE, local, wall_instant

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.render.console import Console
    from gbook.scheduling.account_time import AccountBusy

__all__ = [
    "DATE_CELLS",
    "Columns",
    "Hours",
    "Scale",
    "busy_cells",
    "busy_legend",
    "cell_minutes",
    "day_label",
    "day_scales",
    "days_across",
    "hours_around",
    "label_width",
    "longest_day",
    "print_axes",
    "print_bar",
    "print_legend",
    "short_time",
]

# Minutes of a cell: from six cells an hour to one for half a day.
CELL_MINUTES = (10, 15, 20, 30, 60, 120, 180, 240, 360, 720)
# Cells for names: at most, and at most this part of the width, but always enough for a date.
NAME_LIMIT, NAME_PART, DATE_CELLS = 20, 3, 10
UNREADABLE = "?"
# Busy time this long is a whole day, perhaps of another zone.
ALMOST_A_DAY = 20 * 3600
# Columns from one label to the next, at least; and between the entries of the legend.
LABEL, LEGEND_GAP = 3, 3
STYLES = {"busy": "red", "free": "dim", "unreadable": "yellow"}

# A part of the day, in whole hours of the clock: from, and up to.
Hours = tuple[int, int]
Columns = Sequence["Interval | None"]


class Scale(NamedTuple):
    """The interval of each column (None for a gap), and lines of labels above them, by column."""

    columns: Columns
    axes: Sequence[Mapping[int, str]]
    # The days, if there is no label with their dates.
    title: str = ""


def hours_around(intervals: Iterable[Interval], zone: ZoneInfo) -> Hours | None:
    """Return the hours of the clock that hold all of `intervals`; each is within a day. None for none."""
    first, last = 24, 0
    for low, high in intervals:
        begin, end = local(low, zone), local(high - 1, zone)
        first, last = min(first, begin.hour), max(last, end.hour + 1)
    return (first, last) if first < last else None


def short_time(busy: Intervals) -> Intervals:
    """Return busy time without all-day events, of whatever zone, and longer ones."""
    return Intervals(interval for interval in busy if interval[1] - interval[0] < ALMOST_A_DAY)


def cell_minutes(hours: float, width: int, step: int = 15) -> int:
    """Return the smallest size of a cell with which this many hours fit into `width` cells.

    A size is preferred that divides `step` (minutes), or is a multiple of it.
    """
    fitting = [minutes for minutes in CELL_MINUTES if hours * 60 <= minutes * width]
    finest = fitting[0] if fitting else CELL_MINUTES[-1]
    even = [size for size in fitting if size <= 2 * finest and (step % size == 0 or size % step == 0)]
    return min(even, default=finest)


def _day_columns(day: date, hours: Hours, zone: ZoneInfo, minutes: int) -> list[Interval]:
    """Return the columns of the hours of a day; a day whose UTC offset changes has more or fewer."""
    low, high = (_at_hour(day, hour, zone) for hour in hours)
    size = minutes * MINUTE
    return [(start, min(start + size, high)) for start in range(low, high, size)]


def longest_day(days: Iterable[date], hours: Hours, zone: ZoneInfo) -> float:
    """Return how many hours long the hours of a day are: more where the UTC offset changes in them."""
    return max(_at_hour(day, hours[1], zone) - _at_hour(day, hours[0], zone) for day in days) / (60 * MINUTE)


def _at_hour(day: date, hour: int, zone: ZoneInfo) -> int:
    return wall_instant(datetime(day.year, day.month, day.day) + timedelta(hours=hour), zone)


def days_across(number: int, cells: int, width: int) -> int:
    """Return how many of `number` days fit in a row, with the days spread evenly over the rows.

    `cells` is the width of a day, `width` that of a row.
    """
    fitting = max(1, (width + 1) // (cells + 1))
    return ceil(number / ceil(number / fitting))


def day_scales(
    dates: Sequence[date], hours: Hours, window: Interval | None, zone: ZoneInfo, across: int, minutes: int
) -> Iterator[Scale]:
    """Yield a scale for each row of days: cells of `minutes` in the hours of each day within `window`."""
    for begin in range(0, len(dates), across):
        columns: list[Interval | None] = []
        days: dict[int, str] = {}
        clocks: dict[int, str] = {}
        for day in dates[begin : begin + across]:
            part = [
                (low, high)
                for low, high in _day_columns(day, hours, zone, minutes)
                if window is None or (low < window[1] and high > window[0])
            ]
            days[len(columns)] = day_label(day, DATE_CELLS)
            clocks |= {len(columns) + index: label for index, label in _hour_labels(part, zone).items()}
            # Days side by side have room for their dates.
            columns += [*part, *[None] * max(1, DATE_CELLS + 1 - len(part))]
        if across == 1:
            yield Scale(columns, [clocks], day_name(dates[begin], dates[0]))
        else:
            yield Scale(columns, [days, clocks])


def day_label(day: date, cells: int) -> str:
    """Return a date for a column of this width."""
    texts = (f"{day:%a} {day.day} {day:%b}", f"{day:%a} {day.day}", str(day.day))
    return next(text for text in texts if len(text) <= cells or text == texts[-1])


def _hour_labels(columns: Sequence[Interval], zone: ZoneInfo) -> dict[int, str]:
    """Return the hours above the columns of a day, by column: as many as have room, at equal distances."""
    clocks = ((index, local(start, zone)) for index, (start, _) in enumerate(columns))
    hours = [(index, f"{clock:%H}") for index, clock in clocks if clock.minute == clock.second == 0]
    distance = hours[1][0] - hours[0][0] if len(hours) > 1 else LABEL
    every = next(number for number in (1, 2, 3, 4, 6, 12) if number * distance >= LABEL)
    return {index: label for index, label in hours[::every] if index + len(label) <= len(columns)}


def label_width(labels: Iterable[str], width: int) -> int:
    """Return how many cells the labels at the left get on a console of this width, their gap included."""
    longest = max((cell_length(clean(label)) for label in labels), default=0)
    limit = max(DATE_CELLS, min(NAME_LIMIT, width // NAME_PART))
    return min(longest, limit) + (2 if width >= 60 else 1)


def print_axes(console: Console, scale: Scale, cells: int) -> None:
    """Print the labels above the columns, with the title of the scale in the `cells` before them."""
    for number, labels in enumerate(scale.axes):
        axis = ""
        for column, label in labels.items():
            axis = axis.ljust(column) + label
        style = "bold" if number + 1 < len(scale.axes) else "dim"
        console.print_line([*_label(Styled(scale.title, "bold"), cells), Styled(axis, style)])


def print_bar(console: Console, label: Styled, cells: int, bar: Iterable[Styled]) -> None:
    """Print a label in `cells` cells, and after it the cells of a bar."""
    runs = groupby(bar, key=lambda cell: cell.style)
    parts = [Styled("".join(cell.text for cell in run), style) for style, run in runs]
    console.print_line([*_label(label, cells), *parts])


def busy_cells(
    console: Console, columns: Columns, time: AccountBusy, window: Interval, closed: Intervals = Intervals()
) -> Iterator[Styled]:
    """Yield the cells of an account: how busy it is in each column within `window`.

    A cell in which it is not busy, and that is `closed` as a whole, is blank.
    """
    characters = shades(console)
    for column in columns:
        low, high = (max(column[0], window[0]), min(column[1], window[1])) if column else (0, 0)
        if low >= high:
            yield Styled(" ")
        elif not time.readable:
            yield Styled(UNREADABLE, STYLES["unreadable"])
        elif busy := sum(end - start for start, end in time.busy.clip(low, high)):
            yield Styled(characters[level(busy, high - low)], STYLES["busy"])
        else:
            yield Styled(" ") if closed.covers(low, high) else Styled(characters[NONE], STYLES["free"])


def busy_legend(console: Console, times: Iterable[AccountBusy]) -> list[list[Styled]]:
    """Return the entries of a legend: what the shades mean."""
    characters = shades(console)
    entries = [
        [Styled(characters[ALL], STYLES["busy"]), Styled(" busy")],
        [Styled(characters[NONE + 1 : ALL], STYLES["busy"]), Styled(" partly")],
        [Styled(characters[NONE], STYLES["free"]), Styled(" free")],
    ]
    if not all(time.readable for time in times):
        entries.append([Styled(UNREADABLE, STYLES["unreadable"]), Styled(" unreadable (counted as busy)")])
    return entries


def print_legend(console: Console, entries: Sequence[Sequence[Styled]]) -> int:
    """Print entries in as few lines as they fit into, and return how many lines these are."""
    lines = legend_lines(entries, console.width, LEGEND_GAP)
    for line in lines:
        console.print_line(line)
    return len(lines)


def _label(label: Styled, cells: int) -> list[Styled]:
    text = cut(clean(label.text), cells - 1)
    return [Styled(text, label.style), Styled(" " * (cells - cell_length(text)))]
