"""Guests' replies (RFC 5546 §3.2.3, METHOD:REPLY), written into the calendars.

A reply is an .ics file, or a mail that carries one. In every copy of the event it changes only the PARTSTAT
of the attendee; everything else in the reply is ignored.

A mail counts for its author only: From must be the address of the attendee (RFC 6047 §2.3), or the SENT-BY
address. An .ics file alone has no author: the user who passes it vouches for it. Accounts that have a
copy of the meeting, and rooms, cannot reply in this way: a reply would free their time. Accounts that are
invited by mail can: no calendar that gbook writes has their answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from gbook.bookings.attendees import Attendee, address_of, with_parameters
from gbook.bookings.context import BookingContext
from gbook.bookings.participants import participants_of
from gbook.bookings.received import Reply
from gbook.bookings.record import Record
from gbook.bookings.revision import Revision, find_booking, out_of_reach, preview, revise
from gbook.bookings.series_change import part_of_series
from gbook.bookings.series_reply import DateAnswer, date_of, is_current, with_answers
from gbook.calendars.ics.edit import rewrite
from gbook.calendars.stores.read_once import read_once
from gbook.domains import canonical_address
from gbook.errors import InvalidFile, NotFound, Problem, Warn

__all__ = [
    "NotInvited",
    "answered_booking",
    "answered_parts",
    "attributed",
    "is_stale",
    "outdated_versions",
    "take_reply",
]


class NotInvited(NotFound):
    """The address in a reply is not invited.

    `invited` are the addresses that may answer; they are no part of the message, which others may read.
    """

    def __init__(self, message: str, invited: Sequence[str]) -> None:
        super().__init__(message)
        self.invited = invited


def attributed(context: BookingContext, reply: Reply) -> Reply:
    """Return a reply as that of an attendee.

    An address that is not invited is taken as another one of the only person who is asked, with a warning,
    unless it comes by mail: anybody can write one. Raises NotInvited for any other such address, and what
    `take_reply` raises.
    """
    try:
        answered_booking(context, reply)
    except NotInvited as error:
        if reply.author is not None or reply.is_vouched_for or len(error.invited) != 1:
            raise
        (only,) = error.invited
        message = f"{error.message}: taken as an answer of {only}, the only person who is asked"
        context.collected_warnings.append(Warn("other_address", message))
        return reply.answering_for(only)
    return reply


def take_reply(context: BookingContext, reply: Reply, *, write: bool = True) -> tuple[Record, list[Warn]]:
    """Write a reply into every copy of the booking; return the booking as changed, and warnings.

    A reply to an older version (SEQUENCE) changes nothing. Raises NotFound for an unknown booking or
    an address that is not invited, and what `revise` raises.
    """
    plan = partial(_plan, context, reply)
    try:
        with read_once():
            warnings = out_of_reach(context, find_booking(context, reply.uid))
            record = revise(context, plan) if write else preview(plan)
    except _Stale as stale:
        return stale.record, _stale(context, stale.record, reply)
    warnings += _stale(context, record, reply)
    if any(answer.partstat == "DELEGATED" for answer in reply.answers):
        warnings.append(
            Warn("delegated", f"{reply.email} delegates to someone else, whom gbook does not invite")
        )
    is_own = reply.author is None or canonical_address(reply.author) == canonical_address(reply.email)
    if not (is_own or reply.is_vouched_for):
        warnings.append(Warn("sent_by", f"{reply.author} answers for {reply.email}"))
    return record, warnings


def answered_parts(record: Record, reply: Reply) -> Iterator[tuple[Record, str]]:
    """Yield each part of a booking that a reply answers, a date of a series by itself, and the answer."""
    for answer in _answers(record, reply):
        if is_current(record, answer):
            part = part_of_series(record, answer.day.recurrence, record.start) if answer.day else record
            yield part, answer.partstat


def _answers(record: Record, reply: Reply) -> list[DateAnswer]:
    """Return the answers of a reply with the dates that they are about. Raises NotFound, InvalidFile."""
    return [
        DateAnswer(
            date_of(record, each.instance) if each.instance else None,
            each.partstat,
            each.sequence,
            each.stamp,
        )
        for each in reply.answers
    ]


def _stale(context: BookingContext, record: Record, reply: Reply) -> list[Warn]:
    """Return a warning for each answer that does not count: to an older version, or to a cancelled date."""
    return [
        Warn("stale_reply", f"{reply.email} answered {version}: ignored")
        for version in outdated_versions(context, record, reply)
    ]


def outdated_versions(context: BookingContext, record: Record, reply: Reply) -> list[str]:
    """Return in words what each answer of a reply is about that is to no present version of it."""
    versions = []
    for answer in _answers(record, reply):
        if is_current(record, answer):
            continue
        version = f"version {answer.sequence} of a booking that is now at version {record.sequence}"
        if (day := answer.day) is not None:
            state = "is cancelled" if day.status == "cancelled" else "has changed since"
            version = f"the date {context.moment(day.recurrence, record.profile)}, which {state}"
        versions.append(version)
    return versions


class _Stale(Exception):
    """No answer of the reply is to the present version of `record`."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.uid)
        self.record = record


