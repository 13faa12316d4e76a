"""Creating, changing and removing the accounts of gbook.yaml."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gbook import __version__
from gbook.committed import note
from gbook.errors import GbookError, InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.filesystem.directories import make_folder
from gbook.workspace.workspace import CONFIG_LIMIT, Account, Config, Workspace, open_workspace
from gbook.yamlfiles.editor import as_yaml, edit, merge_patch
from gbook.yamlfiles.reader import convert

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
).encode()


def add_account(workspace: Workspace, data: Mapping[str, Any], *, create: bool = False) -> Account:
    """Append an account, by the keys of gbook.yaml, if its calendars can be read; with `create`, missing ones
    are made, empty. One that is there already, just so, stays: after a crash the command can be repeated.
    Raises UsageError where the id is taken, InvalidFile.

    The calendars are on the disk before gbook.yaml names them: a crash leaves no account without them.
    """
    account = convert(data, Account, str(workspace.config_path.resolve()))
    known = workspace.accounts.get(account.id)
    if known not in (None, account):
        raise UsageError(
            f"account {account.id} exists already; `gbook account update {account.id}` changes it"
        )

    def change(target: Any) -> None:
        if known is None:
            if not target.get("accounts"):
                target["accounts"] = as_yaml([])
            target["accounts"].append(as_yaml(data))

    paths = [workspace.calendar_path(each) for each in account.calendars]
    made: list[Path] = []
    try:
        after = _edit(workspace, change, lambda _: _check_calendars(paths, made, create))
    except BaseException:
        if not _may_be_added(workspace, account.id):
            for path in made:
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
        raise
    return after.account(account.id)


def _check_calendars(paths: Iterable[Path], made: list[Path], create: bool) -> None:
    """See that calendars can be read; with `create` make those that are missing, and note them in `made`."""
    for path in paths:
        if create and create_calendar(path):
            made.append(path)
        check_calendar(path)


def _may_be_added(workspace: Workspace, account_id: str) -> bool:
    """Whether gbook.yaml names an account now, or cannot be read: a failure may come after the change."""
    try:
        return account_id in open_workspace(workspace.root, workspace.cache).accounts
    except (GbookError, OSError):
        return True


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
    from gbook.calendars.busy.readable import check_readable

    if not path.exists():
        raise InvalidFile(str(path), ["no such calendar; --create makes an empty one"])
    try:
        check_readable(path)
    except InvalidFile as error:
        raise InvalidFile(str(path), error.problems) from None
    except GbookError as error:
        raise InvalidFile(str(path), [Problem(error.message)]) from None


def create_calendar(path: Path) -> bool:
    """Make an empty calendar: a file where the path ends in .ics, else a folder. False where there is one.

    It is whole from its first instant, and has the rights of its folder. Raises OSError, Locked.
    """
    from gbook.calendars.commit.journal import temporaries
    from gbook.calendars.commit.locks import hold, real_path
    from gbook.filesystem.flock import LOCK_SECONDS

    real = real_path(path)
    if path.suffix.lower() != ".ics":
        missing = not path.exists()
        make_folder(real)
        return missing
    make_folder(str(Path(real).parent))
    if path.exists() and not temporaries(real):
        return False
    with hold([real], time.monotonic() + LOCK_SECONDS):
        return _create_file(real)


def _create_file(path: str) -> bool:
    from gbook.calendars.commit.journal import temporaries
    from gbook.filesystem.atomic import create_file
    from gbook.filesystem.files import discard

    for leftover in temporaries(path):
        discard(leftover)
    try:
        create_file(path, EMPTY_CALENDAR)
    except FileExistsError:
        return False
    return True


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
    return open_workspace(workspace.root, workspace.cache)
