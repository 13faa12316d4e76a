"""The slots of an answer as a table, as a grid of weeks, and as lines to paste into a mail.

Each view takes the console, the answer, the zone to show times in, and how many slots were asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import (
    booking_command,
    count,
    day_name,
    headline,
    members_wanted,
    time_range,
    zone_name,
)
from gbook.render.text import clean
from gbook.scheduling.availability import Answer, merge
from gbook.timeutil.instants import DAY, at_midnight, local

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from gbook.engine.intervals import Interval
    from gbook.engine.quorum import Slot

__all__ = ["TABLE_LIMIT", "show_grid", "show_none", "show_table", "show_text"]

# A table on a terminal has at most so many slots, unless --first asks for more.
TABLE_LIMIT = 40
# A cell names at most so many accounts.
NAME_LIMIT = 8


def show_table(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """One row a slot, grouped by day, with who is free; then how to book the first."""
    from rich.text import Text

    if not answer.slots:
        show_none(console, answer, zone)
        return
    shown = answer.slots[: first or (TABLE_LIMIT if console.is_terminal else None)]
    console.print(Text(headline(answer, zone), style="bold"))
    console.print(Text(f"Times in {zone_name(zone, (slot.start for slot in shown))}", style="dim"))
    console.print()
    console.print(_table(shown, answer, zone))
    console.print()
    console.print(Text(_how_many(len(shown), len(answer.slots), first)))
    _print_booking(console, answer)


def show_grid(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """Weeks with days across and times down, shaded by how many members are free."""
    from gbook.render.week_grid import print_grid

    if not answer.slots:
        show_none(console, answer, zone)
        return
    print_grid(console, answer, zone, first)
    console.print()
    _print_booking(console, answer)


def show_text(console: Console, answer: Answer, zone: ZoneInfo, first: int | None) -> None:
    """A line a day, with its slots merged to ranges; plain text to paste into a mail."""
    from rich.text import Text

    if not answer.slots:
        show_none(console, answer, zone)
        return
    shown = answer.slots[:first]
    minutes = count(answer.query.profile.duration_minutes, "minute")
    where = zone_name(zone, (slot.start for slot in shown))
    console.print(Text(f"{minutes}, within any of these times, in {where}:"), soft_wrap=True)
    ranges = _cut_at_midnights(merge(shown), zone)
    for day, group in groupby(ranges, lambda one: local(one[0], zone).date()):
        times = ", ".join(time_range(start, end, zone) for start, end in group)
        console.print(Text(f"{day_name(day)}: {times}"), soft_wrap=True)


def show_none(console: Console, answer: Answer, zone: ZoneInfo) -> None:
    """Say that nothing was found, and the nearest cause that can be told without looking at events."""
    from rich.text import Text

    console.print(Text("No slots. ", style="bold"), end="")
    console.print(Text(_cause(answer)))
    console.print(Text(headline(answer, zone), style="dim"))


def _table(slots: Sequence[Slot], answer: Answer, zone: ZoneInfo) -> Table:
    """The columns that the profile has use for."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("Time", no_wrap=True)
    kinds = _kinds(answer)
    for title in kinds:
        table.add_column(title, overflow="fold")
    for day, group in _by_day(slots, zone):
        table.add_row(Text(day, style="bold"))
        for slot in group:
            cells = {
                "Accounts": _listed(slot.accounts),
                "Groups": "; ".join(f"{name}: {_listed(free)}" for name, free in slot.groups.items()),
                "Optional": f"+ {_listed(slot.optional)}" if slot.optional else "",
            }
            times = f"  {time_range(slot.start, slot.end, zone)}"
            table.add_row(Text(times), *(Text(clean(cells[kind])) for kind in kinds))
        table.add_section()
    return table


def _listed(names: Sequence[str]) -> str:
    """`alice, bob`; of many only the first."""
    more = len(names) - NAME_LIMIT
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAME_LIMIT])} and {more} more"


def _kinds(answer: Answer) -> list[str]:
    """The columns beside the time: only for what the members are."""
    groups = [member.group is not None for member in answer.members]
    present = {
        "Accounts": not all(groups),
        "Groups": any(groups),
        "Optional": bool(answer.query.profile.optional),
    }
    return [kind for kind, there in present.items() if there]


def _by_day(slots: Sequence[Slot], zone: ZoneInfo) -> Iterator[tuple[str, Iterator[Slot]]]:
    for day, group in groupby(slots, lambda slot: local(slot.start, zone).date()):
        yield day_name(day), group


def _cut_at_midnights(ranges: Iterable[Interval], zone: ZoneInfo) -> Iterator[Interval]:
    """What is as long as a day has a line on each; what is shorter stays whole, on the day it begins."""
    for low, high in ranges:
        start = low
        while high - start > DAY and (midnight := _next_midnight(start, zone)) < high:
            yield start, midnight
            start = midnight
        yield start, high


def _next_midnight(instant: int, zone: ZoneInfo) -> int:
    return at_midnight(local(instant, zone).date() + timedelta(days=1), zone)


def _how_many(shown: int, found: int, first: int | None) -> str:
    if shown == found:
        return f"{count(found, 'slot')}."
    more = "" if first else " More: --first N, a later --from, or all of them with --view grid or text."
    return f"The first {shown} of {found} slots.{more}"


def _print_booking(console: Console, answer: Answer) -> None:
    """The command that books the first slot, on a line of its own, so that it can be copied."""
    from rich.text import Text

    console.print(Text("Book the first:", style="dim"))
    command = booking_command(answer.query, answer.slots[0].start)
    console.print(Text(f"  {command}"), soft_wrap=True)


def _cause(answer: Answer) -> str:
    profile = answer.query.profile
    if not answer.members:
        return f"The profile has no members: gbook profile attach-accounts {clean(profile.name)} ID…"
    if answer.window[1] - answer.window[0] < profile.duration_minutes * 60:
        return "The time asked for and the profile's period leave none between them."
    if not answer.candidates:
        return f"The profile's hours have no room for {count(profile.duration_minutes, 'minute')} then."
    if len(answer.members) == 1 and answer.query.required in ("one", "all", 1):
        return f"{clean(answer.members[0].id)} is never free."
    return f"Never {'is' if answer.query.required == 'one' else 'are'} {members_wanted(answer)} free."
