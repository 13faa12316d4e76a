"""A feed: an .ics file on a web server, which is only read. Its address may be a secret, like a password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gbook.calendars.stores.losses import refuse_loss
from gbook.calendars.stores.mirror import Mirrored
from gbook.calendars.stores.remote import RemoteStore
from gbook.errors import GbookError, InvalidFile, Unreachable
from gbook.timeutil.format import age_name
from gbook.timeutil.instants import DAY, MINUTE, now

if TYPE_CHECKING:
    from gbook.calendars.stores.feed_content import FeedContent
    from gbook.calendars.stores.remotes import Remotes
    from gbook.dav.deadline import Deadline
    from gbook.dav.http import Client, Response

__all__ = ["FeedStore", "wait_seconds"]

# The least and the most seconds between two requests.
SHORTEST, LONGEST = 5 * MINUTE, DAY // 2

# How often a feed is asked again because another process has stored an answer meanwhile.
ATTEMPTS = 3
# The answer headers of a calendar, each with the header of the next request (RFC 9110 §13.1).
VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}
GONE = {404, 410}


class FeedStore(RemoteStore):
    """A feed at the address `url`, or at the one that the program `command` prints.

    The mirror answers for it until it is due again, and while it is not reachable for at most `max_age`
    seconds.
    """

    def __init__(
        self, shown: str, remotes: Remotes, max_age: int, *, url: str = "", command: Sequence[str] = ()
    ) -> None:
        identity = digest(url or repr((str(remotes.folder), list(command))))
        # One connection serves all feeds of a host, but the host of a program's feed is not known yet.
        super().__init__(f"feed {shown} {identity}", shown, shown if url else identity, remotes)
        self.max_age = max_age
        self._url = url
        self._command = tuple(command)

    def is_due(self) -> bool:
        known = self.known()
        if known is None or (self._url and known.source != digest(self._url)):
            return True
        return not 0 <= now() - known.checked_at < min(wait_seconds(known.interval), self.max_age)

    def judge(self, error: GbookError) -> GbookError | None:
        age = self.age()
        is_usable = age is not None and age <= self.max_age and not self.remotes.asking.at_once
        return None if is_usable and isinstance(error, Unreachable) else super().judge(error)

    def remark(self) -> str | None:
        known, age = self.known(), self.age()
        if known is None or age is None or age <= 2 * wait_seconds(known.interval):
            return None
        return f"was last read {age_name(age)} ago; later changes are not known"

    def prepare(self) -> None:
        self._address()

    @classmethod
    def ask(
        cls, stores: Sequence[RemoteStore], deadline: Deadline
    ) -> Iterator[tuple[RemoteStore, GbookError | None]]:
        from gbook.dav.http import Client

        client: Client | None = None
        try:
            for store in stores:
                assert isinstance(store, FeedStore)
                try:
                    address = store._address()
                    client = client or Client(address, lambda: None, deadline)
                    store._update(client, address)
                except GbookError as error:
                    yield store, error
                else:
                    yield store, None
        finally:
            if client:
                client.close()

    def _address(self) -> str:
        """Return the address of the feed. Raises GbookError if the program prints none."""
        if self._url:
            return self._url
        from gbook.dav.credentials import secret_of
        from gbook.programs import ProgramFailed
        from gbook.urls import feed_address

        try:
            return feed_address(secret_of(self.remotes.folder, self._command, "urlCommand"))
        except ProgramFailed as error:
            raise Unreachable(self.shown, error.message.removeprefix("urlCommand: ")) from error
        except ValueError as error:
            raise InvalidFile(
                self.shown, [f"the program did not print the address of a feed: {error}"]
            ) from None

    def _update(self, client: Client, address: str) -> None:
        """Ask for the feed, and store the answer. Raises GbookError if there is none, or it is not valid."""
        source = digest(address)
        for _ in range(ATTEMPTS):
            known = self.remotes.mirror.look(self.key)
            at = now()
            validators = known.validators if known and known.source == source else {}
            response = client.read("GET", address, headers={"accept": "text/calendar", **validators})
            if response.status == 304 and known and validators:
                stored = self.remotes.mirror.update(self.key, known, replace(known, checked_at=at))
            else:
                said, resource = self._read(response, known, Mirrored(at, source=source))
                stored = self.remotes.mirror.update(self.key, known, said, {"": resource})
            if stored:
                return
        raise Unreachable(self.shown, "other commands are storing it; try again")

    def _read(
        self, response: Response, known: Mirrored | None, said: Mirrored
    ) -> tuple[Mirrored, tuple[str, bytes]]:
        """Return what an answer says, its ETag and its content. Raises InvalidFile if it is not trusted."""
        content = _content(self.shown, response)
        if known and known.source == said.source and not self.remotes.asking.accept:
            refuse_loss(self.shown, known.events, content.events)
        said = replace(
            said,
            validators={
                wanted: response.headers[name]
                for name, wanted in VALIDATORS.items()
                if response.headers.get(name)
            },
            interval=content.interval,
            events=content.events,
        )
        return said, (response.headers.get("etag", ""), content.content)


def wait_seconds(interval: int) -> int:
    """Return the seconds after which a feed that asks for `interval` is read again."""
    return min(max(interval, SHORTEST), LONGEST)


def _content(shown: str, response: Response) -> FeedContent:
    from gbook.calendars.stores.feed_content import read_feed

    if response.status in GONE:
        problem = f"there is no calendar at its address ({response.status}); is the address still right?"
        raise InvalidFile(shown, [problem])
    if response.status != 200:
        raise InvalidFile(shown, [f"the server answers {response.status} instead of the calendar"])
    return read_feed(shown, response.body, response.headers)


def digest(text: str) -> str:
    """Return a text by which a secret is known again, and which does not tell it."""
    from hashlib import blake2b

    return blake2b(text.encode(), digest_size=16).hexdigest()
