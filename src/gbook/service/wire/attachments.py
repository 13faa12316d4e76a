"""The accounts and groups that are attached to a profile."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from gbook.errors import Problem
from gbook.service.wire.base import AccountNumber, Count, RequiredMode, WireModel
from gbook.service.wire.pages import Page
from gbook.yamlfiles.field_types import Name

__all__ = [
    "BookingAttachAccountsDto",
    "BookingAttachGroupDto",
    "BookingAttachGroupsDto",
    "BookingAttachedAccountsDto",
    "BookingAttachedAccountsPage",
    "BookingAttachedDto",
    "BookingAttachedGroupsPage",
    "BookingDetachGroupAccountsDto",
    "BookingDetachGroupDto",
    "BookingDetachGroupsDto",
]

AccountNumbers = Annotated[tuple[AccountNumber, ...], Meta(description="Numbers of accounts.")]
ExtId = Annotated[Name, Meta(description="The group's id, chosen by the client.")]
_REQUIRED = Meta(description="How many accounts of the group must be free.")
_COUNT = Meta(description="The same as a number; it takes precedence over `required`.")


class BookingAttachAccountsDto(WireModel, frozen=True, kw_only=True):
    """Accounts to attach."""

    account_ids: AccountNumbers


class BookingDetachGroupAccountsDto(WireModel, frozen=True, kw_only=True):
    """Accounts to detach."""

    account_ids: AccountNumbers


class BookingAttachGroupDto(WireModel, frozen=True, kw_only=True):
    """A group to attach; it replaces the attached group of the same id."""

    ext_id: ExtId
    account_ids: Annotated[
        tuple[AccountNumber, ...], Meta(description="Its accounts, in order of preference.")
    ]
    required: Annotated[RequiredMode | None, _REQUIRED] = None
    required_count: Annotated[Count | None, _COUNT] = None

    def check(self) -> Iterator[Problem]:
        """Yield problems of an empty group, repeated accounts, or a number that is too high."""
        if not self.account_ids:
            yield Problem("expected at least one account, found an empty group", key="accountIds")
        if len(set(self.account_ids)) < len(self.account_ids):
            yield Problem("expected each account once", key="accountIds")
        if self.required_count and self.required_count > len(self.account_ids) > 0:
            size = len(self.account_ids)
            message = f"expected at most {size}, the size of the group, found {self.required_count}"
            yield Problem(message, key="requiredCount")


class BookingAttachGroupsDto(WireModel, frozen=True, kw_only=True):
    """Groups to attach."""

    groups: Annotated[tuple[BookingAttachGroupDto, ...], Meta(description="Groups of accounts.")]


class BookingDetachGroupDto(WireModel, frozen=True, kw_only=True):
    """A group to detach, or accounts to take out of it."""

    ext_id: ExtId
    account_ids: Annotated[
        tuple[AccountNumber, ...] | None,
        Meta(description="The accounts to take out; without them the whole group is detached."),
    ] = None


class BookingDetachGroupsDto(WireModel, frozen=True, kw_only=True):
    """Groups to detach."""

    groups: Annotated[tuple[BookingDetachGroupDto, ...], Meta(description="Groups of accounts.")]


class BookingAttachedAccountsDto(WireModel, frozen=True, kw_only=True):
    """Accounts that are attached to a profile by themselves."""

    account_ids: AccountNumbers


class BookingAttachedAccountsPage(Page, frozen=True, kw_only=True):
    """A page of attached accounts; `offset` and `totalSize` count accounts."""

    records: Annotated[
        tuple[BookingAttachedAccountsDto, ...], Meta(description="One record, with the accounts of the page.")
    ]


class BookingAttachedDto(WireModel, frozen=True, kw_only=True):
    """A group that is attached to a profile."""

    ext_id: ExtId
    account_ids: Annotated[
        tuple[AccountNumber, ...], Meta(description="Its accounts, in order of preference.")
    ]
    required: Annotated[
        RequiredMode,
        Meta(description="How many accounts of the group must be free; a number above one is all."),
    ]
    required_count: Annotated[
        Count | None, Meta(description="How many, if a number of accounts is required.")
    ] = None


class BookingAttachedGroupsPage(Page, frozen=True, kw_only=True):
    """A page of attached groups."""

    records: Annotated[tuple[BookingAttachedDto, ...], Meta(description="Groups, in the profile's order.")]