def _plan(context: BookingContext, reply: Reply) -> list[Revision]:
    record = answered_booking(context, reply)
    if is_stale(record, reply):
        raise _Stale(record)
    current = [answer for answer in _answers(record, reply) if is_current(record, answer)]
    kept = [copy for copy in record.copies if copy.is_writable]
    rewrite = with_answers(record, current, partial(_answered, reply.email))
    return [Revision(record=record, rewrite=rewrite, kept=kept)]


def answered_booking(context: BookingContext, reply: Reply) -> Record:
    """Return the booking that a reply is to.

    Raises NotFound for an unknown booking and an address that is not invited, InvalidFile for an answer that
    does not count.
    """
    record = find_booking(context, reply.uid)
    if record.uid != reply.uid:
        raise NotFound(f"no booking {reply.uid!r}; `gbook booking list` shows them")
    invited = {canonical_address(attendee.email): attendee for attendee in record.attendees}
    if (attendee := invited.get(canonical_address(reply.email))) is None:
        booked = _booked(context, record)
        may_answer = [one.email for one in record.attendees if canonical_address(one.email) not in booked]
        raise NotInvited(f"{reply.email} is not invited to booking {record.uid}", may_answer)
    _check_may_answer(context, record, reply, attendee)
    return record


def is_stale(record: Record, reply: Reply) -> bool:
    """Return whether no answer of a reply is to the present version of a booking."""
    return not any(is_current(record, answer) for answer in _answers(record, reply))


def _booked(context: BookingContext, record: Record) -> set[str]:
    """Return the addresses of the accounts whose calendars have their answers."""
    participants = participants_of(context.workspace, record).written
    return {canonical_address(account.email) for account in participants if not account.is_invited_by_mail}


def _check_may_answer(context: BookingContext, record: Record, reply: Reply, attendee: Attendee) -> None:
    """Raise InvalidFile for a mail of another author, and for an account whose calendar has its answer."""
    address = canonical_address(attendee.email)
    accounts = [
        account
        for account in context.workspace.accounts.values()
        if canonical_address(account.email) == address and not account.is_invited_by_mail
    ]
    if address in _booked(context, record) or any(account.kind == "room" for account in accounts):
        message = f"{reply.email} is booked for this meeting and cannot reply by mail: "
        message += f"`gbook booking reschedule {record.uid} --slot TIME --reassign` finds others"
        raise InvalidFile(reply.path, [Problem(message, key="ATTENDEE")])
    authors = {address} | ({canonical_address(reply.sent_by)} if reply.sent_by and not accounts else set())
    if reply.author is None or reply.is_vouched_for:
        return
    if canonical_address(reply.author) not in authors:
        message = f"this mail by {reply.author} answers for {reply.email}; "
        message += f"if that is right, add --as {reply.email}"
        raise InvalidFile(reply.path, [Problem(message, key="From")])


def _answered(email: str, component: bytes, partstat: str) -> bytes:
    """Return the event with an answer in the attendee's line."""
    address, answer = canonical_address(email), {"PARTSTAT": partstat}

    def change(line: bytes) -> bytes:
        own = address_of(line)
        return with_parameters(line, answer) if own and canonical_address(own) == address else line

    return rewrite(component, change)
