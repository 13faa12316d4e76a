"""The slots of an answer as a table, as a grid of weeks, or as lines to paste into a mail.

Each view takes the console, the answer, the zone of the times shown, and the maximum number of slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import booking_command, headline
from gbook.render.tables import RULED, Column, print_rows
from gbook.render.text import Styled, clean
from gbook.scheduling.availability import Answer, Query, merge
from gbook.timeutil.format import count, day_name, time_range, zone_name
from gbook.timeutil.instants import DAY, at_midnight, local

if TYPE_CHECKING:
    from gbook.engine.intervals import Interval
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console

__all__ = ["TABLE_LIMIT", "show_grid", "show_none", "show_table", "show_text"]

# Slots in a table on a terminal, unless --limit asks for more.
TABLE_LIMIT = 40
# Accounts named in a cell.
NAME_LIMIT = 8


def show_table(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """Print one row a slot, grouped by day, with the free accounts; then the command that books the first."""
    if not answer.slots:
        show_none(console, answer, zone)
        return
    shown = answer.slots[: first or (TABLE_LIMIT if console.is_terminal else None)]
    console.print(Styled(headline(answer, zone), style="bold"))
    console.print(Styled(f"Times in {zone_name(zone, (slot.start for slot in shown))}", style="dim"))
    console.print()
    _print_slots(console, shown, _kinds(answer), zone)
    console.print()
    console.print(Styled(_how_many(len(shown), len(answer.slots), first)))
    _print_booking(console, answer.query, answer.slots[0].start, zone)


def show_grid(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """Print weeks, days across and times down, shaded by how many members are free."""
    from gbook.render.week_grid import print_grid

    if not answer.slots:
        show_none(console, answer, zone)
        return
    print_grid(console, answer, zone, first)
    console.print()
    _print_booking(console, answer.query, answer.slots[0].start, zone)


def show_text(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """Print a line a day, with its slots merged into ranges, to paste into a mail."""
    if not answer.slots:
        show_none(console, answer, zone)
        return
    shown = answer.slots[:first]
    minutes = count(answer.query.profile.duration_minutes, "minute")
    where = zone_name(zone, (slot.start for slot in shown))
    console.print(Styled(f"{minutes}, within any of these times, in {where}:"), soft_wrap=True)
    ranges = _cut_at_midnights(merge(shown), zone)
    for day, group in groupby(ranges, lambda interval: local(interval[0], zone).date()):
        times = ", ".join(time_range(start, end, zone) for start, end in group)
        console.print(Styled(f"{day_name(day)}: {times}"), soft_wrap=True)


def show_none(console: Console, answer: Answer, zone: ZoneInfo) -> None:
    """Print that there are no slots, and the first cause."""
    from gbook.scheduling.reasons import no_slots_sentence

    console.print(Styled("No slots: ", style="bold"), end="")
    console.print(Styled(clean(no_slots_sentence(answer, zone))))
    console.print(Styled(headline(answer, zone), style="dim"))


def _print_slots(console: Console, slots: Sequence[Slot], kinds: Sequence[str], zone: ZoneInfo) -> None:
    """Print the table: the time, and a column for each of these kinds of members."""
    columns = [Column("Time", whole=True), *(Column(kind) for kind in kinds)]
    print_rows(console, columns, _rows(slots, kinds, zone), RULED)


def _rows(slots: Sequence[Slot], kinds: Sequence[str], zone: ZoneInfo) -> Iterator[Sequence[str | Styled]]:
    """Return a section for each day: its date, then a row a slot."""
    cells = [_CELLS[kind] for kind in kinds]
    for day, group in _by_day(slots, zone):
        yield [Styled(day, style="bold")]
        for slot in group:
            yield [f"  {time_range(slot.start, slot.end, zone)}", *[cell(slot) for cell in cells]]
        yield []


def _account_cell(slot: Slot) -> str:
    return _listed(slot.accounts)


def _group_cell(slot: Slot) -> str:
    return "; ".join(f"{name}: {_listed(free)}" for name, free in slot.groups.items())


def _optional_cell(slot: Slot) -> str:
    return f"+ {_listed(slot.optional)}" if slot.optional else ""


# The text of a slot in the column of each kind of member.
_CELLS = {"Accounts": _account_cell, "Groups": _group_cell, "Optional": _optional_cell}


def _listed(names: Sequence[str]) -> str:
    """Return `alice, bob`; of many names only the first."""
    more = len(names) - NAME_LIMIT
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAME_LIMIT])} and {more} more"


def _kinds(answer: Answer) -> list[str]:
    """Return the columns after the time: one for each kind of member."""
    groups = [member.group is not None for member in answer.members]
    present = {
        "Accounts": not all(groups),
        "Groups": any(groups),
        "Optional": bool(answer.query.profile.optional),
    }
    return [kind for kind, is_present in present.items() if is_present]


def _by_day(slots: Sequence[Slot], zone: ZoneInfo) -> Iterator[tuple[str, Iterator[Slot]]]:
    for day, group in groupby(slots, lambda slot: local(slot.start, zone).date()):
        yield day_name(day), group


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


def _how_many(shown: int, total: int, first: int | None) -> str:
    if shown == total:
        return f"{count(total, 'slot')}."
    more = "" if first else " More: --limit N, a later --from, or --view grid or text."
    return f"Showing {shown} of {total} slots.{more}"


def _print_booking(console: Console, query: Query, start: int, zone: ZoneInfo) -> None:
    """Print the command that books the first slot, on its own line so that it can be copied."""
    console.print(Styled("Book the first:", style="dim"))
    command = booking_command(query, start, zone)
    console.print(Styled(f"  {command}"), soft_wrap=True)
