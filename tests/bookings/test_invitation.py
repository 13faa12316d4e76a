"""Invitations as files: their content, their place, and the programs that can read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject
from support.ics import parsed_events
from support.office import SLOT, make_office, snapshot
from support.running import Gbook

BOOK = ("book", "--slot", SLOT, "--required", "all", "--name", "Gwen Guest", "--email", "gwen@example.org")
LATER = "2026-11-25T10:00Z"

Field = tuple[str, str, str, str, list[str]]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a workspace."""
    monkeypatch.chdir(make_office(tmp_path / "office"))
    return tmp_path / "office"


def by_icalendar(path: Path) -> Field:
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    (event,) = parsed_events(path.read_bytes())
    assert not [part.errors for part in calendar.walk() if part.errors]
    return (
        str(calendar["METHOD"]),
        str(event["UID"]),
        str(event["SEQUENCE"]),
        str(event["SUMMARY"]),
        [str(one) for one in event["ATTENDEE"]],
    )


def by_vobject(path: Path) -> Field:
    calendar = vobject.readOne(path.read_text())
    event = calendar.vevent
    calendar.validate(raiseException=True)
    return (
        calendar.method.value,
        event.uid.value,
        event.sequence.value,
        event.summary.value,
        [one.value for one in event.attendee_list],
    )


LIBICAL = r"""
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    static char text[1 << 20];
    fread(text, 1, sizeof text - 1, fopen(argv[1], "rb"));
    icalcomponent *calendar = icalparser_parse_string(text);
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    if (icalcomponent_count_errors(calendar) || !icalrestriction_check(calendar)) {
        puts(icalcomponent_as_ical_string(calendar));
        return 1;
    }
    puts(icalproperty_method_to_string(icalcomponent_get_method(calendar)));
    puts(icalcomponent_get_uid(event));
    printf("%d\n", icalcomponent_get_sequence(event));
    puts(icalcomponent_get_summary(event));
    icalproperty *one = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    for (; one; one = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY))
        puts(icalproperty_get_attendee(one));
    return 0;
}
"""


@pytest.fixture(scope="session")
def libical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader built on libical, which judges by the tables of RFC 5546 too; skips where there is none."""
    folder = tmp_path_factory.mktemp("libical")
    (folder / "reader.c").write_text(LIBICAL)
    compiler = shutil.which("cc")
    command = [compiler or "cc", "-w", "-o", str(folder / "reader"), str(folder / "reader.c"), "-lical"]
    if compiler is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("libical cannot be compiled with here")
    return folder / "reader"


@pytest.fixture(params=["icalendar", "vobject", "libical"])
def reader(request: pytest.FixtureRequest) -> Callable[[Path], Field]:
    """Programs that know nothing of gbook."""
    if request.param == "icalendar":
        return by_icalendar
    if request.param == "vobject":
        return by_vobject
    program: Path = request.getfixturevalue("libical")

    def by_libical(path: Path) -> Field:
        done = subprocess.run([program, path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
        method, uid, sequence, summary, *attendees = done.stdout.splitlines()
        return method, uid, sequence, summary, attendees

    return by_libical


def test_life_of_an_invitation(office: Path, gbook: Gbook, reader: Callable[[Path], Field]) -> None:
    """Booked, moved, cancelled: three messages of one UID with rising SEQUENCE, which every program reads."""
    topic = ': "a; b", c\\n and ' + "Übergröße " * 20 + "."
    booked = gbook.json(*BOOK, "--field", f"topic={topic}", "--invitation", "1.ics")
    gbook.json("booking", "reschedule", booked["id"], "--slot", LATER, "--invitation", "2.ics")
    gbook.json("booking", "cancel", booked["id"], "--reason", "ill; sorry", "--invitation", "3.ics")
    people = [f"mailto:{one}@example.com" for one in ("alice", "bob", "carol")] + ["mailto:gwen@example.org"]
    assert [reader(office / f"{number}.ics") for number in (1, 2, 3)] == [
        (method, booked["id"], str(sequence), f"Demo for Gwen Guest{topic}", people)
        for sequence, method in enumerate(["REQUEST", "REQUEST", "CANCEL"])
    ]


def lines(path: Path) -> list[str]:
    return path.read_bytes().replace(b"\r\n ", b"").decode().split("\r\n")


def test_guests_see_what_is_theirs(office: Path, gbook: Gbook) -> None:
    """No note of gbook's, and nothing that a host's program has added to the copy."""
    booked = gbook.json(*BOOK)
    calendar = office / "alice.ics"
    added = b"CATEGORIES:Secret\r\nX-MOZ-LASTACK:20261123T080000Z\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n"
    added += b"TRIGGER:-PT15M\r\nDESCRIPTION:Secret\r\nEND:VALARM\r\nX-GBOOK-HOST:"
    calendar.write_bytes(calendar.read_bytes().replace(b"X-GBOOK-HOST:", added))
    gbook("booking", "invite", booked["id"], "--invitation", "guest.ics")
    written = lines(office / "guest.ics")
    assert {line.partition(":")[0].partition(";")[0] for line in written if line} == {
        *("BEGIN", "VERSION", "PRODID", "METHOD", "UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE"),
        *("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "ORGANIZER"),
        *("ATTENDEE", "END"),
    }
    assert written.count("BEGIN:VEVENT") == 1
    assert "Secret" not in "".join(written)


def test_times_are_utc_whatever_the_host_makes_of_them(office: Path, gbook: Gbook) -> None:
    """A host's program may have named a zone: the message needs no VTIMEZONE all the same."""
    booked = gbook.json("book", "--slot", SLOT, "--account", "alice", "--email", "gwen@example.org")
    calendar = office / "alice.ics"
    local = b"DTSTART;TZID=Europe/Berlin:20261124T150000"
    calendar.write_bytes(calendar.read_bytes().replace(b"DTSTART:20261124T140000Z", local))
    gbook("booking", "invite", booked["id"], "--invitation", "guest.ics")
    assert "DTSTART:20261124T140000Z" in lines(office / "guest.ics")


