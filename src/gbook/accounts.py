"""Creating, changing and removing the accounts of gbook.yaml."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gbook import __version__
from gbook.committed import note
from gbook.documents import convert
from gbook.edits import as_yaml, edit, merge_patch
from gbook.errors import GbookError, InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.workspace import CONFIG_LIMIT, Account, Config, Workspace, open_workspace

__all__ = [
    "add_account",
    "check_calendar",
    "create_calendar",
    "path_in_workspace",
    "remove_account",
    "update_account",
]

EMPTY_CALENDAR = (
    f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//gbook//gbook {__version__}//EN\r\nEND:VCALENDAR\r\n"
)


def add_account(workspace: Workspace, data: Mapping[str, Any], *, create: bool = False) -> Account:
    """Appends an account, by the keys of gbook.yaml, once its calendars can be read; with `create` those that
    are not there are made, empty. Raises UsageError where the id is taken, InvalidFile.
    """
    account = convert(data, Account, str(workspace.config_path.resolve()))
    if account.id in workspace.accounts:
        raise UsageError(
            f"account {account.id} exists already; `gbook account update {account.id}` changes it"
        )

    def change(target: Any) -> None:
        if not target.get("accounts"):
            target["accounts"] = as_yaml([])
        target["accounts"].append(as_yaml(data))

    with _calendars_there([workspace.calendar_path(each) for each in account.calendars], create=create):
        return _edit(workspace, change).account(account.id)


@contextmanager
def _calendars_there(paths: Iterable[Path], *, create: bool) -> Iterator[None]:
    """Calendars that can be read; those that had to be made go again if what follows fails."""
    made: list[Path] = []
    try:
        for path in paths:
            if create and not path.exists():
                create_calendar(path)
                made.append(path)
            check_calendar(path)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def update_account(workspace: Workspace, account_id: str, patch: Mapping[str, Any]) -> Account:
    """Applies a merge patch (RFC 7386: null removes a key) to an account. Raises NotFound, InvalidFile."""
    workspace.account(account_id)
    if str(patch.get("id", account_id)) != account_id:
        raise UsageError(f"account {account_id} keeps its id, which profiles and bookings carry")
    return _edit(workspace, lambda target: merge_patch(_find(target, account_id), patch)).account(account_id)


def remove_account(workspace: Workspace, account_id: str) -> None:
    """Takes an account out of gbook.yaml; its calendars stay. Raises UsageError while a profile names it."""
    from gbook.profiles.store import ProfileStore

    workspace.account(account_id)
    if used_by := ProfileStore(workspace).naming(account_id):
        raise UsageError(f"account {account_id} is used by {', '.join(used_by)}; detach it there first")

    def change(target: Any) -> None:
        target["accounts"].remove(_find(target, account_id))

    _edit(workspace, change)


def path_in_workspace(workspace: Workspace, typed: str) -> str:
    """A calendar's path for gbook.yaml: as typed, or from the current folder where it is there."""
    path = Path(typed)
    if path.is_absolute() or typed.startswith("~") or (workspace.root / path).exists() or not path.exists():
        return typed
    absolute = path.absolute()
    inside = absolute.is_relative_to(workspace.root)
    return os.path.relpath(absolute, workspace.root) if inside else str(absolute)


def check_calendar(path: Path) -> None:
    """Raises InvalidFile where a calendar, file or folder, is not there or cannot be read."""
    from gbook.calendars.readable import check_readable

    if not path.exists():
        raise InvalidFile(str(path), ["no such calendar; --create makes an empty one"])
    try:
        check_readable(path)
    except InvalidFile as error:
        raise InvalidFile(str(path), error.problems) from None
    except GbookError as error:
        raise InvalidFile(str(path), [Problem(error.message)]) from None


def create_calendar(path: Path) -> None:
    """An empty calendar: a file where the path ends in .ics, else a folder."""
    if path.suffix.lower() != ".ics":
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as file:
        try:
            file.write(EMPTY_CALENDAR)
            file.flush()
        except OSError:
            path.unlink()
            raise


def _find(target: Any, account_id: str) -> Any:
    accounts = target.get("accounts") or []
    for account in accounts:
        if str(account.get("id")) == account_id:
            return account
    known = [str(account.get("id")) for account in accounts]
    raise NotFound(f"no account {account_id!r} in gbook.yaml{did_you_mean(account_id, known)}")


def _edit(workspace: Workspace, change: Callable[[Any], None]) -> Workspace:
    edit(workspace.config_path, Config, change, limit=CONFIG_LIMIT)
    note(f"{workspace.config_path} is written")
    return open_workspace(workspace.root, workspace.memory)
