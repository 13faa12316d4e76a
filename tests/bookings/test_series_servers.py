"""Series on real CalDAV servers: one resource with its overrides, and holds of all dates."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.caldav_servers import CalDavServer
from support.ics import parsed_events
from support.running import GBOOK, Gbook
from support.server_office import make_server_office, stored_events

BOOK = ("book", "--required", "all", "--name", "Gwen", "--slot")
WEEKLY = ("--repeat", "weekly", "--count", "4")
FIRST, THIRD = "2026-11-24T14:00Z", "2026-12-08T14:00Z"


@pytest.fixture(params=["server", pytest.param("mixed", marks=pytest.mark.slow)])
def office(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    calendar_server: CalDavServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """alice on a server; bob there too, or in a file. They are free on Tuesdays."""
    urls = [calendar_server.new_calendar(name) for name in ("alice", "bob")]
    bob = urls[1] if request.param == "server" else "bob.ics"
    folder = make_server_office(tmp_path / "office", calendar_server, {"alice": urls[0], "bob": bob})
    monkeypatch.chdir(folder)
    return folder


def starts(gbook: Gbook, uid: str) -> list[str]:
    dates = gbook.json("booking", "show", uid)["dates"]
    return [each["start"][:16] for each in dates if each["status"] != "cancelled"]


def stored(office: Path, server: CalDavServer) -> bytes:
    """Return the one resource of alice's calendar, as another program sees it."""
    url = re.findall(r"url: '?(http[^',}]*alice[^',}]*)", (office / "gbook.yaml").read_text())[-1]
    (content,) = stored_events(server, url).values()
    return content


def test_a_life_of_a_series(office: Path, gbook: Gbook, calendar_server: CalDavServer) -> None:
    """Booked, one date moved, one cancelled, one removed, all moved, cancelled: the copies always agree."""
    uid = gbook.json(*BOOK, FIRST, *WEEKLY)["id"]
    assert starts(gbook, uid) == [
        f"{day}T14:00" for day in ("2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15")
    ]
    assert gbook(*BOOK, THIRD).code == 3
    gbook.json("booking", "reschedule", uid, "--date", "2026-12-08", "--slot", "2026-12-08T16:00Z")
    gbook.json("booking", "cancel", uid, "--date", "2026-12-15")
    assert starts(gbook, uid) == ["2026-11-24T14:00", "2026-12-01T14:00", "2026-12-08T16:00"]
    assert gbook(*BOOK, THIRD, "--dry-run").code == 0
    gbook.json("booking", "cancel", uid, "--date", "2026-12-01", "--remove")
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-24T10:00Z")
    assert starts(gbook, uid) == ["2026-11-24T10:00", "2026-12-08T10:00"]
    assert gbook.json("check")["problems"] == []
    assert stored(office, calendar_server).count(b"RECURRENCE-ID") == 3
    gbook.json("booking", "cancel", uid)
    assert gbook.json("booking", "show", uid)["status"] == "cancelled"
    gbook.json("booking", "cancel", uid, "--remove")
    assert gbook.json("booking", "list", "--all")["records"] == []


@pytest.mark.slow
def test_a_series_and_single_bookings_for_one_slot(office: Path, gbook: Gbook) -> None:
    """Of processes for a series and for one of its dates, exactly those are booked that do not collide."""
    commands = [[*BOOK, FIRST, *WEEKLY], [*BOOK, THIRD]] * 4
    processes = [
        subprocess.Popen(
            [GBOOK, "--workspace", str(office), *arguments, "--json"],
            env=os.environ | {"XDG_CACHE_HOME": str(office / f"cache{number}")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, arguments in enumerate(commands)
    ]
    outcomes: list[tuple[int, Any]] = []
    for process in processes:
        out, _ = process.communicate(timeout=180)
        outcomes.append((process.returncode, json.loads(out)))
    booked = [document for code, document in outcomes if code == 0]
    assert len(booked) <= 1
    assert {code for code, _ in outcomes} <= {0, 3, 6}
    records = gbook.json("booking", "list")["records"]
    assert [record["id"] for record in records] == [document["id"] for document in booked]
    busy = [event.start for path in office.glob("*.ics") for event in parsed_events(path.read_bytes())]
    assert len(busy) == len(set(busy))


def test_an_answer_to_one_date(office: Path, gbook: Gbook, calendar_server: CalDavServer) -> None:
    """It is in the resource on the server, in the override of that date only."""
    uid = gbook.json(*BOOK, FIRST, "--email", "gwen@example.org", *WEEKLY)["id"]
    reply = [
        *("BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT", f"UID:{uid}", "RECURRENCE-ID:20261208T140000Z"),
        *("SEQUENCE:0", "ATTENDEE;PARTSTAT=DECLINED:mailto:gwen@example.org", "END:VEVENT", "END:VCALENDAR"),
    ]
    Path("reply.txt").write_text("\r\n".join([*reply, ""]), newline="")
    dates = gbook.json("booking", "reply", "reply.txt")["dates"]
    assert [each.get("declined", []) for each in dates] == [[], [], ["gwen@example.org"], []]
    whole, override = parsed_events(stored(office, calendar_server))
    answers = [
        line.params["PARTSTAT"] for event in (whole, override) for line in event["ATTENDEE"] if "gwen" in line
    ]
    assert answers == ["NEEDS-ACTION", "DECLINED"]
    assert gbook("booking", "repair", uid).code == 0
    assert gbook.json("booking", "show", uid)["dates"] == dates
