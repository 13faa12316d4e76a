"""A booking or reservation at another time, or with others: the same UID, in every copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import msgspec

from gbook.bookings.assignment import Choice, choose
from gbook.bookings.book import judge
from gbook.bookings.cancel import check_open
from gbook.bookings.context import BookingContext
from gbook.bookings.copies import agree, aligned, brought_together
from gbook.bookings.event_diff import EventDiff, amended, draft_of
from gbook.bookings.people import people_of
from gbook.bookings.records import Record
from gbook.bookings.request import Request
from gbook.bookings.revision import Plan, Revision, find_either
from gbook.engine.quorum import Member, Required, Slot, needed
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import profile_members
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["Target", "rescheduling", "same_accounts"]


@dataclass(frozen=True)
class Target:
    """Where a booking is to go: instants; no start means the first slot. `reassign`: others may hold it."""

    start: int | None
    end: int | None = None
    reassign: bool = False

    def is_where(self, record: Record) -> bool:
        """Whether the booking is there already."""
        return self.start == record.start and self.end in (None, record.end)


def rescheduling(context: BookingContext, wanted: str, target: Target) -> Plan:
    """Move a booking or reservation, in every copy; its own time does not block it.

    A reservation stays one, and expires when it would have. The plan raises SlotUnavailable with the nearest
    slots, also where only others than its accounts are free and none may be chosen; NotFound for a booking
    that was cancelled.
    """

    def plan() -> list[Revision]:
        record = find_either(context, wanted)
        check_open(record, context.now)
        if target.is_where(record) and not target.reassign:
            return [brought_together(context, record, record)]
        profile = ProfileStore(context.workspace).find(record.profile)
        slot, choice = _chosen(context, record, profile, target)
        stays = (slot.start, slot.end) == (record.start, record.end)
        if stays and choice.accounts == tuple(record.accounts):
            return [brought_together(context, record, record)]
        before = draft_of(context, record, profile)
        after = replace(
            before,
            start=slot.start,
            end=slot.end,
            accounts=[context.workspace.account(name) for name in choice.accounts],
            group=choice.group,
            optional=[context.workspace.account(name) for name in choice.optional],
            sequence=record.sequence + 1,
            # Of a reservation nobody was told the old time.
            moved_from=None if stays or record.is_reservation else (record.start, record.end),
        )
        amendment = EventDiff(before, after)
        revision = amended(context, record, amendment)
        if agree(record, record):
            return [revision]
        align = aligned(context, record, record)
        return [replace(revision, rewrite=lambda component: amendment(align(component)))]

    return plan


def same_accounts(context: BookingContext, record: Record, profile: Profile) -> Request:
    """Return the question whether the accounts of a booking that gbook.yaml still has can all hold it."""
    accounts = tuple(account.id for account in people_of(context.workspace, record).present)
    optional = tuple(account for account in profile.optional if account not in accounts)
    narrowed = msgspec.structs.replace(profile, accounts=accounts, groups=(), optional=optional)
    return Request(
        profile=narrowed, start=record.start, required="all", moving=record.uid, proposal=record.proposal
    )


def _chosen(context: BookingContext, record: Record, profile: Profile, target: Target) -> tuple[Slot, Choice]:
    same = same_accounts(context, record, profile)
    holders = same.profile.accounts
    same = _at(target, record, same, holders)
    others = _at(target, record, _any_accounts(record, profile, holders), ())
    if not target.reassign or _are_members(holders, record, profile):
        try:
            _, slot = judge(context, same)
            return slot, Choice(holders, record.group, slot.optional)
        except SlotUnavailable as error:
            if not target.reassign:
                raise _with_hint(context, others, error if holders else _all_gone(record)) from None
    answer, slot = judge(context, others)
    return slot, choose(answer, slot)


def _are_members(holders: Sequence[str], record: Record, profile: Profile) -> bool:
    """Whether all accounts of a booking are still there and in the profile: else others replace them."""
    return len(holders) == len(record.accounts) and profile.account_ids.issuperset(holders)


def _all_gone(record: Record) -> SlotUnavailable:
    names = ", ".join(record.accounts)
    return SlotUnavailable(f"no account of booking {record.uid} is in gbook.yaml any more: {names}")


def _at(target: Target, record: Record, request: Request, holders: tuple[str, ...]) -> Request:
    """The question about the target. The time that a booking has already was agreed with its holders."""
    if target.is_where(record):
        return replace(request, start=record.start, end=record.end, agreed=holders)
    return replace(request, start=target.start, end=target.end)


def _with_hint(context: BookingContext, others: Request, error: SlotUnavailable) -> SlotUnavailable:
    """The refusal, with the way out where there is one."""
    try:
        judge(context, others)
    except SlotUnavailable:
        return error
    return SlotUnavailable(f"{error.message}; others are free: --reassign", error.alternatives)


def _any_accounts(record: Record, profile: Profile, holders: Sequence[str]) -> Request:
    """Return the question whether any members can hold it: as many as hold it now, they before all others."""
    members = profile_members(profile)
    groups = [
        msgspec.structs.replace(group, account_ids=_first(group.account_ids, holders))
        for group in profile.groups
    ]
    groups.sort(key=lambda group: group.ext_id != record.group)
    own_first = msgspec.structs.replace(
        profile, accounts=_first(profile.accounts, holders), groups=tuple(groups)
    )
    return Request(
        profile=own_first,
        start=record.start,
        required=_required(members, holders, len(record.accounts)),
        moving=record.uid,
        proposal=record.proposal,
    )


def _required(members: Sequence[Member], holders: Sequence[str], size: int) -> Required:
    """Return how many members it takes to send `size` accounts; the event does not say what was asked for.

    An account that is in none of them counts as a member, which another one replaces.
    """
    there = [account for account in holders if any(account in member.accounts for member in members)]
    sent = sorted((_sends(member) for member in members if _holds(member, there)), reverse=True)
    count = next((i for i, total in enumerate(accumulate(sent), 1) if total >= len(there)), len(sent))
    count = min(count + size - len(there), len(members))
    return "all" if count == len(members) else max(count, 1)


def _holds(member: Member, accounts: Sequence[str]) -> bool:
    """Whether a member stands behind a meeting of these accounts."""
    return sum(account in accounts for account in member.accounts) >= _sends(member)


def _sends(member: Member) -> int:
    return needed(member.required, len(member.accounts))


def _first(accounts: Sequence[str], preferred: Sequence[str]) -> tuple[str, ...]:
    """Those preferred first, in that order."""
    known = [account for account in preferred if account in accounts]
    return tuple(dict.fromkeys([*known, *accounts]))
