"""`gbook profile attach-… and detach-…`: the accounts and groups of a profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.commands.remaining import account_ids, of_removed_members
from gbook.cli.options import completion
from gbook.cli.options.output import Json
from gbook.cli.options.profile_input import patch_error, read_groups, read_input
from gbook.cli.options.profile_options import GROUP_FORM, named_accounts, parse_group, usage_error
from gbook.errors import InvalidFile, UsageError, Warn

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

    changed, remaining = _change_members(
        ctx.obj, name, lambda store, resolved: editing.detach_accounts(store, resolved, accounts)
    )
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

    def attach(store: ProfileStore, resolved: str) -> Profile:
        try:
            return editing.attach_groups(store, resolved, attached)
        except InvalidFile as error:
            store.load(resolved)  # raises for a file that was invalid before
            raise (patch_error(error, file) if file else usage_error(error, groups="group")) from None

    changed, remaining = _change_members(ctx.obj, name, attach)
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

    changed, remaining = _change_members(
        ctx.obj, name, lambda store, resolved: editing.detach_groups(store, resolved, groups)
    )
    names = ", ".join(group.ext_id for group in changed.groups) or "none"
    ctx.obj.acknowledge(f"Groups of {changed.name}: {names}", as_json=as_json, warnings=remaining)


def _change_members(
    session: Session, name: str, change: Callable[[ProfileStore, str], Profile]
) -> tuple[Profile, list[Warn]]:
    """Return the changed profile, and a warning for each booking of an account that left it."""
    store = profile_store(session)
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    changed = change(store, resolved)
    return changed, of_removed_members(store, before, changed, session.now)


def _next_step(profile: Profile) -> str:
    return f"Next: gbook availability -p {profile.name}"


def register(app: typer.Typer) -> None:
    """Add these commands to `gbook profile`."""
    for name, command, arguments in (
        ("attach-accounts", attach_accounts, "bob carol"),
        ("detach-accounts", detach_accounts, "alice"),
        ("attach-groups", attach_groups, "support=bob,carol:one"),
        ("detach-groups", detach_groups, "sales"),
    ):
        app.command(name, epilog=f"Example: gbook profile {name} demo {arguments}")(command)
