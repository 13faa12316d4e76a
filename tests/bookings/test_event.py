"""The event of a booking, line by line, and what two readers make of it."""

from __future__ import annotations

from datetime import UTC

import pytest

from gbook.bookings.event import Draft, Guest, build_event, event_bytes, key_uid
from gbook.errors import UsageError
from gbook.profiles.model import Profile
from gbook.timeutil.instants import parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account

ALICE = Account(id="alice", name="Alice Liddell", email="alice@example.com")
BOB = Account(id="bob", email="bob@example.com")
CAROL = Account(id="carol", name="Carol", email="carol@example.com")
START, NOW = parse_instant("2026-11-24T14:00", UTC), parse_instant("2026-11-23T08:00", UTC)


def draft(**more: object) -> Draft:
    given = {
        "uid": "1@gbook",
        "profile": Profile(name="demo", subject="Demo"),
        "start": START,
        "end": START + 1800,
        "accounts": [ALICE, BOB],
        "group": None,
        "optional": [],
        "guest": Guest("Jane", "jane@example.com"),
        "invitees": [],
        "fields": {},
        "conference_url": "https://meet.example/{{id}}",
        "zone": find_zone("Europe/Berlin"),
        "now": NOW,
    }
    return Draft(**{**given, **more})  # type: ignore[arg-type]


def lines(**more: object) -> list[str]:
    """The content lines, unfolded."""
    return event_bytes(build_event(draft(**more))).decode().replace("\r\n ", "").splitlines()


def test_a_booking_line_by_line() -> None:
    """Times in UTC; the host is organizer and chair, accounts have accepted, the guest is asked."""
    assert lines(group="sales", optional=[CAROL], invitees=[Guest(email="x@example.org")]) == [
        "BEGIN:VEVENT",
        "UID:1@gbook",
        "DTSTAMP:20261123T080000Z",
        "CREATED:20261123T080000Z",
        "LAST-MODIFIED:20261123T080000Z",
        "SEQUENCE:0",
        "DTSTART:20261124T140000Z",
        "DTEND:20261124T143000Z",
        "SUMMARY:Demo",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        'ORGANIZER;CN="Alice Liddell":mailto:alice@example.com',
        'ATTENDEE;CN="Alice Liddell";ROLE=CHAIR;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:alice@example.com',
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:bob@example.com",
        "ATTENDEE;CN=Carol;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:carol@example.com",
        "ATTENDEE;CN=Jane;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:jane@example.com",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:x@example.org",
        "X-GBOOK-PROFILE:demo",
        "X-GBOOK-HOST:alice",
        "X-GBOOK-ACCOUNTS:alice bob",
        "X-GBOOK-GROUP:sales",
        "X-GBOOK-GUEST:mailto:jane@example.com",
        "END:VEVENT",
    ]


def test_a_reservation_is_tentative_and_says_until_when() -> None:
    """It blocks like a booking while it holds."""
    found = lines(expires=NOW + 900)
    assert {"STATUS:TENTATIVE", "TRANSP:OPAQUE", "X-GBOOK-EXPIRES:20261123T081500Z"} <= set(found)


def test_nobody_is_invited_twice() -> None:
    """An account that is named as guest or invitee stays what it is."""
    asked = [Guest(email="BOB@example.com"), Guest(email="y@example.org"), Guest(email="Y@example.org")]
    found = [
        line for line in lines(guest=Guest("B", "bob@example.com"), invitees=asked) if line.startswith("ATT")
    ]
    assert [line.rpartition(":")[2] for line in found] == [
        "alice@example.com",
        "bob@example.com",
        "y@example.org",
    ]


def test_without_an_address_the_guest_is_no_attendee() -> None:
    """Only the name is kept."""
    found = lines(guest=Guest("Jane"))
    assert "X-GBOOK-GUEST:Jane" in found
    assert sum(line.startswith("ATTENDEE") for line in found) == 2


