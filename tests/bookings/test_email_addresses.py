"""Addresses whose domain is beyond ASCII."""

from __future__ import annotations

from gbook.bookings.email_addresses import canonical_address


def test_two_spellings_of_one_address() -> None:
    """Case and form of the domain make no difference."""
    assert canonical_address("Zoe@BÜCHER.example") == canonical_address("zoe@xn--bcher-kva.EXAMPLE")
    assert canonical_address("zoe@bücher.example") != canonical_address("zoé@bücher.example")
