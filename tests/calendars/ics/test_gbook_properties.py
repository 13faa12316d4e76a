"""gbook's own properties: what is written is read back."""

from __future__ import annotations

from gbook.calendars.ics.gbook_properties import GbookProperties, read_properties, write_properties

FULL = GbookProperties(
    profile="demo",
    host="ada",
    accounts=("ada", "ben"),
    buffers=(0, 15),
    group="sales",
    guest_email="guest@example.org",
    guest_zone="Europe/Berlin",
    fields={"a;b": "x, y\n", "empty": ""},
    expires=1_795_510_800,
    asked=1_795_510_801,
    moved_from=(1_795_510_802, 1_795_510_803),
    needs=["first name", "ü"],
    proposal="p1",
    texts={"subject": "Review {{name}}; again", "location": "", "note": "a\nb, c"},
)


def test_all_properties_are_read_back() -> None:
    """Each value survives; no text needs an escape (RFC 5545 §3.3.11), which programs handle differently."""
    texts = write_properties(FULL)
    assert read_properties(texts.get) == (FULL, [])
    assert not any(char in text for text in texts.values() for char in ";,\\\n")


def test_a_meeting_without_a_profile_keeps_the_mark() -> None:
    """The mark is there, not empty (programs drop empty properties), and is no name of a profile."""
    texts = write_properties(FULL._replace(profile=""))
    assert texts["X-GBOOK-PROFILE"] == "*"
    assert read_properties(texts.get)[0].profile == ""


def test_an_unreadable_time_is_one_fault_and_hides_no_other_value() -> None:
    """The other properties are read; the fault names the property."""
    texts = {**write_properties(FULL), "X-GBOOK-EXPIRES": "soon"}
    own, faults = read_properties(texts.get)
    assert own == FULL._replace(expires=None)
    assert len(faults) == 1
    assert faults[0].startswith("X-GBOOK-EXPIRES cannot be read")
