"""The calendar of a stranger: read as any other, within limits, and without a trace."""

from __future__ import annotations

import io
import subprocess
import zipfile
import zlib
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.ics import raw_vcalendar, raw_vevent
from support.uids import own_uid

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.reader import read_busy
from gbook.calendars.busy.untrusted import MOST_UNPACKED, CostsTooMuch, Limits, read_untrusted
from gbook.engine.intervals import Intervals
from gbook.errors import InvalidFile
from gbook.timeutil.instants import DAY, parse_instant

LOW = parse_instant("2026-11-23T00:00Z", UTC)
WINDOW = (LOW, LOW + 5 * DAY)
START, END = b"DTSTART:20261124T100000Z", b"DTEND:20261124T110000Z"
TEN = LOW + DAY + 36_000
# Reading any of these takes much longer than a second.
COSTLY = {
    "many series": raw_vcalendar(
        *(
            raw_vevent(str(n), b"DTSTART:19700101T090000Z", b"RRULE:FREQ=MINUTELY;INTERVAL=6")
            for n in range(9000)
        )
    ),
    "versions of one event": raw_vcalendar(
        *(raw_vevent("a", b"DTSTART:202611010900%02dZ" % (n % 60), b"RRULE:FREQ=DAILY") for n in range(9000))
    ),
    "exceptions": raw_vcalendar(
        raw_vevent(
            "a", START, b"RRULE:FREQ=MINUTELY;INTERVAL=6", *[b"EXRULE:FREQ=MINUTELY;INTERVAL=7"] * 28_000
        )
    ),
}


