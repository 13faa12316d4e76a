"""Options that several commands share, and what their values mean."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gbook.cli.options import completion
from gbook.errors import UsageError
from gbook.profiles.model import Profile
from gbook.scheduling.availability import profile_zone
from gbook.timeutil.zones import UnknownZone, find_zone
from gbook.workspace.workspace import Workspace

__all__ = [
    "Accounts",
    "DryRun",
    "Groups",
    "Json",
    "ProfileName",
    "RequiredText",
    "Zone",
    "shown_zone",
    "typed_zone",
]

ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ID",
        help="The profile; not needed where there is one.",
        autocompletion=completion.profile_names,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
RequiredText = Annotated[
    str | None,
    typer.Option(
        "--required",
        metavar="one|all|N",
        help="How many members meet. (default: one)",
        autocompletion=completion.required_counts,
    ),
]
Accounts = Annotated[
    list[str] | None,
    typer.Option(
        "--account",
        metavar="ID",
        help="Only this account (may be given again).",
        autocompletion=completion.attached_accounts,
    ),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="EXTID",
        help="Only this group (may be given again).",
        autocompletion=completion.attached_groups,
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Zone of times, shown and typed. (default: the profile's)",
        autocompletion=completion.zones,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")]


def shown_zone(named: str | None, workspace: Workspace, profile: Profile) -> ZoneInfo:
    """The zone of times shown and typed: --tz, else the profile's. Raises UsageError."""
    return profile_zone(workspace, profile) if named is None else typed_zone(named)


def typed_zone(named: str, option: str = "--tz") -> ZoneInfo:
    """Return the zone that an option names. Raises UsageError."""
    try:
        return find_zone(named)
    except UnknownZone as error:
        raise UsageError(f"{option}: {error}") from None
