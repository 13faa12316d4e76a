"""Lives of an office that uses everything at once: series, seats, limits, rooms, guests who change, ranks.

After every step the copies agree, no account or room is double booked, no session has more guests than seats,
and no limit is exceeded; a slot is booked if and only if it was listed.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, count
from pathlib import Path
from typing import NamedTuple

import pytest
from support.office import snapshot
from support.uids import own_uid

from gbook.bookings.book import book
from gbook.bookings.cancel import cancellation, dropping
from gbook.bookings.confirm import GuestDetails, confirmation
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.guests import adding_guest, removing_guest
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.bookings.reschedule import NewSlot, rescheduling
from gbook.bookings.revision import revise, revise_all
from gbook.bookings.session_cancel import session_cancellation
from gbook.errors import NotFound, UsageError
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import ask
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.repeats import Repeat
from gbook.workspace.workspace import open_workspace

MINUTE, HOUR, DAY = 60, 3600, 86_400
# A Monday.
START = int(datetime(2027, 3, 15, 8, tzinfo=UTC).timestamp())
GUESTS = [f"{name}@example.org" for name in ("gwen", "ina", "tom", "uma", "vic")]
SEATS, A_DAY, A_WEEK, GUEST_WEEK = 3, 2, 5, 2
CONFIG = f"""
timezone: UTC
accounts:
  - {{id: alice, email: alice@example.com, calendars: [alice.ics], prefer: {{adjacent: true}}}}
  - {{id: bob, email: bob@example.com, calendars: [bob.ics], maxBookingsPerWeek: {A_WEEK}}}
  - {{id: carol, email: carol@example.com, calendars: [carol]}}
  - {{id: nook, email: nook@example.com, kind: room, capacity: 3, calendars: [nook.ics]}}
  - {{id: hall, email: hall@example.com, kind: room, capacity: 9, features: [screen], calendars: [hall.ics]}}
"""
HOURS = """
durationMinutes: 30
availabilityStep: 30
startAfterMinutes: 0
workHours:
  timezone: UTC
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 12:00}]}
    - {dayOfWeek: thursday, workingIntervals: [{start: 09:00, end: 12:00}]}
"""
PROFILES = {
    "course": f"seats: {SEATS}\naccounts: [alice, bob]\nmaxBookingsPerDay: {A_DAY}\n",
    "meet": f"""
groups:
  - {{extId: people, accountIds: [bob, carol], required: one}}
  - {{extId: rooms, accountIds: [nook, hall], required: one}}