def archive(*files: tuple[str, bytes]) -> bytes:
    """Return a ZIP archive of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in files:
            writer.writestr(name, data)
    return packed.getvalue()


CALENDAR = raw_vcalendar(raw_vevent("a", START, END, "SUMMARY:Zoë".encode()))
ENCODED = {
    "UTF-8 with a mark": b"\xef\xbb\xbf" + CALENDAR,
    "UTF-16, little-endian": b"\xff\xfe" + CALENDAR.decode().encode("utf-16-le"),
    "UTF-16, big-endian": b"\xfe\xff" + CALENDAR.decode().encode("utf-16-be"),
    "Latin-1": CALENDAR.decode().encode("latin-1"),
    "archive": archive(("jane@example.com.ics", CALENDAR), ("holidays.ICS", raw_vcalendar())),
    "archive with other files": archive(("readme.txt", b"Hello"), ("a/b.ics", b"\xef\xbb\xbf" + CALENDAR)),
}
NO_CALENDARS = {
    "nothing": b"",
    "text": b"Dear all, I am away.\r\n",
    "html": b"<!DOCTYPE html><title>Sign in</title>",
    "zip": b"PK\x03\x04" + bytes(range(256)) * 4000,
    "zeros": bytes(1 << 20),
    "nesting": b"BEGIN:VCALENDAR\r\n" * 60_000,
    "cut off": raw_vcalendar(raw_vevent("a", START, END))[:-20],
    "UTF-16, cut off": ENCODED["UTF-16, little-endian"][:-41],
    "UTF-32": b"\xff\xfe\0\0" + CALENDAR.decode().encode("utf-32-le"),
    "archive without a calendar": archive(("a.txt", CALENDAR)),
    "archive with a page": archive(("a.ics", CALENDAR), ("b.ics", b"<!DOCTYPE html>")),
    "damaged archive": ENCODED["archive"].replace(zlib.compress(CALENDAR, wbits=-15)[5:15], bytes(10)),
    "archive, cut off": ENCODED["archive"][:-30],
}


def busy(*events: bytes, zone: str = "UTC") -> list[tuple[int, int]]:
    return [*read_untrusted(raw_vcalendar(*events), zone, WINDOW)]


def test_its_events_are_busy() -> None:
    """Cut to the window; free and cancelled ones are not."""
    long = raw_vevent("b", b"DTSTART:20261127T200000Z", b"DURATION:P3D")
    free = raw_vevent("c", b"DTSTART:20261125T100000Z", b"DURATION:PT1H", b"TRANSP:TRANSPARENT")
    found = busy(raw_vevent("a", START, END), long, free)
    assert found == [(TEN, TEN + 3600), (LOW + 4 * DAY + 72_000, WINDOW[1])]


def test_times_without_a_zone_are_the_guests() -> None:
    """10:00 in New York is 15:00 in UTC."""
    found = busy(raw_vevent("a", b"DTSTART:20261124T100000", b"DURATION:PT1H"), zone="America/New_York")
    assert found == [(TEN + 5 * 3600, TEN + 6 * 3600)]


def test_bookings_of_another_gbook_are_busy() -> None:
    """A guest may use gbook too."""
    own = raw_vevent(own_uid("a"), START, END, b"X-GBOOK-PROFILE:theirs", b"X-GBOOK-HOST:x")
    assert busy(own) == [(TEN, TEN + 3600)]


@pytest.mark.parametrize("name", ENCODED)
def test_what_programs_export(name: str) -> None:
    """Outlook writes byte order marks, Google an archive with a file for each calendar."""
    assert [*read_untrusted(ENCODED[name], "UTC", WINDOW)] == [(TEN, TEN + 3600)]


def test_all_calendars_of_an_archive_count() -> None:
    """Their busy time is one."""
    later = raw_vcalendar(raw_vevent("b", b"DTSTART:20261124T103000Z", b"DURATION:PT2H"))
    found = read_untrusted(archive(("a.ics", CALENDAR), ("b.ics", later)), "UTC", WINDOW)
    assert [*found] == [(TEN, TEN + 9000)]


def test_a_bomb_is_not_unpacked() -> None:
    """A few kilobytes would be more than the calendars of an archive may have."""
    text = b"BEGIN:VCALENDAR\r\n" + b" " * (MOST_UNPACKED // 2) + b"\r\nEND:VCALENDAR\r\n"
    bomb = archive(*((f"{number}.ics", text) for number in range(3)))
    assert len(bomb) < MOST_UNPACKED // 300
    with pytest.raises(CostsTooMuch):
        read_untrusted(bomb, "UTC", WINDOW)


@pytest.mark.parametrize("name", NO_CALENDARS)
def test_what_is_no_calendar(name: str) -> None:
    """It is an error, which quotes none of it."""
    with pytest.raises(InvalidFile, match=r"^: expected a calendar: its first line is BEGIN:VCALENDAR$"):
        read_untrusted(NO_CALENDARS[name], "UTC", WINDOW)


@pytest.mark.parametrize("name", COSTLY)
def test_what_takes_too_long(name: str) -> None:
    """The child may use a second of a processor here, and is ended then."""
    with pytest.raises(CostsTooMuch):
        read_untrusted(COSTLY[name], "UTC", WINDOW, Limits(processor=1, seconds=60))


def test_a_child_that_hangs_is_ended() -> None:
    """Python itself takes longer to start than this."""
    with pytest.raises(CostsTooMuch, match="too long"):
        read_untrusted(raw_vcalendar(), "UTC", WINDOW, Limits(seconds=0.001))


def test_what_takes_too_much_memory() -> None:
    """A child that may use no more than it has when it starts cannot even take in the bytes."""
    long = raw_vcalendar(raw_vevent("a", START, END, b"DESCRIPTION:" + b"x" * (1 << 20)))
    with pytest.raises(CostsTooMuch):
        read_untrusted(long, "UTC", WINDOW, Limits(memory=1 << 20))


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the folder of the process, nor in that of temporary files; nothing on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    asked = []
    run = subprocess.run

    def watched(*arguments: Any, **options: Any) -> Any:
        asked.append(options["stderr"])
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", watched)
    assert busy(raw_vevent("a", START, END)) == [(TEN, TEN + 3600)]
    assert asked == [subprocess.DEVNULL]
    assert [*tmp_path.iterdir()] == []


def test_modules_of_the_folder_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace may have any files."""
    (tmp_path / "struct.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert busy(raw_vevent("a", START, END)) == [(TEN, TEN + 3600)]


@settings(max_examples=scaled(20), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7 * 24), st.integers(1, 30)), max_size=8))
def test_it_is_what_the_reader_finds(spans: list[tuple[int, int]]) -> None:
    """The same intervals, cut to the window."""
    events = [
        raw_vevent(
            str(n), b"DTSTART:202611%02dT%02d0000Z" % (22 + hour // 24, hour % 24), b"DURATION:PT%dH" % hours
        )
        for n, (hour, hours) in enumerate(spans)
    ]
    direct = read_busy(raw_vcalendar(*events), ReadOptions("", "UTC"), *WINDOW).busy
    assert Intervals(busy(*events)) == direct.clip(*WINDOW)
