"""After gbook removes what it wrote, a file is as before, byte for byte, whatever else it contains.

Every .ics file that comes with the installed libraries, and every sample, serves as somebody's calendar.
A file that is not whole is refused and stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from support.office import make_office
from support.running import Gbook

from gbook.calendars.ics.structure import read_structure
from gbook.errors import InvalidFile

# Every shipped calendar, booked and undone.
pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent.parent / "sample_calendars"
FIXTURES = sorted(
    path
    for folder in (
        SAMPLES,
        *(Path(module.__file__ or "").parent for module in (icalendar, recurring_ical_events)),
    )
    for path in folder.rglob("*.ics")
)
BOOK = ("book", "--name", "Jane", "--email", "jane@example.com", "--slot")


@pytest.fixture
def gbook(gbook: Gbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Gbook:
    """Run a command line in the office, without a cache."""
    monkeypatch.setenv("GBOOK_INDEX", "off")
    monkeypatch.setenv("GBOOK_WORKSPACE", str(tmp_path / "office"))
    return gbook


def place(tmp_path: Path, calendar: str) -> Path:
    """Make a workspace of alice, who is free whatever her calendar contains."""
    folder = make_office(tmp_path / "office", members="accounts: [alice]")
    config = folder / "gbook.yaml"
    entry = f"[{{path: {calendar}, blocking: never}}]"
    config.write_text(config.read_text().replace("[alice.ics]", entry).replace("calendars: [carol]", ""))
    (folder / "profiles/demo.yaml").write_text(
        (folder / "profiles/demo.yaml").read_text().replace("optional: [carol]", "")
    )
    return folder


def put(path: Path, content: bytes) -> None:
    """Write a file with an old modification time, so that gbook does not wait for the rest of it."""
    path.write_bytes(content)
    os.utime(path, (1_000_000_000, 1_000_000_000))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.ics"))}


def is_whole(content: bytes) -> bool:
    try:
        read_structure(content, "")
    except InvalidFile:
        return False
    return True


def there_and_back(gbook: Gbook, folder: Path) -> Iterator[dict[str, bytes]]:
    """Book, reserve, change and remove both; yield the calendars after each step."""
    booked = gbook.json(*BOOK, "2026-11-24T15:00Z")["id"]
    yield contents(folder)
    held = gbook.json(*BOOK, "2026-11-25T15:00Z", "--reserve", "30")["reservationId"]
    yield contents(folder)
    gbook.json("booking", "reschedule", booked, "--slot", "2026-11-25T12:00Z")
    gbook.json("booking", "cancel", booked)
    yield contents(folder)
    gbook.json("booking", "cancel", booked, "--remove")
    yield contents(folder)
    gbook.json("reservation", "drop", held)
    yield contents(folder)


# The samples, and every tenth of the other files; the rest are slow tests.
@pytest.mark.parametrize(
    "fixture",
    [
        pytest.param(
            path,
            id=f"{path.parent.name}/{path.stem}",
            marks=[] if path.is_relative_to(SAMPLES) or not number % 10 else pytest.mark.slow,
        )
        for number, path in enumerate(FIXTURES)
    ],
)
def test_a_file_comes_back_byte_for_byte(gbook: Gbook, tmp_path: Path, fixture: Path) -> None:
    """After booking, moving, cancelling and removing, a file is as before; an incomplete file is refused."""
    folder = place(tmp_path, "alice.ics")
    original = fixture.read_bytes()
    put(folder / "alice.ics", original)
    before = contents(folder)
    if not is_whole(original):
        refused = gbook(*BOOK, "2026-11-24T15:00Z")
        assert refused.code in (1, 3, 5)
        assert refused.err.count("\n") == 1
        assert contents(folder) == before
        return
    *changed, after = there_and_back(gbook, folder)
    assert after == before
    assert all(each != before and is_whole(each["alice.ics"]) for each in changed)
    assert not [path for path in folder.rglob("*") if "gbook-" in path.name and "lock" not in path.name]


def test_a_vdir_comes_back_byte_for_byte(gbook: Gbook, tmp_path: Path) -> None:
    """With all complete files in it; no file of gbook is left, not even an empty one."""
    folder = place(tmp_path, "carol")
    for number, fixture in enumerate(FIXTURES):
        if is_whole(fixture.read_bytes()):
            put(folder / f"carol/{number}.ics", fixture.read_bytes())
    before = contents(folder)
    assert len(before) > 100
    *changed, after = there_and_back(gbook, folder)
    assert after == before
    assert all(each.items() > before.items() for each in changed)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"break"])
@pytest.mark.parametrize("odd", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_odd_frames_come_back_byte_for_byte(
    gbook: Gbook, tmp_path: Path, ending: bytes, last: bytes, odd: bytes
) -> None:
    """A BOM, empty lines around it, no line break at the end, bytes that are no UTF-8, two calendars."""
    folder = place(tmp_path, "alice.ics")
    lines = [
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"BEGIN:VEVENT",
        b"UID:a",
        b"SUMMARY:\xff\xfe",
        b"END:VEVENT",
    ]
    content = ending.join([*lines, b"end:vcalendar", b"BEGIN:VCALENDAR", b"END:VCALENDAR"])
    put(folder / "alice.ics", odd + content + (ending if last else b"") + odd)
    before = contents(folder)
    if not is_whole(before["alice.ics"]):
        assert gbook(*BOOK, "2026-11-24T15:00Z").code in (1, 3, 5)
        assert contents(folder) == before
        return
    *_, after = there_and_back(gbook, folder)
    assert after == before
