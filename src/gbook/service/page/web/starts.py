"""Starts of times (instants, UTC seconds) as addresses and forms of the page have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC

from gbook.service.operations.guest_requests import MOST_ASKED
from gbook.timeutil.instants import END_OF_TIME, START_OF_TIME, format_instant, parse_instant

__all__ = ["read_slot", "read_slots", "stamp", "stamps"]


def stamp(instant: int) -> str:
    """Return an instant as an address has it: without seconds if there are none."""
    return format_instant(instant).replace(":00Z", "Z")


def stamps(starts: Iterable[int]) -> str:
    """Return several instants as an address has them."""
    return ",".join(map(stamp, starts))


def read_slot(text: str) -> int | None:
    """Return the instant of a time in an address or a form; None if it is none."""
    with suppress(ValueError, OverflowError):
        start = parse_instant(text, UTC)
        return start if START_OF_TIME <= start <= END_OF_TIME else None
    return None


def read_slots(text: str) -> Sequence[int]:
    """Return the times of a list, at most as many as a guest may ask for, in order, each once.

    What is none is left out.
    """
    read = (read_slot(part) for part in text.split(",")[:MOST_ASKED])
    return sorted({start for start in read if start is not None})
