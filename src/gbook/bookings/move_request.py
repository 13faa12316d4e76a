"""The request of a booking that is moved or confirmed: with its accounts, or others of its profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from gbook.bookings.context import BookingContext
from gbook.bookings.participants import accounts_that, participants_of
from gbook.bookings.record import Record
from gbook.bookings.request import BookingRequest
from gbook.bookings.series_change import rest_of
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Member, Required, needed
from gbook.profiles.model import Profile
from gbook.scheduling.availability import profile_members
from gbook.timeutil.repeats import Repeat

__all__ = ["accepted_times", "any_accounts", "repeat_to_come", "same_accounts", "time_of"]


def same_accounts(context: BookingContext, record: Record, profile: Profile) -> BookingRequest:
    """Return the request that all accounts of a booking take part again, except those that were removed."""
    accounts = tuple(account.id for account in participants_of(context.workspace, record).present)
    optional = tuple(account for account in profile.optional if account not in accounts)
    narrowed = msgspec.structs.replace(profile, accounts=accounts, groups=(), optional=optional)
    return BookingRequest(
        profile=narrowed,
        start=record.start,
        required="all",
        people=record.people,
        moving=record.uid,
        proposal=record.proposal,
        accepted=accepted_times(context, record),
        repeat=repeat_to_come(context, record),
    )


def repeat_to_come(context: BookingContext, record: Record) -> Repeat | None:
    """Return how a series recurs from the first of its dates to come on; None for a single meeting."""
    return rest_of(record, record.series, context.now).repeat if record.series else None


def any_accounts(record: Record, profile: Profile, holders: Sequence[str]) -> BookingRequest:
    """Return the request for as many members as now, of the whole profile; the present ones come first."""
    members = profile_members(profile)
    groups = [
        msgspec.structs.replace(group, account_ids=_first(group.account_ids, holders))
        for group in profile.groups
    ]
    groups.sort(key=lambda group: group.ext_id != record.group)
    own_first = msgspec.structs.replace(
        profile, accounts=_first(profile.accounts, holders), groups=tuple(groups)
    )
    return BookingRequest(
        profile=own_first,
        start=record.start,
        required=_required(members, holders, len(record.accounts)),
        people=record.people,
        moving=record.uid,
        proposal=record.proposal,
    )


def _required(members: Sequence[Member], holders: Sequence[str], size: int) -> Required:
    """Return how many members `size` accounts represent: the event does not record what was required.

    An account that belongs to no member counts as a member, to be replaced.
    """
    present = [account for account in holders if any(account in member.accounts for member in members)]
    sizes = sorted((_sends(member) for member in members if _holds(member, present)), reverse=True)
    count = next((i for i, total in enumerate(accumulate(sizes), 1) if total >= len(present)), len(sizes))
    count = min(count + size - len(present), len(members))
    return "all" if count == len(members) else max(count, 1)


def _holds(member: Member, accounts: Sequence[str]) -> bool:
    """Return whether these accounts include as many of a member as it sends."""
    return sum(account in accounts for account in member.accounts) >= _sends(member)


def _sends(member: Member) -> int:
    return needed(member.required, len(member.accounts))


def _first(accounts: Sequence[str], preferred: Sequence[str]) -> tuple[str, ...]:
    """Return the accounts, the preferred ones first and in that order."""
    known = [account for account in preferred if account in accounts]
    return tuple(dict.fromkeys([*known, *accounts]))


def time_of(accounts: Iterable[str], record: Record) -> dict[str, Interval]:
    """Return the time of a booking for each of these accounts."""
    return dict.fromkeys(accounts, (record.start, record.end))


def accepted_times(context: BookingContext, record: Record) -> dict[str, Interval]:
    """Return the time of a booking for each account that has accepted it: none for a reservation."""
    if record.is_reservation:
        return {}
    return time_of(accounts_that("ACCEPTED", context.workspace, record), record)
