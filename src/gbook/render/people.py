"""The slots of an answer as a scheduling assistant: hours across, members down, busy time in shades.

A block for each day. Below the members, a row marks where slots start. The hours are those in which slots can
be, and short before and after them if someone is busy across their edge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Intervals
from gbook.engine.quorum import needed
from gbook.render.commands import left_out
from gbook.render.frame import foot_lines, head_lines, height, print_foot
from gbook.render.slots import show_none
from gbook.render.text import Styled, clean
from gbook.render.timeline import (
    DATE_CELLS,
    Columns,
    Hours,
    Scale,
    busy_cells,
    busy_legend,
    cell_minutes,
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
from gbook.render.wrapping import cut
from gbook.scheduling.limits import own_closed_time
from gbook.timeutil.format import day_name, zone_name
from gbook.timeutil.instants import at_midnight, each_day, local

if TYPE_CHECKING:
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console
    from gbook.scheduling.availability import Answer

__all__ = ["show_people"]

# Busy time across the edge of the hours is shown for this many seconds more.
MARGIN = 2 * 3600
# Lines of a block beside its rows: a blank one, the hours, the slots; days side by side have one more. Lines
# below the blocks before the command: a blank one, and the days that are left out.
BLOCK_LINES, MORE_LINES = 3, 2
# Days side by side at most, and the cells that they have: a start of a slot begins with a cell.
MOST_ACROSS = 5
FINE_MINUTES = (10, 15, 20, 30)
SLOTS = "slots"
SLOT_STYLE = "bold green"
# What marks more free members than a digit can say.
MANY = "+"


class _Row(NamedTuple):
    """A row of a block: an account, or the name of a group above its accounts."""

    label: str
    account: str | None = None


class _Layout(NamedTuple):
    """The days that are shown, their hours, how many are side by side, and the minutes of a cell."""

    days: Sequence[date]
    hours: Hours
    across: int
    minutes: int


def show_people(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None) -> None:
    """Print a block for each day; without --to or --for, as many as fit the height of the terminal."""
    slots = answer.slots[:limit]
    if not slots:
        show_none(console, answer, zone)
        if not answer.candidates:
            return
    starts = [slot.start for slot in slots] or answer.candidates.starts
    if slots:
        booked_days = len({local(start, zone).date() for start in starts})
        head, foot = head_lines(answer, starts, zone), foot_lines(answer, slots, booked_days, zone)
    else:
        head, foot = [Styled(f"Times in {zone_name(zone, starts)}", "dim")], []
    for line in head:
        console.print(line)
    legend = print_legend(console, _legend(console, answer))
    around = legend + height((*head, *foot), console.width)
    lines = console.height - console.is_terminal - around - MORE_LINES
    days, rows = _days(answer, starts, zone), list(_rows(answer))
    labels = [*(row.label for row in rows if row.account), SLOTS, *(day_name(day, days[0]) for day in days)]
    cells = label_width(labels, console.width)
    # Without slots, how often each member is free is below.
    layout = _layout(answer, days, zone, console.width - cells, (lines if slots else lines // 2, len(rows)))
    for scale in day_scales(layout.days, layout.hours, None, zone, layout.across, layout.minutes):
        _print_scale(console, answer, slots, rows, scale, cells)
    if not slots:
        return
    console.print()
    if later := days[len(layout.days) :]:
        console.print(Styled(left_out(len(later), "day", later[0], later[-1]), style="dim"))
    print_foot(console, foot)


def _layout(
    answer: Answer, days: Sequence[date], zone: ZoneInfo, width: int, room: tuple[int, int]
) -> _Layout:
    """Return the days that are shown, and their hours: all of a window that has an end, else what fits.

    `room` is the number of lines, and of the rows of a block. As many days are side by side as have a cell
    for every start of a slot.
    """
    lines, rows = room
    step = answer.query.profile.availability_step
    finest = max((size for size in FINE_MINUTES if step % size == 0), default=FINE_MINUTES[0])
    for across in reversed(range(1, MOST_ACROSS + 1)):
        blocks = max(1, lines // (rows + BLOCK_LINES + (across > 1)))
        shown = days if answer.query.high is not None else days[: blocks * across]
        hours = _hours(answer, shown, zone)
        longest = longest_day(shown, hours, zone)
        across_all = days_across(len(shown), max(DATE_CELLS, ceil(longest * 60 / finest)), width)
        if across_all >= min(across, len(shown)):
            break
    minutes = cell_minutes(longest, (width + 1) // across_all - 1, step)
    return _Layout(shown, hours, across_all, minutes)


def _days(answer: Answer, starts: Sequence[int], zone: ZoneInfo) -> list[date]:
    """Return the days on which a slot could start, from the first of `starts` to the last.

    They begin with the first day of the window if --from names one, and end with its last unless there is a
    limit on slots.
    """
    candidates = answer.candidates.starts
    first = starts[0] if answer.query.low is None else candidates[0]
    last = starts[-1] if len(starts) < len(answer.slots) else candidates[-1]
    begin, end = local(first, zone).date(), local(last, zone).date()
    return [
        day for day in dict.fromkeys(local(start, zone).date() for start in candidates) if begin <= day <= end
    ]


def _rows(answer: Answer) -> Iterator[_Row]:
    """Yield the rows of a block: the members in their order, then the optional accounts."""
    for member in answer.members:
        if member.group is None:
            yield _Row(member.id, member.id)
        else:
            least, total = needed(member.required, len(member.accounts)), len(member.accounts)
            yield _Row(clean(f"{member.group} ({least} of {total})"))
            yield from (_Row(f"  {name}", name) for name in member.accounts)
    if answer.query.profile.optional:
        yield _Row("optional")
        yield from (_Row(f"  {name}", name) for name in answer.query.profile.optional)


def _legend(console: Console, answer: Answer) -> list[list[Styled]]:
    entries = busy_legend(console, answer.times.values())
    if any(time.account.work_hours for time in answer.times.values()):
        entries.append([Styled("blank: outside own work hours")])
    text = " a slot starts"
    if answer.needed < len(answer.members):
        text += f", {answer.needed} of {len(answer.members)} free"
    return [*entries, [Styled(_mark(console, answer, answer.needed), SLOT_STYLE), Styled(text)]]


def _mark(console: Console, answer: Answer, free: int) -> str:
    """Return the mark of a start: how many members are free, unless it is always all of them."""
    if answer.needed >= len(answer.members):
        return "^" if console.ascii_only else "▲"
    return str(free) if free <= 9 else MANY


def _print_scale(
    console: Console, answer: Answer, slots: Sequence[Slot], rows: Sequence[_Row], scale: Scale, cells: int
) -> None:
    """Print the labels of some days, a row for each member, and the starts of slots."""
    console.print()
    print_axes(console, scale, cells)
    columns = [column for column in scale.columns if column]
    window = columns[0][0], columns[-1][1]
    for row in rows:
        if row.account is None:
            console.print_line([Styled(cut(row.label, console.width))])
        else:
            time = answer.times[row.account]
            closed = own_closed_time(time.account, answer.zone, *window)
            bar = busy_cells(console, scale.columns, time, window, closed)
            print_bar(console, Styled(row.label), cells, bar)
    print_bar(console, Styled(SLOTS, "dim"), cells, _marks(console, answer, slots, scale.columns))


def _marks(console: Console, answer: Answer, slots: Sequence[Slot], columns: Columns) -> Iterator[Styled]:
    """Yield a mark for each column in which a slot starts: that of the slot with the most members."""
    for column in columns:
        first, last = (bisect_left(slots, edge, key=attrgetter("start")) for edge in column or (0, 0))
        best = max((len(slot.accounts) + len(slot.groups) for slot in slots[first:last]), default=0)
        yield Styled(_mark(console, answer, best), SLOT_STYLE) if best else Styled(" ")


def _hours(answer: Answer, days: Sequence[date], zone: ZoneInfo) -> Hours:
    """Return the hours that are shown: those of possible slots, and busy time across their edges."""
    candidates, duration = answer.candidates.starts, answer.candidates.meeting.duration
    edges = at_midnight(days[0], zone), at_midnight(days[-1] + timedelta(days=1), zone)
    first_index, end_index = (bisect_left(candidates, edge) for edge in edges)
    starts = candidates[first_index:end_index]
    open_time = Intervals((start, start + duration) for start in starts)
    busy_times = [short_time(time.busy) for time in answer.times.values()]
    parts = []
    for _, low, high in each_day((starts[0], starts[-1] + duration), zone):
        if inside := open_time.clip(low, high):
            begin, end = inside.starts[0], inside.ends[-1]
            busy = [
                interval
                for time in busy_times
                for interval in time.clip(max(low, begin - MARGIN), min(high, end + MARGIN))
            ]
            first = min((start for start, until in busy if start < begin < until), default=begin)
            last = max((until for start, until in busy if start < end < until), default=end)
            parts.append((first, last))
    return hours_around(parts, zone) or (0, 24)
