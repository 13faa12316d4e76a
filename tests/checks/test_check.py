"""What a check finds in a workspace: each mistake by itself, in its file, at its line, and nothing else."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.uids import own_uid

from gbook.checks.report import Finding, Report
from gbook.checks.run import check_workspace
from gbook.clients.editing import add_client, add_token, remove_client

NOW = int(datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp())
CONFIG = """\
defaultProfile: demo
timezone: UTC
accounts:
  - {id: alice, email: alice@example.com, timezone: Europe/Berlin, calendars: [alice.ics]}
  - {id: bob, email: bob@example.com, calendars: [bob.ics]}
"""
PROFILE = "accounts: [alice, bob]\n"
FRIDAY = (
    "workHours: {{daySchedules: [{{dayOfWeek: friday, workingIntervals: [{{start: '{}', end: '{}'}}]}}]}}"
)
MEETING = "DTSTART:20261124T100000Z", "DTEND:20261124T110000Z"


def calendar(*events: Iterable[str]) -> str:
    """A calendar of events, each given by its lines; the first event begins at line 4."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test"]
    for number, own in enumerate(events):
        uid = [] if any(line.startswith("UID:") for line in own) else [f"UID:event-{number}"]
        lines += ["BEGIN:VEVENT", *uid, *own, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A workspace of two people in which all is well."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "profiles/demo.yaml").write_text(PROFILE)
    (tmp_path / "alice.ics").write_text(calendar(MEETING), newline="")
    (tmp_path / "bob.ics").write_text(calendar(), newline="")
    return tmp_path


@pytest.fixture
def look(team: Path) -> Callable[[], list[Finding]]:
    return lambda: check_workspace(team, None, NOW).findings


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_nothing_is_found_where_all_is_well(team: Path) -> None:
    """And the report says how much was looked at."""
    assert check_workspace(team, None, NOW) == Report([], accounts=2, calendars=2, events=1, profiles=1)


def test_a_check_writes_nothing(team: Path, look: Callable[[], list[Finding]]) -> None:
    """Neither locks nor journals nor an index beside the calendars."""
    before = sorted(team.rglob("*"))
    look()
    assert sorted(team.rglob("*")) == before


# --- gbook.yaml


def test_every_problem_of_gbook_yaml_is_told_and_the_rest_is_checked_all_the_same(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """A mistyped key hides neither the account's calendars nor what profiles say of it."""
    (team / "gbook.yaml").write_text(
        textwrap.dedent("""\
            defaultProfile: demmo
            colour: red
            accounts:
              - {id: alice, email: alice, calendars: [alice.ics, {path: b.ics, blocking: sometimes}]}
              - id: bob
                email: bob@example.com
                timezone: Europe/Berlni
                calendars: [gone.ics]
            """)
    )
    (team / "profiles/demo.yaml").write_text("accounts: [alice, bob, carol]\n")
    found = look()
    assert [(one.code, one.path, one.line) for one in found] == [
        ("unknown_profile", "gbook.yaml", 1),
        ("invalid_config", "gbook.yaml", 2),
        ("invalid_config", "gbook.yaml", 4),
        ("invalid_config", "gbook.yaml", 4),
        ("invalid_config", "gbook.yaml", 7),
        ("unreadable_calendar", "b.ics", None),
        ("unreadable_calendar", "gone.ics", None),
        ("unknown_account", "profiles/demo.yaml", 1),
    ]
    assert {one.severity for one in found} == {"error"}
    assert "carol" in found[-1].message


@pytest.mark.parametrize("text", ["accounts: [", "- 1\n", "", "accounts: 5", "accounts: [1, 2]"])
def test_profiles_are_checked_beside_a_gbook_yaml_that_says_nothing(
    team: Path, look: Callable[[], list[Finding]], text: str
) -> None:
    """Whatever is wrong with it."""
    (team / "gbook.yaml").write_text(text)
    (team / "profiles/demo.yaml").write_text("durationMinutes: soon\n")
    found = {(one.code, one.path) for one in look()}
    assert found == {("invalid_config", "gbook.yaml"), ("invalid_profile", "profiles/demo.yaml")}


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("bob@example.com", "ALICE@example.com", "duplicate_email", 5),
        ("[bob.ics]", "[]", "no_calendar", 5),
        ("[bob.ics]", "[{path: bob.ics, readonly: true}]", "readonly_primary", 5),
        ("[bob.ics]", "[./alice.ics]", "shared_primary", 5),
    ],
)
def test_accounts_that_get_in_each_others_way_are_a_warning(
    team: Path, look: Callable[[], list[Finding]], old: str, new: str, code: str, line: int
) -> None:
    """At the line of the second one."""
    (team / "gbook.yaml").write_text(CONFIG.replace(old, new))
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == ("warning", code, "gbook.yaml", line)
    assert ";" in found.message, "no remedy"


