"""Whatever stands in a file or comes down a pipe: an exit code of the contract, one clear line, nothing lost.

Real files are cut, doubled, swapped and strewn with odd bytes, and so are words of a command line. GBOOK_FUZZ
says how many times as many of them are tried (a night's run: 100).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.sandbox import EXIT_CODES, NOW, office, tree, vcalendar, vevent

from gbook.cli import run

TIMES = int(os.environ.get("GBOOK_FUZZ", "1"))
PATIENCE = 20
SLOT = "2026-11-24T15:00Z"
BOOK = ("book", "--name", "Jane", "--email", "jane@example.com", "--field", "topic=x")
LONG_AGO = (1_000_000_000, 1_000_000_000)
SAMPLES = Path(__file__).parent.parent / "sample_calendars"
FOLDERS = [SAMPLES, *(Path(module.__file__ or "").parent for module in (icalendar, recurring_ical_events))]
FIXTURES = sorted(
    path for folder in FOLDERS for path in folder.rglob("*.ics") if path.stat().st_size < 30_000
)


def tried(examples: int) -> Any:
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# --- running


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Who takes longer than this hangs."""

    def bark(*_: object) -> None:
        raise AssertionError(f"still running after {PATIENCE} seconds")

    previous = signal.signal(signal.SIGALRM, bark)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def gbook(*arguments: str, given: bytes = b"") -> Ended:
    """A command in this process: it must end, with a code of the contract, and never by a bug."""
    out, err, stdin = (
        io.TextIOWrapper(io.BytesIO(data), "utf-8", "backslashreplace") for data in (b"", b"", given)
    )
    before, sys.stdin = sys.stdin, stdin
    try:
        with watched(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(arguments)
    finally:
        sys.stdin = before
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    ended = Ended(code, *said)
    assert ended.code in EXIT_CODES, (arguments, ended)
    assert "Traceback" not in ended.err and "a bug in gbook" not in ended.err, (arguments, ended.err[-2000:])
    assert not any(ord(char) < 32 and char != "\n" for char in ended.err), (arguments, ended.err)
    if ended.code:
        assert ended.err or ended.out, arguments
    if "--json" in arguments:
        json.loads(ended.out)
    return ended


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace, with a booking and a reservation of alice and bob in it."""
    folder = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GBOOK_NOW", NOW)
        patch.setenv("GBOOK_INDEX", "off")
        patch.setenv("GBOOK_WORKSPACE", str(folder / "office"))
        patch.setenv("TZ", "UTC")
        for name in ("GBOOK_PROFILE", "GBOOK_DEBUG"):
            patch.delenv(name, raising=False)
        workspace = office(folder / "office")
        (workspace / "gbook.yaml").write_text(
            (workspace / "gbook.yaml").read_text().replace("[alice.ics]", EVERYTHING)
        )
        for more in ((), ("--reserve", "60")):
            assert gbook(*BOOK, "--slot", "first", "--required", "all", *more).code == 0
        yield workspace


EVERYTHING = "[{path: alice.ics, blocking: transp, allDay: busy}]"


@contextlib.contextmanager
def as_before(place: Path) -> Iterator[dict[str, bytes | str]]:
    """Puts every file back, and takes new ones away, for the next that comes."""
    before = tree(place)
    try:
        yield before
    finally:
        for path in sorted(place.rglob("*"), reverse=True):
            if path.is_file() and str(path.relative_to(place)) not in before:
                path.unlink()
        for name, content in before.items():
            path = place / name
            if isinstance(content, bytes) and (not path.exists() or path.read_bytes() != content):
                path.write_bytes(content)


# --- what is done to a file

ODD = [
    b"\0",
    b"\x1b[31m",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r",
    b"\n",
    b"\r\n ",
    b"\t",
    b'"',
    b";",
    b":",
    b",",
    b"\\",
    b"=",
    b"x" * 70_000,
    b"-",
    b"99999999999999999999",
    b"{{",
    b"[",
    b"&a",
    b"*a",
    b"\xc3",
    b"\xe2\x80\xa8",
]
LINES = [
    b"BEGIN:VEVENT",
    b"END:VEVENT",
    b"BEGIN:VCALENDAR",
    b"END:VCALENDAR",
    b"BEGIN:VALARM",
    b"BEGIN:VTIMEZONE",
    b"END:VTIMEZONE",
    b"begin:vevent",
    b"END",
    b"BEGIN:",
    b"RRULE:FREQ=SECONDLY",
    b"RRULE:FREQ=DAILY;COUNT=0",
    b"RRULE:FREQ=YEARLY;BYDAY=99MO;BYSETPOS=-1",
    b"RDATE;VALUE=PERIOD:19970101T180000Z/PT5H30M,x",
    b"EXDATE;TZID=Nowhere:20261124T100000",
    b"RECURRENCE-ID:20261124T100000Z",
    b"DTSTART:00000101",
    b"DTEND:99991231",
    b"DTSTART;TZID=:20261124T100000",
    b"DTSTART:20261124T250000Z",
    b"DURATION:-P99999999W",
    b"DURATION:P",
    b"UID:",
    b"UID:x",
    b"STATUS:CANCELLED",
    b"TRANSP:",
    b"SEQUENCE:x",
    b"SEQUENCE:9" + b"9" * 5000,
    b"X-GBOOK-PROFILE:demo",
    b"X-GBOOK-EXPIRES:never",
    b"X-GBOOK-ACCOUNTS:alice alice nobody",
    b"X-GBOOK-HOST:",
    b"X-GBOOK-GUEST:mailto:",
    b"X-GBOOK-FIELDS:%zz=&&==",
    b"ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com",
    b"ATTENDEE:",
    b'ORGANIZER;CN="x:',
    b"X-WR-TIMEZONE:Nowhere",
    b"TZOFFSETTO:+9999",
    b"SUMMARY:\x1b]0;x\x07",
]
mutation = st.tuples(
    st.sampled_from(
        [
            "cut",
            "tail",
            "double",
            "swap",
            "delete",
            "flip",
            "odd",
            "line",
            "drop line",
            "double line",
            "swap lines",
            "value",
        ]
    ),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 255),
)
mutations = st.lists(mutation, min_size=1, max_size=5)


def mutated(data: bytes, changes: list[tuple[str, int, int, int]]) -> bytes:
    """The bytes with these things done to them; positions are ten-thousandths."""
    for kind, first, second, number in changes:
        data = _bytes_mutated(data, kind, first, second, number)
    return data


def _bytes_mutated(data: bytes, kind: str, first: int, second: int, number: int) -> bytes:
    if kind in ("line", "drop line", "double line", "swap lines", "value"):
        return _lines_mutated(data.splitlines(keepends=True), kind, first, second, number)
    at, to = sorted(len(data) * place // 10_000 for place in (first, second))
    short = at + min(to - at, 200)
    match kind:
        case "cut":
            return data[:at]
        case "tail":
            return data[at:]
        case "double":
            return data[:short] + data[at:]
        case "swap":
            middle = (at + short) // 2
            return data[:at] + data[middle:short] + data[at:middle] + data[short:]
        case "delete":
            return data[:at] + data[short:]
        case "flip":
            return data[:at] + bytes([number]) + data[at + 1 :]
    return data[:at] + ODD[number % len(ODD)] + data[at:]


def _lines_mutated(lines: list[bytes], kind: str, first: int, second: int, number: int) -> bytes:
    if lines:
        at, other = (min(len(lines) * place // 10_000, len(lines) - 1) for place in (first, second))
        match kind:
            case "line":
                lines.insert(at, LINES[number % len(LINES)] + b"\r\n")
            case "drop line":
                del lines[at]
            case "double line":
                lines.insert(other, lines[at])
            case "swap lines":
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                name, colon, _ = lines[at].partition(b":")
                _, _, value = lines[other].partition(b":")
                lines[at] = name + colon + (value if number % 2 else ODD[number % len(ODD)] + b"\r\n")
    return b"".join(lines)


# --- calendars


def with_bookings(fixture: bytes, place: Path) -> bytes:
    """A fixture with what gbook wrote into alice's calendar."""
    ours = (place / "alice.ics").read_bytes()
    at = fixture.rfind(b"END:VCALENDAR")
    return (
        fixture
        if at < 0
        else fixture[:at] + ours[ours.index(b"BEGIN:VEVENT") : ours.rindex(b"END:VCAL")] + fixture[at:]
    )


def look_at(place: Path) -> None:
    """Every reading command: nothing may change."""
    before = tree(place)
    for arguments in (
        ("availability", "--required", "all", "--json"),
        ("busy", "--json", "--from", "2019-01-01", "--to", "2019-03-01"),
        ("busy", "--ics"),
        ("why", SLOT, "--json"),
        ("check", "--json"),
        ("booking", "list", "--json"),
        ("reservation", "list"),
    ):
        gbook(*arguments)
        assert tree(place) == before, arguments


def write_to(place: Path) -> None:
    """Every writing command: done, or refused with nothing changed; what was there stays."""
    for arguments in (
        (*BOOK, "--slot", SLOT, "--required", "all"),
        (*BOOK, "--slot", "first", "--account", "bob", "--reserve", "10"),
    ):
        before = tree(place)
        if gbook(*arguments, "--json").code:
            assert tree(place) == before, arguments
        else:
            old, new = (content["alice.ics"] for content in (before, tree(place)))
            assert isinstance(old, bytes) and isinstance(new, bytes)
            common = os.path.commonprefix([old, new])  # noqa: RUF071 - the bytes that both begin with
            assert new.endswith(old[len(common) :]), "other bytes than the booking's have changed"
    listed = json.loads(gbook("booking", "list", "--json").out)
    for uid in [record["id"] for record in listed.get("records", ())][:1]:
        for arguments in (
            ("booking", "reschedule", uid, "--slot", "2026-11-25T12:00Z"),
            ("booking", "cancel", uid),
            ("booking", "cancel", uid, "--remove"),
        ):
            before = tree(place)
            if gbook(*arguments, "--json").code:
                assert tree(place) == before, arguments


@tried(25)
@given(st.sampled_from(FIXTURES), mutations)
def test_calendars(place: Path, fixture: Path, changes: list[tuple[str, int, int, int]]) -> None:
    """A real calendar with bookings in it, mutated."""
    with as_before(place):
        calendar = place / "alice.ics"
        calendar.write_bytes(mutated(with_bookings(fixture.read_bytes(), place), changes))
        os.utime(calendar, LONG_AGO)
        look_at(place)
        write_to(place)


PROPERTIES = [
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "UID",
    "STATUS",
    "TRANSP",
    "ATTENDEE",
    "SUMMARY",
    "SEQUENCE",
    "X-GBOOK-PROFILE",
    "X-GBOOK-EXPIRES",
    "X-GBOOK-ACCOUNTS",
    "X-GBOOK-GUEST",
    "X-GBOOK-HOST",
    "X-GBOOK-FIELDS",
    "CLASS",
    "ORGANIZER",
    "CONFERENCE",
]
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)
moments = st.one_of(
    st.sampled_from(
        [
            "20261124T100000Z",
            "20261124",
            "20261124T100000",
            "19000101T000000Z",
            "99991231T235959Z",
            "00010101",
            "20261124T100000Z/PT1H",
            "20261124T100000Z/20261124T090000Z",
            "P1D",
            "-PT1H",
        ]
    ),
    texts,
)
rules = st.builds(
    lambda parts: ";".join(parts),
    st.lists(
        st.builds(
            lambda name, value: f"{name}={value}",
            st.sampled_from(
                [
                    "FREQ",
                    "COUNT",
                    "UNTIL",
                    "INTERVAL",
                    "BYDAY",
                    "BYMONTHDAY",
                    "BYMONTH",
                    "BYSETPOS",
                    "BYHOUR",
                    "BYWEEKNO",
                    "BYYEARDAY",
                    "BYMINUTE",
                    "BYSECOND",
                    "WKST",
                    "X-A",
                    "BYEASTER",
                    "RSCALE",
                ]
            ),
            st.one_of(
                st.sampled_from(
                    [
                        "DAILY",
                        "YEARLY",
                        "SECONDLY",
                        "MINUTELY",
                        "MONTHLY",
                        "WEEKLY",
                        "MO",
                        "-1FR",
                        "5SU",
                        "0MO",
                    ]
                ),
                st.integers(-400, 400).map(str),
                st.lists(st.integers(-60, 60), max_size=5).map(lambda many: ",".join(map(str, many))),
                moments,
            ),
        ),
        min_size=1,
        max_size=5,
    ),
)
content_lines = st.builds(
    lambda name, parameters, value: f"{name}{parameters}:{value}".encode("utf-8", "replace"),
    st.sampled_from(PROPERTIES),
    st.sampled_from(
        [
            "",
            ";VALUE=DATE",
            ";VALUE=PERIOD",
            ";TZID=Europe/Berlin",
            ";TZID=W. Europe Standard Time",
            ";TZID=x",
            ';CN="a:b;c"',
            ";RANGE=THISANDFUTURE",
            ";PARTSTAT=DECLINED",
            ";=",
            ';X="',
        ]
    ),
    st.one_of(moments, rules.map(lambda rule: f"FREQ=DAILY;{rule}"), rules, texts),
)


