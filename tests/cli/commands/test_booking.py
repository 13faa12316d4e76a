"""`gbook booking`: documents, words and refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, book, profile

# Ids that differ in their tenth character.
ONE = "10000000-1000-4000-8000-000000000000@gbook"
OTHER = "10000000-2000-4000-8000-000000000000@gbook"

pytestmark = pytest.mark.usefixtures("team")


def document(uid: str, **changed: object) -> dict[str, object]:
    """The document of a booking as it was made."""
    made = {
        "created": True,
        "id": uid,
        "profile": "demo",
        "start": "2026-11-24T14:00:00Z",
        "end": "2026-11-24T14:30:00Z",
        "host": "alice",
        "groupXid": None,
        "accountIds": ["alice"],
        "calendars": ["alice.ics"],
        "conferenceUrl": None,
        "reservationId": None,
        "expires": None,
        "warnings": [],
        "status": "confirmed",
        "sequence": 0,
        "guest": {"name": "Gwen", "email": "gwen@example.org", "partstat": "NEEDS-ACTION"},
        "attendees": [
            {
                "name": "Alice Liddell",
                "email": "alice@example.com",
                "role": "CHAIR",
                "partstat": "ACCEPTED",
            },
            {
                "name": "Gwen",
                "email": "gwen@example.org",
                "role": "REQ-PARTICIPANT",
                "partstat": "NEEDS-ACTION",
            },
        ],
    }
    return made | changed


def test_show_list_reschedule_and_cancel_give_one_document(gbook: Gbook) -> None:
    """With the current state of the booking."""
    uid = book(gbook, "14:00")
    assert gbook.json("booking", "show", uid) == document(uid)
    assert gbook.json("booking", "list") == {
        "offset": 0,
        "totalSize": 1,
        "done": True,
        "records": [document(uid)],
    }
    later = {"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T15:30:00Z"}
    moved = gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00")
    assert moved == document(uid, sequence=1, **later)
    cancelled = gbook.json("booking", "cancel", uid, "--reason", "ill")
    assert cancelled == document(uid, sequence=2, status="cancelled", **later)
    assert gbook.json("booking", "show", uid) == cancelled


def test_the_way_of_a_booking_for_people(gbook: Gbook) -> None:
    """Each message names the bookings, and the next step."""
    assert "gbook book --slot first" in gbook("booking", "list").out
    uid = book(gbook, "14:00")
    listed = gbook("booking", "list").out
    assert "Tue 24 Nov 14:00–14:30" in listed
    assert uid[:8] in listed
    shown = gbook("booking", "show", uid[:8]).out.splitlines()
    assert shown[:3] == [
        "Demo for Gwen",
        "  Tue 24 Nov 2026 14:00–14:30 UTC, confirmed",
        "  profile demo, with alice (host: alice)",
    ]
    assert "  Gwen <gwen@example.org>: no answer yet" in shown
    assert shown[-2:] == [
        f"  gbook booking reschedule {uid} --slot TIME",
        f"  gbook booking cancel {uid}",
    ]
    moved = gbook("booking", "reschedule", uid[:8], "--slot", f"{TUESDAY}15:00").out
    assert moved.startswith("Moved to Tue 24 Nov 2026 15:00–15:30 UTC: Demo for Gwen\n")
    cancelled = gbook("booking", "cancel", uid[:8], "--reason", "Gwen is ill").out
    assert "The time is available again: gbook availability -p demo" in cancelled
    assert "comment: Gwen is ill" in gbook("booking", "show", uid).out


def test_list_filters(gbook: Gbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Upcoming by default, by profile, account or time; past and cancelled ones only with --all."""
    gone = book(gbook, "09:00")
    off = book(gbook, "10:00")
    gbook.json("booking", "cancel", off)
    there = book(gbook, "14:00", "--account", "bob")
    gbook.json("book", "--slot", f"{TUESDAY}16:00Z", "--field", "topic=x", "--reserve", "5000")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T12:00:00Z")

    def listed(*options: str) -> list[str]:
        return [record["id"] for record in gbook.json("booking", "list", *options)["records"]]

    assert listed() == [there]
    assert listed("--all") == [gone, off, there]
    assert listed("--from", "2026-11-24", "--to", f"{TUESDAY}12:00") == [gone]
    assert listed("--all", "--account", "alice") == [gone, off]
    assert listed("-p", "demo", "--account", "bob", "--account", "alice") == [there]
    assert (gbook("booking", "list", "-p", "dem").code, gbook("booking", "list", "--account", "x").code) == (
        4,
        4,
    )


