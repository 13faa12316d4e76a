"""Weeks of slots as a grid: days across, times down, shaded by how many members are free.

A cell is a time of day on a date. It shows the best slot that starts in it. A time without a free member
looks different from one outside the working hours, at which no slot could start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import headline
from gbook.render.shading import NONE, legend, level, shades
from gbook.render.text import Styled
from gbook.scheduling.availability import Answer
from gbook.timeutil.format import count, days, zone_name
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from rich.text import Text

    from gbook.engine.quorum import Slot
    from gbook.render.console import Console

__all__ = ["WEEK_LIMIT", "print_grid"]

# Weeks shown, one below the other.
WEEK_LIMIT = 5
# Minutes of a row; the first that keeps a day within MAX_ROWS.
ROW_MINUTES = (30, 60, 120, 180)
MAX_ROWS = 24
# This many rows without a slot on any day become one row.
FOLDED_ROWS = 4
# Columns of the terminal: the times at the left, a day, and between days.
LABEL, NARROWEST, WIDEST, GAP = 6, 6, 10, 1
OPEN, CLOSED, TODAY = "green", "dim", "reverse"


@dataclass(frozen=True)
class _Grid:
    """The level of each date and row; no entry if no slot could start then."""

    levels: dict[tuple[date, int], int]
    # Minutes of a row.
    minutes: int

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


def print_grid(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """Print the weeks from the first slot on, at most WEEK_LIMIT of them."""
    slots = answer.slots[:first]
    last_start = slots[-1].start if first else answer.candidates.starts[-1]
    starts = [start for start in answer.candidates.starts if start <= last_start]
    grid = _fill(starts, slots, answer, zone)
    across, width = _columns(console.width)
    blocks = _blocks(grid.dates(), local(slots[0].start, zone).date(), across)
    limit = WEEK_LIMIT * 7 // across
    console.print(Styled(headline(answer, zone), style="bold"))
    console.print(Styled(f"Times in {zone_name(zone, starts)}", style="dim"))
    for block in blocks[:limit]:
        console.print()
        console.print(_block(console, grid, block, width, local(answer.query.now, zone).date()))
    console.print()
    console.print(_legend(console, answer.needed, len(answer.members)))
    if rest := blocks[limit:]:
        console.print(f"Later slots, {days(rest[0][0], rest[-1][-1])}: --from {rest[0][0].isoformat()}")


def _fill(starts: Sequence[int], slots: Sequence[Slot], answer: Answer, zone: ZoneInfo) -> _Grid:
    """Return the grid of the candidate starts and the slots."""
    clocks = {start: local(start, zone) for start in starts}
    minutes_of = {start: clock.hour * 60 + clock.minute for start, clock in clocks.items()}
    minutes = _row_minutes(set(minutes_of.values()), answer.query.profile.availability_step)
    levels = {(clocks[start].date(), minutes_of[start] // minutes): NONE for start in starts}
    for slot in slots:
        cell = clocks[slot.start].date(), minutes_of[slot.start] // minutes
        free = len(slot.accounts) + len(slot.groups)
        levels[cell] = max(levels[cell], level(free, len(answer.members)))
    return _Grid(levels, minutes)


def _row_minutes(minutes_of_day: Set[int], step: int) -> int:
    """Return the smallest row size, at least the profile's step, with which a day fits."""
    fitting = (
        size
        for size in ROW_MINUTES
        if size >= step and len({minute // size for minute in minutes_of_day}) <= MAX_ROWS
    )
    return next(fitting, ROW_MINUTES[-1])


def _columns(width: int) -> tuple[int, int]:
    """Return how many days fit across, and the width of each."""
    across = max(1, min(7, (width - LABEL) // (NARROWEST + GAP)))
    return across, max(NARROWEST, min(WIDEST, (width - LABEL) // across - GAP))


def _blocks(dates: Sequence[date], begin: date, across: int) -> list[list[date]]:
    """Return the dates of each block of days: weeks from Monday, or as many days as fit.

    Weeks in which no slot could start are left out.
    """
    blocks = []
    while later := [day for day in dates if day >= begin]:
        first = later[0] - timedelta(days=later[0].weekday()) if across == 7 else later[0]
        blocks.append([first + timedelta(days=more) for more in range(across)])
        begin = first + timedelta(days=across)
    return blocks


def _block(console: Console, grid: _Grid, block: Sequence[date], width: int, today: date) -> Text:
    """Return the rows of a block as text, below its weekdays and dates."""
    from rich.text import Text

    weekdays, dates = Text(" " * LABEL), Text(" " * LABEL)
    for day in block:
        style = TODAY if day == today else "bold"
        name = "today" if day == today else f"{day:%a}"
        weekdays.append(name.ljust(width), style).append(" " * GAP)
        dates.append(f"{day.day} {day:%b}".ljust(width), style).append(" " * GAP)
    lines = [weekdays, dates, *_rows(console, grid, block, width)]
    for line in lines:
        line.rstrip()
    return Text("\n", no_wrap=True).join(lines)


def _rows(console: Console, grid: _Grid, block: Sequence[date], width: int) -> Iterator[Text]:
    from rich.text import Text

    characters = shades(console)
    for row in grid.rows():
        if row is None:
            yield Text("...", style=CLOSED)
            continue
        hour, minute = divmod(row * grid.minutes, 60)
        line = Text().append(f"{hour:02}:{minute:02}".ljust(LABEL), CLOSED if minute else "")
        for day in block:
            step = grid.levels.get((day, row))
            shade = " " if step is None else characters[step]
            line.append(shade * width, style=OPEN if step else CLOSED).append(" " * GAP)
        yield line


def _legend(console: Console, needed: int, members: int) -> Text:
    """Return the legend: only the shades that a slot with at least `needed` members can have."""
    from rich.text import Text

    text = Text()
    for entry in legend(console, needed, members):
        text.append(entry[0] * 2, OPEN).append(f"{entry[1:]}  ")
    text.append(f"of {count(members, 'member')} free\n")
    return text.append(shades(console)[NONE] * 2, CLOSED).append(
        " no slot   blank: outside the hours or period"
    )
