"""The parts that the peers in Python share: accounts, files, and the busy time of an account as their answer.

Every peer is called with `accounts.tsv FROM TO`, where the instants are seconds since 1970, and prints a JSON
line for each account: its busy time between them, merged and clipped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Component

__all__ = ["Account", "Interval", "accounts", "blocks", "instant", "print_busy", "window"]

Interval = tuple[int, int]


class Account(NamedTuple):
    """A line of the table of accounts."""

    id: str
    zone: ZoneInfo
    email: str
    path: Path

    @property
    def files(self) -> list[Path]:
        """The files of the calendar: the file itself, or those of a vdir."""
        return sorted(self.path.glob("*.ics")) if self.path.is_dir() else [self.path]


def accounts() -> list[Account]:
    """Return the accounts of the table that the command line names."""
    rows = (line.split("\t") for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    return [Account(name, ZoneInfo(zone), email, Path(path)) for name, zone, email, path in rows]


def window() -> Interval:
    """Return the instants of the command line."""
    return int(sys.argv[2]), int(sys.argv[3])


def print_busy(busy: Callable[[Account], Iterable[Interval]]) -> None:
    """Print the answer, from a function that returns the intervals of an account's blocking occurrences."""
    for account in accounts():
        print(json.dumps({"accountId": account.id, "busy": merged(busy(account), *window())}))


def blocks(event: Component, email: str) -> bool:
    """Return whether a component of icalendar blocks its owner's time (RFC 4791 §7.10)."""
    if event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED":
        return False
    attendees = event.get("ATTENDEE", [])
    listed = attendees if isinstance(attendees, list) else [attendees]
    own = f"mailto:{email}"
    return not any(who.lower() == own and who.params.get("PARTSTAT") == "DECLINED" for who in listed)


def instant(moment: date, zone: ZoneInfo) -> int:
    """Return the seconds since 1970 of a date or a date-time, which may be floating."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def merged(spans: Iterable[Interval], start: int, end: int) -> list[Interval]:
    """Return the union of the intervals inside [start, end)."""
    union: list[Interval] = []
    for low, high in sorted((max(low, start), min(high, end)) for low, high in spans):
        if low >= high:
            continue
        if union and low <= union[-1][1]:
            union[-1] = union[-1][0], max(high, union[-1][1])
        else:
            union.append((low, high))
    return union
