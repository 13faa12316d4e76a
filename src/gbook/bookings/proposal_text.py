"""A proposal in words for its guest: the times, numbered, in the guest's zone, and how to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.text import one_line
from gbook.timeutil.format import day_range, zone_name, zoned_moment
from gbook.timeutil.instants import MINUTE

if TYPE_CHECKING:
    from gbook.bookings.record import Record

__all__ = ["in_order", "proposal_subject", "proposal_text"]


def in_order(records: Sequence[Record]) -> list[Record]:
    """Return the reservations of a proposal in order of time, in which they are numbered from 1."""
    return sorted(records, key=lambda record: record.start)


def proposal_subject(records: Sequence[Record]) -> str:
    """Return the subject of a mail with a proposal."""
    verb = "Choose a time" if len(records) > 1 else "Proposed time"
    return one_line(f"{verb}: {records[0].subject}")


def proposal_text(records: Sequence[Record], zone: ZoneInfo, link: str | None = None) -> Iterator[str]:
    """Yield the lines to send to the guest, with times in `zone`; `link` is where the guest can pick one."""
    subject = one_line(records[0].subject) or "Our meeting"
    question = "which of these times suits you" if len(records) > 1 else "does this time suit you"
    yield f"{subject}: {question}? Times in {zone_name(zone, (record.start for record in records))}:"
    yield ""
    for number, record in enumerate(in_order(records), 1):
        yield f"{number}. {day_range(record.start, record.end, zone)}"
    yield ""
    if link:
        yield f"{'Pick one' if len(records) > 1 else 'Confirm it'} here: {link}"
        yield ""
    yield f"{_request(records, link)}{_deadline(records, zone)}"


def _request(records: Sequence[Record], link: str | None) -> str:
    please = "Or reply" if link else "Please reply"
    return f"{please} with {'a number' if len(records) > 1 else 'yes or no'}"


def _deadline(records: Sequence[Record], zone: ZoneInfo) -> str:
    """Return until when the times are held."""
    if (expires := records[0].expires) is None:
        return "."
    held = "the times are" if len(records) > 1 else "the time is"
    return f"; {held} held for you until {zoned_moment(expires - expires % MINUTE, zone)}."
