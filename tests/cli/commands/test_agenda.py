"""`gbook agenda` as a command: what is in the calendars, with private titles hidden."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from support.consoles import make_console
from support.running import Gbook
from support.team import TUESDAY, book, make_team

DAY = ("--from", "2026-11-24")
CONFIG = """\
timezone: UTC
accounts:
  - {id: alice, email: alice@example.com, calendars: [alice.ics, more.ics]}
  - {id: bob, email: bob@example.com, timezone: Asia/Tokyo, calendars: [bob.ics]}
"""


def calendar(*events: str) -> str:
    """Return a calendar; each event is its properties in one text, with bars between them."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.split("|"), "END:VEVENT"]
    return "\n".join([*lines, "END:VCALENDAR", ""])


ALICE = calendar(
    "UID:1|DTSTART:20261124T090000Z|DTEND:20261124T093000Z|SUMMARY:Stand\\, up|LOCATION:Room 1",
    "UID:2|DTSTART:20261124T100000Z|DTEND:20261124T110000Z|SUMMARY:Doctor|LOCATION:Clinic|CLASS:PRIVATE",
    "UID:3|DTSTART:20261124T120000Z|DTEND:20261124T130000Z|SUMMARY:Pay|CLASS:CONFIDENTIAL|STATUS:TENTATIVE",
    "UID:4|DTSTART:20261124T130000Z|DTEND:20261124T140000Z|SUMMARY:Gone|STATUS:CANCELLED",
    "UID:5|DTSTART:20261124T140000Z|DTEND:20261124T150000Z|SUMMARY:Open door|TRANSP:TRANSPARENT",
    "UID:6|DTSTART:20261124T150000Z|DTEND:20261124T160000Z|SUMMARY:No|"
    "ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com",
    "UID:7|DTSTART;VALUE=DATE:20261124|DTEND;VALUE=DATE:20261126|SUMMARY:Fair",
    "UID:8|DTSTART:20261124T080000Z|SUMMARY:Bell",
    "UID:9|DTSTART:20261124T230000Z|DTEND:20261125T010000Z|SUMMARY:",
)
SERIES = calendar(
    "UID:s|DTSTART:20261102T070000Z|DURATION:PT15M|RRULE:FREQ=DAILY|EXDATE:20261125T070000Z|SUMMARY:Run",
    "UID:s|RECURRENCE-ID:20261124T070000Z|DTSTART:20261124T073000Z|DURATION:PT30M|SUMMARY:Late run",
)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "alice.ics").write_text(ALICE)
    (tmp_path / "more.ics").write_text(SERIES)
    (tmp_path / "bob.ics").write_text(calendar("UID:t|DTSTART;VALUE=DATE:20261124|SUMMARY:Tokyo day"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def items(document: Any, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(item[key] for key in keys) for item in document["items"]]


def test_a_day_is_in_order_with_all_day_events_first(gbook: Gbook, team: Path) -> None:
    """Recurring instances, exceptions and overrides are those that availability sees."""
    document = gbook.json("agenda", "alice", *DAY)
    assert (document["from"], document["to"]) == ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")
    assert items(document, "start", "allDay", "subject") == [
        ("2026-11-24T00:00:00Z", True, "Fair"),
        ("2026-11-24T07:30:00Z", False, "Late run"),
        ("2026-11-24T08:00:00Z", False, "Bell"),
        ("2026-11-24T09:00:00Z", False, "Stand, up"),
        ("2026-11-24T10:00:00Z", False, None),
        ("2026-11-24T12:00:00Z", False, None),
        ("2026-11-24T14:00:00Z", False, "Open door"),
        ("2026-11-24T15:00:00Z", False, "No"),
        ("2026-11-24T23:00:00Z", False, ""),
    ]
    assert document["items"][3] == {
        "accountId": "alice",
        "start": "2026-11-24T09:00:00Z",
        "end": "2026-11-24T09:30:00Z",
        "allDay": False,
        "subject": "Stand, up",
        "location": "Room 1",
        "status": "confirmed",
        "busy": True,
        "calendar": "alice.ics",
    }
    assert {calendar for (calendar,) in items(document, "calendar")} == {"alice.ics", "more.ics"}


def test_private_events_have_neither_title_nor_place(gbook: Gbook, team: Path) -> None:
    """PRIVATE and CONFIDENTIAL: in text and in JSON only their time, and that they are private."""
    for form in ((), ("--json",)):
        shown = gbook("agenda", *DAY, *form).out
        assert not any(secret in shown for secret in ("Doctor", "Clinic", "Pay", "Gone"))
    lines = gbook("agenda", *DAY).out.splitlines()
    assert [line.split()[1:] for line in lines if line.startswith("10:00–11:00")] == [["alice", "private"]]
    (pay,) = (item for item in gbook.json("agenda", *DAY)["items"] if item["status"] == "tentative")
    assert (pay["subject"], pay["busy"]) == (None, True)


def test_marks_say_what_does_not_take_time(gbook: Gbook, team: Path) -> None:
    """Free and declined events are in the calendar, but the account can meet."""
    shown = gbook("agenda", "alice", *DAY).out
    assert "Open door (free)" in shown
    assert "No (declined)" in shown
    assert "private (tentative)" in shown
    assert "(no title)" in shown
    document = gbook.json("agenda", "alice", *DAY)
    assert [subject for subject, busy in items(document, "subject", "busy") if not busy] == [
        "Open door",
        "No",
    ]


def test_an_event_is_on_each_of_its_days(gbook: Gbook, team: Path) -> None:
    """One of two days, and one that goes past midnight; the second day has its part only."""
    shown = gbook("agenda", "alice", *DAY, "--for", "P2D").out
    first, second = shown.split("Wed 25 Nov")
    assert "Tue 24 Nov" in first
    for day in (first, second):
        assert "all day" in day
        assert "Fair" in day
    assert "23:00–24:00" in first
    assert "00:00–01:00" in second
    assert "Run" not in second
    assert len(gbook.json("agenda", "alice", *DAY, "--for", "P2D")["items"]) == 9


def test_an_all_day_event_is_on_its_own_date(gbook: Gbook, team: Path) -> None:
    """A day in Tokyo begins on the evening before in New York, and is shown on its date."""
    for tz in ("America/New_York", "UTC", "Asia/Tokyo"):
        assert "Tokyo day" in gbook("agenda", "bob", *DAY, "--tz", tz).out
        assert "No events" in gbook("agenda", "bob", "--from", "2026-11-23", "--tz", tz).out


def test_today_is_the_default(gbook: Gbook, team: Path) -> None:
    """All accounts, from midnight to midnight; --for counts from today's midnight."""
    document = gbook.json("agenda")
    assert (document["from"], document["to"]) == ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")
    assert items(document, "accountId", "subject") == [("alice", "Run")]
    week = gbook.json("agenda", "--for", "P7D")
    assert (week["from"], week["to"]) == ("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")


def test_each_item_can_be_a_line(gbook: Gbook, team: Path) -> None:
    """As JSON, or as --format says; a private title is empty in both."""
    text = gbook("agenda", "alice", *DAY, "--format", "{start:%H:%M} {account} {subject} {busy}")
    assert text.out.splitlines()[3:7] == [
        "09:00 alice Stand, up busy",
        "10:00 alice  busy",
        "12:00 alice  busy",
        "14:00 alice Open door free",
    ]
    lines = [json.loads(line) for line in gbook("agenda", "alice", *DAY, "--ndjson").out.splitlines()]
    assert lines == gbook.json("agenda", "alice", *DAY)["items"]


def test_what_cannot_be_read_is_not_empty(gbook: Gbook, team: Path) -> None:
    """A warning, and a line that the account counts as busy; never "No events"."""
    (team / "bob.ics").write_text("not a calendar")
    result = gbook("agenda", "bob", *DAY)
    assert result.code == 0
    assert "bob.ics" in result.err
    assert "bob: not all calendars can be read; all time counts as busy" in result.out
    assert "No events" not in result.out
    assert [warning["path"] for warning in gbook.json("agenda", *DAY)["warnings"]] == ["bob.ics"]


def test_bookings_are_shown_once_for_all_accounts(gbook: Gbook, tmp_path: Path, monkeypatch: Any) -> None:
    """With their subject; a cancelled one and an expired reservation are not shown."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    book(gbook, "14:00", "--required", "all")
    cancelled = book(gbook, "10:00")
    assert gbook("booking", "cancel", cancelled).code == 0
    book(gbook, "16:00", "--reserve", "10")
    shown = gbook("agenda", *DAY).out
    (meeting,) = (line for line in shown.splitlines() if "14:00–14:30" in line)
    assert "alice, bob, carol" in meeting
    assert "Demo for Gwen" in meeting
    assert "10:00–" not in shown
    assert "Demo for Gwen (tentative)" in shown
    monkeypatch.setenv("GBOOK_NOW", "2026-11-23T09:00Z")
    assert "16:00–" not in gbook("agenda", *DAY).out


def test_a_booking_in_the_calendar_of_the_host_is_in_every_agenda(
    gbook: Gbook, tmp_path: Path, monkeypatch: Any
) -> None:
    """With `deliver: host` the other accounts have no copy, and are busy all the same."""
    folder = make_team(tmp_path / "team")
    config = folder / "gbook.yaml"
    config.write_text(config.read_text() + "deliver: host\n")
    monkeypatch.chdir(folder)
    book(gbook, "14:00", "--required", "all")
    document = gbook.json("agenda", "bob", *DAY)
    assert items(document, "accountId", "subject", "busy", "calendar") == [
        ("bob", "Demo for Gwen", True, "alice.ics")
    ]
    assert document["items"][0]["start"] == f"{TUESDAY}14:00:00Z"


@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_line_is_wider_than_the_terminal(
    gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """And no word is broken; long titles continue on the next line."""
    file = io.StringIO()
    monkeypatch.setattr("gbook.render.console.stdout_console", lambda: make_console(file, width))
    long = "An unusually long title about many things that matter"
    (team / "bob.ics").write_text(
        calendar(f"UID:l|DTSTART:20261124T090000Z|DTEND:20261124T100000Z|SUMMARY:{long}")
    )
    assert gbook("agenda", *DAY).code == 0
    lines = file.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    words = " ".join(lines).split()
    assert all(word in words for word in long.split())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--from", "2026-11-24", "--to", "2026-11-23"), 2, "--to is before --from"),
        (("--to", "2026-11-25", "--for", "P1D"), 2, "cannot both be given"),
        (("alcie",), 4, "did you mean alice"),
    ],
)
def test_a_wrong_question_is_refused(
    gbook: Gbook, team: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """One clear line."""
    result = gbook("agenda", *arguments)
    assert result.code == code
    assert message in result.err


@pytest.mark.parametrize(
    ("command", "years", "longest"), [("agenda", "2 years", "2y"), ("busy", "10 years", "10y")]
)
def test_a_window_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gbook: Gbook, command: str, years: str, longest: str
) -> None:
    """At once, instead of minutes without output."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    refused = gbook(command, "--for", "99999d")
    assert refused.code == 2
    assert refused.err == f"gbook: --for: the window is longer than {years}, the longest allowed\n"
    assert "--to: the window is longer" in gbook(command, "--to", "2099-01-01").err
    gbook.json(command, "--for", longest)
