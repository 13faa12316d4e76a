"""Weeks of slots as a grid: days across, times down, shaded by how many members are free.

A cell is a start: a time of day on a date. It shows the best slot that starts in it. A start at which too few
members are free looks different from a time outside the working hours, at which no slot could start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import left_out
from gbook.render.frame import head_lines, height
from gbook.render.shading import NONE, legend, legend_lines, level, shades
from gbook.render.text import Styled
from gbook.render.wrapping import wrap
from gbook.timeutil.format import count
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console
    from gbook.scheduling.availability import Answer

__all__ = ["WEEK_LIMIT", "print_grid"]

# Weeks shown, one below the other.
WEEK_LIMIT = 5
# Minutes of a row; the first that keeps a day within MAX_ROWS.
ROW_MINUTES = (30, 60, 120, 180)
MAX_ROWS = 24
# Fewer rows than these are too coarse, in however low a window.
LEAST_ROWS = 8
# This many rows without a slot on any day become one row.
FOLDED_ROWS = 4
# Lines of a block beside its rows, and of what is left out, with the blank ones before them.
BLOCK_LINES, NOTE_LINES = 3, 2
# Columns of the terminal: the times at the left, a day, and between days.
LABEL, NARROWEST, WIDEST, GAP = 6, 6, 10, 1
# Columns between the entries of the legend.
LEGEND_GAP = 2
OPEN, CLOSED, TODAY = "green", "dim", "reverse"
Line = list[Styled]


@dataclass(frozen=True)
class _Grid:
    """The level of each date and row; no entry if no slot could start then."""

    levels: dict[tuple[date, int], int]
    # Minutes of a row, and the minute of the day at which row 0 begins.
    minutes: int
    origin: int
    # A row has at most one start of a day, at its beginning.
    is_exact: bool

    def dates(self) -> list[date]:
        return sorted({day for day, _ in self.levels})

    def rows(self) -> Iterator[int | None]:
        """Return the rows of the day, None for a long time in which no slot ever starts."""
        used = sorted({row for _, row in self.levels})
        for row, following in pairwise([*used, used[-1] + 1]):
            yield row
            if following - row > FOLDED_ROWS:
                yield None
            else:
                yield from range(row + 1, following)


def print_grid(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None, below: int) -> None:
    """Print the weeks from the day of the first slot on, at most WEEK_LIMIT of them.

    On a terminal, these are as many as are visible at once, at least one; `below` lines follow them.
    """
    slots = answer.slots[:limit]
    last_start = slots[-1].start if limit else answer.candidates.starts[-1]
    starts = [start for start in answer.candidates.starts if start <= last_start]
    shade_lines = legend_lines(_legend(console, answer), console.width, LEGEND_GAP)
    room = console.height - 1 - len(shade_lines) - below
    grid = _fill(starts, slots, answer, zone, _most_rows(console, room))
    across, width = _columns(console.width)
    blocks = _blocks(grid.dates(), local(slots[0].start, zone).date(), across)
    start = "a start" if grid.is_exact else f"the best start in {grid.minutes} minutes"
    head = (
        *head_lines(answer, starts, zone),
        Styled(f"A cell is {start}, shaded by the number of free members:", style="dim"),
    )
    for text in head:
        console.print(text)
    for line in shade_lines:
        console.print_line(line)
    room -= height(head, console.width)
    block_limit = WEEK_LIMIT * 7 // across
    if console.is_terminal:
        block_limit = min(block_limit, _fitting(console, grid, blocks, room))
    today = local(answer.query.now, zone).date()
    for block in blocks[:block_limit]:
        console.print()
        for line in _block(console, grid, block, width, today):
            console.print_line(line)
    if rest := blocks[block_limit:]:
        console.print()
        console.print(Styled(_left_out(grid, rest), style="dim"))


def _most_rows(console: Console, room: int) -> int:
    """Return how many rows a day may have below the three lines of the heading, in `room` lines."""
    if not console.is_terminal:
        return MAX_ROWS
    return min(MAX_ROWS, max(LEAST_ROWS, room - 3 - BLOCK_LINES - NOTE_LINES))


def _fitting(console: Console, grid: _Grid, blocks: Sequence[Sequence[date]], lines: int) -> int:
    """Return how many blocks fit, at least one, with a line that says what is left out."""
    height = BLOCK_LINES + len(list(grid.rows()))
    if len(blocks) * height <= lines:
        return len(blocks)
    note = 1 + len(wrap(_left_out(grid, blocks[1:] or blocks), console.width))
    return max(1, (lines - note) // height)


def _left_out(grid: _Grid, blocks: Sequence[Sequence[date]]) -> str:
    """Return what is left out: whole weeks, or days if there is no whole week."""
    first, last = blocks[0][0], blocks[-1][-1]
    if len(blocks[0]) == 7:
        return left_out(len(blocks), "week", first, last)
    return left_out(len([day for day in grid.dates() if day >= first]), "day", first, last)


def _fill(
    starts: Sequence[int], slots: Sequence[Slot], answer: Answer, zone: ZoneInfo, most_rows: int
) -> _Grid:
    """Return the grid of the candidate starts and the slots."""
    clocks = {start: local(start, zone) for start in starts}
    minutes_of = {start: clock.hour * 60 + clock.minute for start, clock in clocks.items()}
    distinct = set(minutes_of.values())
    minutes = _row_minutes(distinct, answer.query.profile.availability_step, most_rows)
    # Where all starts are as far from a full row, the rows begin at the starts: at 09:10, 09:40 and so on.
    offsets = {minute % minutes for minute in distinct}
    origin = offsets.pop() if len(offsets) == 1 else 0
    cells = {
        start: (clocks[start].date(), (minute - origin) // minutes) for start, minute in minutes_of.items()
    }
    levels = dict.fromkeys(cells.values(), NONE)
    for slot in slots:
        free = len(slot.accounts) + len(slot.groups)
        cell = cells[slot.start]
        levels[cell] = max(levels[cell], level(free, len(answer.members)))
    return _Grid(levels, minutes, origin, is_exact=not offsets)


def _row_minutes(minutes_of_day: Set[int], step: int, most_rows: int) -> int:
    """Return the smallest row size, at least the profile's step, with which a day fits."""
    fitting = (
        size
        for size in ROW_MINUTES
        if size >= step and len({minute // size for minute in minutes_of_day}) <= most_rows
    )
    return next(fitting, ROW_MINUTES[-1])


def _columns(width: int) -> tuple[int, int]:
    """Return how many days fit across, and the width of each."""
    across = max(1, min(7, (width - LABEL) // (NARROWEST + GAP)))
    return across, max(NARROWEST, min(WIDEST, (width - LABEL) // across - GAP))


def _blocks(dates: Sequence[date], begin: date, across: int) -> list[list[date]]:
    """Return the dates of each block of days: as many as fit, with a possible start on the first one."""
    blocks = []
    while later := [day for day in dates if day >= begin]:
        days_left = (dates[-1] - later[0]).days + 1
        blocks.append([later[0] + timedelta(days=more) for more in range(min(across, days_left))])
        begin = later[0] + timedelta(days=across)
    return blocks


def _block(console: Console, grid: _Grid, block: Sequence[date], width: int, today: date) -> Iterator[Line]:
    """Yield the rows of a block, below its weekdays and dates."""
    styles = [TODAY if day == today else "bold" for day in block]
    weekdays = ["today" if day == today else f"{day:%a}" for day in block]
    yield _line("", weekdays, styles, width)
    yield _line("", [f"{day.day} {day:%b}" for day in block], styles, width)
    characters = shades(console)
    for row in grid.rows():
        if row is None:
            yield [Styled("...", CLOSED)]
            continue
        hour, minute = divmod(row * grid.minutes + grid.origin, 60)
        steps = [grid.levels.get((day, row)) for day in block]
        cells = [" " * width if step is None else characters[step] * width for step in steps]
        label_style = CLOSED if (minute - grid.origin) % 60 else ""
        yield _line(
            f"{hour:02}:{minute:02}", cells, [OPEN if step else CLOSED for step in steps], width, label_style
        )


def _line(label: str, cells: Iterable[str], styles: Iterable[str], width: int, label_style: str = "") -> Line:
    """Return a label and a cell for each day, with spaces between."""
    line = [Styled(label.ljust(LABEL), label_style)]
    for cell, style in zip(cells, styles, strict=True):
        line += [Styled(cell.ljust(width), style), Styled(" " * GAP)]
    return line


def _legend(console: Console, answer: Answer) -> Iterator[Line]:
    """Yield the entries of the legend: only the shades that a slot with enough members can have."""
    *others, most = legend(console, answer.needed, len(answer.members))
    for entry in others:
        yield [Styled(entry[0] * 2, OPEN), Styled(entry[1:])]
    yield [Styled(most[0] * 2, OPEN), Styled(f"{most[1:]} of {count(len(answer.members), 'member')}")]
    yield [Styled(shades(console)[NONE] * 2, CLOSED), Styled(" too few")]
    yield [Styled("blank: outside hours or period")]
