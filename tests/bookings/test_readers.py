"""Other programs can read what gbook makes of their calendars."""

from __future__ import annotations

from pathlib import Path

import icalendar
import vobject
from support.running import Gbook
from support.team import TUESDAY, add_event, book

RAW = 'Gwen; the, "looms" \\n é' + "ü" * 60


def test_every_state_of_a_booking(team: Path, gbook: Gbook) -> None:
    """Booked, moved, handed over, cancelled, reserved, confirmed: each file is whole, each text as it was."""
    add_event(team / "alice.ics", "15:00", "16:00")
    moved = book(gbook, "09:00", "--name", RAW)
    gbook.json("booking", "reschedule", moved, "--slot", f"{TUESDAY}15:00Z", "--reassign")
    gbook.json("booking", "cancel", book(gbook, "10:00", "--required", "all"), "--reason", RAW)
    reserve = ("book", "--slot", f"{TUESDAY}12:00Z", "--reserve", "60", "--field", f"topic={RAW}")
    held = gbook.json(*reserve)["id"]
    gbook.json("reservation", "confirm", held, "--name", RAW, "--email", "gwen@example.org")
    seen = {}
    for path in team.rglob("*.ics"):
        text = path.read_bytes().decode()
        (calendar,) = vobject.readComponents(text)
        ours = icalendar.Calendar.from_ical(text)
        assert ours.errors == [] and all(event.errors == [] for event in ours.walk("VEVENT"))
        theirs = {event.uid.value: event for event in calendar.contents.get("vevent", [])}
        assert {str(event["UID"]) for event in ours.walk("VEVENT")} == theirs.keys()
        seen.update(theirs)
    assert seen[moved].summary.value == f"Demo for {RAW}"
    assert seen[held].description.value.startswith(f"{RAW}, 2026-11-24 12:00")
    assert seen[held].status.value == "CONFIRMED"
