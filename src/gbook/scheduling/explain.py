"""Why a time can or cannot be booked: every reason, member by member and account by account.

Availability itself comes from `ask`, as for listing and booking. This module only adds the reasons; for them
it reads the calendars concerned again, with the titles of events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gbook.engine.candidates import Candidates
from gbook.engine.quorum import Member, available, needed
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import Answer, Query, account_times, ask
from gbook.scheduling.masks import free_masks
from gbook.scheduling.reason import Reason
from gbook.scheduling.reasons import NO_HOST, OTHER_SESSION, account_reasons, rules
from gbook.scheduling.series_case import SeriesCase
from gbook.scheduling.slot_case import SlotCase
from gbook.timeutil.instants import DAY, MINUTE
from gbook.workspace.workspace import Workspace

__all__ = ["AccountWhy", "MemberWhy", "Why", "explain", "summarize"]

# At most this many accounts are named in a summary.
SHORT = 5


class AccountWhy(NamedTuple):
    """One account, and every reason why it is not available; the profile's rules come first."""

    account_id: str
    available: bool
    reasons: Sequence[Reason]


class MemberWhy(NamedTuple):
    """One member, and its accounts."""

    member: Member
    available: bool
    # How many of its accounts a slot needs.
    needed: int
    accounts: Sequence[AccountWhy]


class Why(NamedTuple):
    """The explanation of the slot `[start, end)`; `rules` are the profile's rules that forbid it."""

    start: int
    end: int
    available: bool
    # How many of the members a slot needs.
    needed: int
    rules: Sequence[Reason]
    members: Sequence[MemberWhy]


def explain(workspace: Workspace, query: Query, start: int, zone: ZoneInfo) -> Why:
    """Return why the slot that starts at `start` (an instant) is available or not.

    Times in messages are in `zone`. Raises NotFound for members that the profile does not have.
    """
    end = start + query.profile.duration_minutes * MINUTE
    answer = ask(workspace, msgspec.structs.replace(query, low=start, high=end))
    case = SlotCase(workspace, answer.query, answer.period, answer.zone, start, end, zone, answer.of_guest)
    if query.repeat is not None:
        return _explain_series(SeriesCase(answer, case))
    broken = list(rules(case))
    times = _times(case, answer)
    candidate = Candidates([start], answer.candidates.meeting)
    free, _ = free_masks(answer.query, candidate, answer.zone, times, answer.readonly)
    accounts = {name: _account_why(case, broken, time, bool(free[name])) for name, time in times.items()}
    members = [_member_why(member, broken, free, accounts) for member in answer.members]
    return Why(start, end, bool(answer.slots), answer.needed, broken, members)


def _explain_series(series: SeriesCase) -> Why:
    """Return why a series is available or not: the reasons of all its dates."""
    answer, first = series.answer, series.first
    broken = series.broken()
    forbidden = [rule for rule in broken if series.matters(rule)]
    reasons = {name: series.account_reasons(name) for name in series.times}
    free = {name: int(not any(map(series.matters, own))) for name, own in reasons.items()}
    accounts = {
        name: AccountWhy(name, bool(free[name]) and not forbidden, [*broken, *own])
        for name, own in reasons.items()
    }
    members = [_member_why(member, forbidden, free, accounts) for member in answer.members]
    return Why(first.start, first.end, bool(answer.slots), answer.needed, broken, members)


def summarize(workspace: Workspace, answer: Answer, start: int, shown: ZoneInfo) -> str:
    """Return in one line why the only slot of an answer, at `start` (an instant), is not available.

    Times are in the zone `shown`.
    """
    end = start + answer.candidates.meeting.duration
    case = SlotCase(workspace, answer.query, answer.period, answer.zone, start, end, shown, answer.of_guest)
    series = None if answer.query.repeat is None else SeriesCase(answer, case)
    broken = [*filter(series.matters, series.broken())] if series else [*rules(case)]
    if broken:
        return "; ".join(reason.message for reason in broken[:SHORT])
    names = dict.fromkeys(name for member in answer.members for name in member.accounts)
    missing = [name for name in names if not answer.free[name]]
    texts = []
    for name in missing[:SHORT]:
        own = series.account_reasons(name) if series else account_reasons(case, answer.times[name])
        texts.append(f"{name}: {', '.join(reason.message for reason in own)}")
    if not missing:
        texts.append(OTHER_SESSION if answer.query.seats else NO_HOST)
    if len(missing) > SHORT:
        texts.append(f"and {len(missing) - SHORT} more")
    return "; ".join(texts)


def _times(case: SlotCase, answer: Answer) -> Mapping[str, AccountBusy]:
    """Return the busy time around the slot; an answer whose window a rule has cut does not have it."""
    if answer.window == (case.start, case.end):
        return answer.times
    accounts = [time.account for time in answer.times.values()]
    low, high = case.around
    return account_times(case.workspace, case.query, accounts, (low - 2 * DAY, high + 2 * DAY))


def _account_why(case: SlotCase, broken: Sequence[Reason], time: AccountBusy, is_free: bool) -> AccountWhy:
    """Return the rules that the slot breaks, then the account's own reasons."""
    own = [] if is_free else account_reasons(case, time)
    return AccountWhy(time.account.id, is_free and not broken, [*broken, *own])


def _member_why(
    member: Member,
    broken: Sequence[Reason],
    free: Mapping[str, int],
    accounts: Mapping[str, AccountWhy],
) -> MemberWhy:
    return MemberWhy(
        member,
        not broken and bool(available(member, free, 1)),
        needed(member.required, len(member.accounts)),
        [accounts[name] for name in member.accounts],
    )
