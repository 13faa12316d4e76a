"""The options that say which profile is used, which of its members meet, and how many of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

import gbook
from gbook.cli.options import completion
from gbook.cli.parsing import read_required
from gbook.errors import UsageError
from gbook.profiles.model import Profile, requires_too_many

__all__ = ["MemberOptions", "ProfileName", "RequiredText", "check_required"]

ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ID",
        help="Profile (optional if there is only one).",
        autocompletion=completion.profile_names,
    ),
]
RequiredText = Annotated[
    str | None,
    typer.Option(
        "--required",
        metavar="one|all|N",
        help="How many members must be free. (default: the profile's)",
        autocompletion=completion.required_counts,
    ),
]


class MemberOptions(msgspec.Struct, kw_only=True):
    """Which members meet, and how many of them."""

    required: RequiredText = None
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            metavar="ID",
            help="Only this account; repeatable.",
            autocompletion=completion.attached_accounts,
        ),
    ] = None
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="EXTID",
            help="Only this group; repeatable.",
            autocompletion=completion.attached_groups,
        ),
    ] = None

    people: Annotated[
        int | None,
        typer.Option(
            "--people", metavar="N", min=1, help="Only rooms with at least N seats (default: the profile's)."
        ),
    ] = None

    def query(
        self,
        profile: Profile,
        now: int,
        low: int | None = None,
        high: int | None = None,
        guest: str | None = None,
    ) -> gbook.Query:
        """Return the query for the slots of these members in `[low, high)`, for the guest with an address.

        Raises UsageError if more members are required than there are, NotFound for one that is not.
        """
        query = gbook.Query(
            profile=profile,
            now=now,
            required=read_required(self.required),
            accounts=tuple(self.account or ()),
            groups=tuple(self.group or ()),
            people=self.people,
            low=low,
            high=high,
            guest=guest,
        )
        check_required(query)
        return query


def check_required(query: gbook.Query) -> None:
    """Raise UsageError if --required is more than the members of a query, NotFound for unknown members."""
    if not isinstance(query.required, int):
        return
    total = len(gbook.chosen_members(query))
    if requires_too_many(query.required, total):
        subset = query.accounts or query.groups
        members = "members chosen" if subset else f"members of {query.profile.noun}"
        raise UsageError(
            f"--required: expected at most {total}, the number of {members}, found {query.required}"
        )
