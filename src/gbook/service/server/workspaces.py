"""The workspace as each request finds it: its files are looked at again every time.

gbook.yaml is read again when it has changed. While it is invalid every request is refused: to go on with the
old one would book into the calendars of people who have just been taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

import gbook
from gbook.calendars.stores.remotes import Asking
from gbook.errors import GbookError, InvalidFile, NotFound
from gbook.filesystem.flock import patience
from gbook.profiles.store import ProfileStore
from gbook.service.log import Trouble
from gbook.service.server.memory import Memory, SharedCache
from gbook.workspace.config import CONFIG_LIMIT, CONFIG_NAME, Config
from gbook.workspace.tokens import RescheduleTokens
from gbook.workspace.workspace import Workspace
from gbook.yamlfiles.reader import load

__all__ = ["Workspaces"]

# How long a request waits for the lock of a calendar.
LOCK_SECONDS = 3.0


class Workspaces:
    """Opens one workspace, in any thread, for one request each time.

    `index` is the path of the index, None for none; `base_url` replaces the one of gbook.yaml.
    """

    def __init__(
        self, root: Path, index: Path | None, asking: Asking | None = None, base_url: str | None = None
    ) -> None:
        self.root = root
        self._config_path = root / CONFIG_NAME
        self._index = index
        self._asking = asking
        self._base_url = base_url
        self._memory = Memory()
        self._trouble = Trouble("every request is refused", over="requests are answered again")

    def warm_up(self, now: int) -> None:
        """Read the calendars before there are threads: several processes can read them then.

        Servers are not asked. Profiles that cannot be read are left out. The key of the tokens is made, so
        that no request that only looks makes it. Raises InvalidFile.
        """
        with self.open(Asking(offline=True)) as workspace:
            with suppress(GbookError):  # requests that need it say what is wrong
                RescheduleTokens(workspace)
            store = ProfileStore(workspace)
            for name in store.names():
                with suppress(GbookError):
                    gbook.ask(workspace, gbook.Query(profile=store.load(name), now=now))

    @contextmanager
    def open(self, asking: Asking | None = None) -> Iterator[Workspace]:
        """Hold the workspace as it is now; `asking` says how servers are asked. Raises InvalidFile."""
        cache = SharedCache(self._index, self._memory)
        with patience(LOCK_SECONDS):
            try:
                workspace = self._opened(cache, asking or self._asking)
                try:
                    yield workspace
                finally:
                    workspace.close()
            finally:
                cache.close()

    def _opened(self, cache: SharedCache, asking: Asking | None) -> Workspace:
        try:
            config = load(self._config_path, Config, cache, CONFIG_LIMIT)
        except GbookError as error:
            self._trouble.note(error.message)
            if isinstance(error, NotFound):  # Clients must not take it for the answer to their request.
                raise InvalidFile(str(self._config_path), ["there is no such file"]) from error
            raise
        self._trouble.note(None)
        return Workspace(self.root, self._adapted(config), cache, asking)

    def _adapted(self, config: Config) -> Config:
        if self._base_url is None:
            return config
        serve = msgspec.structs.replace(config.serve, base_url=self._base_url)
        return msgspec.structs.replace(config, serve=serve)
