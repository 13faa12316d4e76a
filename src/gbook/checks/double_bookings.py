"""Double bookings: overlapping events of one account, in any of its calendars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from gbook.calendars.busy.events import Event, own_answer
from gbook.calendars.ics.gbook_properties import PROPOSAL
from gbook.checks.calendars import AHEAD, BusyEvent, subject
from gbook.checks.report import Finding, error, warning
from gbook.timeutil.format import day_name, offset_name
from gbook.timeutil.instants import DAY, local
from gbook.workspace.config import Account

__all__ = ["check_double_bookings"]


def check_double_bookings(account: Account, busy: Sequence[BusyEvent], zone: ZoneInfo) -> Iterator[Finding]:
    """Yield the overlaps in the busy time of an account; messages give times in `zone`.

    Two overlapping bookings are an error, because gbook never makes them. A booking that overlaps another
    event is a warning, because one of the two has to move. All other overlaps may be intended and make one
    warning.
    """
    ordered = sorted(busy, key=lambda item: (item.start, item.end, item.path, item.event.line))
    yield from _bookings(account, ordered, zone)
    yield from _other_events(account, ordered, zone)


def _bookings(account: Account, ordered: Sequence[BusyEvent], zone: ZoneInfo) -> Iterator[Finding]:
    """Yield the bookings that overlap another booking or event."""
    for i, booking in enumerate(ordered):
        if not booking.event.is_ours:
            continue
        for j, other in enumerate(ordered):
            if other.start >= booking.end:
                break
            if other.end <= booking.start or _is_same(booking, other) or (other.event.is_ours and j < i):
                continue
            message = (
                f"account {account.id} is booked for {subject(booking.event)} on {_when(booking, zone)}, "
                f"which overlaps with {subject(other.event)} ({other.path}:{other.event.line}); "
                f"`gbook booking reschedule {_named(booking.event, zone)}` moves it"
            )
            make_finding = error if other.event.is_ours else warning
            yield make_finding("double_booking", message, booking.path, booking.event.line)


def _other_events(account: Account, ordered: Sequence[BusyEvent], zone: ZoneInfo) -> Iterator[Finding]:
    """Yield one warning for all firm appointments, not made by gbook, that overlap."""
    latest: BusyEvent | None = None
    overlaps: list[tuple[BusyEvent, BusyEvent]] = []
    for item in ordered:
        if item.event.is_ours or not _is_firm(item, account):
            continue
        if latest and item.start < latest.end and not _is_same(latest, item):
            overlaps.append((latest, item))
        if latest is None or item.end > latest.end:
            latest = item
    if overlaps:
        first, second = overlaps[0]
        message = (
            f"account {account.id}: {subject(second.event)} on {_when(second, zone)} overlaps with "
            f"{subject(first.event)} ({first.path}:{first.event.line}); move one of them or mark it free"
        )
        if len(overlaps) > 1:
            message += f"; {len(overlaps)} overlaps in the next {AHEAD // DAY} days"
        yield warning("overlapping_events", message, second.path, second.event.line)


def _is_same(item: BusyEvent, other: BusyEvent) -> bool:
    """Return whether two are copies of one event (by UID or content), of one proposal, or of one session."""
    if item.event.uid and item.event.uid == other.event.uid and item.event.original == other.event.original:
        return True
    proposals = item.event.text(PROPOSAL), other.event.text(PROPOSAL)
    if proposals[0] and proposals[0] == proposals[1]:
        return True
    if (item.start, item.end) != (other.start, other.end):
        return False
    if item.event.text("SUMMARY") == other.event.text("SUMMARY"):
        return True
    return item.event.session == other.event.session != ""


def _is_firm(item: BusyEvent, account: Account) -> bool:
    """Return whether it is a timed appointment that the account has accepted or made.

    All-day absences are not firm: they may overlap other events.
    """
    event = item.event
    if event.start.is_date or event.value("STATUS") == "TENTATIVE" or item.end - item.start >= DAY:
        return False
    return own_answer(event, account.email) in (None, "ACCEPTED")


def _named(event: Event, zone: ZoneInfo) -> str:
    """Return how a command names a booking, or one date of a series."""
    return event.uid if event.original is None else f"{event.uid} --date {local(event.original, zone).date()}"


def _when(item: BusyEvent, zone: ZoneInfo) -> str:
    moment = local(item.start, zone)
    return f"{day_name(moment.date())} at {moment:%H:%M} {offset_name(moment, brief=True)}"
