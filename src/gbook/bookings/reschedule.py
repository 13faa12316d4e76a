"""Moving a booking or reservation to another time or other accounts, in every copy; its UID stays."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC

import msgspec

from gbook.bookings.book import judge, locked_for_guest
from gbook.bookings.cancel import check_open
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, Guest
from gbook.bookings.event_data import Series
from gbook.bookings.event_diff import EventDiff, amended, draft_of
from gbook.bookings.event_profile import EventProfile, event_profile
from gbook.bookings.guest_conflicts import GuestsFree, Meeting, conflicts
from gbook.bookings.guests import joined, with_invitees
from gbook.bookings.move_request import accepted_times, any_accounts, repeat_to_come, same_accounts, time_of
from gbook.bookings.participants import accounts_that
from gbook.bookings.record import Record
from gbook.bookings.repair import to_all_copies
from gbook.bookings.request import BookingRequest
from gbook.bookings.revision import Plan, Revision, each, find_either
from gbook.bookings.series_change import date_moves, open_date, rest_of
from gbook.calendars.ics.ownership import OwnEvent
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Slot
from gbook.errors import UsageError
from gbook.profiles.model import AD_HOC_WINDOW, Profile
from gbook.scheduling.assignment import Choice, assign
from gbook.scheduling.availability import Answer
from gbook.scheduling.colleagues import dates_of
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import DAY
from gbook.timeutil.periods import Period
from gbook.timeutil.zones import find_zone

__all__ = ["NewSlot", "move_request", "rescheduling", "same_accounts", "slots_to_move"]


@dataclass(frozen=True)
class NewSlot:
    """The slot a booking moves to, as instants; without a start, the first free one, or the best if `best`.

    `reassign`: other accounts may take over. `invitees` are invited too. `recurrence`: only the date of a
    series with this original start moves; else all dates to come move, and the first of them gets the slot.
    `strict`: the guests must be free.
    """

    start: int | None
    end: int | None = None
    reassign: bool = False
    invitees: tuple[Guest, ...] = ()
    recurrence: int | None = None
    strict: bool = False
    best: bool = False

    def as_long_as(self, record: Record) -> NewSlot:
        """Return the slot with an end: a booking without a profile stays as long as it is."""
        if self.start is None:
            return self
        return replace(self, end=self.end or self.start + record.end - record.start)

    def is_slot_of(self, record: Record) -> bool:
        """Whether the booking has this slot already."""
        return self.start == record.start and self.end in (None, record.end)


def rescheduling(context: BookingContext, record_id: str, new_slot: NewSlot) -> Plan:
    """Return the plan that moves a booking or reservation, in every copy; its own time does not block it.

    A reservation stays one, and its expiry does not change. The plan raises SlotUnavailable with the nearest
    slots, also if only other accounts are free and `reassign` is not set; NotFound for a booking that
    was cancelled.
    """

    def plan() -> list[Revision]:
        record = find_either(context, record_id)
        check_open(context, record)
        if record.series and (new_slot.recurrence is not None or record.series.has_changed(context.now)):
            return [_moved_dates(context, record, record.series, new_slot)]
        if new_slot.is_slot_of(record) and not new_slot.reassign:
            return [with_invitees(context, record, new_slot.invitees, strict=new_slot.strict)]
        own = event_profile(context, record)
        asked = new_slot if own.has_rules else new_slot.as_long_as(record)
        slot, choice = _choose(context, record, own, asked)
        if _is_unchanged(record, slot, choice):
            return [with_invitees(context, record, new_slot.invitees, strict=new_slot.strict)]
        before = draft_of(context, record, own.profile)
        spans = dates_of(slot.start, slot.end, repeat_to_come(context, record), before.zone)
        _warn_of_guests(context, record, new_slot, spans)
        after = _moved(context, record, before, slot, choice)
        diff = EventDiff(before, replace(after, invitees=joined(before, record, new_slot.invitees)))
        # Answers to single dates do not outlive the time of their dates.
        change = each(diff) if diff.is_same_time else lambda own: OwnEvent(diff(own.event))
        locked = locked_for_guest(context, own.profile, record.guest)
        rewrite = to_all_copies(context, record, change)
        return [replace(amended(context, record, diff), rewrite=rewrite, locked=locked)]

    return plan


def _moved_dates(context: BookingContext, record: Record, series: Series, new_slot: NewSlot) -> Revision:
    """Return the revision that moves one date of a series, or all that are to come, in their overrides."""
    if new_slot.reassign:
        raise UsageError("--reassign: the accounts of a series are the same on all its dates; leave it out")
    if new_slot.invitees:
        raise UsageError(f"--invite: `gbook booking guest add {record.uid} EMAIL` invites to a series")
    own = event_profile(context, record)
    request = same_accounts(context, record, own.profile)
    request = replace(request, guest=record.guest, guests_free=_guests_free(context, record, new_slot))
    if new_slot.recurrence is None:
        dates, repeat = rest_of(record, series, context.now)
    else:
        day = open_date(context, record, new_slot.recurrence)
        dates, repeat = [day], None
        profile = _reaching(request.profile, context.now, day.end)
        request = replace(request, profile=profile, repeat=None, moving_date=new_slot.recurrence)
    asked = new_slot if own.has_rules else new_slot.as_long_as(record)
    _, slot = judge(context, replace(request, start=asked.start, end=asked.end, agreed=own.agreed))
    spans = dates_of(slot.start, slot.end, repeat, find_zone(series.zone))
    moves = dict(zip(dates, spans, strict=True))
    if all(day.start == start for day, (start, _) in moves.items()):
        return with_invitees(context, record, ())
    _warn_of_guests(context, record, new_slot, spans)
    revision = date_moves(context, record, own.profile, moves)
    return replace(revision, locked=locked_for_guest(context, own.profile, record.guest))


def _reaching(profile: Profile, now: int, instant: int) -> Profile:
    """Return the profile with a period, from `now` on, that reaches well beyond `instant`.

    The period limits only the first date of a series: a later one may move about its own time.
    """
    beyond = instant + AD_HOC_WINDOW
    if Period.parse(profile.time_available_for).after(now, UTC) >= beyond:
        return profile
    return msgspec.structs.replace(profile, time_available_for=f"P{(beyond - now) // DAY + 1}D")


def _guests_free(context: BookingContext, record: Record, new_slot: NewSlot) -> GuestsFree | None:
    return GuestsFree.of(context, Meeting.of(context, record, new_slot.invitees)) if new_slot.strict else None


def _warn_of_guests(
    context: BookingContext, record: Record, new_slot: NewSlot, spans: Sequence[Interval]
) -> None:
    """Warn of the guests who are busy at the new times."""
    meeting = Meeting.of(context, record, new_slot.invitees)._replace(spans=spans)
    context.collected_warnings.extend(conflicts(context, meeting))


def slots_to_move(context: BookingContext, record: Record, *, reassign: bool) -> Answer:
    """Return the slots that a booking can move to: with its accounts, or with others if `reassign`.

    Raises SlotUnavailable if there is none, NotFound for a booking that was cancelled.
    """
    return judge(context, move_request(context, record, reassign=reassign))[0]


def move_request(context: BookingContext, record: Record, *, reassign: bool = False) -> BookingRequest:
    """Return the request whose slots are those that a booking can move to, as `slots_to_move` says.

    Raises NotFound for a booking that was cancelled, SlotUnavailable for one that is over.
    """
    check_open(context, record)
    profile = event_profile(context, record).profile
    request = same_accounts(context, record, profile)
    if reassign:
        request = any_accounts(record, profile, request.profile.accounts)
        declined = time_of(accounts_that("DECLINED", context.workspace, record), record)
        request = replace(request, declined=declined, accepted=accepted_times(context, record))
    return replace(request, start=None, guest=record.guest)


def _moved(context: BookingContext, record: Record, before: Draft, slot: Slot, choice: Choice) -> Draft:
    """Return the draft of the booking at its new slot, with its new accounts."""
    stays = (slot.start, slot.end) == (record.start, record.end)
    return replace(
        before,
        start=slot.start,
        end=slot.end,
        accounts=[context.workspace.account(name) for name in choice.accounts],
        group=choice.group,
        optional=[context.workspace.account(name) for name in choice.optional],
        sequence=record.sequence + 1,
        # The guests of a reservation do not know the old time yet.
        moved_from=None if stays or record.is_reservation else (record.start, record.end),
        replies_from=None,
    )


def _is_unchanged(record: Record, slot: Slot, choice: Choice) -> bool:
    return (slot.start, slot.end, choice.accounts) == (record.start, record.end, tuple(record.accounts))


def _choose(
    context: BookingContext, record: Record, own: EventProfile, new_slot: NewSlot
) -> tuple[Slot, Choice]:
    """Return the slot and its accounts: the present ones if they can, else others if `reassign` allows it."""
    guests_free = _guests_free(context, record, new_slot)
    same = replace(same_accounts(context, record, own.profile), guests_free=guests_free)
    if new_slot.reassign:
        declined = accounts_that("DECLINED", context.workspace, record)
        same = replace(same, declined=time_of(declined, record))
    holders = same.profile.accounts
    same = _at(new_slot, record, own, same, holders)
    reassigned = replace(
        any_accounts(record, own.profile, holders),
        declined=same.declined,
        accepted=same.accepted,
        repeat=same.repeat,
        guests_free=guests_free,
    )
    others = _at(new_slot, record, own, reassigned, ())
    if not new_slot.reassign:
        return _choose_same(context, record, same, others)
    if _are_members(holders, record, own.profile):
        with suppress(SlotUnavailable):
            return _keep_accounts(context, record, same)
    answer, slot = judge(context, others)
    return slot, assign(answer, slot)


def _choose_same(
    context: BookingContext, record: Record, same: BookingRequest, others: BookingRequest
) -> tuple[Slot, Choice]:
    """Choose the present accounts. Raises SlotUnavailable, with a hint if others are free."""
    try:
        return _keep_accounts(context, record, same)
    except SlotUnavailable as error:
        refusal = error if same.profile.accounts else _all_gone(record)
    if not _is_free(context, others):
        raise refusal
    raise SlotUnavailable(f"{refusal.message}; others are free: use --reassign", refusal.alternatives)


def _keep_accounts(context: BookingContext, record: Record, same: BookingRequest) -> tuple[Slot, Choice]:
    _, slot = judge(context, same)
    return slot, Choice(same.profile.accounts, record.group, slot.optional)


def _is_free(context: BookingContext, request: BookingRequest) -> bool:
    try:
        judge(context, request)
    except SlotUnavailable:
        return False
    return True


def _are_members(holders: Sequence[str], record: Record, profile: Profile) -> bool:
    """Return whether all accounts of a booking still exist and belong to the profile."""
    return len(holders) == len(record.accounts) and profile.account_ids.issuperset(holders)


def _all_gone(record: Record) -> SlotUnavailable:
    names = ", ".join(record.accounts)
    return SlotUnavailable(f"no account of booking {record.uid} is in gbook.yaml: {names}")


def _at(
    new_slot: NewSlot, record: Record, own: EventProfile, request: BookingRequest, holders: tuple[str, ...]
) -> BookingRequest:
    """Return the request for the new slot; the present time was agreed with `holders`."""
    if new_slot.is_slot_of(record):
        return replace(request, start=record.start, end=record.end, agreed=holders)
    asked = replace(request, start=new_slot.start, end=new_slot.end, best=new_slot.best)
    return replace(asked, agreed=own.agreed, guest=record.guest)
