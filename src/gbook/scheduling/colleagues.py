"""Colleagues: people who are invited as guests, and have calendars here, which can be asked too.

A colleague takes part in nothing by this: neither work hours nor buffers nor caps matter, only busy time.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.engine.intervals import Interval, Intervals
from gbook.engine.quorum import Slot
from gbook.scheduling.account_time import Exemptions, load_accounts
from gbook.timeutil.instants import DAY
from gbook.timeutil.repeats import Repeat
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.scheduling.availability import Query

__all__ = ["Attending", "colleagues_busy", "dates_of", "with_guests_free"]

# The accounts that are invited as guests. With the times of the booking being moved, for each that is invited
# to it already: its own calendar may have the invitation.
Attending = Mapping[str, Sequence[Interval]]


def colleagues_busy(
    workspace: Workspace, attending: Attending, zone: ZoneInfo, window: Interval, exempt: Exemptions
) -> dict[str, Intervals | None]:
    """Return the busy time of colleagues around `window` (instants); None for one that cannot be read.

    `zone` is that of accounts without one.
    """
    low, high = window[0] - DAY, window[1] + DAY
    accounts = [workspace.account(name) for name in attending]
    times = load_accounts(workspace, accounts, zone, (low, high), exempt)
    return {
        name: _without(time.busy.clip(low, high), attending[name], (low, high)) if time.readable else None
        for name, time in times.items()
    }


def with_guests_free(
    workspace: Workspace, query: "Query", slots: Sequence[Slot], zone: ZoneInfo
) -> list[Slot]:
    """Return the slots at which all guests of a query are free.

    Of a series, they must be free on all dates, or with `skip_busy` on the first one.
    """
    repeat = None if query.skip_busy else query.repeat
    dates = {slot.start: dates_of(slot.start, slot.end, repeat, zone) for slot in slots}
    if not dates:
        return []
    taken = Intervals(query.engaged)
    window = slots[0].start, max(spans[-1][1] for spans in dates.values())
    for busy in colleagues_busy(workspace, query.attending, zone, window, query.exempt).values():
        if busy is None:
            return []
        taken |= busy
    return [slot for slot in slots if not any(taken.clip(*span) for span in dates[slot.start])]


def dates_of(start: int, end: int, repeat: Repeat | None, zone: tzinfo) -> list[Interval]:
    """Return the time of each date of a meeting; `start` and `end` are those of the first one."""
    if repeat is None:
        return [(start, end)]
    starts = repeat.starts(start, zone)
    return [(starts[position], starts[position] + end - start) for position in repeat.kept]


def _without(busy: Intervals, times: Sequence[Interval], window: Interval) -> Intervals:
    """Return busy time in `window` but for that in `times`."""
    rest = Intervals(times).gaps(*window) if times else Intervals([window])
    return Intervals(part for gap in rest for part in busy.clip(*gap))
