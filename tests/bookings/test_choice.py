"""Who of several gets the meeting."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations, count
from pathlib import Path

import icalendar
import pytest
from cli.running import Gbook

from bookings.team import book, make_team, profile
from gbook.bookings.book import book as book_slot
from gbook.bookings.desk import Desk
from gbook.bookings.request import Request
from gbook.index import Index
from gbook.instants import now
from gbook.profiles.store import ProfileStore
from gbook.workspace import open_workspace

BUFFERS = timedelta(minutes=10), timedelta(minutes=15)
ALL_WEEK = "\n".join(
    f"    - {{dayOfWeek: {day}, workingIntervals: [{{start: 08:00, end: 18:00}}]}}"
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team"))
    return tmp_path / "team"


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
    desk = Desk(workspace, Index(None), now(), lambda: f"{next(numbers)}@gbook")
    request = Request(profile=ProfileStore(workspace).load("demo"), start=None)
    hosts = Counter(book_slot(desk, request).host for _ in range(60))
    assert hosts == {"alice": 20, "bob": 20, "carol": 20}
    for account in hosts:
        for one, other in combinations(sorted(busy_of(team, account)), 2):
            assert other[0] - one[1] >= max(BUFFERS)


def busy_of(team: Path, account: str) -> list[tuple[datetime, datetime]]:
    """The times of an account's events, as an independent reader sees them."""
    found = []
    for path in [team / f"{account}.ics", *(team / account).glob("*.ics")]:
        if path.exists():
            walked = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
            found += [(one.start, one.end) for one in walked]
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
