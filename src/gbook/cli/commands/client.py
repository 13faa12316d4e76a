"""`gbook client`: the programs that may use the HTTP API, and the tokens of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json, OutputOptions, PageOptions, Records, Yes, emit_records
from gbook.errors import NotFound, UsageError
from gbook.yamlfiles.field_types import json_id, read_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gbook.cli.session import Session
    from gbook.render.console import Console

__all__ = ["app"]

app = App(
    help="Manage the clients of the HTTP API, and the tokens of accounts.",
    epilog="Example: gbook client add website",
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the client.", autocompletion=completion.client_names)
]
SHOWN_ONCE = "It is shown only now, and gbook keeps no copy of it."


@app.command(epilog="Example: gbook client add website --json")
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the client, chosen by you.")],
    basic: Annotated[
        bool, typer.Option("--basic", help="Print only ID:SECRET, as `curl -u` takes it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a client, which uses the API with an id and a secret. For a known client, make a second secret."""
    from gbook.clients.editing import add_client

    session: Session = ctx.obj
    if basic and as_json:
        raise UsageError("--basic and --json cannot be given together")
    try:
        read_name(name)
    except ValueError as error:
        raise UsageError(f"NAME: {error}") from None
    added = add_client(session.root, name, session.now)
    document = {"clientId": added.client.id, "clientSecret": added.secret}

    def show(console: Console) -> None:
        if basic:
            console.print_words(f"{added.client.id}:{added.secret}")
            return
        _show_secret(console, f"New secret of client {name}. {SHOWN_ONCE}", document)
        if len(added.client.secrets) > 1:
            console.print_words(
                f"The older secret works too. When nothing uses it: gbook client remove {name} --old"
            )

    session.emit(lambda: document, as_json=as_json, show=show)


@app.command("list", epilog="Example: gbook client list --json")
@with_option_groups
def list_clients(ctx: typer.Context, page: PageOptions, output: OutputOptions) -> None:
    """List all clients, and the accounts that have tokens. Secrets are not shown."""
    from gbook.clients.file import CredentialsFile
    from gbook.render.clients import client_keys, holder_document, holders, show_holders

    session: Session = ctx.obj
    workspace = session.workspace
    records = holders(CredentialsFile(workspace.root).read(), workspace.accounts)
    listed = Records(
        records,
        holder_document,
        client_keys,
        lambda console, shown: show_holders(console, shown, workspace.zone),
    )
    emit_records(session, output, page, listed)


@app.command(epilog="Example: gbook client remove website")
def remove(
    ctx: typer.Context,
    name: Name,
    old: Annotated[bool, typer.Option("--old", help="Remove only the older of its two secrets.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove a client: its secrets no longer work. On a terminal, it asks first.

    A new client with the same name has another id, so public addresses with the old one end too.
    """
    from gbook.cli.commands.remaining import confirm_removal
    from gbook.clients.editing import remove_client, require_client

    session: Session = ctx.obj
    require_client(session.root, name)
    what = f"the older secret of client {name}" if old else f"client {name}"
    if not yes:
        confirm_removal(session, f"Remove {what}?", ())
    remove_client(session.root, name, old=old)
    session.acknowledge(f"Removed {what}.", as_json=as_json)


@app.command(epilog="Example: gbook client token alice")
def token(
    ctx: typer.Context,
    account_id: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="Account ID.", autocompletion=completion.every_account)
    ],
    revoke: Annotated[bool, typer.Option("--revoke", help="Revoke its tokens, and make none.")] = False,
    old: Annotated[bool, typer.Option("--old", help="With --revoke: only the older of two.")] = False,
    as_json: Json = False,
) -> None:
    """Make a token, with which a program acts for an account: its own profiles and meetings."""
    session: Session = ctx.obj
    if old and not revoke:
        raise UsageError("--old goes with --revoke")
    if revoke:
        _revoke(session, account_id, old=old, as_json=as_json)
        return
    from gbook.clients.editing import add_token

    session.workspace.account(account_id)
    document = {
        "accountId": json_id(account_id),
        "token": add_token(session.root, account_id, session.now),
    }
    session.emit(
        lambda: document,
        as_json=as_json,
        show=lambda console: _show_secret(
            console, f"New token of account {account_id}. {SHOWN_ONCE}", document
        ),
    )


def _revoke(session: Session, account_id: str, *, old: bool, as_json: bool) -> None:
    from gbook.clients.editing import revoke_tokens
    from gbook.timeutil.format import count

    if not (revoked := revoke_tokens(session.root, account_id, old=old)):
        raise NotFound(f"account {account_id} has no token", account=account_id)
    session.acknowledge(f"Revoked {count(revoked, 'token')} of account {account_id}.", as_json=as_json)


def _show_secret(console: Console, headline: str, document: Mapping[str, str | int]) -> None:
    from gbook.render.tables import print_record

    console.print_words(headline)
    print_record(console, document)
