"""icalevents: one query for each file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from busytime import Account, Interval, blocks, instant, print_busy, window
from icalevents.icalevents import events

# icalevents reads the bounds as wall-clock times in the zone of each event, and selects the occurrences of
# a series by their start; the longest event lasts five days.
MARGIN = timedelta(days=7)


def busy(account: Account) -> Iterator[Interval]:
    """Yield the interval of every blocking occurrence, with a margin for zones and long events."""
    first, last = (datetime.fromtimestamp(bound, UTC) for bound in window())
    for file in account.files:
        for event in events(file=file, start=first - MARGIN, end=last + MARGIN, strict=True):
            if blocks(event.component, account.email):
                yield instant(event.start, account.zone), instant(event.end, account.zone)


if __name__ == "__main__":
    print_busy(busy)
