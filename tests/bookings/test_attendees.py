"""ATTENDEE lines, as programs write them."""

from __future__ import annotations

import pytest

from gbook.bookings.attendees import address_of, parameters, with_parameters


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (b"ATTENDEE:mailto:Gwen@Example.org", "gwen@example.org"),
        (b'attendee;CN="Loom; Gwen: x";PARTSTAT=ACCEPTED:MAILTO:gwen@example.org ', "gwen@example.org"),
        (b"ATTENDEE;CN=a=b:https://example.org/gwen", "https://example.org/gwen"),
        (b"ATTENDEES:mailto:gwen@example.org", None),
        (b"ORGANIZER:mailto:gwen@example.org", None),
        (b"", None),
    ],
)
def test_whose_line_it_is(line: bytes, address: str | None) -> None:
    """The address is what follows the first colon outside quotes, in lower case."""
    assert address_of(line) == address


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        (b"ATTENDEE:mailto:g@x", b"ATTENDEE;PARTSTAT=DECLINED:mailto:g@x"),
        (b"ATTENDEE;PARTSTAT=ACCEPTED;CN=G:mailto:g@x", b"ATTENDEE;PARTSTAT=DECLINED;CN=G:mailto:g@x"),
        (b'ATTENDEE;CN=";PARTSTAT=x";partstat="y":z', b'ATTENDEE;CN=";PARTSTAT=x";PARTSTAT=DECLINED:z'),
        (b"ATTENDEE;CN=G:mailto:;PARTSTAT=x", b"ATTENDEE;CN=G;PARTSTAT=DECLINED:mailto:;PARTSTAT=x"),
    ],
)
def test_set_parameter_replaces_or_appends(line: bytes, changed: bytes) -> None:
    """A parameter is replaced in place, or appended after the others; the rest of the line stays."""
    assert with_parameters(line, {"PARTSTAT": "DECLINED"}) == changed
    assert parameters(changed)["PARTSTAT"] == "DECLINED"
