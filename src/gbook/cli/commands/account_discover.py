"""`gbook account discover`: the calendars that a login finds on a CalDAV server."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json
from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.accounts.servers import Discovery
    from gbook.cli.session import Session
    from gbook.dav.home import ServerCalendar
    from gbook.dav.probe import Capabilities
    from gbook.render.console import Console
    from gbook.workspace.config import Account

__all__ = ["register"]


class LoginOptions(msgspec.Struct, kw_only=True):
    """The login of a server: no option has a password itself."""

    server: Annotated[
        str | None,
        typer.Option("--server", metavar="ID", help="Server of gbook.yaml, or the ID of a new one."),
    ] = None
    username: Annotated[str | None, typer.Option("--username", metavar="U", help="User name.")] = None
    password_command: Annotated[
        str | None,
        typer.Option(
            "--password-command", metavar="COMMAND", help="Program that prints the password: 'pass show dav'."
        ),
    ] = None
    netrc: Annotated[bool, typer.Option("--netrc", help="The login is in ~/.netrc.")] = False
    token_command: Annotated[
        str | None,
        typer.Option("--token-command", metavar="COMMAND", help="Program that prints an access token."),
    ] = None
    ca_file: Annotated[
        str | None,
        typer.Option("--ca-file", metavar="FILE", help="Certificates (PEM) of further authorities to trust."),
    ] = None
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow http://, without encryption, beyond this machine.")
    ] = False

    def given(self, username: str | None) -> dict[str, Any]:
        """Return the login by the keys of gbook.yaml; `username` is that of the URL. Raises UsageError."""
        name = self.username or (username if self.password_command else None)
        values = {
            "username": name,
            "passwordCommand": _arguments("--password-command", self.password_command),
            "netrc": self.netrc,
            "tokenCommand": _arguments("--token-command", self.token_command),
            "caFile": self.ca_file,
            "insecure": self.insecure,
        }
        return {key: value for key, value in values.items() if value}


def _arguments(flag: str, command: str | None) -> list[str] | None:
    try:
        return None if command is None else shlex.split(command)
    except ValueError:
        raise UsageError(f"{flag}: a quotation mark is not closed: {command!r}") from None


@with_option_groups
def discover(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Address of a server, home or calendar, or a mail address.")
    ],
    *,
    login: LoginOptions,
    add: Annotated[
        str | None, typer.Option("--add", metavar="ID", help="Add the calendar to this account.")
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="E", help="E-mail address of a new account.")
    ] = None,
    write_test: Annotated[
        bool,
        typer.Option("--write-test", help="Try what the server supports: write a test event, and delete it."),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the calendars on a CalDAV server, and add one to an account."""
    from gbook.accounts.servers import address_of, choose_calendar, find_calendars, server_for, try_calendar

    if ctx.obj.asking_options.offline is not None:
        raise UsageError("account discover asks a server: leave out --offline")
    workspace = ctx.obj.workspace
    address, username = address_of(url)
    server = server_for(workspace, address, login.server, login.given(username))
    found = find_calendars(workspace, server, address)
    calendar = choose_calendar(found) if add or write_test else None
    capabilities = try_calendar(workspace, found.server, calendar.url) if calendar and write_test else None
    account = None
    if add and calendar:
        account = _add(ctx, found, calendar, capabilities, add, email or username)
    if capabilities:
        _note_clock(ctx.obj, capabilities)
    ctx.obj.emit(
        lambda: _document(found, capabilities, account),
        as_json=as_json,
        show=lambda console: _show(console, found, capabilities, account),
    )


def _note_clock(session: Session, capabilities: Capabilities) -> None:
    """Say so if the clock of a server differs too much for bookings."""
    from gbook.calendars.commit.promises import MAX_SKEW

    if abs(skew := capabilities.clock_skew or 0) > MAX_SKEW:
        session.note(f"the clocks differ by {abs(skew):.0f} s; gbook books only within {MAX_SKEW} s")


def _add(
    ctx: typer.Context,
    found: Discovery,
    calendar: ServerCalendar,
    capabilities: Capabilities | None,
    account_id: str,
    email: str | None,
) -> Account:
    """Add a calendar to gbook.yaml; it is readonly where bookings would not be safe."""
    from gbook.accounts.editing import add_calendar
    from gbook.accounts.servers import remember_trial

    is_readonly = not calendar.is_writable or (capabilities is not None and not capabilities.is_safe)
    if not capabilities and not is_readonly:
        ctx.obj.note(
            "gbook tries to write to the calendar before the first booking, or now with --write-test"
        )
    entry = {"url": calendar.url, "server": found.server.id} | ({"readonly": True} if is_readonly else {})
    account = add_calendar(ctx.obj.workspace, account_id, entry, found.server, email=email)
    if capabilities:
        remember_trial(ctx.obj.workspace, found.server, calendar.url, capabilities)
    return account


def _document(found: Discovery, capabilities: Capabilities | None, account: Account | None) -> dict[str, Any]:
    from gbook.render.accounts import account_document
    from gbook.render.server_calendars import calendar_document, capabilities_document

    return {
        "server": {"id": found.server.id, "url": found.server.url},
        "calendars": [calendar_document(calendar) for calendar in found.calendars],
        "writeTest": capabilities_document(capabilities) if capabilities else None,
        "account": account_document(account) if account else None,
    }


def _show(
    console: Console, found: Discovery, capabilities: Capabilities | None, account: Account | None
) -> None:
    from gbook.render.server_calendars import show_calendars, show_capabilities

    if not account:
        show_calendars(console, found.calendars)
        if found.calendars and not capabilities:
            console.print_words("Next: gbook account discover ADDRESS --add ID, with the same login")
    if capabilities:
        show_capabilities(console, capabilities)
    if account:
        console.print_words(f"Added {account.calendars[-1].shown} to account {account.id}.")
        console.print_words(f"Next: gbook account show {account.id}")


def register(app: typer.Typer) -> None:
    """Add the command to `gbook account`."""
    app.command("discover", epilog="Example: gbook account discover https://dav.example.com")(discover)
