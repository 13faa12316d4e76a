"""Double bookings: what one account is to do at the same time, in any of its calendars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from gbook.calendars.busy.events import own_answer
from gbook.checks.calendars import AHEAD, Held, subject
from gbook.checks.report import Finding, error, warning
from gbook.timeutil.instants import DAY, local
from gbook.workspace.workspace import Account

__all__ = ["check_agenda"]


def check_agenda(account: Account, held: Sequence[Held], zone: ZoneInfo) -> Iterator[Finding]:
    """Busy time of an account that overlaps; `zone` is the one that times are told in.

    Two bookings of gbook's at one time are an error: gbook never makes them. A booking beside another event
    is a warning, since somebody has to move. What else overlaps may be meant, and is told in one line.
    """
    ordered = sorted(held, key=lambda one: (one.start, one.end, one.path, one.event.line))
    yield from _bookings(account, ordered, zone)
    yield from _others(account, ordered, zone)


def _bookings(account: Account, ordered: Sequence[Held], zone: ZoneInfo) -> Iterator[Finding]:
    """Bookings of gbook's that overlap with each other or with something else."""
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
                f"`gbook booking reschedule {booking.event.uid}` moves it"
            )
            found = error if other.event.is_ours else warning
            yield found("double_booking", message, booking.path, booking.event.line)


def _others(account: Account, ordered: Sequence[Held], zone: ZoneInfo) -> Iterator[Finding]:
    """Firm appointments, none of gbook's, that begin before another has ended: one finding for all."""
    before: Held | None = None
    pairs: list[tuple[Held, Held]] = []
    for one in ordered:
        if one.event.is_ours or not _is_firm(one, account):
            continue
        if before and one.start < before.end and not _is_same(before, one):
            pairs.append((before, one))
        if before is None or one.end > before.end:
            before = one
    if pairs:
        first, second = pairs[0]
        times = "once" if len(pairs) == 1 else f"{len(pairs)} times"
        message = (
            f"account {account.id} has overlapping events {times} in the next {AHEAD // DAY} days, first "
            f"{subject(second.event)} on {_when(second, zone)} with {subject(first.event)} "
            f"({first.path}:{first.event.line}); one of them may have to be moved or marked free"
        )
        yield warning("overlapping_events", message, second.path, second.event.line)


def _is_same(one: Held, other: Held) -> bool:
    """Whether two are copies of one event, kept in two calendars or imported twice, or alternatives."""
    if one.event.uid and one.event.uid == other.event.uid:
        return True
    proposals = one.event.text("X-GBOOK-PROPOSAL"), other.event.text("X-GBOOK-PROPOSAL")
    if proposals[0] and proposals[0] == proposals[1]:
        return True
    return (one.start, one.end) == (other.start, other.end) and (
        one.event.text("SUMMARY") == other.event.text("SUMMARY")
    )


def _is_firm(one: Held, account: Account) -> bool:
    """Whether it is a timed appointment that the account means to keep; days off lie over others rightly."""
    event = one.event
    if event.start.is_date or event.value("STATUS") == "TENTATIVE" or one.end - one.start >= DAY:
        return False
    return own_answer(event, account.email) in (None, "ACCEPTED")


def _when(one: Held, zone: ZoneInfo) -> str:
    return f"{local(one.start, zone):%Y-%m-%d at %H:%M %Z}"
