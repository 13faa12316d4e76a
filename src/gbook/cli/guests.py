"""Options that say who asks for a meeting, and what is needed of them."""

from typing import Annotated

import typer

from gbook.bookings.event import Guest, one_line
from gbook.cli.book import read_address

__all__ = ["Fields", "GuestEmail", "GuestName", "Invitees", "read_invitees", "read_name"]

GuestName = Annotated[str | None, typer.Option("--name", metavar="N", help="The guest's name.")]
GuestEmail = Annotated[
    str | None,
    typer.Option("--email", metavar="E", help="The guest's e-mail, to which the invitation goes."),
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="A variable of the profile's texts."),
]
Invitees = Annotated[
    list[str] | None,
    typer.Option("--invite", metavar="EMAIL", help="Invite this person too (may be given again)."),
]


def read_name(name: str | None) -> str | None:
    """The guest's name as one line."""
    return one_line(name) if name else None


def read_invitees(addresses: list[str] | None) -> tuple[Guest, ...]:
    """The people of --invite. Raises UsageError."""
    return tuple(Guest(email=read_address(address, "--invite")) for address in addresses or ())