def test_invitation_to_stdout(office: Path, gbook: Gbook) -> None:
    """`-` writes the invitation to stdout and the messages to stderr."""
    result = gbook(*BOOK, "--invitation", "-")
    assert result.out.startswith("BEGIN:VCALENDAR\r\n")
    assert result.out.endswith("END:VCALENDAR\r\n")
    assert result.err.startswith("Booked Tue 24 Nov 2026 15:00")


def test_invite_writes_the_current_invitation(office: Path, gbook: Gbook) -> None:
    """`booking invite` writes it to stdout by default."""
    booked = gbook.json(*BOOK, "--invitation", "guest.ics")
    again = gbook("booking", "invite", booked["id"])
    assert (again.code, again.out) == (0, (office / "guest.ics").read_bytes().decode())
    gbook("booking", "cancel", booked["id"])
    assert "METHOD:CANCEL\r\n" in gbook("booking", "invite", booked["id"]).out
    document: Any = gbook.json("booking", "invite", booked["id"], "--invitation", "late.ics")
    assert (document["status"], document["sequence"]) == ("cancelled", 1)
    assert "METHOD:CANCEL" in lines(office / "late.ics")


def test_confirmed_reservation_invites(office: Path, gbook: Gbook) -> None:
    """A reservation invites no one; the confirmation does."""
    reserved = gbook.json(*BOOK, "--reserve", "60")
    assert gbook("booking", "invite", reserved["id"]).code == 4
    gbook.json("reservation", "confirm", reserved["id"], "--invitation", "guest.ics")
    assert {"METHOD:REQUEST", "STATUS:CONFIRMED"} <= set(lines(office / "guest.ics"))


@pytest.mark.parametrize(
    "options",
    [
        ("--invitation", "-", "--json"),
        ("--invitation", "nowhere/guest.ics"),
        ("--invitation", "carol"),
        ("--invitation", "guest.ics", "--reserve", "30"),
        ("--mail", "--reserve", "30"),
    ],
)
def test_wrong_options_book_nothing(office: Path, gbook: Gbook, options: tuple[str, ...]) -> None:
    """An impossible request is refused before anything is written: exit 2."""
    before = snapshot(office)
    assert gbook(*BOOK, *options).code == 2
    assert snapshot(office) == before


