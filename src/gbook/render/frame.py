"""The lines above and below every view of slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import booking_command, headline
from gbook.render.text import Styled
from gbook.render.wrapping import wrap
from gbook.timeutil.format import count, zone_name

if TYPE_CHECKING:
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console
    from gbook.scheduling.availability import Answer

__all__ = ["best_booking", "first_booking", "foot_lines", "head_lines", "height", "print_foot"]


def head_lines(answer: Answer, starts: Iterable[int], zone: ZoneInfo) -> list[Styled]:
    """Return the lines above a view: the query, and the zone of the times, with its offsets at `starts`."""
    where = zone_name(zone, starts)
    return [Styled(headline(answer, zone), style="bold"), Styled(f"Times in {where}", style="dim")]


def foot_lines(
    answer: Answer, slots: Sequence[Slot], days: int, zone: ZoneInfo, best: Styled | None = None
) -> list[Styled]:
    """Return the lines below a view: how many slots there are, and the command that books the first or best.

    The command has a line of its own, so that it can be copied.
    """
    total, on = len(answer.slots), f"on {count(days, 'day')}"
    shown = (
        f"{count(total, 'slot')} {on}"
        if len(slots) == total
        else f"Showing {len(slots)} of {total} slots, {on}"
    )
    which = "first" if best is None else "best"
    return [Styled(f"{shown}. Book the {which}:", style="dim"), best or first_booking(answer, zone)]


def first_booking(answer: Answer, zone: ZoneInfo) -> Styled:
    """Return the command that books the first slot."""
    return best_booking(answer, answer.slots[0], zone)


def best_booking(answer: Answer, slot: Slot, zone: ZoneInfo) -> Styled:
    """Return the command that books a slot of an answer."""
    return Styled(f"  {booking_command(answer.query, slot.start, zone)}")


def print_foot(console: Console, foot: Sequence[Styled]) -> None:
    """Print the lines below a view; the last one, a command, is never wrapped."""
    for line in foot:
        console.print(line, soft_wrap=line is foot[-1])


def height(lines: Iterable[Styled], width: int) -> int:
    """Return how many lines of a terminal some lines take."""
    return sum(len(wrap(line.text, width)) for line in lines)
