"""Replies to a booking that repeats: to all dates, and to one of them, in the forms that programs write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import SLOT, make_office, snapshot
from support.running import Gbook

SERIES = ("book", "--slot", SLOT, "--repeat", "weekly", "--count", "4", "--required", "all")
GWEN = "gwen@example.org"
GUEST = ("--name", "Gwen", "--email", GWEN)
# The second of the four Tuesdays, 15:00 in Berlin, in each form that programs write.
FORMS = {
    "zone": ";TZID=Europe/Berlin:20261201T150000",
    "utc": ":20261201T140000Z",
    "other zone": ";TZID=America/New_York:20261201T090000",
    "outlook": ";TZID=W. Europe Standard Time:20261201T150000",
    "defined": ";TZID=Bureau:20261201T160000",
    "floating": ":20261201T150000",
    "day": ";VALUE=DATE:20261201",
}
BUREAU = (
    "BEGIN:VTIMEZONE\r\nTZID:Bureau\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0200\r\n"
    "TZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a workspace whose members are free on Tuesdays."""
    monkeypatch.chdir(make_office(tmp_path / "office"))
    return tmp_path / "office"


@pytest.fixture
def uid(office: Path, gbook: Gbook) -> str:
    """A series on four Tuesdays, in the calendars of alice, bob and carol."""
    return str(gbook.json(*SERIES, *GUEST)["id"])


def event(uid: str, partstat: str, instance: str | None = None, **more: Any) -> str:
    """Return a VEVENT of a reply."""
    return "\r\n".join(
        [
            *("BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{more.get('stamp', '20261123T090000Z')}"),
            *([f"RECURRENCE-ID{instance}"] if instance else []),
            f"ATTENDEE;PARTSTAT={partstat}:mailto:{more.get('who', GWEN)}",
            *("ORGANIZER:mailto:alice@example.com", f"SEQUENCE:{more.get('sequence', 0)}", "END:VEVENT", ""),
        ]
    )


def answered(gbook: Gbook, *events: str) -> Any:
    """Take the reply with these VEVENTs, and return the document."""
    lines = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\n{BUREAU}{''.join(events)}END:VCALENDAR\r\n"
    Path("reply.txt").write_text(lines, newline="")
    return gbook.json("booking", "reply", "reply.txt")


def declined(document: Any) -> dict[str, list[str]]:
    """Return the days of a document that were declined, with the addresses."""
    return {date["start"][5:10]: date["declined"] for date in document["dates"] if "declined" in date}


def answers_in(path: Path, who: str = GWEN) -> list[tuple[str, str]]:
    """Return the answers of a person in each VEVENT of a series, with the day of its instance."""
    return [
        (f"{one['RECURRENCE-ID'].dt:%d %b}" if "RECURRENCE-ID" in one else "all", line.params["PARTSTAT"])
        for one in parsed_events(path.read_bytes())
        if str(one["UID"]) != "theirs"
        for line in one["ATTENDEE"]
        if str(line) == f"mailto:{who}"
    ]


def copies(office: Path) -> list[Path]:
    return [office / "alice.ics", office / "bob.ics", *(office / "carol").glob("*.ics")]


@pytest.mark.parametrize("form", FORMS)
def test_answer_to_one_date(office: Path, gbook: Gbook, uid: str, form: str) -> None:
    """It is written for that date in every copy, whatever the form of its RECURRENCE-ID, and for no other."""
    document = answered(gbook, event(uid, "DECLINED", FORMS[form]))
    assert document["guest"]["partstat"] == "NEEDS-ACTION"
    assert declined(document) == {"12-01": [GWEN]}
    for copy in copies(office):
        assert answers_in(copy) == [("all", "NEEDS-ACTION"), ("01 Dec", "DECLINED")]
    answered(gbook, event(uid, "ACCEPTED", FORMS[form]))
    assert answers_in(office / "bob.ics") == [("all", "NEEDS-ACTION"), ("01 Dec", "ACCEPTED")]


def test_the_answer_to_one_date_is_shown(office: Path, gbook: Gbook, uid: str) -> None:
    """By the command that takes it, and by `booking show` and `booking list`."""
    answered(gbook, event(uid, "DECLINED", FORMS["utc"]))
    out = gbook("booking", "reply", "reply.txt").out
    assert out.startswith("Gwen declined: Demo for Gwen, Tue 1 Dec 2026 15:00–15:30 CET\n")
    words = "declined on Tue 1 Dec 2026 by the guest"
    assert f"4 of 4 dates to come, {words}\n" in gbook("booking", "show", uid).out
    assert words in " ".join(gbook("booking", "list").out.split())
    (listed,) = gbook.json("booking", "list")["records"]
    assert declined(listed) == {"12-01": [GWEN]}


