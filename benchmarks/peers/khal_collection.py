"""khal: its collection of vdirs, with the database that khal keeps of them.

python khal_collection.py accounts.tsv FROM TO DATABASE, where the calendar of every account is a vdir. khal
brings the database up to date when the collection is opened. Then one query gives the occurrences of the
whole window, which `khal list` asks for day by day.
"""

from __future__ import annotations

import logging
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytz
from busytime import Account, Interval, accounts, blocks, instant, print_busy, window
from khal.khalendar import CalendarCollection
from khal.khalendar.event import Event

DAY = timedelta(days=1)
LOCALE = {"local_timezone": pytz.UTC, "default_timezone": pytz.UTC}


def main() -> None:
    """Query the collection once, and print the busy time of every account."""
    logging.getLogger("khal").setLevel(logging.ERROR)
    owners = {account.id: account for account in accounts()}
    start, end = (datetime.fromtimestamp(bound, UTC) for bound in window())
    collection = CalendarCollection(
        {name: settings(account) for name, account in owners.items()}, locale=LOCALE, dbpath=sys.argv[4]
    )
    floating = collection.get_floating((start - DAY).replace(tzinfo=None), (end + DAY).replace(tzinfo=None))
    spans: dict[str, list[Interval]] = defaultdict(list)
    for event in (*collection.get_localized(start, end), *floating):
        owner = owners[event.calendar]
        # khal displays transparent and declined events; only the component says that they do not block.
        if blocks(event._vevents[event.ref], owner.email):
            spans[owner.id].append(span(event, owner))
    print_busy(lambda account: spans[account.id])


def settings(account: Account) -> dict[str, object]:
    """Return khal's settings of a calendar."""
    return {"name": account.id, "path": str(account.path), "readonly": True, "color": "", "addresses": []}


def span(event: Event, owner: Account) -> Interval:
    """Return the interval of an occurrence. khal's end of an all-day event is its last day."""
    end = event.end + DAY if event.allday else event.end
    return instant(event.start, owner.zone), instant(end, owner.zone)


if __name__ == "__main__":
    main()
