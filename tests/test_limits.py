"""Limits of files, names and command lines, and the messages beyond them.

Every case runs with a gibibyte of memory and twenty seconds (`hostile.run`). Beyond a limit an account is not
free, and a warning says why; nothing hangs, and nothing vanishes.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.ics import END, START, raw_vcalendar, raw_vevent
from support.office import make_office
from support.sandbox import public_folder, run, run_as_nobody, tree

from gbook.calendars.busy.reader import MAX_EVENTS
from gbook.calendars.ics.content_lines import MAX_LINE
from gbook.calendars.ics.frames import MAX_COMPONENTS, MAX_NESTING
from gbook.filesystem.files import MAX_FILE

# Hostile input, each case of it large: the fast tests of each room have the small cases.
pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
BOOK = ("book", "--slot", "2026-11-24T15:00Z", "--name", "Jane")
DAY = "2026-11-24"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_office(tmp_path / "office", members="accounts: [alice]")


def days(count: int, first_year: int = 2026) -> Iterator[bytes]:
    """Yield `count` days as dates of content lines."""
    for number in range(count):
        year, day = divmod(number, 336)
        yield b"%04d%02d%02d" % (first_year + year, day // 28 + 1, day % 28 + 1)


def slots(place: Path, content: bytes) -> tuple[list[str], list[str]]:
    """Return when alice is free on Tuesday with this calendar, and the warnings."""
    (place / "alice.ics").write_bytes(content)
    os.utime(place / "alice.ics", (1_000_000_000, 1_000_000_000))
    ended = run(place, "availability", "--from", DAY, "--to", DAY, "--tz", "UTC", "--json")
    assert ended.code == 0, ended.err
    document = ended.document
    return [item["start"][11:16] for item in document["items"]], [
        one["message"] for one in document["warnings"]
    ]


FREE_BUT_FROM_TEN_TO_ELEVEN = ["08:00", "08:30", "09:00", "09:30"] + [
    f"{hour:02}:{minute}" for hour in range(11, 17) for minute in ("00", "30")
]


def many(count: int, line: str) -> bytes:
    return "".join(line.format(number) for number in range(count)).encode()


OLD = "BEGIN:VEVENT\nUID:{0}\nDTSTART:20061124T100000Z\nEND:VEVENT\n"
NEW = "BEGIN:VEVENT\nDTSTART:20261124T100000Z\nEND:VEVENT\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: raw_vcalendar(b"X:" + bytes(MAX_FILE)), "is larger than 64 MiB"),
        (lambda: raw_vcalendar(b"BEGIN:A\r\n" * MAX_NESTING), "components are nested deeper than 16"),
        (lambda: raw_vcalendar(b"BEGIN:A\nEND:A\n" * MAX_COMPONENTS), "more than 1000000 components"),
        (lambda: raw_vcalendar(NEW.encode() * (MAX_EVENTS + 1)), "more than 250,000 events about the time"),
    ],
    ids=["size", "nesting", "components", "events"],
)
@pytest.mark.slow
def test_a_calendar_beyond_a_limit_is_unreadable(
    place: Path, content: Callable[[], bytes], said: str
) -> None:
    """The account is not free, and one line gives the reason."""
    free, warnings = slots(place, content())
    assert free == []
    (warning,) = warnings
    assert said in warning


@pytest.mark.parametrize("name", ["DTSTART", "DTEND", "RRULE", "RDATE", "EXDATE", "UID", "TRANSP"])
def test_a_line_that_is_too_long_never_makes_an_event_vanish(place: Path, name: str) -> None:
    """If a property that times depend on is longer than 2 MiB, the calendar is unreadable, with a reason."""
    line = name.encode() + b";X=" + b"x" * MAX_LINE + b":20261124T110000Z"
    event = raw_vevent("a", *(given for given in (START, END) if not given.startswith(name.encode())), line)
    assert slots(place, raw_vcalendar(event)) == ([], [f"{name} is longer than 2 MiB"])


def test_a_long_line_that_time_does_not_depend_on_is_no_fault(place: Path) -> None:
    """For example a folded attachment of ten megabytes."""
    attached = b"ATTACH;ENCODING=BASE64;VALUE=BINARY:" + b"\r\n ".join([b"QUJD" * 18] * 140_000)
    assert slots(place, raw_vcalendar(raw_vevent("a", START, END, attached))) == (
        FREE_BUT_FROM_TEN_TO_ELEVEN,
        [],
    )


UNREADABLE_RULE = b"RRULE:FREQ=DAILY;" + b";".join(b"X%d=1" % number for number in range(10_000))
SECONDLY = [b"DTSTART:16010101T000000", b"RRULE:FREQ=SECONDLY", b"TZOFFSETFROM:+0100", b"TZOFFSETTO:+0200"]


def vtimezone(name: str, *observances: list[bytes]) -> bytes:
    parts = [b"BEGIN:VTIMEZONE", f"TZID:{name}".encode()]
    for lines in observances:
        parts += [b"BEGIN:STANDARD", *lines, b"END:STANDARD"]
    return b"\r\n".join([*parts, b"END:VTIMEZONE", b""])


def rdate(count: int) -> bytes:
    return b"RDATE:" + b",".join(b"%sT100000Z" % day for day in days(count))


def in_zone(name: str) -> tuple[bytes, bytes]:
    return (f"DTSTART;TZID={name}:20261124T110000".encode(), f"DTEND;TZID={name}:20261124T120000".encode())


UNKNOWN_ZONE = "unknown time zone"
FIRST_OF_MONTH = [b"DTSTART:20261101T100000Z", b"DTEND:20261101T110000Z"]
ODD_END = b"BEGIN:VEVENT\r\nDTSTART:20200101T000000Z\r\nEND;X=1:VEVENT\r\n"
PERIOD = b"FREEBUSY:20261124T100000Z/PT1H\r\n"
FIXED = [b"DTSTART:16010101T000000", b"TZOFFSETFROM:+0100", b"TZOFFSETTO:+0100"]


@pytest.mark.parametrize(
    ("parts", "warned"),
    [
        (lambda: [raw_vevent("a", START, END, rdate(100_000))], ""),
        (
            lambda: [
                raw_vevent("a", START, END, b"RRULE:FREQ=DAILY"),
                raw_vevent("b", b"DTSTART:20260101T140000Z", b"DTEND:20260101T150000Z", b"RRULE:FREQ=DAILY",
                       b"EXDATE:" + b",".join(day + b"T140000Z" for day in days(100_000))),
            ],
            "",
        ),
        (
            lambda: [raw_vevent("a", START, END, b"RRULE:FREQ=DAILY")]
            + [raw_vevent("a", b"RECURRENCE-ID:%sT100000Z" % day, START, END) for day in days(10_000)],
            "",
        ),
        (
            lambda: [raw_vevent("a", START, END, b"RRULE:FREQ=DAILY")] * 2_000
            + [raw_vevent("a", b"RECURRENCE-ID:%sT100000Z" % day, START, END) for day in days(2_000)],
            "",
        ),
        (
            lambda: [raw_vevent("a", *FIRST_OF_MONTH, b"RRULE:FREQ=DAILY")] * 500
            + [
                raw_vevent("a", b"RECURRENCE-ID;RANGE=THISANDFUTURE:%sT100000Z" % day,
                       b"DTSTART:%sT100000Z" % day, b"DTEND:%sT110000Z" % day)
                for day in days(5_000)
            ],
            "",
        ),
        (lambda: [ODD_END * 100_000, raw_vevent("a", START, END)], ""),
        (lambda: [raw_vevent("u" * 1_000_000, START, END)], ""),
        (lambda: [raw_vevent("a", START, END, *[b"ATTENDEE:mailto:x@example.com"] * 100_000)], ""),
        (lambda: [raw_vevent("a", b"DTSTART" + b";X=1" * 100_000 + b":20261124T100000Z", END)], ""),
        (lambda: [vtimezone(f"z{n}", FIXED) + raw_vevent("a", *in_zone(f"z{n}")) for n in range(2_000)], ""),
        (lambda: [vtimezone("x", SECONDLY, SECONDLY), raw_vevent("a", *in_zone("x"))], UNKNOWN_ZONE + " 'x'"),
        (lambda: [vtimezone("x", *[FIXED] * 2_000), raw_vevent("a", *in_zone("x"))], UNKNOWN_ZONE + " 'x'"),
        (lambda: [raw_vevent("a", *in_zone("/" + "a/" * 100_000))], UNKNOWN_ZONE + " '/a/a/a"),
        (lambda: [raw_vevent("a", *in_zone(f"Nowhere{number}")) for number in range(10_000)], UNKNOWN_ZONE),
        (lambda: [b"BEGIN:VFREEBUSY\r\n", PERIOD * 50_000, b"END:VFREEBUSY\r\n"], ""),
    ],
    ids=[
        "100,000 RDATEs", "100,000 EXDATEs", "10,000 overrides",
        "2,000 series and 2,000 overrides of one UID", "5,000 changes of all that follows", "odd ends",
        "a huge UID", "100,000 attendees", "100,000 parameters", "2,000 zones",
        "a zone that changes every second", "a zone of 2,000 changes", "a zone with a very long name",
        "10,000 unknown zones", "50,000 periods",
    ],
)  # fmt: skip
@pytest.mark.slow
def test_much_of_anything_is_read_rightly(place: Path, parts: Callable[[], list[bytes]], warned: str) -> None:
    """Tuesday from ten to eleven is busy, all other time is free; unknown parts give warnings."""
    (place / "gbook.yaml").write_text(
        (place / "gbook.yaml").read_text().replace("id: alice,", "id: alice, timezone: Europe/Berlin,")
    )
    free, warnings = slots(place, raw_vcalendar(*parts()))
    assert free == FREE_BUT_FROM_TEN_TO_ELEVEN
    assert (
        warnings[0].removeprefix("event ").startswith(warned) or warned in warnings[0]
        if warned
        else not warnings
    )


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        (b"RRULE:FREQ=SECONDLY", 1),
        pytest.param(b"RRULE:FREQ=MINUTELY;INTERVAL=6", 500, marks=pytest.mark.slow),
        pytest.param(b"RRULE:FREQ=SECONDLY;INTERVAL=15;BYMONTH=2;BYMONTHDAY=30", 300, marks=pytest.mark.slow),
        (b"RDATE:" + b",".join(day + b"T100000Z" for day in days(100_000)), 14),
    ],
    ids=["one rule", "many rules", "rules that match nothing", "many dates"],
)
@pytest.mark.slow
def test_what_repeats_too_often_blocks_from_its_start(place: Path, rule: bytes, count: int) -> None:
    """A rule of more than 100,000 instances, or after a million steps, blocks all time from its start."""
    lines = (b"DTSTART:20261124T120000Z", b"DTEND:20261124T120001Z", rule)
    free, warnings = slots(place, raw_vcalendar(*[raw_vevent(f"{each}", *lines) for each in range(count)]))
    assert set(free) <= {"08:00", "08:30", "09:00", "09:30", "10:30", "11:00", "11:30", "10:00"}
    assert all("blocks all the time from its start" in warning for warning in warnings)
    assert warnings


def test_a_rule_that_cannot_be_read_blocks_on(place: Path) -> None:
    """A rule of ten thousand unknown parts blocks all time from its first instance, with one warning."""
    free, warnings = slots(place, raw_vcalendar(raw_vevent("a", START, END, UNREADABLE_RULE)))
    assert free == [time for time in FREE_BUT_FROM_TEN_TO_ELEVEN if time < "10:00"]
    assert len(warnings) == 1
    assert "it blocks all the time from its start" in warnings[0]


@pytest.mark.slow
def test_a_vdir_of_twenty_thousand_files(place: Path) -> None:
    """Each event is a file; the one that cannot be read is named."""
    for number in range(20_000):
        (place / f"carol/{number}.ics").write_bytes(raw_vcalendar(raw_vevent(str(number), START, END)))
    (place / "carol/77.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    ended = run(place, "busy", "carol", "--from", DAY, "--to", DAY, "--json")
    assert [one["path"] for one in ended.document["warnings"]] == ["carol/77.ics"]


# --- not a regular file


@pytest.mark.parametrize("kind", ["pipe", "device", "kernel", "loop", "folder", "nothing", "socket"])
@pytest.mark.parametrize(
    "command",
    [
        ("availability", "--json"),
        *(
            pytest.param(command, marks=pytest.mark.slow)
            for command in (BOOK, ("check",), ("booking", "list"), ("busy",))
        ),
    ],
)
def test_a_calendar_that_is_no_file_is_unreadable(place: Path, kind: str, command: tuple[str, ...]) -> None:
    """gbook waits neither for the writer of a pipe nor for the end of /dev/zero."""
    calendar = place / "alice.ics"
    calendar.unlink()
    match kind:
        case "pipe":
            os.mkfifo(calendar)
        case "device":
            calendar.symlink_to("/dev/zero")
        case "kernel":
            calendar.symlink_to("/proc/kmsg")
        case "loop":
            calendar.symlink_to("alice.ics")
        case "folder":
            calendar.mkdir()
        case "socket":
            os.mknod(calendar, stat.S_IFSOCK | 0o600)
    before = tree(place)
    ended = run(place, *command)
    assert tree(place) == before
    said = ended.out + ended.err
    assert "alice.ics" in said
    assert ended.code == {"book": 3, "check": 5}.get(command[0], 0)
    if "--json" in command:
        assert ended.document["items"] == []


@as_root
def test_a_vdir_that_may_be_listed_but_not_read_is_unreadable() -> None:
    """It does not count as empty, which would mean free."""
    with public_folder() as folder:
        place = make_office(folder / "office", members="accounts: [carol]")
        profile = place / "profiles/demo.yaml"
        profile.write_text(profile.read_text().replace("optional: [carol]", ""))
        (place / "carol/a.ics").write_bytes(raw_vcalendar(raw_vevent("a", START, END)))
        (place / "carol").chmod(0o744)
        document = run_as_nobody(place, "availability", "--json").document
    assert document["items"] == []
    (message,) = [one["message"] for one in document["warnings"]]
    assert message.endswith("carol: Permission denied")


@pytest.mark.parametrize("companion", ["lock", "journal"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_sidecars_that_are_no_files_are_not_waited_for(place: Path, companion: str, kind: str) -> None:
    """A link that another user planted is not followed."""
    path = place / f".alice.ics.gbook-{companion}"
    victim = place / "gbook.yaml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(victim)
    before = tree(place)
    ended = run(place, *BOOK)
    if ended.code:
        assert ended.code in (1, 3)
        assert ended.err.count("\n") == 1
        assert tree(place) == before
    assert victim.read_bytes() == before["gbook.yaml"]


# --- YAML and JSON


def doubled(levels: int) -> str:
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]", *lines])


@pytest.mark.parametrize("file", ["gbook.yaml", "profiles/demo.yaml"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (doubled(10), "more than 500,000 values, counting each use of an alias"),
        ("a: &a [*a]", "nested more than 60 levels deep"),
        ("a: " + "[" * 100_000, "nested more than 60 levels deep"),
        ("? " * 400 + "1", "expected"),
        ("".join(" " * level + "a:\n" for level in range(900)), "nested more than 60 levels deep"),
        ("a: [" + "1," * 520_000 + "]", "more than 500,000 values|is larger than 1 MiB"),
        ("".join(f"k{number}: 1\n" for number in range(80_000)), "only the first 100 problems are shown"),
        ("accounts: " + "9" * 10_000, "expected a number of at most 4000 digits"),
        ("accounts: 0x" + "9" * 100_000, "expected a number of at most 4000 digits"),
        ("#" * (17 << 20), "is larger than (1|16) MiB"),
        ("a: \x00", "not YAML text"),
    ],
    ids=["aliases", "itself", "flow", "complex", "columns", "values", "keys", "digits", "hex", "size", "NUL"],
)  # fmt: skip
def test_yaml_beyond_a_limit_is_refused(place: Path, file: str, text: str, said: str) -> None:
    """Exit 5 and the reason; at most a hundred problems are listed."""
    (place / file).write_text(text)
    ended = run(place, "availability")
    assert ended.code == 5
    assert ended.err.count("\n") < 110
    assert re.search(said, ended.err), ended.err[-300:]


def test_values_of_the_configuration_beyond_all_memory(place: Path) -> None:
    """gbook.yaml may have 16 MiB, but not millions of values."""
    (place / "gbook.yaml").write_text("accounts:\n" + "- 1\n" * 4_000_000)
    ended = run(place, "availability")
    assert (ended.code, "more than 500,000 values" in ended.err) == (5, True)


@pytest.mark.slow
def test_ten_thousand_accounts(place: Path) -> None:
    """A profile with all of them can be booked."""
    ids = [f"a{number}" for number in range(10_000)]
    lines = [f"  - {{id: {name}, email: {name}@example.com, calendars: [alice.ics]}}\n" for name in ids]
    (place / "gbook.yaml").write_text("timezone: UTC\naccounts:\n" + "".join(lines))
    profile = (place / "profiles/demo.yaml").read_text().replace("optional: [carol]", "")
    (place / "profiles/demo.yaml").write_text(profile.replace("[alice]", f"[{', '.join(ids)}]"))
    assert (
        len(run(place, "availability", "--limit", "1", "--json").document["items"][0]["accountIds"]) == 10_000
    )
    assert run(place, *BOOK).code == 0


@pytest.mark.parametrize(
    "document",
    [
        b"[" * 1_000_000,
        b'{"items":' + b"[" * 100_000,
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"start":"2026-11-24T15:00Z","accountIds":[' + b"9" * 5_000 + b"]}",
        b'{"items":[' + b'{"start":"2026"},' * 4_000_000 + b"{}]}",
        b'{"start":"' + b"1 " * 1_000_000 + b'"}',
    ],
    ids=["array", "items", "value", "digits", "size", "words"],
)
def test_a_document_beyond_a_limit_is_refused(place: Path, document: bytes) -> None:
    """Any invalid input of `book --slot -`: exit 2, and one readable line."""
    before = tree(place)
    ended = run(place, "book", "--slot", "-", "--name", "Jane", stdin=document)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert len(ended.err) < 500
    assert tree(place) == before


# --- names with path separators


OUTSIDE = ["../outside", "../../outside", "/tmp/outside", "a/b", "..", ".", ".hidden", "a\nb"]


@pytest.mark.parametrize(
    "name", [*OUTSIDE[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in OUTSIDE[2:])]
)
def test_no_name_leads_out_of_the_workspace(place: Path, name: str) -> None:
    """The name of an account or group is refused, and no file is written."""
    before = tree(place.parent)
    hours = ("--hours", "mon-fri 09:00-17:00", "--duration", "30", "--subject", "x")
    for command in (
        ("profile", "create", "x", *hours, "--account", name),
        ("profile", "create", "x", *hours, "--group", f"{name}=alice"),
        ("profile", "show", name),
        ("profile", "delete", name),
        ("account", "add", name, "--email", "x@example.com"),
        ("account", "remove", name),
    ):
        assert run(place, *command).code in (2, 4, 5), command
        assert tree(place.parent) == before, command


@pytest.mark.parametrize(
    "name",
    [*OUTSIDE[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in [*OUTSIDE[2:], "x y" * 66])],
)
def test_a_profile_of_any_name_is_in_the_folder_of_profiles(place: Path, name: str) -> None:
    """Its file has an ASCII name that is made from it; the name itself is only text in the file."""
    before = tree(place.parent)
    created = run(place, "profile", "create", name, "--account", "alice", "--json")
    new = set(tree(place.parent)) - set(before)
    assert len(new) == ("\n" not in name)
    assert all(re.fullmatch(r"office/profiles/[a-z0-9-]{1,80}\.yaml", path) for path in new)
    assert created.code == (2 if "\n" in name else 0)


@pytest.mark.parametrize("key", ["../../outside", "/etc/passwd", "a/b", "..", "x" * 100_000, "\x1b[31m"])
def test_a_key_names_no_file(place: Path, key: str) -> None:
    """A key of any form books once, in files with names that gbook makes."""
    (place / "gbook.yaml").write_text((place / "gbook.yaml").read_text().replace("[alice.ics]", "[carol]", 1))
    first, second = (run(place, *BOOK, "--key", key, "--json") for _ in range(2))
    assert first.code == second.code == 0, first.err
    assert first.document["id"] == second.document["id"]
    (name,) = [path.name for path in (place / "carol").glob("[!.]*")]
    assert "/" not in name and len(name) < 60
    assert sorted(path.name for path in place.parent.iterdir()) == ["cache", "office"]


def test_an_event_with_a_hostile_uid_names_no_file(place: Path) -> None:
    """gbook never uses the UID of a foreign event as a file name."""
    (place / "gbook.yaml").write_text((place / "gbook.yaml").read_text().replace("[alice.ics]", "[carol]", 1))
    ours = b"X-GBOOK-PROFILE:demo", b"X-GBOOK-HOST:alice", b"X-GBOOK-ACCOUNTS:alice bob", b"STATUS:CONFIRMED"
    (place / "carol/x.ics").write_bytes(raw_vcalendar(raw_vevent("../../outside", START, END, *ours)))
    for command in (
        ("booking", "reschedule", "../../outside", "--slot", "2026-11-24T15:00Z"),
        ("booking", "cancel", "../../outside"),
        ("booking", "cancel", "../../outside", "--remove"),
    ):
        run(place, *command)
        assert sorted(path.name for path in place.parent.iterdir()) == ["cache", "office"], command
        assert not list(place.parent.glob("**/outside*"))
        assert all("outside" not in path.name for path in place.rglob("*"))


def open_umask() -> None:
    os.umask(0)


def test_temporary_files_are_as_private_as_the_calendar(tmp_path: Path) -> None:
    """They have mode 0600 at every instant, for any umask."""
    place = make_office(tmp_path / "office", members="accounts: [alice]")
    (place / "alice.ics").chmod(0o600)
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os\n"
        "real = os.fsync\n"
        "def fsync(descriptor):\n"
        f"    with open({str(tmp_path / 'seen')!r}, 'a') as seen:\n"
        f"        for entry in os.scandir({str(place)!r}):\n"
        "            if entry.name.startswith('.alice') and not entry.name.endswith('lock'):\n"
        "                seen.write(f'{entry.stat().st_mode & 0o777:o} {entry.name}\\n')\n"
        "    return real(descriptor)\n"
        "os.fsync = fsync\n"
    )
    os.environ["PYTHONPATH"] = str(site)
    try:
        ended = run(place, *BOOK, before=open_umask)
    finally:
        del os.environ["PYTHONPATH"]
    assert ended.code == 0, ended.err
    seen = (tmp_path / "seen").read_text().splitlines()
    assert seen and {line.split()[0] for line in seen} == {"600"}
    assert stat.S_IMODE((place / "alice.ics").stat().st_mode) == 0o600
    assert stat.S_IMODE((place / ".alice.ics.gbook-lock").stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE((place.parent / "cache/index.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "options",
    [
        ("--tz", "a/" * 50_000),
        ("--tz", "../../etc/passwd"),
        ("--required", "9" * 5_000),
        ("-p", "9" * 5_000),
        ("--for", f"P{'9' * 5_000}D"),
        ("--from", "1 " * 50_000),
        ("--from", "next " * 20_000),
        ("--limit", "9" * 5_000),
        ("--account", "x" * 100_000),
    ],
    ids=lambda options: " ".join(options)[:20],
)
def test_a_command_line_of_any_length_is_answered(place: Path, options: tuple[str, str]) -> None:
    """One line, exit 2 or 4."""
    ended = run(place, "availability", *options)
    assert ended.code in (2, 4)
    assert ended.err.count("\n") == 1
    assert len(ended.err) < 1200


def test_the_answer_names_its_limit_in_json(place: Path) -> None:
    """With --json, content beyond a limit is a warning with path and line."""
    (place / "alice.ics").write_bytes(raw_vcalendar(b"BEGIN:A\r\n" * MAX_NESTING))
    (warning,) = run(place, "availability", "--json").document["warnings"]
    assert (warning["code"], warning["path"], warning["line"]) == ("unreadable_calendar", "alice.ics", 18)
    assert run(place, "availability", "--strict").code == 5
