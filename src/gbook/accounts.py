"""Creating, changing and removing the accounts of gbook.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gbook.edits import as_yaml, edit, merge_patch
from gbook.errors import NotFound, UsageError, did_you_mean
from gbook.workspace import CONFIG_LIMIT, Account, Config, Workspace, open_workspace

__all__ = ["add_account", "remove_account", "update_account"]


def add_account(workspace: Workspace, data: Mapping[str, Any]) -> Account:
    """Appends an account, by the keys of gbook.yaml. Raises UsageError where the id is taken."""
    account_id = str(data["id"])

    def change(target: Any) -> None:
        accounts = target.get("accounts") or as_yaml([])
        if any(str(item.get("id")) == account_id for item in accounts):
            raise UsageError(
                f"account {account_id} exists already; `gbook account update {account_id}` changes it"
            )
        accounts.append(as_yaml(data))
        target["accounts"] = accounts

    return _edit(workspace, change).account(account_id)


def update_account(workspace: Workspace, account_id: str, patch: Mapping[str, Any]) -> Account:
    """Applies a merge patch (RFC 7386: null removes a key) to an account. Raises NotFound, InvalidFile."""
    workspace.account(account_id)
    if str(patch.get("id", account_id)) != account_id:
        raise UsageError(f"account {account_id} keeps its id, which profiles and bookings carry")
    return _edit(workspace, lambda target: merge_patch(_find(target, account_id), patch)).account(account_id)


def remove_account(workspace: Workspace, account_id: str, used_by: list[str]) -> None:
    """Takes an account out of gbook.yaml; its calendars stay. `used_by` are the profiles that name it."""
    workspace.account(account_id)
    if used_by:
        raise UsageError(f"account {account_id} is used by {', '.join(used_by)}; detach it there first")

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


def _edit(workspace: Workspace, change: Callable[[Any], None]) -> Workspace:
    edit(workspace.config_path, Config, change, limit=CONFIG_LIMIT)
    return open_workspace(workspace.root, workspace.memory)
