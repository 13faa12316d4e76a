"""The options that name bookings and reservations, and the context of an operation on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import gbook
from gbook.calendars.stores.read_once import read_once
from gbook.cli.options import completion
from gbook.cli.options.zones import typed_zone
from gbook.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from gbook.render.lines import Keys

__all__ = [
    "Id",
    "OneProfile",
    "booking_context",
    "fresh_context",
    "id_argument",
    "listed_profiles",
    "of_profile",
    "record_format",
]


def id_argument(metavar: str = "ID") -> Any:
    """Return the argument that names a booking or reservation."""
    return typer.Argument(
        metavar=metavar,
        help="Booking ID, or any unique prefix of it.",
        autocompletion=completion.record_ids,
    )


Id = Annotated[str, id_argument()]
OneProfile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ID",
        help="Only this profile.",
        autocompletion=completion.profile_names,
    ),
]


def booking_context(ctx: typer.Context) -> gbook.BookingContext:
    """Return the context of an operation on bookings; until the command ends, it reads each calendar once.

    Its messages show times in the zone of --tz. Raises UsageError.
    """
    ctx.with_resource(read_once())
    session: Session = ctx.obj
    tz = ctx.params.get("tz")
    return gbook.BookingContext(session.workspace, session.now, zone=typed_zone(tz) if tz else None)


def fresh_context(ctx: typer.Context) -> gbook.BookingContext:
    """Return the context of this moment, after a question that may have taken long to answer."""
    session: Session = ctx.obj
    session.take_time()
    return booking_context(ctx)


def listed_profiles(session: Session, profile: str | None) -> Sequence[str]:
    """Return the profile of -p, or the names of all profiles."""
    from gbook.profiles.store import ProfileStore

    return [profile] if profile is not None else ProfileStore(session.workspace).names()


def record_format(zone: ZoneInfo) -> Keys:
    """Return the keys of --format for bookings and reservations."""
    from gbook.render.lines import record_keys

    return record_keys(zone)


def of_profile(session: Session, records: Sequence[gbook.Record], profile: str | None) -> list[gbook.Record]:
    """Return the records of a profile (name or number), which may have been deleted. Raises NotFound."""
    if profile is None or any(record.profile == profile for record in records):
        return [record for record in records if profile in (None, record.profile)]
    from gbook.profiles.store import ProfileStore

    name = ProfileStore(session.workspace).find(profile).name
    return [record for record in records if record.profile == name]
