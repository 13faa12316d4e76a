"""A typical script: icalendar parses every file, recurring-ical-events expands it.

python icalendar_loop.py accounts.tsv FROM TO prints a JSON line for each account: its busy time between two
instants (seconds since 1970), merged and clipped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

Interval = tuple[int, int]


def main() -> None:
    """Read the table of accounts and print their busy time."""
    table, start, end = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for line in table.read_text(encoding="utf-8").splitlines():
        account, zone, email, path = line.split("\t")
        spans = [span for file in files(Path(path)) for span in busy(file, (zone, email), (start, end))]
        print(json.dumps({"accountId": account, "busy": merged(spans, start, end)}))


def files(path: Path) -> list[Path]:
    """Return the files of a calendar: the file itself, or those of a vdir."""
    return sorted(path.glob("*.ics")) if path.is_dir() else [path]


def busy(file: Path, owner: tuple[str, str], window: Interval) -> Iterator[Interval]:
    """Yield the interval of every blocking occurrence, with a day of margin for floating times."""
    zone, email = ZoneInfo(owner[0]), owner[1]
    first, last = (datetime.fromtimestamp(instant, UTC) for instant in window)
    calendar = Calendar.from_ical(file.read_bytes())
    found = recurring_ical_events.of(calendar).between(first - timedelta(days=1), last + timedelta(days=1))
    for event in found:
        if blocks(event, email):
            yield instant(event.start, zone), instant(event.end, zone)


def blocks(event: Component, email: str) -> bool:
    """Return whether the event blocks its owner's time (RFC 4791 §7.10)."""
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


def merged(spans: list[Interval], start: int, end: int) -> list[Interval]:
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


if __name__ == "__main__":
    main()
