"""The servers of the tests are real: they answer, know their user, and end with the tests."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.caldav_servers import SERVERS, CalDavServer
from support.ics import vcalendar, vevent

EVENT = vcalendar(
    vevent("UID:1", "DTSTAMP:20261101T080000Z", "DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")
)
# Starts a server, prints its port, and hangs.
HANGING = """
import sys, time
from pathlib import Path
from support.caldav_servers import running
with running(sys.argv[1], Path(sys.argv[2])) as server:
    print(server.port, flush=True)
    time.sleep(600)
"""


def test_a_new_calendar_keeps_what_is_put(calendar_server: CalDavServer) -> None:
    first, second = calendar_server.new_calendar(), calendar_server.new_calendar()
    assert calendar_server.put(f"{first}1.ics", EVENT).status == 201
    assert b"UID:1" in calendar_server.ask("GET", f"{first}1.ics").body
    assert calendar_server.ask("GET", f"{second}1.ics").status == 404


def test_radicale_refuses_a_wrong_login(radicale: CalDavServer) -> None:
    assert radicale.ask("GET", radicale.home, authorization="Basic eDp5").status == 401


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS)
def test_no_server_outlives_killed_tests(kind: str, tmp_path: Path) -> None:
    """The process of the tests gets SIGKILL and cleans nothing up."""
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, kind, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as tests:
        assert tests.stdout is not None
        server = CalDavServer(kind, int(tests.stdout.readline()), tmp_path)
        assert server.ask("PROPFIND", server.home, depth="0").status == 207
        tests.send_signal(signal.SIGKILL)
    with pytest.raises(OSError):  # noqa: PT011 - refused or reset
        _ask_until_it_fails(server)


def _ask_until_it_fails(server: CalDavServer) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        server.ask("PROPFIND", server.home, depth="0")
