"""Options that say who asks for a meeting, and what is needed of them."""

from typing import Annotated

import typer

from gbook.bookings.event import Guest, one_line
from gbook.cli.options import completion
from gbook.cli.options.common import typed_zone
from gbook.errors import UsageError
from gbook.yamlfiles.field_types import read_email

__all__ = [
    "Fields",
    "GuestEmail",
    "GuestName",
    "GuestZone",
    "Invitees",
    "read_fields",
    "read_guest",
    "read_invitees",
]

GuestName = Annotated[str | None, typer.Option("--name", metavar="N", help="The guest's name.")]
GuestEmail = Annotated[
    str | None,
    typer.Option("--email", metavar="E", help="The guest's e-mail, to which the invitation goes."),
]
GuestZone = Annotated[
    str | None,
    typer.Option(
        "--guest-tz",
        metavar="ZONE",
        help="Zone in which mails show the guest the times. (default: --tz)",
        autocompletion=completion.zones,
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="A variable of the profile's texts."),
]
Invitees = Annotated[
    list[str] | None,
    typer.Option("--invite", metavar="EMAIL", help="Invite this person too (may be given again)."),
]


def read_guest(name: str | None, email: str | None, zone: str | None = None, tz: str | None = None) -> Guest:
    """Return the guest of --name, --email and --guest-tz. Raises UsageError.

    A guest whose zone is not given has chosen the time in the zone of --tz.
    """
    if zone is None and (name or email):
        zone = tz
    return Guest(
        one_line(name) if name else None,
        None if email is None else _address(email, "--email"),
        zone and typed_zone(zone, "--guest-tz").key,
    )


def read_invitees(addresses: list[str] | None) -> tuple[Guest, ...]:
    """The people of --invite. Raises UsageError."""
    return tuple(Guest(email=_address(address, "--invite")) for address in addresses or ())


def read_fields(pairs: list[str] | None) -> dict[str, str]:
    """The values of --field. Raises UsageError."""
    fields = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--field: expected NAME=VALUE, found {pair!r}")
        fields[name.strip()] = value
    return fields


def _address(text: str, option: str) -> str:
    try:
        return read_email(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