@tried(20)
@given(st.lists(st.lists(content_lines, max_size=8), min_size=1, max_size=4))
@example([[b"DTSTART:20261124T100000Z", b"RRULE:FREQ=DAILY;INTERVAL=" + b"9" * 400]])
def test_events_of_any_lines(place: Path, events: list[list[bytes]]) -> None:
    """Whatever the properties say."""
    with as_before(place):
        calendar = place / "alice.ics"
        calendar.write_bytes(vcalendar(*[vevent(f"{each % 2}", *lines) for each, lines in enumerate(events)]))
        os.utime(calendar, LONG_AGO)
        look_at(place)
        write_to(place)


@tried(60)
@given(st.sampled_from([path for path in FIXTURES if path.parent == SAMPLES]), st.integers(0, 9_999))
def test_a_calendar_that_is_cut_off_is_never_free(place: Path, fixture: Path, at: int) -> None:
    """Wherever it ends before its end."""
    whole = fixture.read_bytes()
    with as_before(place):
        (place / "alice.ics").write_bytes(whole[: whole.rindex(b"END:VCALENDAR") * at // 10_000 + 13])
        os.utime(place / "alice.ics", LONG_AGO)
        document = json.loads(gbook("availability", "--required", "one", "--account", "alice", "--json").out)
        assert document["items"] == []
        assert [one["code"] for one in document["warnings"]] == ["unreadable_calendar"]


@tried(10)
@given(mutations)
def test_items_of_a_vdir(place: Path, changes: list[tuple[str, int, int, int]]) -> None:
    """One mutated file among others."""
    with as_before(place):
        content = (place / "alice.ics").read_bytes()
        (place / "carol/a.ics").write_bytes(content)
        (place / "carol/b.ics").write_bytes(mutated(content, changes))
        for path in (place / "carol").iterdir():
            os.utime(path, LONG_AGO)
        look_at(place)
        write_to(place)


# --- gbook.yaml, profiles, documents, replies

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.sampled_from(
        [10**30, -1, 0, 1 << 63, "P30D", "17:00", "alice", "24:00", "2026-11-24", "UTC", "../x", "{{name}}"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def use(place: Path) -> None:
    """What reads gbook.yaml and the profiles."""
    before = tree(place)
    for arguments in (
        ("availability", "--json"),
        ("profile", "list", "--json"),
        ("profile", "show", "demo", "--json"),
        ("profile", "validate"),
        ("account", "list", "--json"),
        ("profiles-for", "--from", SLOT, "--to", "2026-11-24T15:30Z", "--json"),
        ("check", "--json"),
    ):
        gbook(*arguments)
        assert tree(place) == before, arguments
    for arguments in (
        (*BOOK, "--slot", SLOT),
        ("profile", "update", "demo", "--set", "durationMinutes=45"),
        ("account", "update", "alice", "--name", "A"),
    ):
        if gbook(*arguments).code:
            assert tree(place) == before, arguments
        before = tree(place)


@tried(20)
@given(st.sampled_from(["gbook.yaml", "profiles/demo.yaml"]), mutations)
@example("profiles/demo.yaml", [("cut", 119, 164, 224), ("odd", 3682, 189, 242)])
@example("gbook.yaml", [("drop line", 0, 0, 0), ("value", 0, 0, 214)])
def test_yaml(place: Path, name: str, changes: list[tuple[str, int, int, int]]) -> None:
    """The configuration and a profile, mutated."""
    with as_before(place):
        (place / name).write_bytes(mutated((place / name).read_bytes(), changes))
        use(place)


KEYS = [
    "durationMinutes",
    "availabilityStep",
    "timeAvailableFor",
    "workHours",
    "subject",
    "accounts",
    "groups",
    "optional",
    "startTime",
    "endTime",
    "startAfterMinutes",
    "bufferBeforeMinutes",
    "bufferBetweenMinutes",
    "maxBookingsPerDay",
    "availabilityIntervals",
    "additionalFields",
    "align",
    "assignment",
    "id",
    "name",
    "description",
    "location",
    "context",
    "openMeetingUrl",
    "startConference",
    "timezone",
    "mail",
    "hooks",
    "conferenceUrl",
    "deliver",
    "defaultProfile",
    "primaryColor",
]


@tried(25)
@given(st.sampled_from(["gbook.yaml", "profiles/demo.yaml"]), st.sampled_from(KEYS), values)
def test_any_value_of_a_key(place: Path, name: str, key: str, value: object) -> None:
    """A key of the model with what is hardly a value for it."""
    with as_before(place):
        lines = (place / name).read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{key}:")]
        (place / name).write_text(f"{key}: {json.dumps(value)}\n" + "".join(kept))
        use(place)


@tried(60)
@given(
    st.one_of(
        mutations, values, st.fixed_dictionaries({"items": values, "required": values, "profile": values})
    )
)
@example([("flip", 2, 2, 128)])
def test_documents_on_stdin(place: Path, made: Any) -> None:
    """An availability document, mutated, or any other JSON."""
    document = gbook("availability", "--json").out.encode()
    is_mutation = isinstance(made, list) and made and isinstance(made[0], tuple)
    given = mutated(document, made) if is_mutation else json.dumps(made).encode()
    with as_before(place) as before:
        if gbook(*BOOK, "--slot", "-", "--json", given=given).code:
            assert tree(place) == before
        if gbook("profile", "create", "x", "--file", "-", given=given).code:
            assert "profiles/x.yaml" not in tree(place)


REPLY = """Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
VERSION:2.0
BEGIN:VEVENT
UID:{uid}
SEQUENCE:0
ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com
DTSTART:20261124T080000Z
END:VEVENT
END:VCALENDAR

--x--
"""


@tried(80)
@given(st.booleans(), mutations)
def test_replies(place: Path, in_mail: bool, changes: list[tuple[str, int, int, int]]) -> None:
    """A guest's answer, as a file or in a mail, mutated."""
    uid = json.loads(gbook("booking", "list", "--json").out)["records"][0]["id"]
    text = REPLY.format(uid=uid)
    content = text if in_mail else text[text.index("BEGIN:VCAL") : text.index("\n--x--")]
    with as_before(place) as before:
        file = place.parent / "reply"
        file.write_bytes(mutated(content.encode(), changes))
        if gbook("booking", "reply", str(file), "--json").code:
            assert tree(place) == before


# --- the command line

words = st.one_of(
    texts,
    st.text(max_size=40),
    st.text("0123456789TZ:-+/PDHMW. ", max_size=30),
    st.lists(
        st.sampled_from(
            [
                "next",
                "monday",
                "14:00",
                "2026",
                "24",
                "nov",
                "+3d",
                "tomorrow",
                "am",
                "utc",
                "-",
                "/",
                "P1D",
                "99",
                ":",
            ]
        ),
        max_size=6,
    ).map(" ".join),
    st.sampled_from(
        [
            "9999-12-31T23:59Z",
            "0001-01-01",
            "2026-02-30",
            "2026-11-24T15:00+99:99",
            "first/",
            "/",
            "-/-",
            "P",
            "P0D",
            "P1Y2M3W4D",
            "P999999999D",
            "1e9",
            "²",
            "٣",
            "+1",
            "0x1",
            "all,one",
            "../../etc/passwd",
            "Europe",
            "UTC+1",
            "2026-W53",
            "2026-366",
            "+999999999999d",
            "24:00",
            "2026-11-24T24:00",
            "2026-10-25T02:30",
        ]
    ),
)
OPTIONS = {
    "availability": [
        "--from",
        "--to",
        "--for",
        "--tz",
        "--required",
        "--limit",
        "--offset",
        "--first",
        "--view",
        "-p",
        "--account",
    ],
    "book": [
        "--slot",
        "--required",
        "--tz",
        "--reserve",
        "--field",
        "--key",
        "--invite",
        "--email",
        "--name",
        "--group",
        "-p",
    ],
    "busy": ["--from", "--to", "--tz"],
    "why": ["--tz", "--required"],
    "profiles-for": ["--from", "--to", "--required"],
    "booking cancel": ["--reason"],
    "booking reschedule": ["--slot", "--tz"],
}


@tried(200)
@given(
    st.sampled_from([(command, option) for command, options in OPTIONS.items() for option in options]),
    words,
    words,
)
def test_words_of_a_command_line(place: Path, spoken: tuple[str, str], value: str, other: str) -> None:
    """Any text as the value of an option, and as an argument."""
    command, option = spoken
    needed = {
        "book": ("--slot", SLOT, "--name", "J"),
        "profiles-for": ("--from", SLOT, "--to", SLOT),
        "why": (other,),
        "busy": (other,),
        "booking cancel": (other,),
        "booking reschedule": (other, "--slot", SLOT),
    }
    with as_before(place) as before:
        ended = gbook(*command.split(), *needed.get(command, ()), option, value, "--json")
        assert ended.code not in (1, 5, 6)
        if ended.code:
            assert tree(place) == before
