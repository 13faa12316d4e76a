"""The slots of an answer as a table of days, as a list, as a grid of weeks, or as lines to paste into a mail.

Each view takes the console, the answer, the zone of the times shown, and the maximum number of slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import headline, repeat_words
from gbook.render.console import NARROW
from gbook.render.day_table import DayTable
from gbook.render.frame import first_booking, foot_lines, head_lines, height, print_foot
from gbook.render.free_members import names
from gbook.render.tables import RULED, Column, print_rows
from gbook.render.text import Styled, cell_length, clean
from gbook.render.wrapping import wrap_words
from gbook.scheduling.ranges import SlotDay, by_day, ranges
from gbook.timeutil.format import count, day_name, time_range, zone_name
from gbook.timeutil.instants import DAY, at_midnight, local

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console
    from gbook.scheduling.availability import Answer

__all__ = ["print_head", "show_days", "show_grid", "show_list", "show_none", "show_text"]

# The fewest lines of a table of days, in however low a window.
LEAST_LINES = 3


def show_days(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None) -> None:
    """Print ranges of each day and who is free then, in as many lines as are visible at once."""
    if not answer.slots:
        show_none(console, answer, zone)
        return
    slots = answer.slots[:limit]
    days = by_day(slots, zone)
    head = head_lines(answer, (slot.start for slot in slots), zone)
    foot = foot_lines(answer, slots, len(days), zone)
    around = 2 + height((*head, *foot), console.width)
    lines = console.height - console.is_terminal - around
    table = DayTable(answer, days, zone)
    table.fit(console.width, max(lines, LEAST_LINES))
    for line in head:
        console.print(line)
    console.print()
    table.print(console)
    console.print()
    print_foot(console, foot)


def show_list(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None) -> None:
    """Print one row a slot, grouped by day, with the free accounts unless they are always the same."""
    if not answer.slots:
        show_none(console, answer, zone)
        return
    slots = answer.slots[:limit]
    days = by_day(slots, zone)
    columns = print_head(console, answer, slots, zone)
    _print_slots(console, days, columns, answer.query.now, zone)
    console.print()
    print_foot(console, foot_lines(answer, slots, len(days), zone))


def print_head(
    console: Console, answer: Answer, slots: Sequence[Slot], zone: ZoneInfo
) -> dict[str, list[str]]:
    """Print the lines above a table of slots, and return its columns of free members by title."""
    columns, same = _member_columns(answer, slots)
    for line in (*head_lines(answer, (slot.start for slot in slots), zone), *same):
        console.print(line)
    console.print()
    return columns


def _member_columns(answer: Answer, slots: Sequence[Slot]) -> tuple[dict[str, list[str]], list[Styled]]:
    """Return the columns of free members by title, and a line for each that is the same for all slots."""
    cells = {kind: [_CELLS[kind](slot) for slot in slots] for kind in _kinds(answer)}
    if seats := answer.query.seats:
        cells["Seats left"] = [f"{slot.seats_left} of {seats}" for slot in slots]
    same = {kind: column[0] for kind, column in cells.items() if len(set(column)) == 1}
    lines = [
        Styled(f"{kind}: {clean(text.removeprefix('+ '))}", style="dim")
        for kind, text in same.items()
        if text
    ]
    return {kind: column for kind, column in cells.items() if kind not in same}, lines


def show_grid(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None) -> None:
    """Print weeks, days across and times down, shaded by how many members are free."""
    from gbook.render.week_grid import print_grid

    if not answer.slots:
        show_none(console, answer, zone)
        return
    foot = [Styled("Book the first:", style="dim"), first_booking(answer, zone)]
    print_grid(console, answer, zone, limit, 1 + height(foot, console.width))
    console.print()
    print_foot(console, foot)


def show_text(console: Console, answer: Answer, zone: ZoneInfo, limit: int | None) -> None:
    """Print a line a day, with its slots merged into ranges, to paste into a mail."""
    if not answer.slots:
        show_none(console, answer, zone)
        return
    shown = answer.slots[:limit]
    minutes = count(answer.query.profile.duration_minutes, "minute")
    where = zone_name(zone, (slot.start for slot in shown))
    repeat = f", {words}, the first one" if (words := repeat_words(answer.query)) else ","
    console.print(Styled(f"{minutes}{repeat} within any of these times, in {where}:"), soft_wrap=True)
    cut = _cut_at_midnights(ranges(shown, answer.candidates.starts), zone)
    today = local(answer.query.now, zone).date()
    for day, group in groupby(cut, lambda interval: local(interval[0], zone).date()):
        times = ", ".join(time_range(start, end, zone) for start, end in group)
        console.print(Styled(f"{day_name(day, today)}: {times}"), soft_wrap=True)


def show_none(console: Console, answer: Answer, zone: ZoneInfo) -> None:
    """Print that there are no slots, and the first cause."""
    from gbook.scheduling.reasons import no_slots_sentence

    sentence = clean(no_slots_sentence(answer, zone))
    console.print_parts([Styled("No slots: ", style="bold"), Styled(sentence)])
    console.print_words(Styled(headline(answer, zone), style="dim"))


def _print_slots(
    console: Console, days: Sequence[SlotDay], columns: Mapping[str, Sequence[str]], now: int, zone: ZoneInfo
) -> None:
    """Print a row a slot, with a cell of each column; in a narrow table the cells are below the time."""
    slots = [slot for day in days for slot in day.slots]
    times = [f"  {time_range(slot.start, slot.end, zone)}" for slot in slots]
    natural = max(map(len, times)) + sum(RULED.gap + max(map(cell_length, each)) for each in columns.values())
    titles = [Column("Time", whole=True), *(Column(kind) for kind in columns)]
    rows: Iterable[Sequence[str | Styled]] = zip(times, *columns.values(), strict=True)
    if console.width < min(NARROW, natural):
        titles = [Column(whole=True)]
        rows = ([Styled(_stacked(row, console.width))] for row in zip(times, *columns.values(), strict=True))
    today = local(now, zone).date()
    print_rows(console, titles, _sections(days, rows, today), RULED)


def _stacked(row: Sequence[str], width: int) -> str:
    """Return a time and the cells below it, each indented."""
    time, *cells = row
    lines = (line for cell in cells if cell for line in wrap_words(clean(cell), width - 4))
    return "\n".join([time, *(f"    {line}" for line in lines)])


def _sections(
    days: Iterable[SlotDay], rows: Iterable[Sequence[str | Styled]], today: date
) -> Iterator[Sequence[str | Styled]]:
    """Return a section for each day: its date, then the rows of its slots."""
    each = iter(rows)
    for day in days:
        yield [Styled(day_name(day.day, today), style="bold")]
        yield from islice(each, len(day.slots))
        yield []


def _account_cell(slot: Slot) -> str:
    return names(slot.accounts)


def _group_cell(slot: Slot) -> str:
    return "; ".join(f"{name}: {names(free)}" for name, free in slot.groups.items())


def _optional_cell(slot: Slot) -> str:
    return f"+ {names(slot.optional)}" if slot.optional else ""


# The text of a slot in the column of each kind of member.
_CELLS = {
    "Accounts": _account_cell,
    "Groups": _group_cell,
    "Optional": _optional_cell,
}


def _kinds(answer: Answer) -> list[str]:
    """Return the columns after the time: one for each kind of member."""
    groups = [member.group is not None for member in answer.members]
    present = {
        "Accounts": not all(groups),
        "Groups": any(groups),
        "Optional": bool(answer.query.profile.optional),
    }
    return [kind for kind, is_present in present.items() if is_present]


def _cut_at_midnights(ranges: Iterable[Interval], zone: ZoneInfo) -> Iterator[Interval]:
    """Split ranges longer than a day at midnight; a shorter one stays whole, on the day it begins."""
    for low, high in ranges:
        start = low
        while high - start > DAY and (midnight := _next_midnight(start, zone)) < high:
            yield start, midnight
            start = midnight
        yield start, high


def _next_midnight(instant: int, zone: ZoneInfo) -> int:
    return at_midnight(local(instant, zone).date() + timedelta(days=1), zone)
