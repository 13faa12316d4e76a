"""`gbook account`: the people and rooms of gbook.yaml."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gbook.cli.options import completion
from gbook.errors import InvalidFile, UsageError, Warn
from gbook.render.listing import listing
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from rich.console import Console

    from gbook.cli.session import Session
    from gbook.workspace.config import Account
    from gbook.workspace.workspace import Workspace

__all__ = ["account_document", "app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Accounts: people and rooms, and their calendars.",
    epilog="Example: gbook account list",
)

REMAINS_REMOVED = (
    "to hand it over: gbook booking reschedule {id} --slot {start} --reassign; "
    "where no other account has a copy, add the account again first"
)
REMAINS_IN_CALENDAR = "gbook no longer sees it there: move the event to a calendar of the account"

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Id of the account.",
        autocompletion=completion.every_account,
    ),
]
Email = Annotated[str | None, typer.Option("--email", metavar="E", help="E-mail address.")]
Name = Annotated[str | None, typer.Option("--name", metavar="N", help="Name to show.")]
Zone = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Zone, such as Europe/Berlin.",
        autocompletion=completion.zones,
    ),
]
Hours = Annotated[
    list[str] | None,
    typer.Option("--hours", metavar="HOURS", help="Free only then: 'mon-fri 09:00-17:00'; repeatable."),
]
Kind = Annotated[
    str | None,
    typer.Option("--kind", metavar="KIND", help="person, room or resource; the last two never host."),
]
Calendars = Annotated[
    list[str] | None,
    typer.Option("--calendar", metavar="PATH", help="An .ics file or a vdir folder; the first is primary."),
]


def account_document(account: Account) -> dict[str, Any]:
    """The record by the keys of gbook.yaml, defaults filled in; an integer id as one."""
    import msgspec

    return {**msgspec.to_builtins(account), "id": json_id(account.id)}


@app.command(
    epilog="Example: gbook account add jane --email jane@example.com --timezone Europe/Berlin --create"
)
def add(
    ctx: typer.Context,
    account_id: Annotated[str | None, typer.Argument(metavar="ID", help="Short name or number.")] = None,
    email: Email = None,
    name: Name = None,
    timezone: Zone = None,
    calendars: Calendars = None,
    hours: Hours = None,
    kind: Kind = None,
    create: Annotated[
        bool, typer.Option("--create", help="Make calendars that are not there, empty.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add an account. Its calendars must be readable; default: calendars/ID.ics."""
    from gbook.accounts.calendar_files import path_in_workspace
    from gbook.accounts.editing import add_account
    from gbook.checks.programs import overwritten_calendars

    workspace: Workspace = ctx.obj.workspace
    data = _said(hours, name=name, email=email, kind=kind, timezone=timezone, calendars=calendars)
    if account_id is not None:
        data = {"id": json_id(account_id), **data}
    if not {"id", "email"} <= data.keys():
        data, create = _ask(workspace, data, create)
    data["calendars"] = [path_in_workspace(workspace, path) for path in data.get("calendars", ())] or [
        f"calendars/{data['id']}.ics"
    ]
    try:
        added = add_account(workspace, data, create=create)
    except InvalidFile as error:
        raise _of_options(workspace, error) from None
    ctx.obj.warn(overwritten_calendars(workspace, added))
    ctx.obj.emit(
        lambda: account_document(added),
        as_json=as_json,
        show=lambda console: _added(console, workspace, added),
    )


def _ask(workspace: Workspace, said: dict[str, Any], create: bool) -> tuple[dict[str, Any], bool]:
    if not sys.stdin.isatty():
        raise UsageError("an account needs an id and --email: gbook account add ID --email E")
    from gbook.cli.prompts import ask_account

    return ask_account(workspace, said, create)


def _added(console: Console, workspace: Workspace, account: Account) -> None:
    from gbook.profiles.store import ProfileStore

    names = ProfileStore(workspace).names()
    step = f"attach-accounts {names[0]} {account.id}" if names else f"create NAME --account {account.id}"
    console.print(f"Added account {account.id}; bookings go to {account.calendars[0].path}.", soft_wrap=True)
    console.print(f"Next: gbook profile {step}", soft_wrap=True)


@app.command("list", epilog="Example: gbook account list --json")
def list_accounts(ctx: typer.Context, as_json: Json = False) -> None:
    """All accounts."""
    found = list(ctx.obj.workspace.accounts.values())
    ctx.obj.emit(
        lambda: listing([account_document(account) for account in found]),
        as_json=as_json,
        show=lambda console: _show_list(console, found),
    )


def _show_list(console: Console, accounts: list[Account]) -> None:
    from gbook.render.tables import print_table

    if not accounts:
        console.print("No accounts. Next: gbook account add ID --email E --create")
        return
    rows = [
        [
            item.id,
            item.name or "",
            item.email,
            item.timezone or "",
            ", ".join(each.path for each in item.calendars),
        ]
        for item in accounts
    ]
    print_table(console, ["id", "name", "email", "timezone", "calendars"], rows)


