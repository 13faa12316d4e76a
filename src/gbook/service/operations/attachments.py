"""The accounts and groups of a group profile: list, attach, detach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gbook.errors import InvalidFile
from gbook.profiles import editing
from gbook.profiles.model import Group, Profile
from gbook.service.call import Call
from gbook.service.operations.numbers import AccountNumbers
from gbook.service.operations.profile_forms import required_form
from gbook.service.operations.scope import profile_in
from gbook.service.problems import Problem, invalid, refuse
from gbook.service.wire.attachments import (
    BookingAttachedAccountsDto,
    BookingAttachedAccountsPage,
    BookingAttachedDto,
    BookingAttachedGroupsPage,
    BookingAttachGroupDto,
)
from gbook.service.wire.pages import PageQuery
from gbook.service.wire.states import OK, BookingSuccessOutDto
from gbook.yamlfiles.field_types import json_id

__all__ = [
    "attach_accounts",
    "attach_groups",
    "detach_accounts",
    "detach_groups",
    "list_accounts",
    "list_groups",
]


def list_accounts(call: Call) -> BookingAttachedAccountsPage:
    """Return a page of the accounts attached by themselves, in one record."""
    query: PageQuery = call.query
    numbers = AccountNumbers(call.workspace)

    def records(accounts: Sequence[str]) -> Iterator[BookingAttachedAccountsDto]:
        if accounts:
            yield BookingAttachedAccountsDto(account_ids=numbers.of(accounts))

    return query.page_of(BookingAttachedAccountsPage, profile_in(call).accounts, records)


def attach_accounts(call: Call) -> BookingSuccessOutDto:
    """Attach accounts; those that are attached keep their position. Raises Refusal."""
    profile = profile_in(call)
    numbers = AccountNumbers(call.workspace)
    refuse(numbers.unknown(call.body.account_ids, "accountIds"))
    with _fitting(call, profile, "accountIds"):
        editing.attach_accounts(call.profiles, profile.name, numbers.ids(call.body.account_ids))
    return OK


def detach_accounts(call: Call) -> BookingSuccessOutDto:
    """Detach accounts. Raises Refusal if one is not attached."""
    profile = profile_in(call)
    attached = AccountNumbers(call.workspace, profile.accounts)
    refuse(attached.unknown(call.body.account_ids, "accountIds"))
    with _fitting(call, profile, "accountIds"):
        editing.detach_accounts(call.profiles, profile.name, attached.ids(call.body.account_ids))
    return OK


def list_groups(call: Call) -> BookingAttachedGroupsPage:
    """Return a page of the attached groups."""
    query: PageQuery = call.query
    groups, numbers = profile_in(call).groups, AccountNumbers(call.workspace)
    return query.page_of(
        BookingAttachedGroupsPage, groups, lambda shown: [_shown(group, numbers) for group in shown]
    )


def _shown(group: Group, numbers: AccountNumbers) -> BookingAttachedDto:
    required, count = required_form(group.required)
    return BookingAttachedDto(
        ext_id=group.ext_id,
        account_ids=numbers.of(group.account_ids),
        required=required,
        required_count=count,
    )


def attach_groups(call: Call) -> BookingSuccessOutDto:
    """Attach groups; each replaces the attached one of the same extId. Raises Refusal."""
    profile = profile_in(call)
    numbers, groups = AccountNumbers(call.workspace), call.body.groups
    refuse(
        problem
        for i, group in enumerate(groups)
        for problem in numbers.unknown(group.account_ids, f"groups[{i}].accountIds")
    )
    with _fitting(call, profile, "groups"):
        editing.attach_groups(call.profiles, profile.name, [_data(group, numbers) for group in groups])
    return OK


def _data(group: BookingAttachGroupDto, numbers: AccountNumbers) -> dict[str, Any]:
    """Return a group by the keys of a profile's file."""
    required = group.required_count or group.required
    ids = [json_id(account_id) for account_id in numbers.ids(group.account_ids)]
    return {"extId": group.ext_id, "accountIds": ids} | ({"required": required} if required else {})


def detach_groups(call: Call) -> BookingSuccessOutDto:
    """Detach groups, or accounts of groups; a group without accounts is gone. Raises Refusal."""
    profile = profile_in(call)
    refuse(_not_attached(call, profile))
    attached = {group.ext_id: group.account_ids for group in profile.groups}
    leaving: dict[str, list[str]] = {}
    for named in call.body.groups:
        accounts = attached[named.ext_id]
        if named.account_ids is not None:
            accounts = AccountNumbers(call.workspace, accounts).ids(named.account_ids)
        leaving.setdefault(named.ext_id, []).extend(accounts)
    with _fitting(call, profile, "groups"):
        editing.detach_from_groups(call.profiles, profile.name, leaving)
    return OK


def _not_attached(call: Call, profile: Profile) -> Iterator[Problem]:
    """Yield a problem for each group that the profile lacks, and each account that a group lacks."""
    attached = {group.ext_id: group for group in profile.groups}
    for i, named in enumerate(call.body.groups):
        if (group := attached.get(named.ext_id)) is None:
            yield f"groups[{i}].extId", f"expected a group that is attached, found {named.ext_id!r}"
        elif named.account_ids == ():
            # A client may have had nobody to take out; for the whole group it leaves the key out.
            yield (
                f"groups[{i}].accountIds",
                "expected at least one account, or no accountIds for the whole group",
            )
        else:
            accounts = AccountNumbers(call.workspace, group.account_ids)
            yield from accounts.unknown(named.account_ids or (), f"groups[{i}].accountIds")


@contextmanager
def _fitting(call: Call, profile: Profile, key: str) -> Iterator[None]:
    """Refuse members that a profile cannot have; `key` is where the request names them.

    Why is not told: it may be about accounts that the client has not named. A file that was invalid before
    raises InvalidFile.
    """
    try:
        yield
    except InvalidFile as error:
        call.profiles.load(profile.name)
        raise invalid((key, "the profile cannot have these members")) from error