def test_a_unique_prefix_of_an_id_is_enough(gbook: Gbook, team: Path) -> None:
    """An ambiguous prefix exits 2, an unknown one 4."""
    calendar = team / "alice.ics"
    for name, at in ((ONE, "09:00"), (OTHER, "10:00")):
        uid = book(gbook, at).encode()
        calendar.write_bytes(calendar.read_bytes().replace(b"UID:" + uid, b"UID:" + name.encode()))
    listed = gbook("booking", "list").out
    assert [line.split()[-1] for line in listed.splitlines()[2:4]] == [ONE[:10], OTHER[:10]]
    assert gbook.json("booking", "show", ONE[:10])["id"] == ONE
    ambiguous = gbook("booking", "cancel", ONE[:8])
    assert (ambiguous.code, "2 bookings" in ambiguous.err) == (2, True)
    unknown = gbook("booking", "cancel", "wheel", "--json")
    assert (unknown.code, json.loads(unknown.out)["error"]["code"]) == (4, "not_found")
    assert "gbook booking list" in unknown.err


def test_a_refusal_names_what_to_take_instead(gbook: Gbook) -> None:
    """On stderr, each of the nearest slots has a line, as a value of --slot."""
    book(gbook, "10:00")
    refused = gbook("book", "--slot", f"{TUESDAY}10:00Z", "--account", "alice", "--field", "topic=x")
    why, head, *slots = refused.err.splitlines()
    assert (refused.code, refused.out) == (3, "")
    assert "cannot be booked: alice: busy" in why
    assert head == "Nearest available slots, times in UTC:"
    assert "  --slot 2026-11-24T10:45Z  Tue 24 Nov 2026 10:45–11:15" in slots


def test_calendars_have_one_order(gbook: Gbook, team: Path) -> None:
    """The order is that of the accounts, the host first, whatever the order in gbook.yaml."""
    profile(team, "accounts: [bob, alice]")
    made = gbook.json("book", "--slot", "first", "--required", "all", "--field", "topic=x")
    assert made["accountIds"] == ["bob", "alice"]
    shown = gbook.json("booking", "show", made["id"])
    assert shown["calendars"] == made["calendars"] == ["bob.ics", "alice.ics"]


def test_a_refusal_is_a_document(gbook: Gbook) -> None:
    """Exit 3, the reason, and the slots to take instead."""
    first, second = (book(gbook, at, "--account", "alice") for at in ("10:00", "14:00"))
    refused = gbook("booking", "reschedule", first, "--slot", f"{TUESDAY}14:00Z", "--json")
    answer = json.loads(refused.out)
    assert (refused.code, answer["error"]["code"]) == (3, "slot_unavailable")
    starts = [slot["start"] for slot in answer["alternatives"]]
    assert "2026-11-24T13:15:00Z" in starts
    assert "2026-11-24T13:30:00Z" not in starts
    assert gbook.json("booking", "show", second)["sequence"] == 0


@pytest.mark.parametrize(
    "arguments", [("reschedule",), ("reschedule", "--slot", "soon"), ("cancel", "--slot", "x")]
)
def test_a_wrong_command_line(gbook: Gbook, arguments: tuple[str, ...]) -> None:
    """Exit 2, and nothing happens."""
    uid = book(gbook, "14:00")
    before = snapshot(Path())
    verb, *options = arguments
    assert gbook("booking", verb, uid, *options).code == 2
    assert snapshot(Path()) == before


def test_a_slot_from_a_pipe(gbook: Gbook) -> None:
    """`gbook availability --json | gbook booking reschedule ID --slot -` takes the first slot."""
    uid = book(gbook, "14:00")
    found = gbook("availability", "--from", f"{TUESDAY}16:00Z", "--json").out
    program = str(Path(sys.executable).with_name("gbook"))
    command = [program, "booking", "reschedule", uid, "--slot", "-", "--json"]
    moved = subprocess.run(command, input=found, capture_output=True, text=True, check=True).stdout
    assert json.loads(moved)["start"] == "2026-11-24T16:00:00Z"