def test_answer_to_all_dates(office: Path, gbook: Gbook, uid: str) -> None:
    """It counts for every date, also for one that was moved or answered before."""
    answered(gbook, event(uid, "DECLINED", FORMS["utc"]))
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-08", "--slot", "2026-12-09T14:00Z")
    document = answered(gbook, event(uid, "ACCEPTED"))
    assert (document["guest"]["partstat"], declined(document), document["warnings"]) == ("ACCEPTED", {}, [])
    for copy in copies(office):
        assert answers_in(copy) == [("all", "ACCEPTED"), ("01 Dec", "ACCEPTED"), ("08 Dec", "ACCEPTED")]
    document = answered(gbook, event(uid, "DECLINED"))
    assert len(declined(document)) == 4
    assert "declined by the guest\n" in gbook("booking", "show", uid).out


def test_late_answer_to_all_does_not_count_for_a_moved_date(
    office: Path, gbook: Gbook, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guest did not know the new time of that date when the answer was given."""
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T12:00:00Z")
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-08", "--slot", "2026-12-09T14:00Z")
    answered(gbook, event(uid, "ACCEPTED", stamp="20261123T110000Z"))
    assert answers_in(office / "bob.ics") == [("all", "ACCEPTED"), ("08 Dec", "NEEDS-ACTION")]
    answered(gbook, event(uid, "ACCEPTED", stamp="20261123T130000Z"))
    assert answers_in(office / "bob.ics") == [("all", "ACCEPTED"), ("08 Dec", "ACCEPTED")]


def test_a_guest_who_declines_all_but_one_date(office: Path, gbook: Gbook, uid: str) -> None:
    """The status names the date on which the guest comes."""
    document = answered(gbook, event(uid, "DECLINED"), event(uid, "ACCEPTED", FORMS["utc"]))
    assert list(declined(document)) == ["11-24", "12-08", "12-15"]
    shown = gbook("booking", "show", uid).out
    assert "declined by the guest, but not on Tue 1 Dec 2026\n" in shown


@pytest.mark.parametrize("reverse", [False, True])
def test_several_answers_in_one_reply(office: Path, gbook: Gbook, uid: str, reverse: bool) -> None:
    """As Google and Outlook send them: all dates, and those that differ, in any order."""
    dates = [":20261201T140000Z", ":20261215T140000Z"]
    events = [event(uid, "ACCEPTED"), *(event(uid, "DECLINED", date) for date in dates)]
    document = answered(gbook, *(reversed(events) if reverse else events))
    assert document["guest"]["partstat"] == "ACCEPTED"
    assert list(declined(document)) == ["12-01", "12-15"]
    lines = gbook("booking", "reply", "reply.txt").out.splitlines()
    assert sorted(line.split(":")[0] for line in lines[:3]) == ["Gwen accepted", *["Gwen declined"] * 2]


@pytest.mark.parametrize(
    ("events", "code", "message"),
    [
        (
            [(":20261202T140000Z", GWEN)],
            4,
            "has no date Wed 2 Dec 2026 15:00 CET; it is on Tue 24 Nov 2026, Tue 1",
        ),
        ([(":20261222T140000Z", GWEN)], 4, "has no date Tue 22 Dec 2026 15:00 CET"),
        ([(":tomorrow", GWEN)], 5, "RECURRENCE-ID: "),
        ([(None, GWEN), (":20261201T140000Z", "ina@example.net")], 5, "expected one person's answer"),
    ],
)
def test_an_answer_to_no_date_is_refused(
    office: Path, gbook: Gbook, uid: str, events: list[tuple[str | None, str]], code: int, message: str
) -> None:
    """The message says which dates there are; nothing is written."""
    before = snapshot(office)
    parts = [event(uid, "DECLINED", one, who=who) for one, who in events]
    with pytest.raises(AssertionError, match=r"gbook: .*"):
        answered(gbook, *parts)
    result = gbook("booking", "reply", "reply.txt")
    assert (result.code, message in result.err) == (code, True), result.err
    assert snapshot(office) == before


def test_a_single_booking_has_no_other_dates(office: Path, gbook: Gbook) -> None:
    """An answer to one date of a booking that does not repeat is refused."""
    uid = gbook.json("book", "--slot", SLOT, *GUEST)["id"]
    with pytest.raises(AssertionError, match=r"booking .* does not repeat"):
        answered(gbook, event(uid, "DECLINED", FORMS["utc"]))


def test_late_answers_to_a_date(office: Path, gbook: Gbook, uid: str) -> None:
    """An answer to the old time of a date, or to a cancelled date, changes nothing: a warning."""
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-01", "--slot", "2026-12-02T14:00Z")
    gbook.json("booking", "cancel", uid, "--date", "2026-12-08")
    before = snapshot(office)
    late = [event(uid, "ACCEPTED", FORMS["utc"]), event(uid, "ACCEPTED", ":20261208T140000Z", sequence=2)]
    document = answered(gbook, *late)
    assert [(each["code"], each["message"]) for each in document["warnings"]] == [
        (
            "stale_reply",
            "gwen@example.org answered the date Tue 1 Dec 2026 15:00 CET, which has changed since: ignored",
        ),
        (
            "stale_reply",
            "gwen@example.org answered the date Tue 8 Dec 2026 15:00 CET, which is cancelled: ignored",
        ),
    ]
    assert snapshot(office) == before
    document = answered(gbook, late[0], event(uid, "DECLINED", ":20261215T140000Z"))
    assert [each["code"] for each in document["warnings"]] == ["stale_reply"]
    assert list(declined(document)) == ["12-15"]
    document = answered(gbook, event(uid, "DECLINED", FORMS["utc"], sequence=1))
    assert list(declined(document)) == ["12-02", "12-15"]


def test_answers_to_the_series_count_after_a_change_of_one_date(office: Path, gbook: Gbook, uid: str) -> None:
    """The guest's program has the first version of the series, and the guest does not know who came."""
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-01", "--slot", "2026-12-02T14:00Z")
    gbook.json("booking", "guest", "add", uid, "ina@example.net")
    document = answered(gbook, event(uid, "ACCEPTED"))
    assert (document["guest"]["partstat"], document["warnings"]) == ("ACCEPTED", [])


def test_equal_answer_makes_no_override(office: Path, gbook: Gbook, uid: str) -> None:
    """An answer to one date that is the answer to all dates changes no calendar."""
    answered(gbook, event(uid, "ACCEPTED"))
    before = snapshot(office)
    document = answered(gbook, event(uid, "ACCEPTED", FORMS["utc"]))
    assert (document["warnings"], snapshot(office)) == ([], before)


def test_a_series_with_answers_moves_as_a_whole(office: Path, gbook: Gbook, uid: str) -> None:
    """Its rule moves: answers to single dates were to the old time, and go with it."""
    answered(gbook, event(uid, "DECLINED", FORMS["utc"]))
    document = gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T14:00Z")
    assert [date["start"] for date in document["dates"]] == [
        f"{day}T14:00:00Z" for day in ("2026-11-25", "2026-12-02", "2026-12-09", "2026-12-16")
    ]
    assert declined(document) == {}
    for copy in copies(office):
        assert answers_in(copy) == [("all", "NEEDS-ACTION")]


def test_a_moved_date_is_asked_for_again(office: Path, gbook: Gbook, uid: str) -> None:
    """The other dates keep their answers."""
    events = [event(uid, "DECLINED", each) for each in (FORMS["utc"], ":20261208T140000Z")]
    answered(gbook, *events)
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-01", "--slot", "2026-12-02T14:00Z")
    assert answers_in(office / "alice.ics") == [
        ("all", "NEEDS-ACTION"),
        ("01 Dec", "NEEDS-ACTION"),
        ("08 Dec", "DECLINED"),
    ]


def test_a_member_invited_by_mail_is_free_on_a_date_it_declines(office: Path, gbook: Gbook) -> None:
    """Its other dates stay busy."""
    (office / "pat.ics").write_bytes((office / "bob.ics").read_bytes())
    config = office / "gbook.yaml"
    mail = "  - {id: pat, email: pat@example.com, calendars: [pat.ics], deliver: mail}\n"
    config.write_text(config.read_text() + mail + "mail: {host: localhost, port: 1, security: none}\n")
    profile = office / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("[alice, bob]", "[alice, pat]"))
    uid = gbook.json(*SERIES, *GUEST)["id"]
    document = answered(gbook, event(uid, "DECLINED", FORMS["utc"], who="pat@example.com"))
    assert declined(document) == {"12-01": ["pat@example.com"]}
    days = ["2026-11-24", "2026-12-01", "2026-12-08"]
    when = ("--with", "bob,pat", "--duration", "30", "--from", days[0], "--to", "2026-12-16")
    free = {item["start"] for item in gbook.json("availability", *when)["items"]}
    assert [f"{day}T14:00:00Z" in free for day in days] == [False, True, False]
