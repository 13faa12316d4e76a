"""ical: a model of each file, and its timeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from busytime import Account, Interval, instant, print_busy, window
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event


def busy(account: Account) -> Iterator[Interval]:
    """Yield the interval of every blocking occurrence. Floating times are in the account's zone."""
    first, last = (datetime.fromtimestamp(bound, account.zone) for bound in window())
    for file in account.files:
        calendar = IcsCalendarStream.calendar_from_ics(file.read_text(encoding="utf-8"))
        for event in calendar.timeline_tz(account.zone).overlapping(first, last):
            if blocks(event, account.email):
                yield instant(event.start, account.zone), instant(event.end, account.zone)


def blocks(event: Event, email: str) -> bool:
    """Return whether an event blocks its owner's time (RFC 4791 §7.10)."""
    if event.transparency == "TRANSPARENT" or event.status == "CANCELLED":
        return False
    own = f"mailto:{email}"
    return not any(who.uri.lower() == own and who.status == "DECLINED" for who in event.attendees)


if __name__ == "__main__":
    print_busy(busy)
