"""Write a workspace with many bookings: python benchmarks/bookings.py DIR --bookings 5000.

Each booking has three of the twenty accounts, and a copy in the calendar of each. All of them are after
`now`, so that a list shows every one.
"""

from __future__ import annotations

import argparse
import random
import uuid
from datetime import datetime
from pathlib import Path

from events import Person
from generate import NOW, write_workspace
from wording import person

from gbook.bookings.event import Draft, Guest, build_event, calendar_bytes, event_bytes
from gbook.profiles.model import Profile
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

__all__ = ["main"]

ACCOUNTS = 20
COPIES = 3
HALF_HOUR = 1800


def main() -> None:
    """Read the options and write the workspace."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bookings", type=int, default=5000)
    options = parser.parse_args()
    people = [Person(f"a{number:05d}", *person(number), "Europe/Berlin") for number in range(ACCOUNTS)]
    paths = [options.folder / "calendars" / f"{person.id}.ics" for person in people]
    accounts = [Account(id=person.id, name=person.name, email=person.email) for person in people]
    events: dict[str, list[bytes]] = {account.id: [] for account in accounts}
    for number in range(options.bookings):
        chosen = [accounts[(number + 7 * copy) % ACCOUNTS] for copy in range(COPIES)]
        event = event_bytes(build_event(_draft(number, chosen)))
        for account in chosen:
            events[account.id].append(event)
    paths[0].parent.mkdir(parents=True)
    for account, path in zip(accounts, paths, strict=True):
        path.write_bytes(calendar_bytes(b"".join(events[account.id])))
    write_workspace(options.folder, list(zip(people, paths, strict=True)))


def _draft(number: int, accounts: list[Account]) -> Draft:
    now = int(datetime.fromisoformat(NOW).timestamp())
    start = (now // 86_400 + 1) * 86_400 + number // ACCOUNTS * HALF_HOUR
    identity = uuid.UUID(int=random.Random(number).getrandbits(128), version=4)
    return Draft(
        uid=f"{identity}@gbook",
        profile=Profile(
            name="bench", subject="Meeting with {{name}}", description="{{topic}}, an hour at most"
        ),
        start=start,
        end=start + HALF_HOUR,
        accounts=accounts,
        group=None,
        optional=[],
        guest=Guest(f"Guest {number}", f"guest{number}@example.org", "Europe/Berlin"),
        invitees=[],
        fields={"topic": f"Point {number}"},
        conference_url="https://meet.example/{{id}}",
        zone=find_zone("Europe/Berlin"),
        now=now,
    )


if __name__ == "__main__":
    main()