def test_an_account_without_a_number_matters_to_api_clients(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """They know it by a derived number; where there are none, nobody needs one."""
    config = team / "gbook.yaml"
    config.write_text(CONFIG.replace("id: alice", "id: alice, number: 1"))
    assert not look()
    add_client(team, "website", 0)
    finding = only(look())
    assert (finding.code, finding.line) == ("no_number", 5)
    assert "gbook account update bob --number 6" in finding.message
    remove_client(team, "website")
    assert not look()


def test_clients_that_cannot_be_read_are_an_error(team: Path, look: Callable[[], list[Finding]]) -> None:
    """The server lets nobody in; the message says what to do."""
    add_token(team, "alice", 0)
    assert not look()
    path = team / ".gbook/clients.json"
    path.chmod(0o640)
    finding = only(look())
    assert (finding.severity, finding.code, finding.path) == (
        "error",
        "invalid_clients",
        ".gbook/clients.json",
    )
    assert f"chmod 600 {path}" in finding.message
    path.chmod(0o600)
    path.write_text("{")
    assert only(look()).code == "invalid_clients"


def test_a_damaged_key_of_tokens_is_an_error(team: Path, look: Callable[[], list[Finding]]) -> None:
    """Without it the server books nothing; a check makes none."""
    add_client(team, "website", 0)
    remove_client(team, "website")
    path = team / ".gbook/token-key"
    assert not look()
    assert not path.exists()
    path.write_bytes(b"x")
    path.chmod(0o600)
    finding = only(look())
    assert (finding.severity, finding.code, finding.path) == (
        "error",
        "invalid_token_key",
        ".gbook/token-key",
    )
    assert "restore it from a backup" in finding.message


def test_a_token_of_an_account_that_is_gone_is_a_warning(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """It was taken out with an editor, and not with `account remove`."""
    add_token(team, "carol", 0)
    finding = only(look())
    assert (finding.severity, finding.code) == ("warning", "left_token")
    assert "gbook client token carol --revoke" in finding.message


def test_a_calendar_that_several_accounts_only_read_is_no_problem(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """Holidays, say; what is wrong in it is told once."""
    (team / "holidays.ics").write_text(calendar(["SUMMARY:no time"]))
    extra = "{path: holidays.ics, readonly: true}]"
    (team / "gbook.yaml").write_text(
        CONFIG.replace("e.ics]", f"e.ics, {extra}").replace("b.ics]", f"b.ics, {extra}")
    )
    found = only(look())
    assert (found.code, found.path, found.line) == ("malformed_event", "holidays.ics", 4)


# --- profiles


@pytest.mark.parametrize(
    ("text", "severity", "code", "line"),
    [
        ("accounts: [alice]\ndurationMinutes: 30m\n", "error", "invalid_profile", 2),
        ("accounts: [alice]\nname: other\n", "error", "invalid_profile", 2),
        ("groups:\n  - {extId: g, accountIds: [alice], required: 2}\n", "error", "invalid_profile", 2),
        ("accounts:\n  - alice\n  - bbo\n", "error", "unknown_account", 3),
        ("groups:\n  - {extId: g, accountIds: [alice, eve]}\n", "error", "unknown_account", 2),
        ("subject: x\n", "warning", "no_members", None),
        ("accounts: [alice]\nstartAfterMinutes: 1440\ntimeAvailableFor: P1D\n", "error", "never_offers", 2),
        ("accounts: [alice]\nstartAfterMinutes: 1420\ntimeAvailableFor: P1D\n", "error", "never_offers", 2),
        ("accounts: [alice]\nendTime: 2026-11-01T00:00:00Z\n", "warning", "period_over", 2),
        ("accounts: [alice]\ndurationMinutes: 500\n", "error", "never_offers", 2),
        ("accounts: [alice]\nrequired: 2\n", "error", "never_offers", 2),
        ("accounts: [alice]\nworkHours: {daySchedules: []}\n", "error", "never_offers", 2),
        (
            "accounts: [alice]\nalign: clock\navailabilityStep: 60\nworkHours:\n  daySchedules:\n"
            "    - {dayOfWeek: monday, workingIntervals: [{start: '9:10', end: '9:50'}]}\n",
            "error",
            "never_offers",
            3,
        ),
    ],
)
def test_a_profile_that_cannot_be_booked_is_told(
    team: Path, look: Callable[[], list[Finding]], text: str, severity: str, code: str, line: int | None
) -> None:
    """With the key that is to blame."""
    (team / "profiles/demo.yaml").write_text(text)
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == (
        severity,
        code,
        "profiles/demo.yaml",
        line,
    )


def test_links_by_which_guests_confirm_need_mail_and_an_address(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """The address can also be an option of `gbook serve`."""
    (team / "profiles/demo.yaml").write_text(f"{PROFILE}confirmEmail: true\n")
    line = PROFILE.count("\n") + 1
    found = [(each.severity, each.code, each.path, each.line) for each in look()]
    assert found == [
        ("error", "no_mail", "profiles/demo.yaml", line),
        ("warning", "no_base_url", "profiles/demo.yaml", line),
    ]
    with (team / "gbook.yaml").open("a") as config:
        config.write("mail: {host: smtp.example.com}\nserve: {baseUrl: https://book.example.com}\n")
    assert look() == []


@pytest.mark.parametrize(
    "text",
    [
        f"timeAvailableFor: P1D\n{FRIDAY.format('9:00', '10:00')}",
        "startTime: 2027-11-01T00:00:00Z",
        "endTime: 2026-11-23T16:00:00Z",
        "workHours: {daySchedules: []}\navailabilityIntervals: {intervals: [{dateStartInclusive: 2027-06-01, "
        "dateEndInclusive: 2027-06-01, hours: [{start: '9:00', end: '10:00'}]}]}",
        f"durationMinutes: 60\n{FRIDAY.format('23:30', '00:30')}",
    ],
)
def test_a_profile_that_offers_a_slot_some_day_is_fine(
    team: Path, look: Callable[[], list[Finding]], text: str
) -> None:
    """Even if there is none today."""
    (team / "profiles/demo.yaml").write_text(f"{PROFILE}{text}\n")
    assert look() == []


def test_all_profiles_are_checked_and_compared(team: Path, look: Callable[[], list[Finding]]) -> None:
    """A broken one does not hide the next; a number is given once."""
    (team / "profiles/a.yaml").write_text("accounts: [alice\n")
    (team / "profiles/b.yaml").write_text(f"id: 7\n{PROFILE}")
    (team / "profiles/c.yaml").write_text(f"{PROFILE}id: 7\n")
    assert [(one.code, one.path, one.line) for one in look()] == [
        ("invalid_profile", "profiles/a.yaml", 2),
        ("invalid_profile", "profiles/c.yaml", 2),
    ]


# --- calendars


def _unlink(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 100)


@pytest.mark.parametrize("spoil", [_unlink, _folder, _cut, _garbage])
def test_a_calendar_that_cannot_be_read_is_an_error(
    team: Path, look: Callable[[], list[Finding]], spoil: Callable[[Path], None]
) -> None:
    """The other calendars are checked all the same."""
    spoil(team / "alice.ics")
    (team / "bob.ics").write_text(calendar(["DTSTART:soon"]))
    unreadable, malformed = look()
    assert (unreadable.severity, unreadable.code, unreadable.path) == (
        "error",
        "unreadable_calendar",
        "alice.ics",
    )
    assert "counts as busy" in unreadable.message
    assert (malformed.code, malformed.path, malformed.line) == ("malformed_event", "bob.ics", 4)


@pytest.mark.parametrize(
    ("lines", "severity", "code"),
    [
        (["DTSTART:20261399T100000Z"], "error", "malformed_event"),
        (["SUMMARY:no time at all"], "error", "malformed_event"),
        (["DTSTART:20261124T100000Z", "DTEND:20261124T090000Z"], "warning", "malformed_event"),
        ([*MEETING, "RRULE:FREQ=SOMETIMES"], "warning", "malformed_event"),
        ([*MEETING, "RRULE:FREQ=SECONDLY"], "warning", "dense_rule"),
        ([*MEETING, "RRULE:FREQ=MONTHLY;BYDAY=3TU,TH"], "warning", "disputed_rule"),
        ([*MEETING, "RRULE:FREQ=YEARLY;BYWEEKNO=48"], "warning", "disputed_rule"),
        ([*MEETING, "RECURRENCE-ID:20261124T090000Z"], "warning", "orphan_override"),
        (
            ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Urlaub", "TRANSP:TRANSPARENT"],
            "warning",
            "leave_marked_free",
        ),
        (
            [
                "DTSTART;VALUE=DATE:20201224",
                "SUMMARY:Summer vacation",
                "RRULE:FREQ=YEARLY",
                "TRANSP:TRANSPARENT",
            ],
            "warning",
            "leave_marked_free",
        ),
    ],
)
def test_an_event_that_may_not_mean_what_it_says_is_told(
    team: Path, look: Callable[[], list[Finding]], lines: list[str], severity: str, code: str
) -> None:
    """An error where it may hide time that is not free, with the line at which the event begins."""
    (team / "bob.ics").write_text(calendar(lines), newline="")
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == (severity, code, "bob.ics", 4)
    assert ";" in found.message, "no remedy"


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Urlaub"],
        ["DTSTART;VALUE=DATE:20251224", "SUMMARY:Urlaub", "TRANSP:TRANSPARENT"],
        ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Urlaub", "TRANSP:TRANSPARENT", "STATUS:CANCELLED"],
        ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Leaves of grass: anniversary", "TRANSP:TRANSPARENT"],
        [*MEETING, "SUMMARY:Holiday planning", "TRANSP:TRANSPARENT"],
        [*MEETING, "RRULE:FREQ=DAILY;COUNT=5"],
        [*MEETING, "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20270630T100000Z"],
        [*MEETING, "RRULE:FREQ=YEARLY;BYWEEKNO=48;BYDAY=TU"],
        [*MEETING, "RRULE:FREQ=YEARLY;BYYEARDAY=328"],
    ],
)
def test_an_ordinary_event_is_not_told(
    team: Path, look: Callable[[], list[Finding]], lines: list[str]
) -> None:
    """Leave that blocks or is past, a word that only looks like leave, a meeting about holidays."""
    (team / "bob.ics").write_text(calendar(lines))
    assert look() == []


@pytest.mark.parametrize("policy", ["blocking: always", "blocking: never", "allDay: free"])
def test_leave_in_a_calendar_with_a_policy_of_its_own_is_meant_so(
    team: Path, look: Callable[[], list[Finding]], policy: str
) -> None:
    """Whoever said what all-day events are has thought of it."""
    leave = ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Bank Holiday", "TRANSP:TRANSPARENT"]
    (team / "bob.ics").write_text(calendar(leave))
    assert [one.code for one in look()] == ["leave_marked_free"]
    (team / "gbook.yaml").write_text(CONFIG.replace("[bob.ics]", f"[{{path: bob.ics, {policy}}}]"))
    assert look() == []


def test_a_folder_of_calendars_is_no_calendar(team: Path, look: Callable[[], list[Finding]]) -> None:
    """Whoever is named by it would always be free. An empty calendar is fine."""
    (team / "all").mkdir()
    (team / "gbook.yaml").write_text(CONFIG.replace("bob.ics", "all"))
    assert look() == []
    (team / "all/office").mkdir()
    (team / "all/office/1.ics").write_text(calendar(MEETING))
    found = only(look())
    assert (found.severity, found.code, found.path) == ("warning", "empty_folder", "all")
    assert "use all/office as the path" in found.message


def test_an_unknown_zone_is_told_at_its_line(team: Path, look: Callable[[], list[Finding]]) -> None:
    """It is the line that names it."""
    times = ["SUMMARY:x", "DTSTART;TZID=Mars/Olympus:20261124T100000", "DURATION:PT1H"]
    (team / "bob.ics").write_text(calendar(times), newline="")
    found = only(look())
    assert (found.severity, found.code, found.line) == ("error", "unknown_zone", 7)
    assert "Mars/Olympus" in found.message


def test_a_uid_used_twice_in_a_calendar_is_told_with_the_other_place(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """Also in two items of a vdir, and not for overrides."""
    (team / "bob.ics").unlink()
    (team / "bob").mkdir()
    (team / "gbook.yaml").write_text(CONFIG.replace("bob.ics", "bob"))
    later = ["UID:same", "DTSTART:20271124T100000Z", "RRULE:FREQ=DAILY;COUNT=3"]
    change = ["UID:same", "DTSTART:20271125T120000Z", "RECURRENCE-ID:20271125T100000Z"]
    (team / "bob/1.ics").write_text(calendar(later, change))
    assert look() == []
    (team / "bob/2.ics").write_text(calendar(["UID:same", *MEETING]))
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == (
        "warning",
        "duplicate_uid",
        "bob/2.ics",
        4,
    )
    assert "bob/1.ics:4" in found.message


def test_a_private_subject_is_not_told(team: Path, look: Callable[[], list[Finding]]) -> None:
    """CLASS:PRIVATE and CONFIDENTIAL."""
    leave = ["DTSTART;VALUE=DATE:20261224", "SUMMARY:Sick leave", "TRANSP:TRANSPARENT", "CLASS:CONFIDENTIAL"]
    (team / "bob.ics").write_text(calendar(leave))
    assert "Sick" not in only(look()).message


@pytest.mark.parametrize(
    ("path", "options", "warned"),
    [
        (".local/share/evolution/calendar/system/calendar.ics", "", True),
        (".local/share/evolution/calendar/1700000000.1.1@host/calendar.ics", "", True),
        (".evolution/calendar/local/system/calendar.ics", "", True),
        (".local/share/evolution/calendar/system/calendar.ics", ", readonly: true", False),
        ("evolution/work.ics", "", False),
        ("calendar/evolution/work.ics", "", False),
    ],
)
def test_a_store_that_overwrites_bookings_is_a_warning(
    team: Path, look: Callable[[], list[Finding]], path: str, options: str, warned: bool
) -> None:
    """Evolution's own files, by whatever name the account has them."""
    (team / path).parent.mkdir(parents=True)
    (team / path).write_text(calendar())
    (team / "link.ics").symlink_to(path)
    other = f"[bob.ics, {{path: link.ics{options}}}]"
    (team / "gbook.yaml").write_text(CONFIG.replace("[bob.ics]", other))
    codes = [(one.severity, one.code, one.path) for one in look()]
    assert codes == ([("warning", "evolution_store", "gbook.yaml")] if warned else [])


# --- double bookings


def booked(uid: str, start: str, end: str, *more: str) -> list[str]:
    return [f"UID:{own_uid(uid)}", f"DTSTART:{start}", f"DTEND:{end}", "X-GBOOK-PROFILE:demo", *more]


def test_two_bookings_at_one_time_are_an_error(team: Path, look: Callable[[], list[Finding]]) -> None:
    """However far ahead; gbook itself makes none. Its own copies in two calendars are one booking."""
    first = booked("a", "20270524T100000Z", "20270524T110000Z", "SUMMARY:First")
    second = booked("b", "20270524T103000Z", "20270524T113000Z", "SUMMARY:Second")
    (team / "alice.ics").write_text(calendar(first))
    (team / "bob.ics").write_text(calendar(first, second))
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == ("error", "double_booking", "bob.ics", 4)
    assert all(
        word in found.message
        for word in ("bob", "First", "Second", "bob.ics:11", f"reschedule {own_uid('a')}")
    )


def test_a_date_of_a_series_overlaps_with_another_booking(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """The command names the date. The series is one event: it is no second one of the same UID."""
    first = booked("a", "20261124T100000Z", "20261124T110000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:First")
    second = booked("b", "20261201T103000Z", "20261201T113000Z", "SUMMARY:Second")
    (team / "bob.ics").write_text(calendar(first, second))
    found = only(look())
    assert (found.severity, found.code, found.line) == ("error", "double_booking", 4)
    assert f"reschedule {own_uid('a')} --date 2026-12-01`" in found.message


@pytest.mark.parametrize(
    "second",
    [
        booked("b", "20261124T110000Z", "20261124T113000Z"),
        booked("b", "20261124T103000Z", "20261124T113000Z", "STATUS:CANCELLED"),
        booked(
            "b",
            "20261124T103000Z",
            "20261124T113000Z",
            "STATUS:TENTATIVE",
            "X-GBOOK-EXPIRES:20261123T070000Z",
        ),
    ],
)
def test_what_takes_no_time_is_no_double_booking(
    team: Path, look: Callable[[], list[Finding]], second: list[str]
) -> None:
    """A booking that begins when the other ends, one that was cancelled, a reservation that has expired."""
    (team / "bob.ics").write_text(calendar(booked("a", "20261124T100000Z", "20261124T110000Z"), second))
    assert look() == []


def test_an_event_put_over_a_booking_is_a_warning(team: Path, look: Callable[[], list[Finding]]) -> None:
    """In any calendar of the account, and also one that lasts all day."""
    leave = ["DTSTART;VALUE=DATE:20261124", "SUMMARY:Urlaub"]
    (team / "more.ics").write_text(calendar(leave))
    (team / "bob.ics").write_text(
        calendar(booked("a", "20261124T100000Z", "20261124T110000Z", "SUMMARY:Talk"))
    )
    (team / "gbook.yaml").write_text(CONFIG.replace("[bob.ics]", "[bob.ics, more.ics]"))
    found = only(look())
    assert (found.severity, found.code, found.path, found.line) == ("warning", "double_booking", "bob.ics", 4)
    assert "'Urlaub' (more.ics:4)" in found.message


def test_appointments_that_overlap_are_told_in_one_line(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """Firm ones of the next thirty days; no tentative or unanswered ones, no days off, no copies."""
    call = ["DTSTART:20261124T103000Z", "DTEND:20261124T113000Z"]
    invited = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com"
    quiet = [
        [*MEETING, "SUMMARY:Standup", "RRULE:FREQ=DAILY"],
        [*call, "SUMMARY:maybe", "STATUS:TENTATIVE"],
        [*call, "SUMMARY:unanswered", invited],
        ["DTSTART;VALUE=DATE:20261124", "SUMMARY:away"],
        [*MEETING, "SUMMARY:Standup"],
        ["DTSTART:20270124T103000Z", "DTEND:20270124T113000Z", "SUMMARY:later"],
    ]
    (team / "bob.ics").write_text(calendar(*quiet))
    assert look() == []
    (team / "bob.ics").write_text(calendar(*quiet, [*call, "SUMMARY:Dentist", "RRULE:FREQ=DAILY;COUNT=3"]))
    found = only(look())
    assert (found.severity, found.code, found.path) == ("warning", "overlapping_events", "bob.ics")
    assert "3 overlaps" in found.message
    assert "'Dentist' on Tue 24 Nov 2026 at 10:30 UTC overlaps with 'Standup' (bob.ics:4)" in found.message


def test_a_reservation_that_expired_long_ago_is_a_warning(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """One that has just expired is not: the next booking takes it out."""
    for expires, codes in (("20261101T000000Z", ["expired_reservation"]), ("20261123T070000Z", [])):
        held = booked(
            "r", "20261201T100000Z", "20261201T110000Z", "STATUS:TENTATIVE", f"X-GBOOK-EXPIRES:{expires}"
        )
        (team / "bob.ics").write_text(calendar(held))
        assert [one.code for one in look()] == codes


# --- what killed processes leave


def test_what_an_interrupted_booking_has_left_is_told_and_stays(
    team: Path, look: Callable[[], list[Finding]]
) -> None:
    """A check only looks; a journal that makes no sense is an error."""
    temporary = team / ".alice.ics.0123456789abcdef.gbook-tmp"
    temporary.write_text("half")
    found = only(look())
    assert (found.severity, found.code, found.path) == ("warning", "left_over", temporary.name)
    (team / ".bob.ics.gbook-journal").write_text("{")
    assert sorted((one.severity, one.code) for one in look()) == [
        ("error", "damaged_journal"),
        ("warning", "left_over"),
        ("warning", "left_over"),
    ]
    assert temporary.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read_hide_nothing(team: Path, look: Callable[[], list[Finding]]) -> None:
    """A profile and a calendar without permission are errors, each."""
    for path in (team / "profiles/demo.yaml", team / "alice.ics"):
        path.chmod(0)
    assert [(one.code, one.path) for one in look()] == [
        ("unreadable_calendar", "alice.ics"),
        ("invalid_profile", "profiles/demo.yaml"),
    ]


@pytest.mark.slow
def test_rules_without_instances_are_read_alike(team: Path, look: Callable[[], list[Finding]]) -> None:
    """Neither opinion walks through thousands of years in search of a 30 February."""
    never = [*MEETING, "RRULE:FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30;BYSETPOS=1"]
    (team / "bob.ics").write_text(calendar(*[never] * 20), newline="")
    assert look() == []
