"""`gbook why` as a command, and the explanations of availability and book."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, make_team

CONFIG = """\
timezone: America/New_York
accounts:
  - {id: alice, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, email: bob@example.com, calendars: [bob.ics]}
  - {id: carol, email: carol@example.com, calendars: [carol.ics]}
"""
PROFILE = """\
timeAvailableFor: P2D
workHours:
  daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 12:00}]}]
accounts: [alice]
groups: [{extId: sales, accountIds: [bob, carol], required: all}]
"""
EVIL = "\x1b[31m[red]Board\x1b]0;x\x07[/red]"


def calendar(*events: str) -> str:
    """Return events on Tuesday, each `HHMM-HHMM|more lines`."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test"]
    for number, event in enumerate(events):
        times, *more = event.split("|")
        start, end = times.split("-")
        lines += ["BEGIN:VEVENT", f"UID:{number}", f"DTSTART:20261124T{start}00", f"DTEND:20261124T{end}00"]
        lines += [*more, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/demo.yaml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "alice.ics").write_text(calendar(f"0900-1100|SUMMARY:{EVIL}"), newline="")
    (tmp_path / "bob.ics").write_text(calendar("1100-1200|SUMMARY:doctor|CLASS:PRIVATE"), newline="")
    (tmp_path / "carol.ics").write_text(calendar(), newline="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_document_is_frozen(gbook: Gbook, team: Path) -> None:
    """Every key, in its order; times in UTC; a private subject is in none of them."""
    document = gbook.json("why", "2026-11-24T11:00", "--required", "all")
    assert document == {
        "start": "2026-11-24T16:00:00Z",
        "end": "2026-11-24T16:30:00Z",
        "available": False,
        "members": [
            {
                "accountId": "alice",
                "available": True,
                "accounts": [{"accountId": "alice", "available": True, "reasons": []}],
            },
            {
                "groupXid": "sales",
                "available": False,
                "accounts": [
                    {
                        "accountId": "bob",
                        "available": False,
                        "reasons": [
                            {
                                "code": "busy",
                                "message": "busy 11:00–12:00 (private event, bob.ics)",
                                "start": "2026-11-24T16:00:00Z",
                                "end": "2026-11-24T17:00:00Z",
                                "subject": None,
                                "calendar": "bob.ics",
                            }
                        ],
                    },
                    {"accountId": "carol", "available": True, "reasons": []},
                ],
            },
        ],
        "suggestions": [
            {"change": "with any 1 of 2 members (--required one)", "slots": 6},
            {"change": "without alice", "slots": 4},
            {"change": "without sales", "slots": 2},
            {"change": "without bob of group sales", "slots": 2},
            {"change": "with any 1 of 2 of group sales", "slots": 2},
        ],
    }
    assert "doctor" not in str(document)


def test_words_without_quotes_are_a_time(gbook: Gbook, team: Path) -> None:
    """As people type times."""
    document = gbook.json("why", "tomorrow", "9:30", "-p", "demo")
    assert document["start"] == "2026-11-24T14:30:00Z"
    assert document["available"] is True


def test_the_zone_changes_words_never_instants(gbook: Gbook, team: Path) -> None:
    """--tz is the zone of input and output."""
    here = gbook.json("why", "2026-11-24T11:00")
    there = gbook.json("why", "2026-11-24T17:00", "--tz", "Europe/Berlin")
    assert here["start"] == there["start"]
    reasons = [d["members"][1]["accounts"][0]["reasons"][0] for d in (here, there)]
    assert [reason["start"] for reason in reasons] == ["2026-11-24T16:00:00Z"] * 2
    assert reasons[1]["message"] == "busy 17:00–18:00 (private event, bob.ics)"


def test_nothing_in_a_subject_is_obeyed(gbook: Gbook, team: Path) -> None:
    """Markup and escape codes have no effect, in any command that shows subjects."""
    for command in (
        ("why", "2026-11-24T09:00"),
        ("book", "--slot", "2026-11-24T09:00", "--required", "all"),
    ):
        result = gbook(*command)
        assert "\x1b" not in result.out + result.err
        assert "\x07" not in result.out + result.err
        assert "[red]Board" in result.out + result.err
        assert "[/red]" in result.out + result.err


def test_a_booking_that_fails_says_why(gbook: Gbook, team: Path) -> None:
    """Exit 3 and one line with every account that is not available, in the zone shown.

    A private event has no subject.
    """
    result = gbook("book", "--slot", "2026-11-24T11:00", "--required", "all")
    assert result.code == 3
    assert result.err == (
        "gbook: Tue 24 Nov 2026 11:00 EST cannot be booked: bob: busy 11:00–12:00 (private event, bob.ics)\n"
    )
    there = gbook("book", "--slot", "2026-11-24T17:00", "--required", "all", "--tz", "Europe/Berlin").err
    assert "gbook: Tue 24 Nov 2026 17:00 CET cannot be booked: bob: busy 17:00–18:00" in there
    nearest = gbook("book", "--slot", "2026-11-24T15:10", "--tz", "Europe/Berlin").err
    assert "  --slot 2026-11-24T15:00+01:00  Tue 24 Nov 2026 15:00–15:30\n" in nearest
    off = gbook("book", "--slot", "2026-11-24T09:10")
    assert "no slot starts at that time: slots start at 09:00 and 09:30" in off.err


def test_availability_that_finds_nothing_says_what_would_help(gbook: Gbook, team: Path) -> None:
    """On the terminal and in pipes; the document stays as it is."""
    result = gbook("availability", "--required", "all")
    assert result.code == 0
    assert result.out.splitlines()[0] == "No slots: the 2 members are never all free at the same time."
    for line in (
        "Of 6 possible times, each member is free at:",
        "  with any 1 of 2 members (--required one)  6 more slots",
        "  without alice                             4 more slots",
        "  gbook why -p demo --required all 2026-11-24T09:00-05:00",
    ):
        assert line in [shown.rstrip() for shown in result.out.splitlines()]
    document = gbook.json("availability", "--required", "all")
    assert document["items"] == []
    assert "suggestions" not in document


def test_the_command_that_is_offered_works(gbook: Gbook, team: Path) -> None:
    """It can be copied unchanged."""
    (line,) = [
        line for line in gbook("availability", "--required", "all").out.splitlines() if "gbook why" in line
    ]
    assert gbook(*line.split()[1:]).code == 0


def test_an_unreadable_calendar_is_reported(gbook: Gbook, team: Path) -> None:
    """As a reason, and as a warning on stderr."""
    (team / "carol.ics").unlink()
    result = gbook("why", "2026-11-24T11:00", "--json")
    assert result.code == 0
    assert '"code": "unreadable"' in result.out
    assert "carol.ics" in result.err
    shown = gbook("availability", "--required", "all").out
    assert "unknown (calendar unreadable), treated as busy" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("soon",), 2, "expected a date or time such as"),
        (("tomorrow",), 2, "needs a time of day"),
        ((), 2, "TIME is missing"),
        (("9:00", "--account", "alcie"), 4, "did you mean alice"),
        (("9:00", "-p", "dmeo"), 4, "did you mean demo"),
        (("9:00", "--required", "some"), 2, "--required"),
    ],
)
def test_a_wrong_question_is_refused(
    gbook: Gbook, team: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """One clear line, and nothing on stdout."""
    result = gbook("why", *arguments)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_availability_with_slots_loads_nothing_of_why(team: Path) -> None:
    """A query with slots does not import the code of explanations."""
    code = (
        "import sys; from gbook.cli import run; run(['availability', '--limit', '1']);"
        "sys.exit('gbook.scheduling.suggestions' in sys.modules or 'gbook.scheduling.reasons' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=team, env=dict(os.environ), check=True)


def test_busy_time_over_several_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gbook: Gbook) -> None:
    """Both ends have their date if it begins on another day than the slot."""
    folder = make_team(tmp_path / "team")
    monkeypatch.chdir(folder)
    calendar = folder / "bob.ics"
    event = "BEGIN:VEVENT\nUID:1\nDTSTART:20261122T180000Z\nDTEND:20261125T170000Z\nEND:VEVENT\n"
    calendar.write_text(calendar.read_text().replace("END:VCALENDAR", f"{event}END:VCALENDAR"))
    shown = gbook("why", f"{TUESDAY}09:00Z").out
    assert "Sun 22 Nov 18:00 – Wed 25 Nov 17:00" in shown
    calendar.write_text(calendar.read_text().replace("20261122T180000Z", "20261031T180000Z"))
    shown = gbook("why", f"{TUESDAY}09:00Z", "--tz", "America/New_York").out
    assert "Sat 31 Oct 14:00 EDT – Wed 25 Nov 12:00 EST" in shown