def test_file_is_replaced_whole(office: Path, gbook: Gbook) -> None:
    """An empty file (as mktemp makes it) and an older invitation keep their mode; a pipe is written to."""
    target = office / "guest.ics"
    target.touch(mode=0o600)
    booked = gbook.json(*BOOK, "--invitation", "guest.ics")
    assert target.read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert gbook("booking", "cancel", booked["id"], "--invitation", "guest.ics").code == 0
    assert b"METHOD:CANCEL" in target.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    assert gbook("booking", "invite", booked["id"], "--invitation", "/dev/null").code == 0


def test_the_invitation_of_a_series_is_replaced_too(office: Path, gbook: Gbook) -> None:
    """It has a time zone before its event."""
    booked = gbook.json(*BOOK, "--repeat", "weekly", "--count", "2", "--invitation", "guest.ics")
    assert b"BEGIN:VTIMEZONE" in (office / "guest.ics").read_bytes()
    assert gbook("booking", "cancel", booked["id"], "--invitation", "guest.ics").code == 0
    assert b"METHOD:CANCEL" in (office / "guest.ics").read_bytes()


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("alice.ics", "is a calendar of account alice"),
        ("./../office/bob.ics", "is a calendar of account bob"),
        ("missing.ics", "is a calendar of account dave"),
        ("same.ics", "is a calendar of account bob"),
        ("linked/guest.ics", "would be an event in a calendar of account carol"),
        ("gbook.yaml", "gbook.yaml is the workspace's own file"),
        ("profiles/demo.yaml", "is in the folder of the profiles"),
        ("profiles/new.yaml", "is in the folder of the profiles"),
        (".alice.ics.gbook-lock", "has the name of a lock or journal"),
        (".gbook.yaml.gbook-lock", "has the name of a lock or journal"),
        ("link.ics", "is a link"),
        ("nowhere.ics", "is a link"),
    ],
)
def test_nothing_of_a_workspace_is_replaced(
    office: Path, gbook: Gbook, file: str, said: str, force: tuple[str, ...]
) -> None:
    """Not by --force either, whatever name the file goes by; exit 2, and nothing is booked."""
    config = office / "gbook.yaml"
    dave = "  - {id: dave, email: dave@example.com, calendars: [missing.ics]}\n"
    config.write_text(config.read_text() + dave)
    (office / "same.ics").hardlink_to(office / "bob.ics")
    (office / "linked").symlink_to("carol")
    (office / "link.ics").symlink_to("alice.ics")
    (office / "nowhere.ics").symlink_to("nothing")
    before = {path: path.read_bytes() for path in office.rglob("*") if path.is_file()}
    result = gbook(*BOOK, "--invitation", file, *force)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert said in result.err
    assert {path: path.read_bytes() for path in office.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("text", ["dear diary", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"])
def test_another_file_is_replaced_by_force_alone(office: Path, gbook: Gbook, text: str) -> None:
    """Exit 2, and nothing is booked; --force replaces it."""
    target = office / "diary.ics"
    target.write_text(text)
    before = snapshot(office)
    refused = gbook(*BOOK, "--invitation", "diary.ics")
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert snapshot(office) == before
    booked = gbook.json(*BOOK, "--invitation", "diary.ics", "--force")
    assert b"METHOD:REQUEST" in target.read_bytes()
    target.write_text(text)
    assert gbook("booking", "invite", booked["id"], "--invitation", "diary.ics").code == 2
    assert target.read_text() == text.replace("\r\n", "\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_file_that_cannot_be_written(office: Path, gbook: Gbook) -> None:
    """The booking is made, and the warning says how to get the invitation."""
    (office / "locked").mkdir(mode=0o500)
    result = gbook(*BOOK, "--invitation", "locked/guest.ics")
    assert result.code == 0
    assert "again with: gbook booking invite " in result.err


def test_full_disk_is_only_warned_of(gbook: Gbook, office: Path) -> None:
    """The booking is made, and the warning says how to get the invitation."""
    result = gbook(*BOOK, "--invitation", "/dev/full")
    assert result.code == 0
    assert (
        "No space left on device; the booking is written; try again with: gbook booking invite " in result.err
    )


def test_dry_run_writes_no_invitation(office: Path, gbook: Gbook) -> None:
    """--dry-run says where it would be saved."""
    shown = gbook(*BOOK, "--invitation", "guest.ics", "--dry-run").out
    assert shown.endswith("; writes 3 calendars; saves the invitation to guest.ics\n")
    assert not (office / "guest.ics").exists()
