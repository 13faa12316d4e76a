"""`gbook profile attach-… and detach-…`: the accounts and groups of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.commands.remaining import account_ids, of_removed_members
from gbook.cli.options import completion
from gbook.cli.options.output import Json
from gbook.cli.options.profile_input import patch_error, read_groups, read_input
from gbook.cli.options.profile_options import GROUP_FORM, named_accounts, parse_group, usage_error
from gbook.errors import InvalidFile, UsageError

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore

__all__ = ["Name", "profile_store", "register"]

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Name or number of the profile.",
        autocompletion=completion.profile_names,
    ),
]


def profile_store(session: Session) -> ProfileStore:
    """Return the profiles of the workspace."""
    from gbook.profiles.store import ProfileStore

    return ProfileStore(session.workspace)


def attach_accounts(
    ctx: typer.Context,
    name: Name,
    accounts: Annotated[
        list[str],
        typer.Argument(
            metavar="ID…",
            help="Accounts of gbook.yaml.",
            autocompletion=completion.other_accounts,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Attach accounts to a profile."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    changed = editing.attach_accounts(store, store.resolve(name), accounts)
    ctx.obj.acknowledge(
        f"Accounts of {changed.name}: {', '.join(changed.accounts)}", _next_step(changed), as_json=as_json
    )


def detach_accounts(
    ctx: typer.Context,
    name: Name,
    accounts: Annotated[
        list[str],
        typer.Argument(
            metavar="ID…",
            help="Attached accounts.",
            autocompletion=completion.attached_accounts,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Detach accounts from a profile."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    changed = editing.detach_accounts(store, resolved, accounts)
    remaining = of_removed_members(store, before, changed, ctx.obj.now)
    names = ", ".join(changed.accounts) or "none"
    ctx.obj.acknowledge(f"Accounts of {changed.name}: {names}", as_json=as_json, warnings=remaining)


def attach_groups(
    ctx: typer.Context,
    name: Name,
    groups: Annotated[list[str] | None, typer.Argument(metavar=f"{GROUP_FORM}…", help="Groups.")] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE|-", help='Read the API\'s JSON, {"groups": [...]}.'),
    ] = None,
    as_json: Json = False,
) -> None:
    """Attach groups of accounts; a group with the same extId is replaced."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    attached = [parse_group(text) for text in groups or ()]
    editing.require_accounts(store, named_accounts({"groups": attached}))
    if file:
        attached += read_groups(read_input(file), file)
    if not attached:
        raise UsageError(f"which groups? give {GROUP_FORM} or --file")
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    try:
        changed = editing.attach_groups(store, resolved, attached)
    except InvalidFile as error:
        store.load(resolved)  # raises for a file that was invalid before
        raise (patch_error(error, file) if file else usage_error(error, groups="group")) from None
    remaining = of_removed_members(store, before, changed, ctx.obj.now)
    names = ", ".join(group.ext_id for group in changed.groups)
    ctx.obj.acknowledge(
        f"Groups of {changed.name}: {names}", _next_step(changed), as_json=as_json, warnings=remaining
    )


def detach_groups(
    ctx: typer.Context,
    name: Name,
    groups: Annotated[
        list[str],
        typer.Argument(
            metavar="EXTID…",
            help="Attached groups.",
            autocompletion=completion.attached_groups,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Detach groups from a profile."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    changed = editing.detach_groups(store, resolved, groups)
    remaining = of_removed_members(store, before, changed, ctx.obj.now)
    names = ", ".join(group.ext_id for group in changed.groups) or "none"
    ctx.obj.acknowledge(f"Groups of {changed.name}: {names}", as_json=as_json, warnings=remaining)


def _next_step(profile: Profile) -> str:
    return f"Next: gbook availability -p {profile.name}"


def register(app: typer.Typer) -> None:
    """Add these commands to `gbook profile`."""
    for name, command, arguments in (
        ("attach-accounts", attach_accounts, "alice bob"),
        ("detach-accounts", detach_accounts, "bob"),
        ("attach-groups", attach_groups, "sales=alice,bob:one"),
        ("detach-groups", detach_groups, "sales"),
    ):
        app.command(name, epilog=f"Example: gbook profile {name} demo {arguments}")(command)
