"""The workspace: the folder with gbook.yaml, how it is found, and the accounts in it."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gbook.cache import Cache
from gbook.calendars.stores.vdir import local_store
from gbook.errors import NotFound, Unreachable, UsageError, did_you_mean
from gbook.filesystem.user_folders import expand_home, user_folder
from gbook.timeutil.zones import find_zone, system_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import CONFIG_LIMIT, CONFIG_NAME, Account, Config
from gbook.yamlfiles.reader import load

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gbook.calendars.stores.base import Store
    from gbook.calendars.stores.remotes import Asking, Remotes

__all__ = ["Workspace", "find_workspace", "open_workspace"]


class Workspace:
    """An open workspace: the folder `root`, its parsed gbook.yaml, and the cache of what its files hold.

    Without a `cache` every file is read each time. `asking` says how servers are asked.
    """

    def __init__(
        self, root: Path, config: Config, cache: Cache | None = None, asking: Asking | None = None
    ) -> None:
        self.root = root
        self.config = config
        self.cache = cache or Cache(None)
        self.asking = asking

    @property
    def config_path(self) -> Path:
        """The path of gbook.yaml."""
        return self.root / CONFIG_NAME

    @property
    def profiles_path(self) -> Path:
        """The folder of the profiles."""
        return self.root / "profiles"

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The accounts by id, in the order of gbook.yaml."""
        return {account.id: account for account in self.config.accounts}

    def account(self, account_id: str | int) -> Account:
        """Return the account with an id. Raises NotFound with the nearest id."""
        if (account := self.accounts.get(str(account_id))) is None:
            near = did_you_mean(str(account_id), self.accounts)
            raise NotFound(f"no account {account_id!r} in {self.config_path}{near}", account=account_id)
        return account

    def calendar_path(self, calendar: CalendarRef | str) -> Path:
        """Return the path of a calendar on a disk, relative to the workspace; `~` is the home folder."""
        path = calendar if isinstance(calendar, str) else calendar.path
        assert path is not None, "a remote calendar has no path"
        return _below(self.root, path)

    def store(self, calendar: CalendarRef) -> Store:
        """Return the store of a calendar, which need not exist."""
        if calendar.is_remote:
            return self._remote_store(calendar)
        return local_store(self.calendar_path(calendar))

    def _remote_store(self, calendar: CalendarRef) -> Store:
        if calendar.server is not None:
            from gbook.calendars.stores.caldav import CaldavStore

            server = next(each for each in self.config.servers if each.id == calendar.server)
            cooperative = calendar.concurrency == "cooperative"
            return CaldavStore(calendar.url or "", server, self.remotes, is_cooperative=cooperative)
        from gbook.calendars.stores.feed import FeedStore
        from gbook.timeutil.periods import period_minutes

        max_age = 60 * period_minutes(calendar.max_age)
        url, command = calendar.url or "", calendar.url_command or ()
        return FeedStore(calendar.shown, self.remotes, max_age, url=url, command=command)

    @cached_property
    def remotes(self) -> Remotes:
        """What all remote calendars share in this command; the mirror is beside the index."""
        from gbook.calendars.stores.mirror import Mirror
        from gbook.calendars.stores.remotes import Asking, Remotes

        return Remotes(Mirror.beside(self.cache.path), self.root, self.asking or Asking())

    def as_of(self) -> int | None:
        """Return the instant of the oldest answer of a server that was used; None if none was."""
        return self.remotes.as_of() if "remotes" in self.__dict__ else None

    def require_online(self) -> None:
        """Raise Unreachable with --offline if a calendar is on a server: nothing is changed unseen."""
        references = (calendar for account in self.config.accounts for calendar in account.calendars)
        if self.asking and self.asking.offline and any(calendar.is_remote for calendar in references):
            raise Unreachable("--offline", "nothing is booked or changed without asking the servers")

    def close(self) -> None:
        """Close the mirror and the connections to servers, if they were used."""
        if "remotes" in self.__dict__:
            self.remotes.close()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The workspace's zone, else the system's."""
        return find_zone(self.config.timezone) if self.config.timezone else system_zone()


@lru_cache(maxsize=4096)
def _below(root: Path, path: str) -> Path:
    """Return a path relative to a folder; `~` is the home folder."""
    return root / expand_home(path)


def find_workspace(option: str | Path | None = None) -> Path:
    """Return the folder of gbook.yaml.

    It is `option`, else $GBOOK_WORKSPACE, else the current folder or the nearest above it, else the user's
    config folder. Raises NotFound; UsageError for an empty option, since a script whose variable is unset
    must not change another workspace.
    """
    if option == "":
        raise UsageError("--workspace must not be empty")
    if named := option or os.environ.get("GBOOK_WORKSPACE"):
        return _folder_of(expand_home(named))
    current = _current_folder()
    configured = user_folder("XDG_CONFIG_HOME", ".config")
    for folder in (current, *current.parents, configured) if current else (configured,):
        if folder and (folder / CONFIG_NAME).is_file():
            return folder
    if current is None:
        raise NotFound("the current folder no longer exists; choose a workspace: gbook --workspace DIR")
    raise NotFound(
        f"no {CONFIG_NAME} in this folder or above it; `gbook init --demo` creates a workspace to try"
    )


def _folder_of(path: Path) -> Path:
    folder = path.parent if path.name == CONFIG_NAME and not path.is_dir() else path
    if not (folder / CONFIG_NAME).is_file():
        raise NotFound(
            f"no {CONFIG_NAME} in {folder}; `gbook init --demo {folder}` creates a workspace to try"
        )
    return folder.absolute()


def _current_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # The folder has been deleted.
        return None


def open_workspace(
    option: str | Path | None = None, cache: Cache | None = None, asking: Asking | None = None
) -> Workspace:
    """Return the workspace that `find_workspace` finds. Raises NotFound, InvalidFile with all problems."""
    root = find_workspace(option)
    return Workspace(root, load(root / CONFIG_NAME, Config, cache, CONFIG_LIMIT), cache, asking)
