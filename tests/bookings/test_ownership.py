"""Only what gbook has written, under its own UID, is ever changed or removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, book, make_team
from support.uids import own_uid

from gbook.bookings.event import key_uid
from gbook.profiles.store import ProfileStore
from gbook.workspace.workspace import open_workspace

MARKS = ("X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:alice", "X-GBOOK-ACCOUNTS:alice")
EXPIRED = ("STATUS:TENTATIVE", *MARKS, "X-GBOOK-EXPIRES:20200101T000000Z")
OURS, THEIRS = own_uid("ours"), "team-offsite"
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", *EXPIRED[1:], "END:VALARM")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team", "accounts: [alice]"))
    return tmp_path / "team"


def put(team: Path, uid: str, at: str, *more: str) -> bytes:
    """Put an event of half an hour into alice's calendar; gives its bytes."""
    start = f"DTSTART:20261124T{at}00Z"
    lines = ["BEGIN:VEVENT", f"UID:{uid}", start, "DURATION:PT30M", *more, "END:VEVENT", ""]
    component = "\r\n".join(lines).encode()
    calendar = team / "alice.ics"
    content = calendar.read_bytes()
    at_end = content.rindex(b"END:VCALENDAR")
    calendar.write_bytes(content[:at_end] + component + content[at_end:])
    return component


@pytest.mark.parametrize(
    ("uid", "more"),
    [
        (THEIRS, EXPIRED),
        ("1@gbook", EXPIRED),
        (OURS.upper(), EXPIRED),
        (f"x{OURS}", EXPIRED),
        (OURS, ("STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20200101T000000Z")),
        (OURS, ALARM),
        (OURS, ("RECURRENCE-ID:20261124T100000Z", *EXPIRED)),
        (OURS, ("RRULE:FREQ=WEEKLY", *EXPIRED)),
    ],
)
def test_what_only_looks_like_a_reservation_blocks_and_stays(
    team: Path, gbook: Gbook, uid: str, more: tuple[str, ...]
) -> None:
    """A foreign UID, no mark but in an alarm, one instance of a series, a series."""
    theirs = put(team, uid, "1000", *more)
    assert gbook("book", "--slot", f"{TUESDAY}10:00Z", "--field", "topic=x").code == 3
    book(gbook, "14:00")
    assert theirs in (team / "alice.ics").read_bytes()


def test_an_expired_reservation_is_cleared(team: Path, gbook: Gbook) -> None:
    """One that is gbook's in every respect goes with the next booking."""
    put(team, OURS, "1000", *EXPIRED)
    book(gbook, "14:00")
    assert OURS.encode() not in (team / "alice.ics").read_bytes()


@pytest.mark.parametrize("first", [MARKS, ()])
@pytest.mark.parametrize("forged", [EXPIRED, ("RECURRENCE-ID:20261124T110000Z", *EXPIRED)])
def test_what_shares_a_uid_stays(
    team: Path, gbook: Gbook, first: tuple[str, ...], forged: tuple[str, ...]
) -> None:
    """A forged reservation under the UID of a booking, or of another program's event, removes neither."""
    kept = [put(team, OURS, "1000", *first), put(team, OURS, "1100", *forged)]
    book(gbook, "14:00")
    assert all(component in (team / "alice.ics").read_bytes() for component in kept)


@pytest.mark.parametrize(
    "command",
    [
        ("booking", "cancel", OURS),
        ("booking", "cancel", OURS, "--remove"),
        ("booking", "reschedule", OURS, "--slot", f"{TUESDAY}15:00Z"),
        ("reservation", "drop", OURS),
        ("reservation", "confirm", OURS, "--field", "topic=x"),
    ],
)
def test_a_uid_that_another_event_shares_is_refused(
    team: Path, gbook: Gbook, command: tuple[str, ...]
) -> None:
    """An edit finds events by their UID: nothing is changed if it may find another program's."""
    hold = ("STATUS:TENTATIVE", "X-GBOOK-EXPIRES:20270101T000000Z") if command[0] == "reservation" else ()
    put(team, OURS, "1000", *MARKS, *hold)
    put(team, OURS, "1100")
    before = snapshot(team)
    result = gbook(*command)
    assert (result.code, f"an event that is not gbook's has the UID {OURS}" in result.err) == (5, True)
    assert snapshot(team) == before


@pytest.mark.parametrize(("uid", "marks"), [(THEIRS, MARKS), (OURS, ()), (OURS, ALARM)])
def test_a_foreign_event_is_no_booking(team: Path, gbook: Gbook, uid: str, marks: tuple[str, ...]) -> None:
    """It is not listed, and no command touches it."""
    put(team, uid, "1000", *marks)
    before = snapshot(team)
    assert gbook.json("booking", "list")["records"] == []
    assert gbook("booking", "cancel", uid, "--remove").code == 4
    assert snapshot(team) == before


def test_a_key_does_not_replace_a_foreign_event(team: Path, gbook: Gbook) -> None:
    """The UID of a key can be foreseen: an event that has it already stays."""
    uid = key_uid(ProfileStore(open_workspace(team)).load("demo"), "k")
    put(team, uid, "1000")
    before = snapshot(team)
    result = gbook("book", "--slot", f"{TUESDAY}14:00Z", "--field", "topic=x", "--key", "k")
    assert (result.code, uid in result.err) == (5, True)
    assert snapshot(team) == before


def test_a_copy_for_a_new_account_does_not_replace_a_foreign_event(team: Path, gbook: Gbook) -> None:
    """Handing over writes a copy where another event may have the UID."""
    (team / "profiles/demo.yaml").write_text(
        (team / "profiles/demo.yaml").read_text().replace("accounts: [alice]", "accounts: [bob, alice]")
    )
    uid = book(gbook, "14:00")
    put(team, uid, "1000")
    calendar = (team / "bob.ics").read_bytes()
    at_end = calendar.rindex(b"END:VCALENDAR")
    busy = b"BEGIN:VEVENT\nUID:x\nDTSTART:20261124T150000Z\nDURATION:PT1H\nEND:VEVENT\n"
    (team / "bob.ics").write_bytes(calendar[:at_end] + busy + calendar[at_end:])
    before = snapshot(team)
    assert gbook("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z", "--reassign").code == 5
    assert snapshot(team) == before
