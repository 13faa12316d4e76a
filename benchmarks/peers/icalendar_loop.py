"""A typical script: icalendar parses every file, recurring-ical-events expands it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import recurring_ical_events
from busytime import Account, Interval, blocks, instant, print_busy, window
from icalendar import Calendar


def busy(account: Account) -> Iterator[Interval]:
    """Yield the interval of every blocking occurrence, with a day of margin for floating times."""
    first, last = (datetime.fromtimestamp(bound, UTC) for bound in window())
    for file in account.files:
        calendar = Calendar.from_ical(file.read_bytes())
        query = recurring_ical_events.of(calendar)
        for event in query.between(first - timedelta(days=1), last + timedelta(days=1)):
            if blocks(event, account.email):
                yield instant(event.start, account.zone), instant(event.end, account.zone)


if __name__ == "__main__":
    print_busy(busy)