@pytest.mark.parametrize(
    ("profile", "link"),
    [
        (Profile(start_conference=True), "https://meet.example/1"),
        (Profile(start_conference=True, open_meeting_url="https://zoom.example/7"), "https://zoom.example/7"),
        (Profile(open_meeting_url="https://zoom.example/7"), None),
        (Profile(), None),
    ],
)
def test_the_link_of_a_conference(profile: Profile, link: str | None) -> None:
    """openMeetingUrl where it is set, else that of gbook.yaml; none where none is wanted."""
    found = lines(profile=profile)
    if link is None:
        assert not [line for line in found if line.startswith(("CONFERENCE", "URL"))]
    else:
        assert {f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{link}", f"URL:{link}"} <= set(found)


@pytest.mark.parametrize(
    ("location", "description", "shown"),
    [
        ("", "", {"LOCATION": "https://meet.example/1", "DESCRIPTION": ""}),
        ("", "Bring cake", {"LOCATION": "https://meet.example/1", "DESCRIPTION": "Bring cake"}),
        ("Room 1", "", {"LOCATION": "Room 1", "DESCRIPTION": "Join: https://meet.example/1"}),
        ("Room 1", "Cake", {"LOCATION": "Room 1", "DESCRIPTION": "Cake\n\nJoin: https://meet.example/1"}),
        ("{{openMeetingUrl}}", "Cake", {"LOCATION": "https://meet.example/1", "DESCRIPTION": "Cake"}),
        (
            "Room 1",
            "At {{openMeetingUrl}}",
            {"LOCATION": "Room 1", "DESCRIPTION": "At https://meet.example/1"},
        ),
    ],
)
def test_the_link_is_in_a_text_too(location: str, description: str, shown: dict[str, str]) -> None:
    """Mail programs show LOCATION and DESCRIPTION, not CONFERENCE; once is enough."""
    profile = Profile(start_conference=True, location=location, description=description)
    event = build_event(draft(profile=profile))
    assert {name: str(event.get(name, "")) for name in shown} == shown


def test_the_zone_of_the_guest_is_kept() -> None:
    """With the guest, for later mails."""
    assert "X-GBOOK-TZ:Asia/Tokyo" in lines(guest=Guest("Jane", "jane@example.com", "Asia/Tokyo"))


def test_every_variable_has_its_value() -> None:
    """Those of gbook's, in the profile's zone; those of the guest; a default."""
    texts = "{{name}} {{email}} {{start}} {{end}} {{host}} {{id}} {{ topic }}"
    found = draft(profile=Profile(subject="s", description=texts), fields={"topic": "Looms"}).texts
    assert found.description == (
        "Jane jane@example.com 2026-11-24 15:00 CET 2026-11-24 15:30 CET Alice Liddell 1@gbook Looms"
    )
    with pytest.raises(UsageError, match="topic"):
        assert draft(profile=Profile(description=texts)).texts


def test_a_reservation_may_lack_fields() -> None:
    """They are empty until it is confirmed."""
    assert draft(profile=Profile(subject="a{{topic}}b"), expires=NOW + 60).texts.subject == "ab"


def test_text_is_escaped_and_folded() -> None:
    """RFC 5545 §3.3.11 and §3.1: no text ends its line, and no line is longer than 75 octets."""
    text = 'a;b,c\\d\n"e" {{name}}' + "🧵" * 60
    data = event_bytes(build_event(draft(profile=Profile(description=text), guest=Guest("x\r\nEND:VEVENT"))))
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert data.count(b"\r\nEND:VEVENT") == 1
    assert b'DESCRIPTION:a\\;b\\,c\\\\d\\n"e" x' in data


def test_a_key_names_one_booking_of_a_profile() -> None:
    """The same key, the same UID; another profile, another."""
    demo, other = Profile(name="demo"), Profile(name="other")
    assert key_uid(demo, "7") == key_uid(demo, "7")
    assert len({key_uid(demo, "7"), key_uid(demo, "8"), key_uid(other, "7")}) == 3


def test_a_link_is_made_only_for_a_text_that_has_it() -> None:
    """It needs the key of the workspace, which other bookings neither read nor make."""
    asked = []

    def links(uid: str) -> dict[str, str]:
        asked.append(uid)
        return {"rescheduleToken": "T", "manageUrl": f"https://book.example/{uid}"}

    assert draft(links=links).texts.subject == "Demo"
    assert asked == []
    profile = Profile(name="demo", description="{{manageUrl}}, {{rescheduleToken}}")
    assert draft(profile=profile, links=links, expires=NOW + 600).texts.description == (
        "https://book.example/1@gbook, T"
    )
    assert asked == ["1@gbook"]
