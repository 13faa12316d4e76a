"""The options about the guest, further invitees and the variables of the profile's texts."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

import gbook
from gbook.cli.options import completion
from gbook.cli.options.zones import typed_zone
from gbook.errors import UsageError
from gbook.yamlfiles.field_types import read_email

__all__ = [
    "GuestAddress",
    "GuestName",
    "GuestOptions",
    "InvitationOptions",
    "InviteeOptions",
    "Strict",
    "guest_address",
    "read_address",
]

GuestName = Annotated[str | None, typer.Option("--name", metavar="N", help="The guest's name.")]
GuestAddress = Annotated[
    str | None,
    typer.Option(
        "--email", metavar="E", help="For the guest with this e-mail address, whose bookings may be limited."
    ),
]


def guest_address(text: str | None) -> str | None:
    """Return the address of --email. Raises UsageError."""
    return None if text is None else read_address(text, "--email")


class GuestOptions(msgspec.Struct, kw_only=True):
    """The guest who asks for the meeting."""

    name: GuestName = None
    email: Annotated[
        str | None,
        typer.Option("--email", metavar="E", help="The guest's e-mail address; the invitation goes there."),
    ] = None
    guest_tz: Annotated[
        str | None,
        typer.Option(
            "--guest-tz",
            metavar="ZONE",
            help="Time zone used in mails to the guest. (default: --tz)",
            autocompletion=completion.zones,
        ),
    ] = None

    def guest(self, tz: str | None = None) -> gbook.Guest:
        """Return the guest; without --guest-tz, the guest's zone is `tz`. Raises UsageError."""
        zone = self.guest_tz
        if zone is None and (self.name or self.email):
            zone = tz
        return gbook.Guest(
            gbook.one_line(self.name) if self.name else None,
            guest_address(self.email),
            zone and typed_zone(zone, "--guest-tz").key,
        )


Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Refuse (exit 3) if a guest with an account is busy, or the guest has another booking.",
    ),
]


class InviteeOptions(msgspec.Struct, kw_only=True):
    """Further people to invite."""

    invite: Annotated[
        list[str] | None,
        typer.Option("--invite", metavar="EMAIL", help="Invite this person too; repeatable."),
    ] = None

    def invitees(self) -> tuple[gbook.Guest, ...]:
        """Return the people of --invite. Raises UsageError."""
        return tuple(gbook.Guest(email=read_address(address, "--invite")) for address in self.invite or ())


class InvitationOptions(msgspec.Struct, kw_only=True):
    """Values for the profile's texts, and further people to invite."""

    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME=VALUE", help="Value of a variable of the profile; repeatable."),
    ] = None
    further: InviteeOptions = msgspec.field(default_factory=InviteeOptions)

    def invitees(self) -> tuple[gbook.Guest, ...]:
        """Return the people of --invite. Raises UsageError."""
        return self.further.invitees()

    def fields(self) -> dict[str, str]:
        """Return the values of --field by their names. Raises UsageError."""
        values = {}
        for pair in self.field or ():
            name, equals, value = pair.partition("=")
            if not equals:
                raise UsageError(f"--field: expected NAME=VALUE, found {pair!r}")
            values[name.strip()] = value
        return values


def read_address(text: str, option: str) -> str:
    """Return the address of an option. Raises UsageError."""
    try:
        return read_email(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