def test_what_files_say_is_only_text(gbook: Gbook, team: Path) -> None:
    """Markup and escape codes in a subject have no effect."""
    uid = book(gbook, "14:00")
    calendar = team / "alice.ics"
    calendar.write_bytes(calendar.read_bytes().replace(b"Demo for Gwen", b"[red]\x1b[31mDemo[/red]"))
    for shown in (gbook("booking", "list").out, gbook("booking", "show", uid).out):
        assert "[red]" in shown
        assert "\x1b" not in shown


def test_a_damaged_event_is_named(gbook: Gbook, team: Path) -> None:
    """The others are listed nevertheless."""
    first, second = book(gbook, "10:00"), book(gbook, "14:00")
    calendar = team / "alice.ics"
    content = calendar.read_bytes()
    at = content.index(first.encode())
    damaged = content[at:].replace(b"DTSTART:2026", b"DTSTART:soon", 1)
    calendar.write_bytes(content[:at] + damaged.replace(b"SEQUENCE:0", b"SEQUENCE:x", 1))
    result = gbook("booking", "list", "--json")
    assert [one["id"] for one in json.loads(result.out)["records"]] == [second]
    assert (result.code, "alice.ics" in result.err) == (0, True)


def decline(team: Path, uid: str) -> None:
    """Return the file with the reply of a guest who declines."""
    reply = ["BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{uid}", "SEQUENCE:0"]
    reply += ["ATTENDEE;PARTSTAT=DECLINED:mailto:gwen@example.org", "END:VEVENT", "END:VCALENDAR", ""]
    (team / "reply.ics").write_text("\r\n".join(reply))


def test_a_guest_who_has_declined(gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`list` and `show` say so, and `reply` names the next commands; a new time asks the guest again."""
    uid = book(gbook, "14:00")
    decline(team, uid)
    assert f"  gbook booking cancel {uid}" in gbook("booking", "reply", "reply.ics").out
    (row,) = [line for line in gbook("booking", "list").out.splitlines() if uid[:8] in line]
    assert "declined by the guest" in row and "confirmed" not in row
    assert "14:30 UTC, declined by the guest" in gbook("booking", "show", uid).out
    listed = gbook.json("booking", "list")["records"][0]
    assert (listed["status"], listed["guest"]["partstat"]) == ("confirmed", "DECLINED")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-25T08:00:00Z")
    assert "past, declined by the guest" in gbook("booking", "list", "--all").out
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:00:00Z")
    gbook.json("booking", "reschedule", uid, "--slot", f"{TUESDAY}15:00Z")
    assert "declined" not in gbook("booking", "list").out


def test_lists_are_in_the_zone_of_the_profiles(
    gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Input and output have the zone of -p, else the one that all profiles share, else the workspace's."""
    hours = "{dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 24:00}]}"
    text = f"workHours: {{timezone: Asia/Tokyo, daySchedules: [{hours}]}}\naccounts: [bob]\n"
    (team / "profiles/tokyo.yaml").write_text(text)
    monkeypatch.setenv("TZ", "America/New_York")
    slot = ("book", "-p", "tokyo", "--slot", f"{TUESDAY}10:00")
    gbook.json(*slot)
    gbook.json("book", "-p", "tokyo", "--slot", f"{TUESDAY}12:00", "--reserve", "60")
    for command in ("booking", "reservation"):
        assert "Times in Asia/Tokyo (JST, UTC+9)\n" in gbook(command, "list", "-p", "tokyo").out
        assert "Times in UTC\n" in gbook(command, "list").out
        assert "Times in Europe/Paris (CET, UTC+1)\n" in gbook(command, "list", "--tz", "Europe/Paris").out
    assert gbook.json("booking", "list", "-p", "tokyo", "--from", f"{TUESDAY}10:30")["totalSize"] == 0
    assert gbook.json("booking", "list", "-p", "tokyo", "--to", f"{TUESDAY}10:00")["totalSize"] == 0
    assert (
        gbook.json("booking", "list", "--from", f"{TUESDAY}00:00", "--to", f"{TUESDAY}01:30")["totalSize"]
        == 1
    )
    (team / "profiles/demo.yaml").unlink()
    assert "Tue 24 Nov 10:00–10:30" in gbook("booking", "list").out
    (team / "profiles/tokyo.yaml").unlink()
    assert "Times in UTC\n" in gbook("booking", "list", "-p", "tokyo").out
