"""Book a slot: check that it is free, lock, check again, write.

The function that lists slots also checks them here: once before the locks, and again under the locks of all
calendars that are written. The second of two concurrent bookings finds the slot taken, and gets the nearest
free ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, Guest, blank_fields, build_event, event_bytes, key_uid
from gbook.bookings.expiry import expired_reservations
from gbook.bookings.guest_conflicts import GuestsFree, Meeting, conflicts
from gbook.bookings.idempotency import known_booking
from gbook.bookings.planned import Change, Contents, PlannedChange, Prepared
from gbook.bookings.record import Copy, Record, record_of_draft
from gbook.bookings.request import BookingRequest
from gbook.bookings.series_event import put_event
from gbook.bookings.transaction import under_locks
from gbook.calendars.ics.ownership import own_event
from gbook.calendars.stores.base import Item
from gbook.engine.intervals import Intervals
from gbook.engine.quorum import Slot
from gbook.profiles.model import AD_HOC_WINDOW, Profile
from gbook.scheduling.assignment import assign, repeat_of
from gbook.scheduling.availability import Answer, profile_members
from gbook.scheduling.colleagues import dates_of
from gbook.scheduling.unavailable import Alternatives, SlotUnavailable, SlotUnknown
from gbook.scheduling.zones import profile_zone
from gbook.timeutil.format import zoned_moment
from gbook.timeutil.instants import MINUTE
from gbook.workspace.config import Account

__all__ = [
    "book",
    "concerned",
    "copies_of",
    "draft_for",
    "edited_items",
    "judge",
    "locked_for_guest",
    "new_events",
    "receivers",
    "record_of",
    "to_lock",
]

NEAREST = 5


def book(
    context: BookingContext, request: BookingRequest, before: Callable[[Draft], None] | None = None
) -> Record:
    """Book or reserve a slot, and return its record once it is durable.

    `before` is called once with the draft, before anything is locked, and may raise to refuse. Raises
    SlotUnavailable (with the nearest slots), KeyTaken, UsageError for fields, Locked.
    """
    request.check()
    uid = key_uid(request.profile, request.key) if request.key else context.new_uid()
    ask_first = [before] if before else []

    def plan() -> PlannedChange[Sequence[Record]]:
        if known := known_booking(context, request):
            return PlannedChange(frozenset(), frozenset(), lambda _: Prepared([known]))
        draft = draft_for(context, request, uid)
        while ask_first:
            ask_first.pop()(draft)
        accounts = to_lock(context, request, concerned(draft))
        items = edited_items(context, accounts, uid)
        return PlannedChange(set(context.locks(accounts)), items, partial(prepare, draft))

    def prepare(draft: Draft, contents: Contents) -> Prepared[Sequence[Record]]:
        if request.key:
            # A random UID is in no calendar; the UID of a key may be.
            for item, content in contents.items():
                own_event(content, uid, str(item))
        return new_events(context, [draft], contents)

    return under_locks(context, plan, f"the calendars of {request.profile.noun}")[0]


def draft_for(context: BookingContext, request: BookingRequest, uid: str) -> Draft:
    """Return the event as it would be booked now. Raises SlotUnavailable with the nearest free slots."""
    meeting = Meeting(
        request.guest, request.invitees, (), request.query(context.now).exempt, request.profile.name
    )
    if request.strict:
        request = replace(request, guests_free=GuestsFree.of(context, meeting))
    answer, slot = judge(context, request)
    choice = assign(answer, slot)
    repeat = repeat_of(answer, slot, choice)
    spans = dates_of(slot.start, slot.end, repeat, answer.zone)
    context.collected_warnings.extend(conflicts(context, meeting._replace(spans=spans)))
    accounts = [context.workspace.account(name) for name in choice.accounts]
    return Draft(
        uid=uid,
        profile=request.event_profile,
        start=slot.start,
        end=slot.end,
        accounts=accounts,
        group=choice.group,
        optional=[context.workspace.account(name) for name in choice.optional],
        guest=request.guest,
        invitees=request.invitees,
        fields=request.fields,
        conference_url=context.workspace.config.conference_url,
        zone=profile_zone(context.workspace, request.profile),
        now=context.now,
        expires=None if request.reserve_minutes is None else context.now + request.reserve_minutes * MINUTE,
        proposal=request.proposal,
        copies=context.workspace.config.deliver == "copies",
        asked=slot.start if request.key else None,
        needs=() if request.reserve_minutes is None else _lacking(request),
        texts_given=request.texts,
        people=request.people,
        repeat=repeat,
        links=context.links,
    )


def _lacking(request: BookingRequest) -> list[str]:
    """Return the fields that the guest of a reservation must still give."""
    return [name for name in blank_fields(request.event_profile) if name not in request.fields]


def judge(context: BookingContext, request: BookingRequest) -> tuple[Answer, Slot]:
    """Return the slot if it can be booked, and the answer it comes from. Raises SlotUnavailable."""
    if request.start is None:
        return _first_slot(context, request)
    start, end = request.start, _end(request, request.start)
    answer = context.ask(request.query(context.now, start, end))
    if not answer.members:
        raise SlotUnavailable(_nothing(answer))
    if not answer.slots:
        zone = context.zone or answer.zone
        reasons = _reasons(context, request, answer, zone)
        raise _refusal(answer)(
            f"{zoned_moment(start, zone)} cannot be booked: {reasons}",
            Alternatives(nearest(context, request, start), answer.members, zone),
        )
    return answer, answer.slots[0]


def _reasons(context: BookingContext, request: BookingRequest, answer: Answer, zone: ZoneInfo) -> str:
    """Return why the slot that was asked for cannot be booked: because of its guests, or of its accounts."""
    from gbook.scheduling.explain import summarize

    start, end = answer.query.low or 0, answer.query.high or 0
    repeat = None if request.skip_busy else request.repeat
    spans = dates_of(start, end, repeat, answer.zone)
    if request.guests_free and (busy := request.guests_free.reasons(context, spans)):
        without = replace(request, guests_free=None)
        if context.ask(without.query(context.now, start, end)).slots:
            return busy
    return summarize(context.workspace, answer, start, zone)


def _first_slot(context: BookingContext, request: BookingRequest) -> tuple[Answer, Slot]:
    answer = context.ask(request.query(context.now, high=_search_end(request, context.now)))
    beside = Intervals(request.beside)
    slots = _by_rank(answer) if request.best else answer.slots
    first = next((slot for slot in slots if not beside.clip(slot.start, slot.end)), None)
    if first is None:
        raise _refusal(answer)(_nothing(answer))
    return answer, first


def _by_rank(answer: Answer) -> list[Slot]:
    from gbook.scheduling.preferences import rank

    return [ranked.slot for ranked in rank(answer)]


def _refusal(answer: Answer) -> type[SlotUnavailable]:
    """Return the error for a slot that is not free, or not known to be."""
    warnings = [warning for time in answer.times.values() for warning in time.warnings]
    is_unknown = any(warning.code == "unreachable_calendar" for warning in warnings)
    return SlotUnknown if is_unknown else SlotUnavailable


def _end(request: BookingRequest, start: int) -> int:
    """Return the end of a requested slot. Raises SlotUnavailable if it is not that of the profile."""
    minutes = request.profile.duration_minutes
    end = start + minutes * MINUTE
    if request.end in (None, end):
        return end
    if request.agreed is None:
        raise SlotUnavailable(
            f"{_meeting(request.profile)} lasts {minutes} minutes, not {(request.end - start) // MINUTE}"
        )
    return request.end


def _meeting(profile: Profile) -> str:
    return f"a meeting of {profile.noun}" if profile.name else profile.noun


def _nothing(answer: Answer) -> str:
    """Return why there is no slot at all, including the calendars that cannot be read."""
    noun = answer.query.profile.noun
    if not answer.members:
        return f"{noun} has no members: attach accounts or groups to it"
    unread = [
        f"{warning.path}: {warning.message}" if warning.path else warning.message
        for time in answer.times.values()
        for warning in time.warnings
        if not time.readable
    ]
    return "; ".join([f"{noun} has no free slot", *dict.fromkeys(unread)])


def nearest(context: BookingContext, request: BookingRequest, start: int) -> list[Slot]:
    """Return the bookable slots closest to `start` (an instant), in order of time."""
    high = _search_end(request, max(context.now, start))
    slots = context.ask(request.query(context.now, high=high)).slots
    closest = sorted(slots, key=lambda slot: abs(slot.start - start))[:NEAREST]
    return sorted(closest, key=lambda slot: slot.start)


def _search_end(request: BookingRequest, low: int) -> int | None:
    """Return until when a slot is searched for, from `low` on (instants); None for all of the period."""
    return None if request.profile.name else low + AD_HOC_WINDOW


def receivers(context: BookingContext, draft: Draft) -> list[Account]:
    """Return the accounts whose calendars get the event: the host, and the others unless `deliver: host`.

    Accounts that are invited by mail get none.
    """
    if context.workspace.config.deliver == "host":
        return [draft.host]
    return [account for account in concerned(draft) if not account.is_invited_by_mail]


def concerned(draft: Draft) -> list[Account]:
    """Return the accounts whose time is taken or whose calendars get the event; all of them are locked."""
    return [*draft.accounts, *(account for account in draft.optional if account.is_writable)]


def copies_of(context: BookingContext, draft: Draft) -> list[Copy]:
    """Return the copies of the event that are to be written."""
    return [
        Copy(account, context.resource(account, draft.uid), context.shown(account))
        for account in receivers(context, draft)
    ]


def record_of(context: BookingContext, draft: Draft) -> Record:
    """Return the booking as it would be in the calendars."""
    return record_of_draft(draft, build_event(draft), copies_of(context, draft))


def edited_items(context: BookingContext, accounts: Iterable[Account], uid: str) -> set[Item]:
    """Return the resources in which an event is written, in the calendars of these accounts."""
    return {context.resource(account, uid) for account in accounts if account.is_writable}


def to_lock(context: BookingContext, request: BookingRequest, chosen: Sequence[Account]) -> list[Account]:
    """Return the accounts to lock: those chosen.

    With a key, or a cap of bookings for the guest, they are all that could be chosen, so that the runs with
    the key and the bookings of the guest take turns.
    """
    if request.key:
        others = _all_members(context, request.profile)
    else:
        others = locked_for_guest(context, request.profile, request.guest)
    return [*chosen, *(account for account in others if account not in chosen)]


def locked_for_guest(context: BookingContext, profile: Profile, guest: Guest) -> list[Account]:
    """Return the accounts to lock beside those that meet: all that could be chosen, if a cap is the guest's.

    So the bookings of the guest take turns.
    """
    return _all_members(context, profile) if guest.email and profile.limits_guests else []


def _all_members(context: BookingContext, profile: Profile) -> list[Account]:
    """Return the accounts of a profile's members in whose calendars gbook can write."""
    named = {name for member in profile_members(profile) for name in member.accounts}
    accounts = [context.workspace.account(name) for name in sorted(named)]
    return [account for account in accounts if account.is_writable]


def new_events(
    context: BookingContext, drafts: Sequence[Draft], contents: Contents
) -> Prepared[Sequence[Record]]:
    """Return the edits that write new events. `contents` was read under the locks, before the check."""
    records: list[Record] = []
    changes: list[Change] = []
    for draft in drafts:
        event, copies = build_event(draft), copies_of(context, draft)
        put = put_event(draft.uid, event_bytes(event))
        items = dict.fromkeys(copy.item for copy in copies)
        changes += [Change(item, (put,), contents[item]) for item in items]
        records.append(record_of_draft(draft, event, copies))
    calendars = dict.fromkeys(change.item.store for change in changes)
    # With a key, an event may take the place of a reservation that has expired.
    made = {draft.uid for draft in drafts}
    expired = [
        change for change in expired_reservations(calendars, context.now) if change.edits[0].uid not in made
    ]
    return Prepared(records, changes, records, taking=records, cleanup=expired)
