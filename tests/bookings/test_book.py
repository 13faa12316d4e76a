"""Booking after booking: what is listed can be booked, and whoever is chosen was free."""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.office import snapshot
from support.team import make_team
from support.uids import own_uid

from gbook.bookings.book import book
from gbook.bookings.context import BookingContext
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.cache import Cache
from gbook.errors import UsageError
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import MINUTE, now
from gbook.workspace.workspace import open_workspace

MEMBERS = """
accounts: [alice, bob]
groups: [{extId: sales, accountIds: [bob, carol], required: %s}]
bufferBeforeMinutes: 5
assignment: %s
additionalFields: [{name: topic, default: none}]
"""


def booking_context(team: Path) -> BookingContext:
    numbers = count()
    return BookingContext(open_workspace(team), now(), lambda: own_uid(next(numbers)))


def request(team: Path, start: int | None, required: str | int = "one", **more: object) -> BookingRequest:
    profile = ProfileStore(open_workspace(team)).load("demo")
    return BookingRequest(profile=profile, start=start, required=required, **more)  # type: ignore[arg-type]


def listed(team: Path, required: str | int) -> list[int]:
    asked = request(team, None, required).query(now())
    return [slot.start for slot in ask(open_workspace(team), asked).slots]


required = st.sampled_from(["one", "all", 1, 2, 3])


@settings(max_examples=scaled(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 60), required), min_size=4, max_size=8),
    st.sampled_from(["one", "all"]),
    st.sampled_from(["order", "balanced"]),
)
def test_no_account_is_ever_booked_twice(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[int, str | int]], group: str, assignment: str
) -> None:
    """Any slot that is listed is booked; between two meetings of an account the buffers stay free."""
    team = make_team(tmp_path_factory.mktemp("team") / "team", MEMBERS % (group, assignment))
    context = booking_context(team)
    for position, wanted in wishes:
        slots = listed(team, wanted)
        if slots:
            start = slots[position % len(slots)]
            assert book(context, request(team, start, wanted)).start == start
    records, warnings = read_records(context.workspace)
    assert warnings == []
    for account in ("alice", "bob", "carol"):
        own = [one for one in records if account in one.accounts]
        assert all(two.start - one.end >= 15 * MINUTE for one, two in pairwise(own))
        assert all(account in {copy.account.id for copy in one.copies} for one in own)


def test_what_was_booked_is_what_is_read(tmp_path: Path) -> None:
    """The record that `book` returns is the one in the calendars."""
    team = make_team(tmp_path / "team", MEMBERS % ("one", "order"))
    context = booking_context(team)
    booked = book(context, request(team, None, "all", fields={"topic": "a&b=c; d, é"}))
    (read,) = read_records(context.workspace)[0]
    assert essence(read) == essence(booked)
    assert read.fields == {"topic": "a&b=c; d, é"}


def essence(record: Record) -> tuple[object, ...]:
    places = sorted(str(copy.item) for copy in record.copies)
    return (
        record.uid,
        record.start,
        record.end,
        record.host,
        record.group,
        record.accounts,
        record.guest,
        places,
    )


def test_a_booking_that_cannot_be_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Whatever the reason."""
    team = make_team(tmp_path / "team", MEMBERS % ("one", "order"))
    before, context = snapshot(team), booking_context(team)
    start = listed(team, "one")[0]
    for wrong, error in (
        (request(team, start + 1), SlotUnavailable),
        (request(team, start, end=start + 60), SlotUnavailable),
        (request(team, start - 86_400 * 30), SlotUnavailable),
        (request(team, start, 9), SlotUnavailable),
        (request(team, start, fields={"colour": "red"}), UsageError),
    ):
        with pytest.raises(error):
            book(context, wrong)
    assert snapshot(team) == before


def test_what_is_refused_comes_with_slots_that_can_be_booked(tmp_path: Path) -> None:
    """The nearest, in order of time."""
    team = make_team(tmp_path / "team", MEMBERS % ("one", "order"))
    slots = listed(team, "all")
    with pytest.raises(SlotUnavailable) as refused:
        book(booking_context(team), request(team, slots[10] + 60, "all"))
    assert refused.value.alternatives
    assert [slot.start for slot in refused.value.alternatives.slots] == slots[8:13]


def test_the_index_makes_no_difference(tmp_path: Path) -> None:
    """A question asked of memory is answered like one that is not."""
    team = make_team(tmp_path / "team", MEMBERS % ("one", "order"))
    index = Cache(tmp_path / "index.sqlite")
    context = BookingContext(open_workspace(team, index), now())
    for _ in range(3):
        book(context, request(team, None, "all"))
        index.close()
        asked: Query = request(team, None, "all").query(now())
        assert ask(context.workspace, asked).slots == ask(open_workspace(team), asked).slots
