"""Adding, changing and removing the accounts of gbook.yaml."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from gbook.accounts.calendar_files import check_calendar, check_remote, create_calendar
from gbook.calendars.stores.base import Store
from gbook.clients.editing import revoke_tokens
from gbook.committed import note
from gbook.errors import GbookError, NotFound, UsageError, did_you_mean
from gbook.workspace.config import CONFIG_LIMIT, Account, Config
from gbook.workspace.numbers import next_number
from gbook.workspace.server import Server
from gbook.workspace.workspace import Workspace, open_workspace
from gbook.yamlfiles.editor import edit, merge_patch
from gbook.yamlfiles.field_types import json_id
from gbook.yamlfiles.reader import convert
from gbook.yamlfiles.round_trip import as_yaml

if TYPE_CHECKING:
    from gbook.profiles.store import ProfileStore

__all__ = ["add_account", "add_calendar", "remove_account", "require_unused", "update_account"]


def add_account(workspace: Workspace, data: Mapping[str, Any], *, create: bool = False) -> Account:
    """Append an account (`data` by the keys of gbook.yaml) and return it.

    Its calendars must be readable; with `create`, missing ones are created empty. They are on disk before
    gbook.yaml names them, so a crash leaves no account without calendars. An identical account is kept, so
    the command can be repeated after a crash. An account whose id is not an integer gets the next free
    number, unless it has one. Raises UsageError for an id in use, InvalidFile.
    """
    account = convert(data, Account, str(workspace.config_path.resolve()))
    known = workspace.accounts.get(account.id)
    if known and not _is_same(account, known):
        raise UsageError(
            f"account {account.id} already exists; use `gbook account update {account.id}` to change it"
        )

    def change(target: Any) -> None:
        if known is None:
            accounts = _list_of(target, "accounts")
            accounts.append(as_yaml(_numbered(data, accounts)))

    paths = [workspace.calendar_path(each) for each in account.calendars if not each.is_remote]
    remote = [workspace.store(each) for each in account.calendars if each.is_remote]
    made: list[Path] = []
    try:
        after = _edit(workspace, change, lambda _: _check_calendars(paths, remote, made, create))
    except BaseException:
        if not _may_be_added(workspace, account.id):
            for path in made:
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
        raise
    return after.account(account.id)


def _is_same(account: Account, known: Account) -> bool:
    """Return whether an account is one that is in gbook.yaml already, apart from a number that was given."""
    number = known.number if account.number is None else account.number
    return replace(account, number=number) == known


def _numbered(data: Mapping[str, Any], accounts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a new account with a number after its id, if it needs one."""
    if data.get("number") is not None or isinstance(json_id(str(data["id"])), int):
        return dict(data)
    others = {key: value for key, value in data.items() if key not in ("id", "number")}
    return {"id": data["id"], "number": next_number(accounts), **others}


def _check_calendars(paths: Iterable[Path], remote: Iterable[Store], made: list[Path], create: bool) -> None:
    """Check that calendars are readable; with `create`, create missing files and add them to `made`."""
    for store in remote:
        check_remote(store)
    for path in paths:
        if create and create_calendar(path):
            made.append(path)
        check_calendar(path)


def _may_be_added(workspace: Workspace, account_id: str) -> bool:
    """Return whether gbook.yaml names an account or is unreadable: an error may follow the change."""
    try:
        return account_id in open_workspace(workspace.root, workspace.cache).accounts
    except (GbookError, OSError):
        return True


def add_calendar(
    workspace: Workspace,
    account_id: str,
    calendar: Mapping[str, Any],
    server: Server,
    *,
    email: str | None = None,
) -> Account:
    """Append a calendar of a server (by the keys of gbook.yaml) to an account, and return that.

    The server is added if gbook.yaml has none with its id; so is the account, if `email` is known. What is
    there already stays as it is, so the command can be repeated. Raises UsageError, InvalidFile.
    """
    if account_id not in workspace.accounts and email is None:
        near = did_you_mean(account_id, workspace.accounts)
        raise UsageError(f"no account {account_id!r} in gbook.yaml{near}; --email E adds it")

    def change(target: Any) -> None:
        if server.id not in {each.id for each in workspace.config.servers}:
            _list_of(target, "servers").append(_server_yaml(server))
        if account_id not in workspace.accounts:
            accounts = _list_of(target, "accounts")
            accounts.append(as_yaml(_numbered({"id": account_id, "email": email}, accounts)))
        calendars = _list_of(_find(target, account_id), "calendars")
        if not any(isinstance(each, Mapping) and each.get("url") == calendar["url"] for each in calendars):
            calendars.append(as_yaml(calendar))

    return _edit(workspace, change).account(account_id)


