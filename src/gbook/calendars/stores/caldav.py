"""A calendar on a CalDAV server (RFC 4791): synced into the mirror, written by conditional requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from msgspec.structs import replace

from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.calendars.stores.losses import MANY, refuse_loss
from gbook.calendars.stores.mirror import Mirrored
from gbook.calendars.stores.remote import RemoteStore
from gbook.errors import GbookError, InvalidFile, LoginRefused, Unreachable
from gbook.timeutil.instants import now

if TYPE_CHECKING:
    from gbook.calendars.stores.remotes import Remotes
    from gbook.dav.collection import Changes, Collection, Resource
    from gbook.dav.deadline import Deadline
    from gbook.dav.http import Client
    from gbook.workspace.server import Server

__all__ = ["CaldavStore"]

# How often a calendar is asked again because another process has stored an answer meanwhile.
ATTEMPTS = 3
# The mark of an event of gbook's.
OWN = PROFILE.encode()


class CaldavStore(RemoteStore):
    """A calendar collection at `url`, on a server of gbook.yaml."""

    def __init__(self, url: str, server: Server, remotes: Remotes, *, is_cooperative: bool = False) -> None:
        self.url = url if url.endswith("/") else f"{url}/"
        self.server = server
        # Its server ignores conditions, and the user says that only gbook books in it.
        self.is_cooperative = is_cooperative
        super().__init__(f"caldav {server.username or server.id} {self.url}", url, server.id, remotes)

    def name_for(self, uid: str) -> str:
        """Return the name of the resource with an event of gbook's; of a new one, a name that none has."""
        known = self.remotes.mirror.names_with(self.key, f"UID:{uid}".encode())
        hidden = self._hidden
        return next((name for name in known if name not in hidden), f"{uid}.ics")

    def own_names(self) -> list[str]:
        names = self.remotes.mirror.names_with(self.key, OWN)
        hidden = self._hidden
        return [name for name in names if name not in hidden]

    def collection(self, deadline: Deadline) -> Collection:
        """Return the calendar on its server, for requests until a deadline, over the command's connection."""
        from gbook.dav.collection import Collection

        return Collection(self._client(deadline), self.url)

    def _client(self, deadline: Deadline) -> Client:
        from gbook.dav.credentials import authorization_of
        from gbook.dav.http import Client

        remotes, server = self.remotes, self.server
        client = remotes.clients.get(server.id)
        if client is None:
            authorization = authorization_of(server, remotes.folder)
            client = Client(
                server.url,
                lambda: authorization,
                deadline,
                ca_file=server.ca_path(remotes.folder),
            )
            remotes.clients[server.id] = client
        client.renew(deadline)
        return client

    @property
    def clock_skew(self) -> float | None:
        """How many seconds the server's clock was ahead at its last answer; None if it gave none."""
        client = self.remotes.clients.get(self.server.id)
        return client.clock_skew if client else None

    def prepare(self) -> None:
        from gbook.dav.credentials import authorization_of

        authorization_of(self.server, self.remotes.folder)

    @classmethod
    def ask(
        cls, stores: Sequence[RemoteStore], deadline: Deadline
    ) -> Iterator[tuple[RemoteStore, GbookError | None]]:
        """Sync calendars of one server; one request for each home shows which of them have changed."""
        homes: dict[str, list[CaldavStore]] = {}
        for store in stores:
            if isinstance(store, CaldavStore):
                homes.setdefault(urljoin(store.url, ".."), []).append(store)
        refused: LoginRefused | None = None
        for home, members in homes.items():
            for store, error in _synced(home, members, deadline, refused):
                # A second try could lock the user out.
                refused = error if isinstance(error, LoginRefused) else refused
                yield store, error

    def tokens(self, home: str, deadline: Deadline) -> Mapping[str, str]:
        """Return the token of each calendar of a home; none if the server does not list it."""
        from gbook.dav.home import tokens

        try:
            return tokens(self._client(deadline), home)
        except InvalidFile:
            return {}
        except Unreachable as error:
            if error.status is None:
                raise
            return {}

    def try_sync(self, present: str | None, asked_at: int, deadline: Deadline) -> GbookError | None:
        """Sync the calendar as `sync` does; return the error that it raises."""
        try:
            self.sync(present, asked_at, deadline)
        except GbookError as error:
            return error
        return None

    def sync(self, present: str | None, asked_at: int, deadline: Deadline) -> None:
        """Store in the mirror what has changed: nothing if its token was `present` at `asked_at`."""
        mirror = self.remotes.mirror
        for _ in range(ATTEMPTS):
            known, at = mirror.look(self.key), now()
            if known and present and known.token == present:
                if mirror.update(self.key, known, replace(known, checked_at=asked_at)):
                    return
                continue
            collection = self.collection(deadline)
            changes = collection.changes(known.token if known else None)
            etags = mirror.etags(self.key) if known else {}
            changed, gone = self._differences(collection, changes, etags)
            said = Mirrored(at, token=changes.token, events=len((etags.keys() | changed.keys()) - gone))
            # A small calendar may lose all its events, if the server names them as deleted.
            if gone and not self.remotes.asking.accept and (changes.whole or len(etags) >= MANY):
                self._refuse_loss(etags.keys(), changed, etags.keys() - gone)
            if mirror.update(self.key, known, said, changed, gone):
                return
        raise Unreachable(self.shown, "other commands are storing it; try again")

    def _refuse_loss(self, known: Set[str], changed: Mapping[str, tuple[str, bytes]], left: Set[str]) -> None:
        """Raise InvalidFile if most events of other programs are gone; gbook's own come and go."""
        from gbook.dav.probe import TEST_NAME

        own = set(self.remotes.mirror.names_with(self.key, OWN))
        own |= {name for name in known | changed.keys() if name.startswith(TEST_NAME)}
        new = {name for name, (_, content) in changed.items() if OWN not in content} - own
        refuse_loss(self.shown, len(known - own), len((left - own) | new))

    def _differences(
        self, collection: Collection, changes: Changes, etags: Mapping[str, str]
    ) -> tuple[dict[str, tuple[str, bytes]], set[str]]:
        """Return the new content of changed resources, by name, and the names of those that are gone."""
        from gbook.dav.collection import Resource

        new = {name: etag for name, etag in changes.changed.items() if not etag or etags.get(name) != etag}
        sent = {name: self.remotes.sent.get((self.key, name), ("", b"")) for name in new}
        own = {name: Resource(*sent[name]) for name, etag in new.items() if etag and sent[name][0] == etag}
        wanted = [name for name in new if name not in own]
        found: Mapping[str, Resource] = collection.fetch(wanted) if wanted else {}
        # One that was deleted meanwhile is not in the answer of some servers.
        missing = [name for name in wanted if name not in found]
        found = {**own, **found, **collection.get_each(missing)}
        gone = set(etags) - changes.changed.keys() if changes.whole else set(changes.gone)
        gone |= set(wanted) - found.keys()
        # A GET need not give an ETag; if the resource has changed since the listing, it has another one.
        listed = changes.changed
        return {name: (each.etag or listed[name], each.content) for name, each in found.items()}, gone


def _synced(
    home: str, members: Sequence[CaldavStore], deadline: Deadline, refused: LoginRefused | None
) -> Iterator[tuple[CaldavStore, GbookError | None]]:
    """Sync calendars of one home, and yield each with its error; none after a refused login."""
    asked_at = now()
    present: Mapping[str, str] = {}
    error: GbookError | None = refused
    if error is None and sum(store.known() is not None for store in members) > 1:
        try:
            present = members[0].tokens(home, deadline)
        except GbookError as failure:
            error = failure
    for store in members:
        outcome = error or store.try_sync(present.get(store.url), asked_at, deadline)
        error = outcome if isinstance(outcome, LoginRefused) else error
        yield store, outcome