@app.command(epilog="Example: gbook account show alice")
def show(ctx: typer.Context, account_id: Id, as_json: Json = False) -> None:
    """One account, with defaults filled in."""
    _emit_account(ctx.obj, ctx.obj.workspace.account(account_id), as_json)


def _emit_account(session: Session, account: Account, as_json: bool) -> None:
    session.emit(
        lambda: account_document(account),
        as_json=as_json,
        show=lambda console: _show_account(console, account),
    )


def _show_account(console: Console, account: Account) -> None:
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import print_record

    shown = account_document(account)
    shown["calendars"] = [_calendar(item) for item in shown["calendars"]]
    if hours := account.work_hours:
        shown["workHours"] = f"{format_hours(hours.day_schedules)} {hours.timezone or ''}"
    print_record(console, shown)


def _calendar(item: dict[str, Any]) -> str:
    """A calendar's path, and what is not usual of it."""
    from msgspec import to_builtins

    from gbook.workspace.config import CalendarRef

    usual = to_builtins(CalendarRef(path=item["path"]))
    said = [f"{key}: {str(value).lower()}" for key, value in item.items() if value != usual[key]]
    return f"{item['path']} ({', '.join(said)})" if said else str(item["path"])


@app.command(epilog="Example: gbook account update alice --timezone Europe/Paris --set workHours=null")
def update(
    ctx: typer.Context,
    account_id: Id,
    email: Email = None,
    name: Name = None,
    timezone: Zone = None,
    calendars: Calendars = None,
    hours: Hours = None,
    kind: Kind = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set any key, null removes; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change an account; comments in gbook.yaml stay. --calendar replaces its calendars."""
    from gbook.accounts.calendar_files import path_in_workspace
    from gbook.accounts.editing import update_account
    from gbook.checks.programs import overwritten_calendars
    from gbook.cli.options.profile_input import overlay
    from gbook.cli.options.profile_options import parse_assignment

    workspace: Workspace = ctx.obj.workspace
    patch = _said(hours, name=name, email=email, kind=kind, timezone=timezone, calendars=calendars)
    if calendars:
        patch["calendars"] = [path_in_workspace(workspace, path) for path in calendars]
    for text in assignments or ():
        overlay(patch, parse_assignment(text))
    if not patch:
        raise UsageError("nothing to change: give an option or --set")
    try:
        changed = update_account(workspace, account_id, patch)
    except InvalidFile as error:
        raise _of_options(workspace, error) from None
    ctx.obj.warn(overwritten_calendars(workspace, changed))
    ctx.obj.warn(_left_in_calendars(workspace, changed, ctx.obj.now))
    _emit_account(ctx.obj, changed, as_json)


def _left_in_calendars(workspace: Workspace, changed: Account, now: int) -> list[Warn]:
    """The bookings in calendars that the account had in `workspace` and has no more."""
    from gbook.bookings.remaining import Going, bookings_of

    kept = {calendar.path for calendar in changed.calendars}
    before = workspace.account(changed.id).calendars
    dropped = [calendar.path for calendar in before if calendar.path not in kept]
    if not dropped:
        return []
    return bookings_of(workspace, Going(accounts=[changed.id], calendars=dropped), now, REMAINS_IN_CALENDAR)


def _of_options(workspace: Workspace, error: InvalidFile) -> InvalidFile | UsageError:
    """gbook.yaml was valid before, so what is wrong in it now is what the options say."""
    if error.path != str(workspace.config_path.resolve()):
        return error
    keys = [(problem.key or "").rpartition(".")[2] for problem in error.problems]
    lines = [
        f"{key}: {problem.message}" if key else problem.message
        for key, problem in zip(keys, error.problems, strict=True)
    ]
    return UsageError("; ".join(lines), problems=[problem._asdict() for problem in error.problems])


@app.command(epilog="Example: gbook account remove bob")
def remove(ctx: typer.Context, account_id: Id, as_json: Json = False) -> None:
    """Remove an account from gbook.yaml. Its calendars stay, and what is booked in them."""
    from gbook.accounts.editing import remove_account
    from gbook.bookings.remaining import Going, bookings_of
    from gbook.cli.done import done

    workspace: Workspace = ctx.obj.workspace
    remaining = bookings_of(workspace, Going(accounts=[account_id]), ctx.obj.now, REMAINS_REMOVED)
    remove_account(workspace, account_id)
    done(ctx.obj, as_json, f"Removed account {account_id}.", warnings=remaining)


def _said(hours: list[str] | None, **said: Any) -> dict[str, Any]:
    """Return the options that were given, by the keys of gbook.yaml."""
    if hours:
        import msgspec

        from gbook.profiles.hours import parse_hours

        said["workHours"] = {"daySchedules": msgspec.to_builtins(parse_hours(hours))}
    return {key: value for key, value in said.items() if value}
