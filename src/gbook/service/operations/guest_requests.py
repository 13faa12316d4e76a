"""Times that a guest asks for, and that are held until one is confirmed.

With `confirmEmail` that is the guest, by a link in a mail; with `several` it is the host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid4, uuid5

import msgspec

import gbook
from gbook.domains import canonical_address
from gbook.service.call import Call, Scope
from gbook.service.operations.notifications import ask_pre_book, notify, require_mail, require_mailed_links
from gbook.service.operations.requests import booking_request
from gbook.service.operations.slots import refusing
from gbook.service.problems import ApiError, refuse
from gbook.service.wire.meetings import SelectedMeetingTime
from gbook.timeutil.instants import MINUTE, format_instant

__all__ = [
    "MOST_ASKED",
    "TimesTaken",
    "as_guest",
    "asked_with",
    "confirms_by_mail",
    "request_times",
    "taken_times",
    "was_asked_for",
]

MOST_ASKED = 3
# How many of its requests may wait for an answer, for one e-mail address.
MOST_OPEN = 3
# Minutes that a time is held: until the guest has read a mail; until the host has decided.
FOR_GUEST, FOR_HOST = 15, 2 * 24 * 60


class TimesTaken(ApiError):
    """Some of the times that a guest asks for cannot be booked, by their starts; none is held."""

    def __init__(self, starts: Sequence[int]) -> None:
        super().__init__(409, "slot_unavailable", "the time cannot be booked")
        self.starts = starts


def as_guest(call: Call, profile: gbook.Profile, request: gbook.BookingRequest) -> gbook.BookingRequest:
    """Return a request as a guest without credentials may make it.

    Where the guest or the host confirms each booking, it only holds its time. Raises ApiError if its e-mail
    address has too many requests that wait.
    """
    if call.scope is not Scope.PUBLIC:
        return request
    if confirms_by_mail(call, profile):
        refuse([] if request.guest.email else [("schedulerInfo.email", "expected an address, found none")])
        require_mailed_links(call)
    if profile.confirm_email or profile.several:
        request = replace(request, reserve_minutes=_minutes_held(call, profile, [request]))
    if request.reserve_minutes is not None:
        _require_few_open(call, [request])
    return request


def confirms_by_mail(call: Call, profile: gbook.Profile) -> bool:
    """Return whether the caller is a guest, who confirms by a link in a mail."""
    return call.scope is Scope.PUBLIC and profile.confirm_email


def request_times(call: Call, profile: gbook.Profile, starts: Sequence[int]) -> Sequence[gbook.Record]:
    """Hold times for the guest of the body, all or none, until the host confirms one of them.

    A call that is repeated, by its key, gives what the first one has made. Raises Refusal with the problems
    of the body, TimesTaken, ApiError.
    """
    requests = _requests(call, profile, starts)
    _require_few_open(call, requests)
    require_mail(call)
    with refusing(call):
        records = _propose(call, requests)
    for record in records:
        if not record.repeated:
            notify(call, record, gbook.Hook.POST_BOOK)
    return records


def taken_times(call: Call, profile: gbook.Profile, starts: Sequence[int]) -> list[int]:
    """Return those of the times that cannot be booked. Raises ApiError if that is not known."""
    with refusing(call):
        return _taken(call, [gbook.BookingRequest(profile=profile, start=start) for start in starts])


def asked_with(record: gbook.Record) -> tuple[str, ...]:
    """Return the UIDs of the times that a guest asked for together with this record, its own included.

    They are derived from the proposal, so that those are known too that were dropped. None if the host has
    proposed it, or it was booked or reserved by itself.
    """
    if record.proposal is None:
        return ()
    profile, proposal = gbook.Profile(name=record.profile), record.proposal
    uids = tuple(gbook.key_uid(profile, _key(proposal, number)) for number in range(MOST_ASKED))
    return uids if record.uid in uids else ()


def was_asked_for(record: gbook.Record) -> bool:
    """Return whether a guest has asked for a time with others, or for one where the host confirms."""
    return bool(asked_with(record))


def _key(proposal: str, number: int) -> str:
    return f"{proposal} {number}"


def _requests(call: Call, profile: gbook.Profile, starts: Sequence[int]) -> list[gbook.BookingRequest]:
    """Return the request of each time. Raises Refusal."""
    requests = [booking_request(_at(call, start), profile) for start in starts]
    proposal = str(uuid5(NAMESPACE_OID, requests[0].key) if requests[0].key else uuid4())
    minutes = _minutes_held(call, profile, requests)
    return [
        replace(request, reserve_minutes=minutes, proposal=proposal, key=_key(proposal, number))
        for number, request in enumerate(requests)
    ]


def _at(call: Call, start: int) -> Call:
    time = SelectedMeetingTime(start=format_instant(start))
    return replace(call, body=msgspec.structs.replace(call.body, time=time))


def _minutes_held(call: Call, profile: gbook.Profile, requests: Sequence[gbook.BookingRequest]) -> int:
    """Return how long times are held: for the host at most until the notice before the first of them."""
    if not profile.several:
        return FOR_GUEST
    first = min(request.start or call.now for request in requests)
    left = (first - call.now) // MINUTE - profile.start_after_minutes
    return max(FOR_GUEST, min(FOR_HOST, left))


def _require_few_open(call: Call, requests: Sequence[gbook.BookingRequest]) -> None:
    """Raise ApiError, 429, if too many other requests of the same e-mail address wait for an answer.

    So a guest cannot fill the mailbox of another person, or hold all times under one name.
    """
    guest = requests[0].guest
    if not guest.email:
        return
    own = {gbook.key_uid(request.profile, request.key) for request in requests if request.key}
    waiting = [
        record
        for record in gbook.known_records(call.workspace)
        if record.is_reservation
        and record.holds(call.now)
        and record.uid not in own
        and canonical_address(record.guest.email or "") == canonical_address(guest.email)
    ]
    if len({record.proposal or record.uid for record in waiting}) >= MOST_OPEN:
        seconds = min(record.expires or call.now for record in waiting) - call.now
        message = "too many times are held for this guest; wait until one is confirmed or released"
        raise ApiError(429, "too_many_held", message, Retry_After=str(max(seconds, 1)))


def _ask_first(call: Call, requests: Sequence[gbook.BookingRequest]) -> None:
    """Ask the preBook program about each time of a new request. Raises Refused, SlotUnavailable."""
    if not call.workspace.config.hooks.pre_book:
        return
    if not any(gbook.known_booking(call.context, request) for request in requests):
        for draft in gbook.preview_proposal(call.context, requests):
            ask_pre_book(call, gbook.record_of(call.context, draft))


def _propose(call: Call, requests: Sequence[gbook.BookingRequest]) -> Sequence[gbook.Record]:
    """Reserve the times. Raises what `gbook.propose` raises, TimesTaken."""
    try:
        _ask_first(call, requests)
        return gbook.propose(call.context, requests)
    except (gbook.Refused, gbook.KeyTaken):
        raise
    except gbook.SlotUnavailable as error:
        if taken := _taken(call, requests):
            raise TimesTaken(taken) from error
        raise


def _taken(call: Call, requests: Sequence[gbook.BookingRequest]) -> list[int]:
    return [request.start for request in requests if request.start and _is_taken(call, request)]


def _is_taken(call: Call, request: gbook.BookingRequest) -> bool:
    """Return whether a time cannot be booked. Raises SlotUnknown if that is not known."""
    try:
        gbook.judge(call.context, request)
    except gbook.SlotUnknown:
        raise
    except gbook.SlotUnavailable:
        return True
    return False
