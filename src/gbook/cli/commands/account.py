"""`gbook account`: the people and rooms of gbook.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from gbook.cli.commands import account_discover
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.assignments import Assignments, parse_assignment
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json, OutputOptions, PageOptions, Records, Yes, emit_records
from gbook.cli.questions import can_ask
from gbook.errors import InvalidFile, UsageError
from gbook.render.accounts import account_document, show_account, show_accounts
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.render.console import Console
    from gbook.render.lines import Keys
    from gbook.workspace.config import Account
    from gbook.workspace.workspace import Workspace

__all__ = ["app"]

app = App(
    help="Manage accounts: people and rooms, and their calendars.",
    epilog="Example: gbook account list",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="Account ID.", autocompletion=completion.every_account)]


class AccountOptions(msgspec.Struct, kw_only=True):
    """The options that describe an account."""

    email: Annotated[str | None, typer.Option("--email", metavar="E", help="E-mail address.")] = None
    name: Annotated[str | None, typer.Option("--name", metavar="N", help="Display name.")] = None
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="Time zone, such as Europe/Berlin.",
            autocompletion=completion.zones,
        ),
    ] = None
    calendars: Annotated[
        list[str] | None,
        typer.Option(
            "--calendar",
            metavar="PATH",
            help="An .ics file, a vdir folder or the address of a feed; the first is the primary one; "
            "repeatable.",
        ),
    ] = None
    number: Annotated[
        int | None,
        typer.Option("--number", metavar="N", min=0, help="Number by which API clients name it."),
    ] = None
    hours: Annotated[
        list[str] | None,
        typer.Option(
            "--hours", metavar="HOURS", help="Free only at these hours: 'mon-fri 09:00-17:00'; repeatable."
        ),
    ] = None
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="person, room or resource; rooms and resources never host.",
            autocompletion=completion.kinds,
        ),
    ] = None
    capacity: Annotated[
        int | None, typer.Option("--capacity", metavar="N", min=1, help="Seats of a room or resource.")
    ] = None
    feature: Annotated[
        list[str] | None,
        typer.Option("--feature", metavar="F", help="What a room or resource has: screen; repeatable."),
    ] = None
    deliver: Annotated[
        str | None,
        typer.Option(
            "--deliver",
            metavar="HOW",
            help="copy: bookings are written to the primary calendar. mail: calendars are only read,"
            " and the account is invited by mail.",
            autocompletion=completion.deliveries,
        ),
    ] = None

    def given(self) -> dict[str, Any]:
        """Return the options that were given, by the keys of gbook.yaml. Raises UsageError."""
        values: dict[str, Any] = {
            "number": self.number,
            "name": self.name,
            "email": self.email,
            "kind": self.kind,
            "capacity": self.capacity,
            "features": self.feature,
            "deliver": self.deliver,
            "timezone": self.timezone,
            "calendars": self.calendars,
        }
        if self.hours:
            from gbook.cli.options.hours import typed_hours

            values["workHours"] = {"daySchedules": typed_hours(self.hours)}
        return {key: value for key, value in values.items() if value or value == 0}


@app.command(
    epilog="Example: gbook account add jane --email jane@example.com --timezone Europe/Berlin --create"
)
@with_option_groups
def add(
    ctx: typer.Context,
    account_id: Annotated[str | None, typer.Argument(metavar="ID", help="Short name or number.")] = None,
    *,
    options: AccountOptions,
    create: Annotated[bool, typer.Option("--create", help="Create missing calendars.")] = False,
    as_json: Json = False,
) -> None:
    """Add an account. Its calendars must be readable; default: calendars/ID.ics."""
    from gbook.accounts.calendar_files import path_in_workspace
    from gbook.accounts.editing import add_account
    from gbook.checks.programs import overwritten_calendars

    workspace: Workspace = ctx.obj.workspace
    data = options.given()
    if account_id is not None:
        data = {"id": json_id(account_id), **data}
    if not {"id", "email"} <= data.keys():
        data, create = _ask(workspace, data, create)
    paths = [path_in_workspace(workspace, path) for path in data.get("calendars", ())]
    data["calendars"] = paths or [f"calendars/{data['id']}.ics"]
    try:
        added = add_account(workspace, data, create=create)
    except InvalidFile as error:
        raise _option_error(workspace, error) from None
    ctx.obj.warn(overwritten_calendars(workspace, added))
    ctx.obj.emit(
        lambda: account_document(added),
        as_json=as_json,
        show=lambda console: _show_added(console, workspace, added),
    )


def _ask(workspace: Workspace, given: dict[str, Any], create: bool) -> tuple[dict[str, Any], bool]:
    """Ask for the missing keys on a terminal. Raises UsageError without one."""
    if not can_ask():
        raise UsageError("an account needs an id and --email: gbook account add ID --email E")
    from gbook.cli.prompts import ask_account

    return ask_account(workspace, given, create)


def _show_added(console: Console, workspace: Workspace, account: Account) -> None:
    from gbook.profiles.store import ProfileStore

    names = ProfileStore(workspace).names()
    step = f"attach-accounts {names[0]} {account.id}" if names else f"create NAME --account {account.id}"
    where = account.calendars[0].shown
    fate = f"bookings go to {where}" if account.is_writable else f"{where} is only read"
    if not (account.is_writable or account.is_invited_by_mail):
        fate += ", so it cannot be booked: put a writable calendar first, or use --deliver mail"
    console.print_words(f"Added account {account.id}; {fate}.")
    console.print_words(f"Next: gbook profile {step}")


@app.command("list", epilog="Example: gbook account list --json")
@with_option_groups
def list_accounts(ctx: typer.Context, page: PageOptions, output: OutputOptions) -> None:
    """List all accounts."""
    accounts = list(ctx.obj.workspace.accounts.values())
    emit_records(ctx.obj, output, page, Records(accounts, account_document, _keys, show_accounts))


def _keys() -> Keys:
    from gbook.render.lines import account_keys

    return account_keys()


@app.command(epilog="Example: gbook account show alice")
def show(ctx: typer.Context, account_id: Id, as_json: Json = False) -> None:
    """Show an account, with defaults filled in."""
    _emit_account(ctx.obj, ctx.obj.workspace.account(account_id), as_json)


def _emit_account(session: Session, account: Account, as_json: bool) -> None:
    session.emit(
        lambda: account_document(account),
        as_json=as_json,
        show=lambda console: show_account(console, account),
    )


@app.command(epilog="Example: gbook account update alice --timezone Europe/Paris --set workHours=null")
@with_option_groups
def update(
    ctx: typer.Context,
    account_id: Id,
    *,
    options: AccountOptions,
    assignments: Assignments = None,
    as_json: Json = False,
) -> None:
    """Change an account and keep the comments in gbook.yaml. --calendar replaces all its calendars."""
    from gbook.accounts.calendar_files import path_in_workspace
    from gbook.accounts.editing import update_account
    from gbook.checks.programs import overwritten_calendars
    from gbook.cli.commands.remaining import of_dropped_calendars
    from gbook.cli.options.profile_input import overlay

    workspace: Workspace = ctx.obj.workspace
    patch = options.given()
    if options.calendars:
        patch["calendars"] = [path_in_workspace(workspace, path) for path in options.calendars]
    for text in assignments or ():
        overlay(patch, parse_assignment(text))
    if not patch:
        raise UsageError("nothing to change: give an option or --set")
    try:
        changed = update_account(workspace, account_id, patch)
    except InvalidFile as error:
        raise _option_error(workspace, error) from None
    ctx.obj.warn(overwritten_calendars(workspace, changed))
    ctx.obj.warn(of_dropped_calendars(workspace, changed, ctx.obj.now))
    _emit_account(ctx.obj, changed, as_json)


def _option_error(workspace: Workspace, error: InvalidFile) -> InvalidFile | UsageError:
    """Return the error as one of the options, if gbook.yaml became invalid by them: it was valid before."""
    if error.path != str(workspace.config_path.resolve()):
        return error
    keys = [re.sub(r"^accounts\[\d+\]\.", "", problem.key or "") for problem in error.problems]
    flags = {key: f"--{key}" for key in ("number", "name", "email", "kind", "deliver", "timezone")} | {
        "id": "ID"
    }
    lines = [
        f"{flags.get(key, key)}: {problem.message}" if key else problem.message
        for key, problem in zip(keys, error.problems, strict=True)
    ]
    return UsageError("; ".join(lines), problems=[problem._asdict() for problem in error.problems])


@app.command(epilog="Example: gbook account remove jane")
def remove(ctx: typer.Context, account_id: Id, yes: Yes = False, as_json: Json = False) -> None:
    """Remove an account from gbook.yaml. Its calendars and bookings stay. On a terminal, it asks first."""
    from gbook.accounts.editing import remove_account, require_unused
    from gbook.cli.commands.remaining import confirm_removal, of_removed_account

    workspace: Workspace = ctx.obj.workspace
    require_unused(workspace, account_id)
    remaining = of_removed_account(workspace, account_id, ctx.obj.now)
    if not yes:
        confirm_removal(ctx.obj, f"Remove account {account_id}?", remaining)
    remove_account(workspace, account_id)
    ctx.obj.acknowledge(f"Removed account {account_id}.", as_json=as_json, warnings=remaining)


account_discover.register(app)
