"""`gbook busy` as a command: merged, clipped, without subjects; the published calendar can be read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from support.running import Gbook

WEEK = ("--from", "2026-11-23", "--to", "2026-11-29")
CONFIG = """\
timezone: UTC
accounts:
  - id: alice
    name: "Alice [red] 🦊, née L; \\"x\\""
    email: alice@example.com
    calendars: [alice.ics, more.ics]
  - {id: bob, email: bob@example.com, calendars: [bob.ics]}
"""


def events(*times: str) -> bytes:
    """Return a calendar of events, each `START/END`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test"]
    for number, time in enumerate(times):
        start, end = time.split("/")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}",
            f"DTSTART:{start}",
            f"DTEND:{end}",
            "SUMMARY:secret",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "alice.ics").write_bytes(
        events(
            "20261124T100000Z/20261124T110000Z",
            "20261124T103000Z/20261124T120000Z",
            "20261122T220000Z/20261123T010000Z",
            "20261129T233000Z/20261130T013000Z",
        )
    )
    (tmp_path / "more.ics").write_bytes(events("20261124T120000Z/20261124T121530Z"))
    (tmp_path / "bob.ics").write_bytes(events())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def busy_of(document: Any, account: str) -> list[tuple[str, str]]:
    (item,) = (item for item in document["items"] if item["accountId"] == account)
    return [(span["start"], span["end"]) for span in item["busy"]]


def test_intervals_are_merged_sorted_and_clipped(gbook: Gbook, team: Path) -> None:
    """Events that overlap or touch, in any of the account's calendars, are one interval within the window."""
    document = gbook.json("busy", "alice", *WEEK)
    assert document == {
        "from": "2026-11-23T00:00:00Z",
        "to": "2026-11-30T00:00:00Z",
        "items": [
            {
                "accountId": "alice",
                "busy": [
                    {"start": "2026-11-23T00:00:00Z", "end": "2026-11-23T01:00:00Z"},
                    {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T12:15:30Z"},
                    {"start": "2026-11-29T23:30:00Z", "end": "2026-11-30T00:00:00Z"},
                ],
            }
        ],
        "warnings": [],
    }


def test_an_id_that_is_a_number_is_one(gbook: Gbook, team: Path) -> None:
    """As in every other document, that of `why` included."""
    config = team / "gbook.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("id: bob", "id: 7"), encoding="utf-8")
    assert [item["accountId"] for item in gbook.json("busy")["items"]] == ["alice", 7]
    (team / "profiles").mkdir()
    (team / "profiles/demo.yaml").write_text("accounts: [7]\n")
    (member,) = gbook.json("why", "tomorrow 9:00")["members"]
    assert (member["accountId"], member["accounts"][0]["accountId"]) == (7, 7)


def test_the_week_from_today_is_the_default(gbook: Gbook, team: Path) -> None:
    """All accounts, for seven days from midnight in the zone of --tz."""
    document = gbook.json("busy", "--tz", "America/New_York")
    assert (document["from"], document["to"]) == ("2026-11-23T05:00:00Z", "2026-11-30T05:00:00Z")
    assert [item["accountId"] for item in document["items"]] == ["alice", "bob"]
    day = gbook.json("busy", "--for", "1d")
    assert (day["from"], day["to"]) == ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")


def test_no_subject_is_shown(gbook: Gbook, team: Path) -> None:
    """Not as bars, as JSON, or as a calendar."""
    for form in ((), ("--json",), ("--ics",)):
        result = gbook("busy", *WEEK, *form)
        assert result.code == 0
        assert "secret" not in result.out


@pytest.mark.parametrize("fault", ["missing", "garbage"])
def test_what_cannot_be_read_is_busy_in_every_form(gbook: Gbook, team: Path, fault: str) -> None:
    """The whole window, and a warning; never a free hour."""
    if fault == "missing":
        (team / "more.ics").unlink()
    else:
        (team / "more.ics").write_bytes(b"\x00\xff not a calendar")
    document = gbook.json("busy", *WEEK)
    whole = [("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")]
    assert busy_of(document, "alice") == whole
    assert busy_of(document, "bob") == []
    assert [(warning["accountId"], warning["path"]) for warning in document["warnings"]] == [
        ("alice", "more.ics")
    ]
    published = gbook("busy", *WEEK, "--ics")
    assert "more.ics" in published.err
    assert "FREEBUSY;FBTYPE=BUSY:20261123T000000Z/20261130T000000Z" in published.out
    assert "???" in gbook("busy", *WEEK).out


def test_what_is_published_keeps_the_rfc(gbook: Gbook, team: Path) -> None:
    """RFC 5545 §3.6.4: one VFREEBUSY an account, in UTC, CRLF, lines of 75 octets, names escaped."""
    text = gbook("busy", *WEEK, "--ics").out
    assert text.count("\r\n") == text.count("\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    first, second = Calendar.from_ical(text).walk("VFREEBUSY")
    assert first["ORGANIZER"] == "mailto:alice@example.com"
    assert first["ORGANIZER"].params["CN"].startswith("Alice [red] 🦊, née L;")
    assert first["UID"] != second["UID"]
    assert first["DTSTAMP"].to_ical() == b"20261123T080000Z"
    assert (first["DTSTART"].to_ical(), first["DTEND"].to_ical()) == (
        b"20261123T000000Z",
        b"20261130T000000Z",
    )
    assert "FREEBUSY" not in second
    assert Calendar.from_ical(gbook("busy", *WEEK, "--ics").out).walk("VFREEBUSY")[0]["UID"] == first["UID"]


def test_what_is_published_is_read_back_as_the_same_busy_time(gbook: Gbook, team: Path) -> None:
    """Another workspace knows alice only by what she published."""
    before = busy_of(gbook.json("busy", "alice", *WEEK), "alice")
    published = gbook("busy", "alice", *WEEK, "--ics").out
    other = team / "other"
    other.mkdir()
    (other / "alice.ics").write_bytes(published.encode())
    (other / "gbook.yaml").write_text(
        "accounts: [{id: a, email: alice@example.com, calendars: [alice.ics]}]", encoding="utf-8"
    )
    assert busy_of(gbook.json("--workspace", str(other), "busy", *WEEK, "--tz", "UTC"), "a") == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--from", "2026-11-24", "--to", "2026-11-23"), 2, "--to is before --from"),
        (("--to", "2026-11-01"), 2, "--to is before --from"),
        (("--ics", "--json"), 2, "cannot both be given"),
        (("--tz", "Europe/Berlni"), 2, "did you mean Europe/Berlin"),
        (("alcie",), 4, "did you mean alice"),
    ],
)
def test_a_wrong_question_is_refused(
    gbook: Gbook, team: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """One clear line, and nothing on stdout but the error's document."""
    result = gbook("busy", *arguments)
    assert result.code == code
    assert message in result.err
    assert result.err.count("\n") == 1
