"""Changes by others between plan and locks: the plan is made again, and each written file is locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from support.team import TUESDAY, add_event, make_team, profile

from gbook.bookings import transaction
from gbook.bookings.book import book
from gbook.bookings.cancel import cancellation
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.request import BookingRequest
from gbook.bookings.reschedule import NewSlot, rescheduling
from gbook.bookings.revision import revise
from gbook.calendars.commit.transaction import lock_calendars
from gbook.errors import NotFound
from gbook.profiles.store import ProfileStore
from gbook.timeutil.instants import now, parse_instant
from gbook.workspace.workspace import open_workspace

NINE, TEN = (parse_instant(f"{TUESDAY}{at}:00Z", UTC) for at in ("09", "10"))
FIELDS = {"topic": "Looms"}


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:00Z")
    return make_team(tmp_path / "team", "accounts: [alice, bob, carol]")


@pytest.fixture
def context(team: Path) -> BookingContext:
    return BookingContext(open_workspace(team), now())


def request_for(context: BookingContext, start: int) -> BookingRequest:
    return BookingRequest(
        profile=ProfileStore(context.workspace).load("demo"), start=start, fields=FIELDS, guest=Guest("Gwen")
    )


def meanwhile(happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Another program acts once, just before the first locks are taken; the calendars of each locking."""
    locked: list[set[str]] = []

    @contextmanager
    def recorded(calendars: Iterable[Path]) -> Iterator[None]:
        names = list(calendars)
        locked.append({path.name for path in names})
        if len(locked) == 1:
            happens()
        with lock_calendars(names):
            yield

    monkeypatch.setattr(transaction, "lock_calendars", recorded)
    return locked


def test_who_is_chosen_under_the_locks_is_locked(
    team: Path, context: BookingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alice is taken meanwhile: bob gets the meeting, once his calendar is locked."""
    locked = meanwhile(lambda: add_event(team / "alice.ics", "09:00", "09:30"), monkeypatch)
    assert book(context, request_for(context, NINE)).host == "bob"
    assert locked == [{"alice.ics"}, {"bob.ics"}]


def test_a_booking_that_is_cancelled_meanwhile_is_not_moved(
    context: BookingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is made again under the locks, of what the calendars hold then."""
    record = book(context, request_for(context, NINE))
    meanwhile(lambda: cancel(context, record.uid, monkeypatch), monkeypatch)
    with pytest.raises(NotFound, match="cancelled"):
        revise(context, rescheduling(context, record.uid, NewSlot(TEN)))
    assert [copy.account.id for copy in record.copies] == ["alice"]
    assert b"STATUS:CANCELLED" in record.copies[0].item.read()


def cancel(context: BookingContext, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process does it."""
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "lock_calendars", lock_calendars)
        revise(context, cancellation(context, uid))


def test_a_copy_that_appears_meanwhile_is_locked(
    team: Path, context: BookingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program has copied the event into bob's calendar: both copies are cancelled, or none."""
    record = book(context, request_for(context, NINE))
    alice = (team / "alice.ics").read_bytes()
    both = {team / "alice.ics", team / "bob.ics"}
    locked = meanwhile(lambda: (team / "bob.ics").write_bytes(alice), monkeypatch)
    revise(context, cancellation(context, record.uid))
    assert locked == [{"alice.ics"}, {"alice.ics", "bob.ics"}]
    assert all(path.read_bytes().count(b"STATUS:CANCELLED") == 1 for path in both)


def test_a_file_that_is_renamed_meanwhile_is_read_again(
    team: Path, context: BookingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync tool gives carol's item another name: the calendars to lock are the same, the file is not."""
    profile(team, "accounts: [carol]")
    record = book(context, request_for(context, NINE))
    item, renamed = Path(str(record.copies[0].item)), team / "carol/renamed.ics"
    locked = meanwhile(lambda: item.rename(renamed), monkeypatch)
    revise(context, cancellation(context, record.uid))
    assert locked == [{"carol"}, {"carol"}]
    assert not item.exists()
    assert b"STATUS:CANCELLED" in renamed.read_bytes()


def test_who_takes_part_without_a_copy_is_locked(
    team: Path, context: BookingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob is taken meanwhile, so carol takes part: her calendar is locked though nothing is written there."""
    (team / "gbook.yaml").write_text((team / "gbook.yaml").read_text() + "deliver: host\n")
    profile(team, "accounts: [alice]\ngroups: [{extId: pair, accountIds: [bob, carol], required: one}]")
    context = replace(context, workspace=open_workspace(team))
    record = book(context, replace(request_for(context, NINE), required="all"))
    assert list(record.accounts) == ["alice", "bob"]
    locked = meanwhile(lambda: add_event(team / "bob.ics", "10:00", "10:30"), monkeypatch)
    moved = revise(context, rescheduling(context, record.uid, NewSlot(TEN, reassign=True)))
    assert list(moved.accounts) == ["alice", "carol"]
    assert "carol" not in locked[0]
    assert locked[-1] >= {"alice.ics", "carol"}
