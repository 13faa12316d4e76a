"""The record of a new booking, and the one that is read from its event."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from gbook.bookings.event import Draft, Guest, build_event, event_bytes
from gbook.bookings.event_reader import read_own
from gbook.bookings.record import record_of_data, record_of_draft
from gbook.calendars.ics.ownership import OwnEvent
from gbook.profiles.model import Profile
from gbook.timeutil.repeats import Repeat
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

START = 1_795_874_400
ALICE = Account(id="alice", name="Alice Liddell", email="alice@example.com")
BOB = Account(id="bob", email="bob@example.com")
DRAFT = Draft(
    uid="1@gbook",
    profile=Profile(name="demo", subject="{{topic}},\nwith; {{name}}", start_conference=True),
    start=START,
    end=START + 1800,
    accounts=[ALICE, BOB],
    group="sales",
    optional=[],
    guest=Guest("Jane\nDoe", "Jane@example.com", "europe/berlin"),
    invitees=[Guest(email="x@example.org")],
    fields={"topic": "Looms & wefts, 100 %"},
    conference_url="https://meet.example/{{id}}",
    zone=find_zone("Europe/Berlin"),
    now=START - 3600,
)
DRAFTS = {
    "booking": DRAFT,
    "key": replace(DRAFT, asked=START, group=None),
    "reservation": replace(DRAFT, expires=START - 60, needs=["two words"], proposal="p1"),
    "moved": replace(DRAFT, sequence=2, moved_from=(START - 7200, START - 5400)),
    "guest without an address": replace(DRAFT, guest=Guest("Jane")),
    "guest with an account": replace(DRAFT, guest=Guest("Bobby", "BOB@example.com")),
    "no guest": replace(DRAFT, guest=Guest()),
    "weekly": replace(DRAFT, repeat=Repeat("weekly", 6, skipped=(2, 4))),
    "monthly in UTC": replace(
        DRAFT, zone=find_zone("UTC"), repeat=Repeat("monthly", 3, 2), expires=START - 60
    ),
    "unknown zone": replace(DRAFT, guest=Guest("Jane", "jane@example.com", "Mars/Olympus")),
}


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS.keys())
def test_a_new_record_is_the_one_that_will_be_read(draft: Draft) -> None:
    """A booking shows the same state when it is made and when it is listed."""
    event = build_event(draft)
    read = structs.replace(record_of_data(read_own(OwnEvent(event_bytes(event))), (), None), source=event)
    assert record_of_draft(draft, event) == read
