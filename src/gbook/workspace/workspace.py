"""The workspace: the folder with gbook.yaml, how it is found, and the accounts in it."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.cache import Cache
from gbook.errors import NotFound, UsageError, did_you_mean
from gbook.filesystem.user_folders import expand_home, user_folder
from gbook.timeutil.zones import find_zone, system_zone
from gbook.workspace.config import CONFIG_LIMIT, CONFIG_NAME, Account, CalendarRef, Config
from gbook.yamlfiles.reader import load

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["Workspace", "find_workspace", "open_workspace"]


class Workspace:
    """An open workspace: the folder `root`, its parsed gbook.yaml, and the cache of what its files hold.

    Without a `cache` every file is read each time.
    """

    def __init__(self, root: Path, config: Config, cache: Cache | None = None) -> None:
        self.root = root
        self.config = config
        self.cache = cache or Cache(None)

    @property
    def config_path(self) -> Path:
        return self.root / CONFIG_NAME

    @property
    def profiles_path(self) -> Path:
        return self.root / "profiles"

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """By id, in the order of gbook.yaml."""
        return {account.id: account for account in self.config.accounts}

    def account(self, account_id: str | int) -> Account:
        """Raises NotFound with the nearest id."""
        if (found := self.accounts.get(str(account_id))) is None:
            near = did_you_mean(str(account_id), self.accounts)
            raise NotFound(f"no account {account_id!r} in {self.config_path}{near}", account=account_id)
        return found

    def calendar_path(self, calendar: CalendarRef | str) -> Path:
        """Where a calendar is: relative to the workspace, `~` is the home folder."""
        named = calendar if isinstance(calendar, str) else calendar.path
        return self.root / expand_home(named)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The workspace's zone, else the system's."""
        return find_zone(self.config.timezone) if self.config.timezone else system_zone()


def find_workspace(option: str | Path | None = None) -> Path:
    """The folder of gbook.yaml: `option`, else $GBOOK_WORKSPACE, else upward from the current folder, else
    the user's config folder. Raises NotFound, and UsageError for an option that is empty: a script whose
    variable is not set means no other workspace.
    """
    if option == "":
        raise UsageError("--workspace: expected a folder, found nothing")
    if named := option or os.environ.get("GBOOK_WORKSPACE"):
        return _named(expand_home(named))
    here = _current_folder()
    configured = user_folder("XDG_CONFIG_HOME", ".config")
    for folder in (here, *here.parents, configured) if here else (configured,):
        if folder and (folder / CONFIG_NAME).is_file():
            return folder
    if here is None:
        raise NotFound("the current folder no longer exists; name a workspace: gbook --workspace DIR")
    raise NotFound(
        f"no {CONFIG_NAME} here or in a folder above; `gbook init --demo` makes a workspace to try"
    )


def _named(path: Path) -> Path:
    folder = path.parent if path.name == CONFIG_NAME and not path.is_dir() else path
    if not (folder / CONFIG_NAME).is_file():
        raise NotFound(f"no {CONFIG_NAME} in {folder}; `gbook init --demo {folder}` makes a workspace to try")
    return folder.absolute()


def _current_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it was deleted
        return None


def open_workspace(option: str | Path | None = None, cache: Cache | None = None) -> Workspace:
    """The workspace that `find_workspace` finds, read. Raises NotFound, InvalidFile with all problems."""
    root = find_workspace(option)
    return Workspace(root, load(root / CONFIG_NAME, Config, cache, CONFIG_LIMIT), cache)
