"""Many writers at once, and other programs: what one of them writes, the others see."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.caldav_servers import PASSWORD, USERNAME, CalDavServer
from support.dav import connected, sample

WRITERS = 32


def test_one_of_many_writers_creates_a_name(calendar_server: CalDavServer) -> None:
    """The primitive that bookings rest on: a name is created once, and all others are told so, or nothing."""
    url = calendar_server.new_calendar()
    calendars = [connected(calendar_server, url) for _ in range(WRITERS)]
    start = threading.Barrier(WRITERS)

    def create(number: int) -> str:
        start.wait()
        return calendars[number].create("gbook-1.ics", sample(str(number))).outcome

    with ThreadPoolExecutor(WRITERS) as threads:
        outcomes = list(threads.map(create, range(WRITERS)))
    counts = Counter(outcomes)
    assert counts["done"] == 1, counts
    kept = calendars[0].get("gbook-1.ics")
    assert kept is not None
    assert f"UID:{outcomes.index('done')}\r\n".encode() in kept.content


def test_what_another_client_does_is_seen(calendar_server: CalDavServer) -> None:
    """python-caldav creates, changes and deletes, and gbook finds it; it reads what gbook writes."""
    from caldav.davclient import DAVClient  # its hundreds of modules are for this test only

    calendar = connected(calendar_server, calendar_server.new_calendar())
    with DAVClient(url=calendar_server.url, username=USERNAME, password=PASSWORD) as client:
        other = client.calendar(url=calendar.url)  # type: ignore[no-untyped-call]
        event = other.save_event(sample("theirs").decode())
        first = calendar.changes(None)
        (name,) = first.changed
        assert b"UID:theirs\r\n" in calendar.fetch([name])[name].content
        event.data = sample("theirs", "moved").decode()
        event.save()
        second = calendar.changes(first.token)
        assert set(second.changed) == {name} and not second.whole
        assert b"SUMMARY:moved" in calendar.fetch([name])[name].content
        event.delete()
        assert calendar.changes(second.token).gone == {name}
        assert calendar.create("ours.ics", sample("ours", "Zoë")).outcome == "done"
        (ours,) = other.events()
        assert "SUMMARY:Zoë" in ours.data


@pytest.mark.slow
def test_vdirsyncer_reads_and_writes_the_same_calendar(calendar_server: CalDavServer, tmp_path: Path) -> None:
    """It syncs a calendar to a vdir in both directions."""
    calendar = connected(calendar_server, calendar_server.new_calendar())
    config = tmp_path / "config"
    config.write_text(
        f"""
[general]
status_path = "{tmp_path}/status/"
[pair one]
a = "vdir"
b = "server"
collections = null
[storage vdir]
type = "filesystem"
path = "{tmp_path}/vdir/"
fileext = ".ics"
[storage server]
type = "caldav"
url = "{calendar.url}"
username = "{USERNAME}"
password = "{PASSWORD}"
"""
    )
    (tmp_path / "vdir").mkdir()

    def sync(*arguments: str) -> None:
        program = Path(sys.executable).with_name("vdirsyncer")
        command = [str(program), "-c", str(config), *arguments]
        done = subprocess.run(command, input=b"y\n", capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    assert calendar.create("ours.ics", sample("ours", "Zoë")).outcome == "done"
    sync("discover")
    sync("sync")
    (ours,) = (tmp_path / "vdir").iterdir()
    assert "SUMMARY:Zoë" in ours.read_text("utf-8")
    before = calendar.changes(None)
    (tmp_path / "vdir/theirs.ics").write_bytes(sample("theirs"))
    ours.write_bytes(sample("ours", "moved"))
    sync("sync")
    changes = calendar.changes(before.token)
    found = calendar.fetch(list(changes.changed))
    assert any(b"UID:theirs\r\n" in each.content for each in found.values())
    assert b"SUMMARY:moved\r\n" in found["ours.ics"].content
