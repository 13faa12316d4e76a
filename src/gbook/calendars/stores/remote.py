"""A calendar on a server, as the mirror has it. What the server did not confirm is not known to be free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

from gbook.calendars.ics.gbook_properties import HOLD
from gbook.errors import GbookError, Unreachable
from gbook.timeutil.format import age_name
from gbook.timeutil.instants import now

if TYPE_CHECKING:
    from gbook.calendars.stores.base import State
    from gbook.calendars.stores.mirror import Mirrored
    from gbook.calendars.stores.remotes import Remotes
    from gbook.dav.deadline import Deadline

__all__ = ["RemoteStore", "never_read"]


class RemoteStore:
    """A mirrored calendar; equal to another if it has the same key. It is shown without any secret.

    `group` is the same for calendars that are asked in turn, over one connection. `refresh` asks; all other
    methods use no network.
    """

    is_remote = True

    def __init__(self, key: str, shown: str, group: str, remotes: Remotes) -> None:
        self.key = key
        self.shown = shown
        self.group = group
        self.remotes = remotes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteStore) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    def known(self) -> Mirrored | None:
        """Return what the mirror knows of the calendar; None if it was never read, or the mirror is lost."""
        try:
            return self.remotes.mirror.look(self.key)
        except GbookError:
            return None

    def age(self) -> int | None:
        """Return the seconds since a server has confirmed the calendar; None if it was never read."""
        return now() - said.checked_at if (said := self.known()) else None

    def look(self) -> list[tuple[str, State]]:
        if error := self.remotes.answers.get(self.key):
            raise error
        if self.known() is None:
            raise never_read(self.shown)
        own = self._hidden
        return [each for each in self.remotes.mirror.states(self.key) if each[0] not in own]

    def summary(self) -> State | None:
        try:
            if self.remotes.answers.get(self.key):
                return None
            return self.remotes.mirror.summary(self.key, self._hidden)
        except GbookError:
            return None

    def state(self, name: str) -> State | None:
        try:
            return None if name in self._hidden else self.remotes.mirror.state(self.key, name)
        except GbookError:
            return None

    def read(self, name: str) -> bytes:
        return self.remotes.mirror.read(self.key, name)

    def exists(self, name: str) -> bool:
        return self.state(name) is not None

    def is_being_written(self, name: str) -> bool:
        return False

    def name_for(self, uid: str) -> str:
        return ""

    def own_names(self) -> list[str]:
        return []

    def location(self, name: str) -> str:
        return self.shown

    def judge(self, error: GbookError) -> GbookError | None:
        """Return why the calendar must not be read after a failure to ask; None if the mirror may answer."""
        if not isinstance(error, Unreachable) or (age := self.age()) is None:
            return error
        return Unreachable(error.details["server"], f"{error.reason}; last read {age_name(age)} ago")

    def is_due(self) -> bool:
        """Return whether the server must be asked before the calendar is read."""
        return True

    def remark(self) -> str | None:
        """Return what to know of a calendar that may be read: a warning about its age."""
        return None

    def prepare(self) -> None:
        """Run the programs whose output is needed to ask; they may wait for a person. Raises GbookError."""

    @classmethod
    def ask(
        cls, stores: Sequence[RemoteStore], deadline: Deadline
    ) -> Iterator[tuple[RemoteStore, GbookError | None]]:
        """Ask the server of `stores`, all of one group, and store what it says in the mirror.

        Yield each store as soon as its answer is known, with the reason if it must not be read.
        """
        raise NotImplementedError

    @property
    def _hidden(self) -> Set[str]:
        """The names of resources that are left out: the command's own holds, or all holds."""
        if self.remotes.leaves_holds_out:
            return self._all_holds()
        return self.remotes.own_holds.get(self.key, frozenset())

    def _all_holds(self) -> Set[str]:
        """Return the names of all holds; the contents are searched once for each revision of the mirror."""
        known = self.known()
        revision = known.revision if known else b""
        found = self.remotes.all_holds.get(self.key)
        if found is None or found[0] != revision:
            names = frozenset(self.remotes.mirror.names_with(self.key, f"{HOLD}:".encode()))
            found = self.remotes.all_holds[self.key] = revision, names
        return found[1]


def never_read(shown: str) -> GbookError:
    """Return the error for a calendar that no command has read yet."""
    return Unreachable(shown, "was never read; run `gbook calendar refresh`")
