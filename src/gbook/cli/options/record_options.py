"""What the commands about bookings and reservations share: which record, in which zone it is shown."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook.bookings.context import BookingContext
from gbook.bookings.records import Record
from gbook.cli.options import completion
from gbook.cli.options.common import typed_zone
from gbook.cli.session import Session
from gbook.errors import InvalidFile, NotFound
from gbook.scheduling.availability import profile_zone
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Id", "OfProfile", "booking_context", "list_zone", "listed_profiles", "of_profile", "zone_of"]

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Its UID, or as much of it as tells it from others.",
        autocompletion=completion.record_ids,
    ),
]
OfProfile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ID",
        help="Only of this profile.",
        autocompletion=completion.profile_names,
    ),
]


def booking_context(session: Session) -> BookingContext:
    """What changing a booking needs."""
    return BookingContext(session.workspace, session.now)


def zone_of(session: Session, named: str | None, record: Record) -> ZoneInfo:
    """The zone of times shown and typed: --tz, else that of the booking's profile, else the workspace's."""
    if named is not None:
        return typed_zone(named)
    from gbook.profiles.store import ProfileStore

    try:
        return profile_zone(session.workspace, ProfileStore(session.workspace).find(record.profile))
    except (NotFound, InvalidFile):
        return session.workspace.zone


def list_zone(session: Session, named: str | None, profiles: "Iterable[str]") -> ZoneInfo:
    """The zone of a list: --tz, else the one that its profiles share, else the workspace's.

    A profile that is gone or cannot be read has no say.
    """
    if named is not None:
        return typed_zone(named)
    from gbook.profiles.store import ProfileStore

    store, found = ProfileStore(session.workspace), set()
    for name in profiles:
        with suppress(NotFound, InvalidFile):
            found.add(profile_zone(session.workspace, store.find(name)).key)
    return find_zone(found.pop()) if len(found) == 1 else session.workspace.zone


def listed_profiles(session: Session, wanted: str | None) -> "Sequence[str]":
    """The profiles that a list is of: the one that is named, else all."""
    from gbook.profiles.store import ProfileStore

    return [wanted] if wanted is not None else ProfileStore(session.workspace).names()


def of_profile(session: Session, records: "Sequence[Record]", wanted: str | None) -> "list[Record]":
    """The records of a profile (name or number), also of one that is gone. Raises NotFound."""
    if wanted is None or any(record.profile == wanted for record in records):
        return [record for record in records if wanted in (None, record.profile)]
    from gbook.profiles.store import ProfileStore

    name = ProfileStore(session.workspace).find(wanted).name
    return [record for record in records if record.profile == name]