required: all
assignment: balanced
maxGuestBookingsPerWeek: {GUEST_WEEK}
bufferBetweenMinutes: 30
""",
}
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nEND:VCALENDAR\r\n"


class Date(NamedTuple):
    """One date of a booking that takes time."""

    record: Record
    start: int
    end: int

    @property
    def session(self) -> tuple[object, ...]:
        """What the guests of one session have in common; a booking without seats shares with none."""
        shared = self.record.uid if self.record.profile != "course" else ""
        return self.record.profile, shared, self.start, self.end, frozenset(self.record.accounts)


class Life:
    """Draws one change after the other; what is refused has changed nothing."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.draw = random.Random(seed)
        self.workspace = open_workspace(folder)
        store = ProfileStore(self.workspace)
        self.profiles = [store.load(name) for name in PROFILES]
        self.uids = map(own_uid, count())
        self.now = START

    @property
    def context(self) -> BookingContext:
        return BookingContext(self.workspace, self.now, lambda: next(self.uids))

    def live(self, steps: int) -> None:
        changes: list[Callable[[], object]] = [self.book] * 6
        changes += [self.confirm, self.cancel, self.cancel_session, self.move, self.move, self.invite]
        changes += [self.uninvite, self.wait]
        for _ in range(steps):
            before = snapshot(self.folder)
            try:
                self.draw.choice(changes)()
            except (NotFound, SlotUnavailable, UsageError):
                assert snapshot(self.folder) == before
            self.check()

    def slot(self) -> int:
        day = self.now - self.now % DAY + self.draw.choice([1, 3, 8, 10]) * DAY
        return day + 9 * HOUR + self.draw.randrange(6) * 30 * MINUTE

    def book(self) -> None:
        """Book if and only if the slot is listed for this guest."""
        series = self.draw.random() < 0.25
        request = BookingRequest(
            profile=self.draw.choice(self.profiles),
            start=self.slot(),
            guest=Guest("Guest", self.draw.choice(GUESTS)),
            people=self.draw.choice([None, None, 2, 5]),
            reserve_minutes=self.draw.choice([None, None, 60]),
            repeat=Repeat("weekly", self.draw.randint(2, 3)) if series else None,
            skip_busy=series and self.draw.random() < 0.5,
        )
        listed = [slot.start for slot in ask(self.workspace, request.query(self.now)).slots]
        best = replace(request, start=None, best=True)
        if self.draw.random() < 0.2:
            request = best
        try:
            book(self.context, request)
        except SlotUnavailable:
            assert request.start not in listed
            assert request.start is not None or not listed
            raise
        assert request.start in (*listed, None)

    def confirm(self) -> None:
        revise(self.context, confirmation(self.context, self.any_uid(held=True), GuestDetails()))

    def cancel(self) -> None:
        record = self.any_record()
        if record.is_reservation:
            revise(self.context, dropping(self.context, record.uid))
            return
        recurrence = self.any_date(record) if self.draw.random() < 0.6 else None
        plan = cancellation(self.context, record.uid, remove=self.draw.random() < 0.3, recurrence=recurrence)
        revise(self.context, plan)

    def cancel_session(self) -> None:
        if self.draw.random() < 0.3:
            revise_all(self.context, session_cancellation(self.context, self.any_uid(held=False)))

    def move(self) -> None:
        record = self.any_record()
        recurrence = self.any_date(record) if self.draw.random() < 0.6 else None
        reassign = record.series is None and self.draw.random() < 0.5
        target = NewSlot(self.slot(), reassign=reassign, recurrence=recurrence)
        revise(self.context, rescheduling(self.context, record.uid, target))

    def invite(self) -> None:
        email = f"friend{self.draw.randrange(3)}@example.net"
        revise(self.context, adding_guest(self.context, self.any_record().uid, Guest(None, email)))

    def uninvite(self) -> None:
        email = f"friend{self.draw.randrange(3)}@example.net"
        revise(self.context, removing_guest(self.context, self.any_record().uid, email))

    def wait(self) -> None:
        self.now += self.draw.randrange(2 * DAY)

    def any_record(self) -> Record:
        live = [record for record in self.records() if record.status != "cancelled"]
        if not live:
            raise NotFound("nothing is booked")
        return self.draw.choice(live)

    def any_uid(self, *, held: bool) -> str:
        live = [record.uid for record in self.records() if record.is_reservation == held]
        return self.draw.choice(live or ["nothing"])

    def any_date(self, record: Record) -> int | None:
        return self.draw.choice(record.series.kept).recurrence if record.series else None

    def records(self) -> list[Record]:
        records, warnings = read_records(self.workspace)
        assert warnings == []
        return records

    def dates(self) -> Iterator[Date]:
        for record in self.records():
            if record.holds(self.now):
                for start, end in record.times:
                    yield Date(record, start, end)

    def check(self) -> None:
        dates = list(self.dates())
        for record in {date.record.uid: date.record for date in dates}.values():
            assert {copy.account.id for copy in record.copies} == set(record.accounts)
            assert all(version.times == record.times for version in record.versions)
            assert all(version.attendees == record.attendees for version in record.versions)
        self.check_time(dates)
        self.check_limits(dates)

    def check_time(self, dates: list[Date]) -> None:
        """Only guests of one session share time, and no session has too many."""
        for one, other in combinations(dates, 2):
            if set(one.record.accounts) & set(other.record.accounts) and one.session != other.session:
                first, second = sorted((one, other), key=lambda date: date.start)
                pause = 30 * MINUTE if {one.record.profile, other.record.profile} == {"meet"} else 0
                assert first.end + pause <= second.start, (one, other)
        assert max(Counter(date.session for date in dates).values(), default=0) <= SEATS

    def check_limits(self, dates: list[Date]) -> None:
        """A session counts once for its accounts, each booking for its guest."""
        days: dict[object, set[object]] = defaultdict(set)
        weeks: dict[object, set[object]] = defaultdict(set)
        guests: Counter[object] = Counter()
        for date in dates:
            day = datetime.fromtimestamp(date.start, UTC).date()
            week = day.isocalendar()[:2]
            if "bob" in date.record.accounts:
                weeks[week].add(date.session)
            if date.record.profile == "course":
                for account in date.record.accounts:
                    days[account, day].add(date.session)
            else:
                guests[date.record.guest.email, week] += 1
        assert max(map(len, days.values()), default=0) <= A_DAY
        assert max(map(len, weeks.values()), default=0) <= A_WEEK
        assert max(guests.values(), default=0) <= GUEST_WEEK


def make_busy_office(folder: Path) -> Path:
    (folder / "profiles").mkdir(parents=True)
    (folder / "carol").mkdir()
    (folder / "gbook.yaml").write_text(CONFIG)
    for name in ("alice", "bob", "nook", "hall"):
        (folder / f"{name}.ics").write_text(EMPTY, newline="")
    for number, (name, more) in enumerate(PROFILES.items(), 1):
        (folder / f"profiles/{name}.yaml").write_text(f"id: {number}\n{HOURS}{more}")
    return folder


@pytest.mark.parametrize(
    ("seed", "steps"), [(0, 25), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in range(1, 9))]
)
def test_any_life_of_a_busy_office(tmp_path: Path, seed: int, steps: int) -> None:
    """Whatever happens, in whatever order."""
    Life(make_busy_office(tmp_path / "office"), seed).live(steps)
