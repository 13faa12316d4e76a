"""`gbook profile attach-… and detach-…`: the accounts and groups of a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.commands.remaining import account_ids, of_removed_members
from gbook.cli.options import completion
from gbook.cli.options.input_file import file_option
from gbook.cli.options.output import Json
from gbook.cli.options.profile_input import patch_error, read_groups, read_input
from gbook.cli.options.profile_options import GROUP_FORM, named_accounts, parse_group, usage_error
from gbook.errors import InvalidFile, UsageError, Warn

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile, Required
    from gbook.profiles.store import ProfileStore

__all__ = ["Name", "profile_store", "register"]

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Name, title or number of the profile.",
        autocompletion=completion.profile_names,
    ),
]


AccountsFile = Annotated[str | None, file_option('Read the API\'s JSON, {"accountIds": […]}.')]


def profile_store(session: Session) -> ProfileStore:
    """Return the profiles of the workspace."""
    from gbook.profiles.store import ProfileStore

    return ProfileStore(session.workspace)


def attach_accounts(
    ctx: typer.Context,
    name: Name,
    accounts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID…",
            help="Accounts of gbook.yaml.",
            autocompletion=completion.other_accounts,
        ),
    ] = None,
    file: AccountsFile = None,
    as_json: Json = False,
) -> None:
    """Attach accounts to a profile."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    chosen = _chosen_accounts(ctx.obj, accounts, file)
    changed = editing.attach_accounts(store, store.resolve(name), chosen)
    ctx.obj.acknowledge(
        f"Accounts of {changed.name}: {', '.join(changed.accounts)}", _next_step(changed), as_json=as_json
    )


def detach_accounts(
    ctx: typer.Context,
    name: Name,
    accounts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID…",
            help="Attached accounts.",
            autocompletion=completion.attached_accounts,
        ),
    ] = None,
    file: AccountsFile = None,
    as_json: Json = False,
) -> None:
    """Detach accounts from a profile."""
    from gbook.profiles import editing

    chosen = _chosen_accounts(ctx.obj, accounts, file)
    changed, remaining = _change_members(
        ctx.obj, name, lambda store, resolved: editing.detach_accounts(store, resolved, chosen)
    )
    names = ", ".join(changed.accounts) or "none"
    ctx.obj.acknowledge(f"Accounts of {changed.name}: {names}", as_json=as_json, warnings=remaining)


def _chosen_accounts(session: Session, named: list[str] | None, file: str | None) -> list[str]:
    """Return the ids of accounts that are named by ids or numbers. Raises UsageError for none."""
    from gbook.cli.options.bodies import read_account_ids
    from gbook.workspace.numbers import known_ids

    listed = [*(named or ()), *(read_account_ids(session, file) if file else ())]
    if not (listed or file):
        raise UsageError("which accounts? give ID or --file")
    return list(dict.fromkeys(known_ids(session.workspace.accounts, listed)))


def attach_groups(
    ctx: typer.Context,
    name: Name,
    groups: Annotated[list[str] | None, typer.Argument(metavar=f"{GROUP_FORM}…", help="Groups.")] = None,
    file: Annotated[str | None, file_option('Read the API\'s JSON, {"groups": [...]}.')] = None,
    as_json: Json = False,
) -> None:
    """Attach groups of accounts; a group with the same extId is replaced."""
    from gbook.cli.options.bodies import known_members
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    attached = [known_members(ctx.obj, parse_group(text)) for text in groups or ()]
    editing.require_accounts(store, named_accounts({"groups": attached}))
    if file:
        attached += [known_members(ctx.obj, group) for group in read_groups(read_input(file), file)]
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
        list[str] | None,
        typer.Argument(
            metavar="EXTID[=ID,ID]…",
            help="Attached groups, or accounts of one.",
            autocompletion=completion.attached_groups,
        ),
    ] = None,
    file: Annotated[
        str | None,
        file_option('Read the API\'s JSON, {"groups": [{"extId": …, "accountIds": […]}]}.'),
    ] = None,
    as_json: Json = False,
) -> None:
    """Detach groups from a profile, or accounts from its groups."""
    from gbook.cli.options.bodies import read_leaving
    from gbook.profiles import editing

    leaving = {**_leaving(ctx.obj, groups or ()), **(read_leaving(ctx.obj, file) if file else {})}
    if not (leaving or file):
        raise UsageError("which groups? give EXTID or --file")
    before = _required_of_groups(ctx.obj, name)
    changed, remaining = _change_members(
        ctx.obj, name, lambda store, resolved: editing.detach_from_groups(store, resolved, leaving)
    )
    for group in changed.groups:
        if group.required != before.get(group.ext_id, group.required):
            ctx.obj.note(
                f"group {group.ext_id} now requires {group.required}, all that are left, "
                f"not {before[group.ext_id]}"
            )
    names = ", ".join(group.ext_id for group in changed.groups) or "none"
    ctx.obj.acknowledge(f"Groups of {changed.name}: {names}", as_json=as_json, warnings=remaining)


def _leaving(session: Session, typed: Iterable[str]) -> dict[str, list[str]]:
    """Return the accounts that leave groups, by extId, of `sales=bob,carol`. Raises UsageError."""
    from gbook.workspace.numbers import known_ids

    leaving = {}
    for text in typed:
        ext_id, equals, ids = text.partition("=")
        named = [part.strip() for part in ids.split(",") if part.strip()]
        if equals and not named:
            raise UsageError(f"expected a group as EXTID or EXTID=ID,ID, found {text!r}")
        leaving[ext_id.strip()] = known_ids(session.workspace.accounts, named)
    return leaving


def _required_of_groups(session: Session, name: str) -> dict[str, Required]:
    """Return how many accounts each group of a profile requires; nothing if its file is invalid."""
    store = profile_store(session)
    with suppress(InvalidFile):
        return {group.ext_id: group.required for group in store.read(store.resolve(name)).groups}
    return {}


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
