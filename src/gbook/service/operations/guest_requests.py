"""Times that a guest asks for, and that are held until one is confirmed.

With `confirmEmail` that is the guest, by a link in a mail; with `several` it is the host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid4, uuid5

import msgspec

import gbook
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
    "awaits_mail",
    "confirms_by_mail",
    "is_at_limit",
    "request_times",
    "require_allowance",
    "taken_times",
    "was_asked_for",
]

MOST_ASKED = 3
# Minutes that a time is held: until the guest has read a mail; until the host has decided.
FOR_GUEST, FOR_HOST = 15, 2 * 24 * 60


class TimesTaken(ApiError):
    """Some of the times that a guest asks for cannot be booked, by their starts; none is held."""

    def __init__(self, starts: Sequence[int]) -> None:
        super().__init__(409, "slot_unavailable", "the time cannot be booked")
        self.starts = starts


def as_guest(call: Call, profile: gbook.Profile, request: gbook.BookingRequest) -> gbook.BookingRequest:
    """Return a request as a guest without credentials may make it.

    Where the guest or the host confirms each booking, it only holds its time. Any number of times can wait
    for one e-mail address: a stranger who gives it could use up a limit, and would learn from a refusal that
    its owner has asked for times.
    """
    if call.scope is not Scope.PUBLIC:
        return request
    if confirms_by_mail(call, profile):
        refuse([] if request.guest.email else [("schedulerInfo.email", "expected an address, found none")])
        require_mailed_links(call)
    if profile.confirm_email or profile.several:
        return replace(request, reserve_minutes=_minutes_held(call, profile, [request]))
    return request


def confirms_by_mail(call: Call, profile: gbook.Profile) -> bool:
    """Return whether the caller is a guest, who confirms by a link in a mail."""
    return call.scope is Scope.PUBLIC and profile.confirm_email


def awaits_mail(profile: gbook.Profile | None, record: gbook.Record) -> bool:
    """Return whether a record is a reservation whose guest confirms it by a link in a mail.

    `profile` is its own, None if that is gone.
    """
    if profile is None or not profile.confirm_email or record.proposal is not None:
        return False
    return record.is_reservation and bool(record.guest.email)


def request_times(call: Call, profile: gbook.Profile, starts: Sequence[int]) -> Sequence[gbook.Record]:
    """Hold times for the guest of the body, all or none, until the host confirms one of them.

    A call that is repeated, by its key, gives what the first one has made. Raises Refusal with the problems
    of the body, TimesTaken, ApiError.
    """
    requests = _requests(call, profile, starts)
    require_mail(call)
    with refusing(call):
        require_allowance(call, requests)
        records = _propose(call, requests)
    made = [record for record in records if not record.repeated]
    if made:
        call.allowance.use()
    for record in made:
        notify(call, record, gbook.Hook.POST_BOOK)
    return records


def require_allowance(call: Call, requests: Sequence[gbook.BookingRequest]) -> None:
    """Raise ApiError, 429, if the caller may not book any more; a request that is repeated books nothing.

    Raises what `gbook.known_booking` raises.
    """
    try:
        call.allowance.require()
    except ApiError:
        if not any(gbook.known_booking(call.context, request) for request in requests):
            raise


def taken_times(
    call: Call, profile: gbook.Profile, starts: Sequence[int], held: str | None = None
) -> list[int]:
    """Return those of the times that cannot be booked; the reservation with the UID `held` takes none.

    Raises ApiError if that is not known.
    """
    requests = [gbook.BookingRequest(profile=profile, start=start, moving=held) for start in starts]
    with refusing(call):
        return _taken(call, requests)


def is_at_limit(call: Call, profile: gbook.Profile, starts: Sequence[int], held: str | None = None) -> bool:
    """Return whether times that a guest cannot book are free for others: the guest has as many as allowed.

    `held` is the UID of the reservation that the guest cannot confirm.
    """
    if not profile.limits_guests:
        return False
    try:
        return not taken_times(call, profile, starts, held)
    except ApiError:
        return False


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
