"""The option --tz: the time zone in which times are typed and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.options import completion
from gbook.errors import UsageError
from gbook.timeutil.zones import UnknownZone, find_zone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gbook.profiles.model import Profile
    from gbook.workspace.workspace import Workspace

__all__ = ["Zone", "shown_zone", "typed_zone", "zone_option"]


def zone_option(default: str) -> Any:
    """Return the option --tz with a help text that names its default."""
    return typer.Option(
        "--tz",
        metavar="ZONE",
        help=f"Time zone for input and output. (default: {default})",
        autocompletion=completion.zones,
    )


Zone = Annotated[str | None, zone_option("the profile's")]


def typed_zone(name: str, option: str = "--tz") -> ZoneInfo:
    """Return the zone that an option names. Raises UsageError."""
    try:
        return find_zone(name)
    except UnknownZone as error:
        raise UsageError(f"{option}: {error}") from None


def shown_zone(tz: str | None, workspace: Workspace, profiles: Iterable[Profile | str]) -> ZoneInfo:
    """Return the zone of --tz, else the zone that these profiles share, else the workspace's.

    A profile may be given by its name; one that is missing or cannot be read is ignored. Raises UsageError.
    """
    return gbook.shared_zone(workspace, profiles) if tz is None else typed_zone(tz)
