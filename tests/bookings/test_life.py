"""Whatever is done to bookings, in whatever order: the calendars stay right, and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations, count
from pathlib import Path

import pytest
from support.office import snapshot
from support.team import add_event, make_team
from support.uids import own_uid

from gbook.bookings.book import book
from gbook.bookings.cancel import cancellation, dropping
from gbook.bookings.confirm import GuestDetails, confirmation
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.guests import adding_guest, changing_guest, removing_guest
from gbook.bookings.proposal import propose
from gbook.bookings.received import Reply
from gbook.bookings.record import Record
from gbook.bookings.records import read_records
from gbook.bookings.reply import take_reply
from gbook.bookings.request import BookingRequest
from gbook.bookings.reschedule import NewSlot, rescheduling
from gbook.bookings.revision import revise
from gbook.errors import GbookError, NotFound, UsageError
from gbook.profiles.store import ProfileStore
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import MINUTE, now
from gbook.workspace.workspace import open_workspace

MEMBERS = """
bufferBeforeMinutes: 5
accounts: [alice]
groups: [{extId: helpers, accountIds: [bob, carol], required: one}]
assignment: balanced
"""


# Some of them are invited by the lives themselves.
PEOPLE = ["gwen@example.org", "ina@example.net", "tom@example.com"]


class Life:
    """Draws one change after the other; what is refused has changed nothing."""

    def __init__(self, team: Path, seed: int) -> None:
        self.team = team
        self.draw = random.Random(seed)
        self.workspace = open_workspace(team)
        self.profile = ProfileStore(self.workspace).load("demo")
        self.uids = map(own_uid, count())
        self.clock = now()
        self.tuesday = self.clock + 25 * 60 * MINUTE
        self.mailed = {one.id for one in self.workspace.config.accounts if one.is_invited_by_mail}

    @property
    def context(self) -> BookingContext:
        return BookingContext(self.workspace, self.clock, lambda: next(self.uids))

    def live(self, steps: int) -> None:
        changes: list[Callable[[], object]] = [self.book, self.book, self.propose, self.confirm]
        changes += [self.drop, self.cancel, self.move, self.move, self.wait]
        changes += [self.invite, self.invite, self.uninvite, self.correct]
        changes += [self.answer] * len(self.mailed)
        for _ in range(steps):
            before = snapshot(self.team)
            try:
                self.draw.choice(changes)()
            except (NotFound, SlotUnavailable, UsageError):
                assert snapshot(self.team) == before
            self.check()

    def request(self) -> BookingRequest:
        return BookingRequest(
            profile=self.profile,
            start=self.slot(),
            required=self.draw.choice(["one", "all"]),
            guest=Guest("Gwen", "gwen@example.org"),
            fields={"topic": "Looms"},
            reserve_minutes=self.draw.choice([None, 1, 60]),
        )

    def slot(self) -> int:
        return self.tuesday + self.draw.randrange(32) * 15 * MINUTE

    def book(self) -> None:
        book(self.context, self.request())

    def propose(self) -> None:
        proposal = f"p{self.draw.random()}"
        propose(self.context, [self.held(proposal) for _ in range(2)])

    def held(self, proposal: str) -> BookingRequest:
        return BookingRequest(profile=self.profile, start=self.slot(), reserve_minutes=60, proposal=proposal)

    def confirm(self) -> None:
        given = GuestDetails(email=self.draw.choice([None, "ida@example.org"]), fields={"topic": "Wool"})
        revise(self.context, confirmation(self.context, self.any_uid(held=True), given))

    def drop(self) -> None:
        revise(self.context, dropping(self.context, self.any_uid(held=True)))

    def cancel(self) -> None:
        remove = self.draw.random() < 0.3
        revise(self.context, cancellation(self.context, self.any_uid(held=False), "why not", remove=remove))

    def move(self) -> None:
        target = NewSlot(self.slot(), reassign=self.draw.random() < 0.7)
        revise(self.context, rescheduling(self.context, self.any_uid(held=False), target))

    def invite(self) -> None:
        person = Guest(self.draw.choice([None, "Ina", "Ilse"]), self.draw.choice(PEOPLE))
        revise(self.context, adding_guest(self.context, self.any_booking(), person))

    def uninvite(self) -> None:
        revise(self.context, removing_guest(self.context, self.any_booking(), self.draw.choice(PEOPLE)))

    def correct(self) -> None:
        new = Guest(self.draw.choice([None, "Iris"]), self.draw.choice([None, *PEOPLE]))
        revise(self.context, changing_guest(self.context, self.any_booking(), self.draw.choice(PEOPLE), new))

    def any_booking(self) -> str:
        return self.any_uid(held=self.draw.random() < 0.3)

    def answer(self) -> None:
        """A member without a copy replies; a meeting that it declines is cancelled."""
        uid = self.any_uid(held=False)
        found = next((record for record in self.records() if record.uid == uid), None)
        if found is None or not self.mailed & set(found.accounts):
            raise NotFound(uid)
        partstat = self.draw.choice(["ACCEPTED", "TENTATIVE", "DECLINED"])
        (name,) = self.mailed & set(found.accounts)
        take_reply(self.context, Reply(uid, found.sequence, f"{name}@example.com", partstat, "a reply"))
        if partstat == "DECLINED":
            revise(self.context, cancellation(self.context, uid))

    def wait(self) -> None:
        self.clock += self.draw.randrange(40)

    def any_uid(self, *, held: bool) -> str:
        live = [record for record in self.records() if record.status != "cancelled"]
        return self.draw.choice([one.uid for one in live if one.is_reservation == held] or ["nothing"])

    def records(self) -> list[Record]:
        records, warnings = read_records(self.workspace)
        assert warnings == []
        return records

    def check(self) -> None:
        """Each event is in its accounts' calendars; no account has overlaps or too short a pause."""
        standing = [record for record in self.records() if record.holds(self.clock)]
        for record in standing:
            assert {copy.account.id for copy in record.copies} == set(record.accounts) - self.mailed
            assert record.host == record.accounts[0]
            invited = [attendee.email for attendee in record.attendees]
            assert len(invited) == len(set(invited))
            assert record.guest.email is None or record.guest.email in invited
            for version in record.versions:
                assert version.attendees == record.attendees
        for one, other in combinations(standing, 2):
            if one.proposal and one.proposal == other.proposal:
                continue  # alternatives: only one of them will be used
            if set(one.accounts) & set(other.accounts):
                first, second = sorted((one, other), key=lambda record: record.start)
                assert second.start - first.end >= 15 * MINUTE

    def end(self) -> None:
        """Everything is taken back."""
        for record in self.records():
            with suppress(GbookError):
                revise(self.context, dropping(self.context, record.uid))
            with suppress(GbookError):
                revise(self.context, cancellation(self.context, record.uid, remove=True))


@pytest.mark.parametrize("by_mail", [False, True])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_any_life_of_bookings(tmp_path: Path, seed: int, by_mail: bool) -> None:
    """After each step all copies agree and no account is double booked; taken back, not a byte is left."""
    team = make_team(tmp_path / "team", MEMBERS)
    if by_mail:
        config = team / "gbook.yaml"
        text = config.read_text().replace("calendars: [carol]", "calendars: [carol], deliver: mail")
        config.write_text(f"{text.rstrip()}\nmail: {{host: localhost}}\n")
    add_event(team / "alice.ics", "12:00", "13:00")
    add_event(team / "bob.ics", "10:00", "10:20")
    before = snapshot(team)
    life = Life(team, seed)
    life.live(40)
    life.end()
    assert snapshot(team) == before
