"""Who of several gets the meeting."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations, count
from pathlib import Path

import pytest
from support.ics import parsed_events
from support.running import Gbook
from support.team import TUESDAY, book, profile
from support.uids import own_uid

from gbook.bookings.book import book as book_slot
from gbook.bookings.context import BookingContext
from gbook.bookings.request import BookingRequest
from gbook.profiles.store import ProfileStore
from gbook.timeutil.instants import now
from gbook.workspace.workspace import open_workspace

BUFFERS = timedelta(minutes=10), timedelta(minutes=15)
ALL_WEEK = "\n".join(
    f"    - {{dayOfWeek: {day}, workingIntervals: [{{start: 08:00, end: 18:00}}]}}"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)


@pytest.mark.slow
def test_sixty_bookings_are_shared_fairly(team: Path) -> None:
    """Balanced, a group of three gets twenty each, and every host is free for meeting and buffers."""
    (team / "profiles/demo.yaml").write_text(
        "durationMinutes: 30\navailabilityStep: 10\nbufferBeforeMinutes: 10\nbufferBetweenMinutes: 15\n"
        "timeAvailableFor: P10D\nassignment: balanced\n"
        f"workHours:\n  timezone: UTC\n  daySchedules:\n{ALL_WEEK}\n"
        "groups: [{extId: team, accountIds: [alice, bob, carol], required: one}]\n"
    )
    workspace = open_workspace(team)
    numbers = count()
    context = BookingContext(workspace, now(), lambda: own_uid(next(numbers)))
    request = BookingRequest(profile=ProfileStore(workspace).load("demo"), start=None)
    hosts = Counter(book_slot(context, request).host for _ in range(60))
    assert hosts == {"alice": 20, "bob": 20, "carol": 20}
    for account in hosts:
        for one, other in combinations(sorted(busy_of(team, account)), 2):
            assert other[0] - one[1] >= max(BUFFERS)


def busy_of(team: Path, account: str) -> list[tuple[datetime, datetime]]:
    """The times of an account's events, as an independent reader sees them."""
    found = []
    for path in [team / f"{account}.ics", *(team / account).glob("*.ics")]:
        if path.exists():
            found += [(event.start, event.end) for event in parsed_events(path.read_bytes())]
    return found


def test_as_listed_unless_balanced(team: Path, gbook: Gbook) -> None:
    """With `assignment: order` the first that is free gets it, every time."""
    uids = [book(gbook, at) for at in ("09:00", "11:00", "13:00")]
    assert {gbook.json("booking", "show", uid)["host"] for uid in uids} == {"alice"}


def test_what_was_cancelled_does_not_count(team: Path, gbook: Gbook) -> None:
    """Balance is of the meetings that take place."""
    profile(team, "accounts: [alice, bob]\nassignment: balanced")
    first = book(gbook, "09:00")
    gbook.json("booking", "cancel", first)
    assert gbook.json("booking", "show", book(gbook, "11:00"))["host"] == "alice"
    assert gbook.json("booking", "show", book(gbook, "13:00"))["host"] == "bob"


def test_balance_is_around_the_slot(team: Path, gbook: Gbook) -> None:
    """Three weeks ahead the turns are taken as next week."""
    profile(team, "groups: [{extId: team, accountIds: [alice, bob, carol]}]\nassignment: balanced")
    starts = ("2026-12-15T09:00Z", "2026-12-15T11:00Z", "2026-12-16T09:00Z", "2026-12-16T11:00Z")
    sent = [booked_at(gbook, start)["host"] for start in starts]
    assert sent == ["alice", "bob", "carol", "alice"]


def test_balance_counts_all_who_take_part(team: Path, gbook: Gbook) -> None:
    """Alice is the host each time; bob and carol take turns beside her, and she stays the first."""
    profile(
        team,
        "groups: [{extId: lead, accountIds: [alice], required: all}, {extId: team, accountIds: [bob, carol]}]"
        "\nassignment: balanced",
    )
    sent = [
        booked_at(gbook, f"{TUESDAY}{time}Z", "--required", "all")["accountIds"]
        for time in ("09:00", "11:00", "13:00", "15:00")
    ]
    assert sent == [["alice", "bob"], ["alice", "carol"], ["alice", "bob"], ["alice", "carol"]]


def test_the_cap_counts_all_who_take_part(team: Path, gbook: Gbook) -> None:
    """Bob is in two meetings that day, as many as the profile allows, and the host of none."""
    profile(team, "accounts: [alice, bob]\nmaxBookingsPerDay: 2")
    for time in ("09:00", "11:00"):
        booked_at(gbook, f"{TUESDAY}{time}Z", "--required", "all")
    day = ("--from", "2026-11-24", "--to", "2026-11-24", "--account", "bob")
    assert gbook.json("availability", *day)["items"] == []


def booked_at(gbook: Gbook, start: str, *more: str) -> dict[str, object]:
    document: dict[str, object] = gbook.json("book", "--slot", start, "--field", "topic=x", *more)
    return document