def _list_of(target: Any, key: str) -> Any:
    """Return the list under a key, which is added if it is missing."""
    if not target.get(key):
        target[key] = as_yaml([])
    return target[key]


def _server_yaml(server: Server) -> Any:
    """Return a server as ruamel's types, without defaults; each command is on one line."""
    import msgspec

    defaults = msgspec.to_builtins(Server(id=server.id, url=server.url))
    given = msgspec.to_builtins(server)
    shown = as_yaml(
        {key: value for key, value in given.items() if key in ("id", "url") or value != defaults[key]}
    )
    for key in {"passwordCommand", "tokenCommand"} & shown.keys():
        shown[key].fa.set_flow_style()
    return shown


def update_account(workspace: Workspace, account_id: str, patch: Mapping[str, Any]) -> Account:
    """Apply a merge patch (RFC 7386: null removes a key) and return the account.

    Raises NotFound, InvalidFile, UsageError for another id.
    """
    workspace.account(account_id)
    if str(patch.get("id", account_id)) != account_id:
        raise UsageError(f"account {account_id}: the id cannot change, since profiles and bookings use it")
    return _edit(workspace, lambda target: merge_patch(_find(target, account_id), patch)).account(account_id)


def require_unused(workspace: Workspace, account_id: str) -> None:
    """Raise UsageError while a profile uses an account, NotFound for an unknown one."""
    from gbook.profiles.store import ProfileStore

    workspace.account(account_id)
    store = ProfileStore(workspace)
    if used_by := store.naming(account_id):
        message = f"account {account_id} is used by {', '.join(used_by)}; detach it there first:"
        commands = [f"  {command}" for name in used_by for command in _detaching(store, name, account_id)]
        raise UsageError("\n".join([message, *commands]))


def _detaching(store: ProfileStore, name: str, account_id: str) -> Iterator[str]:
    """Yield the commands after which a profile does not use an account."""
    profile = store.read(name)
    if account_id in profile.accounts:
        yield f"gbook profile detach-accounts {name} {account_id}"
    for group in profile.groups:
        if account_id in group.account_ids:
            yield f"gbook profile detach-groups {name} {shlex.quote(group.ext_id)}"
    if account_id in profile.optional:
        kept = ",".join(other for other in profile.optional if other != account_id)
        yield f"gbook profile update {name} --set {shlex.quote(f'optional=[{kept}]')}"
    if account_id == profile.owner:
        yield f"gbook profile update {name} --set owner=null"


def remove_account(workspace: Workspace, account_id: str) -> None:
    """Remove an account from gbook.yaml, and revoke its tokens; its calendars stay.

    Raises what `require_unused` raises.
    """
    require_unused(workspace, account_id)
    # First: an account that is added later with this id must not have them.
    revoke_tokens(workspace.root, account_id)

    def change(target: Any) -> None:
        target["accounts"].remove(_find(target, account_id))

    _edit(workspace, change)


def _find(target: Any, account_id: str) -> Any:
    accounts = target.get("accounts") or []
    for account in accounts:
        if str(account.get("id")) == account_id:
            return account
    known = [str(account.get("id")) for account in accounts]
    raise NotFound(f"no account {account_id!r} in gbook.yaml{did_you_mean(account_id, known)}")


def _edit(
    workspace: Workspace, change: Callable[[Any], None], check: Callable[[Config], None] | None = None
) -> Workspace:
    edit(workspace.config_path, Config, change, limit=CONFIG_LIMIT, check=check)
    note(f"{workspace.config_path} is written")
    return open_workspace(workspace.root, workspace.cache, workspace.asking)
