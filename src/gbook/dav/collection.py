"""One calendar on a CalDAV server: what it holds, what has changed, and conditional writes.

The server never judges time: gbook asks for changes (sync-collection, RFC 6578) and for whole resources
(calendar-multiget, RFC 4791 §7.9), and reads the events itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from gbook.dav.answers import GONE, LISTED, invalid_answer, is_a, listed_token, multistatus_of
from gbook.dav.home import properties
from gbook.dav.hrefs import as_collection, member_name, member_path, member_url
from gbook.dav.xml import (
    MAX_NAMES,
    Member,
    Multistatus,
    multiget,
    precondition,
    read_multistatus,
    sync_collection,
    text,
)
from gbook.errors import InvalidFile, Unreachable

if TYPE_CHECKING:
    from gbook.dav.http import Client, Response

__all__ = ["LOCKED", "Changes", "Collection", "Resource", "Written"]

# Resources in one multiget: few round trips, and an answer that the server can build at once.
BATCH = 200
_CALENDAR = {"content-type": "text/calendar; charset=utf-8"}
_DONE = {200, 201, 204}
# Another program writes at this moment (RFC 4918 §11.3): xandikos answers so while its repository is locked.
LOCKED = 423

# What a request that the server does not know gets, and a token that it no longer knows (RFC 6578 §3.2).
_NOT_IMPLEMENTED = 501
_INSUFFICIENT_STORAGE = 507


class Resource(NamedTuple):
    """A calendar object resource; `etag` is empty if the server gives none."""

    etag: str
    content: bytes


class Changes(NamedTuple):
    """What has changed since a token: `changed` has the ETag of each new or changed resource, by name.

    With `whole` it lists everything: what it does not name is gone. `token` is for the next call.
    """

    token: str
    changed: dict[str, str]
    gone: set[str]
    whole: bool


class Written(NamedTuple):
    """The outcome of a write: done, refused (nothing was changed), or unknown (look again).

    `etag` is that of the new content, if the server gives it; `status` is the answer's, if there is one;
    `reason` says why it is not done.
    """

    outcome: Literal["done", "refused", "unknown"]
    etag: str | None = None
    status: int | None = None
    reason: str = ""


class Collection:
    """A calendar collection (RFC 4791 §4.2).

    All methods raise Unreachable, and LoginRefused. Reading raises InvalidFile if the answer is not valid,
    or if there is no such calendar.
    """

    def __init__(self, client: Client, url: str) -> None:
        self.url = as_collection(url)
        self._client = client

    def changes(self, token: str | None) -> Changes:
        """Return what has changed since `token`; without one, or with one that has expired, everything.

        A server without sync-collection gets a PROPFIND instead (RFC 4918 §9.1).
        """
        if token and token.startswith(LISTED):
            return self._list()
        if token and (changes := self._sync(token)):
            return changes
        self._require_calendar()
        return self._sync("") or self._list()

    def _require_calendar(self) -> None:
        """Raise InvalidFile unless this is a calendar: another collection would look like an empty one."""
        if not any(is_a(member, "c:calendar") for member in self._properties(("resourcetype",), depth=0)):
            problem = "is not the address of a calendar; `gbook account discover URL` lists those of a server"
            raise InvalidFile(self.url, [problem])

    def _properties(self, names: Sequence[str], depth: int) -> list[Member]:
        members = properties(self._client, self.url, names, depth)
        if not members:
            raise InvalidFile(self.url, ["there is no such calendar on the server"])
        return members

    def _sync(self, token: str) -> Changes | None:
        """Return the changes since a token; None if the server refuses it or has no sync-collection."""
        changes = Changes(token, {}, set(), whole=not token)
        while True:
            response = self._report(sync_collection(changes.token, ("getetag",)), depth=0)
            answer = multistatus_of(self.url, response) if response else None
            if answer is None or not answer.token:
                return None
            is_truncated = self._merge(changes, answer)
            if is_truncated and answer.token == changes.token:
                raise InvalidFile(self.url, ["the server's list of changes has no end"])
            changes = changes._replace(token=answer.token)
            if not is_truncated:
                return changes._replace(gone=set()) if changes.whole else changes

    def _merge(self, changes: Changes, answer: Multistatus) -> bool:
        """Add an answer to changes; return whether it was truncated (RFC 6578 §3.6)."""
        is_truncated = False
        for member in answer.members:
            name = member_name(self.url, member.href)
            if name is None:
                is_truncated |= member.status == _INSUFFICIENT_STORAGE
            elif member.status in GONE:
                changes.changed.pop(name, None)
                changes.gone.add(name)
            else:
                changes.changed[name] = self._etag(member)
                changes.gone.discard(name)
        if len(changes.changed) > MAX_NAMES:
            raise InvalidFile(self.url, [f"the calendar has more than {MAX_NAMES:,} resources"])
        return is_truncated

    def _etag(self, member: Member) -> str:
        if member.status != 200:
            problem = f"the server answered {member.status} for {member.href[:80]!r}"
            raise InvalidFile(self.url, [problem])
        return text(member.properties.get("getetag"))

    def _list(self) -> Changes:
        """Return everything that the calendar holds."""
        found: dict[str, str] = {}
        token = ""
        for member in self._properties(("resourcetype", "getetag", "s:getctag"), depth=1):
            name = member_name(self.url, member.href)
            if name is None:
                token = token or listed_token(member)
            elif not is_a(member, "collection"):
                found[name] = self._etag(member)
        return Changes(token, found, set(), whole=True)

    def fetch(self, names: Sequence[str]) -> dict[str, Resource]:
        """Return these resources by name; what does not exist is left out."""
        found: dict[str, Resource] = {}
        for start in range(0, len(names), BATCH):
            found |= self._fetch(names[start : start + BATCH])
        return found

    def _fetch(self, names: Sequence[str]) -> dict[str, Resource]:
        """Return resources by one multiget; those that it does not give well are asked for one by one."""
        response = self._report(multiget(member_path(self.url, name) for name in names))
        try:
            members = read_multistatus(self.url, response.body).members if response else None
        except InvalidFile:
            # One event with a control character makes the whole answer invalid.
            members = None
        if members is None:
            return self.get_each(names)
        answers = {member_name(self.url, member.href): member for member in members}
        asked = {name: answers[name] for name in names if name in answers}
        whole = {name: each for name, each in asked.items() if "c:calendar-data" in each.properties}
        left = [name for name, each in asked.items() if name not in whole and each.status not in GONE]
        return {name: _resource(each) for name, each in whole.items()} | self.get_each(left)

    def get_each(self, names: Sequence[str]) -> dict[str, Resource]:
        """Return these resources by name, each by a request of its own; what does not exist is left out."""
        answers = {name: self.get(name) for name in names}
        return {name: resource for name, resource in answers.items() if resource is not None}

    def get(self, name: str) -> Resource | None:
        """Return a resource as the server keeps it; None if it does not exist."""
        # Compressing servers mark the ETag, which If-Match then does not match.
        headers = {"Accept-Encoding": "identity"}
        response = self._read("GET", member_url(self.url, name), headers=headers)
        if response.status in GONE:
            return None
        if response.status != 200 or response.body.lstrip()[:1] == b"<":
            raise invalid_answer(response)
        return Resource(response.headers.get("etag", ""), response.body)

    def create(self, name: str, content: bytes) -> Written:
        """Write a resource that must not exist."""
        return self._write("PUT", name, {"if-none-match": "*", **_CALENDAR}, content)

    def replace(self, name: str, etag: str, content: bytes) -> Written:
        """Write a resource whose content must still be that of `etag`."""
        return self._write("PUT", name, {"if-match": etag, **_CALENDAR}, content)

    def delete(self, name: str, etag: str | None) -> Written:
        """Delete a resource whose content must still be that of `etag`; with None, whatever it is."""
        return self._write("DELETE", name, {} if etag is None else {"if-match": etag})

    def _write(self, method: str, name: str, headers: Mapping[str, str], content: bytes = b"") -> Written:
        if headers.get("if-match") == "":
            return Written("refused", reason="the server gave no ETag, so that a change cannot be safe")
        try:
            response = self._client.write(method, member_url(self.url, name), headers=headers, body=content)
        except Unreachable as error:
            if error.status == _INSUFFICIENT_STORAGE:
                return Written("refused", status=error.status, reason=error.message)
            return Written("unknown", status=error.status, reason=error.message)
        if response.status in _DONE:
            return Written("done", response.headers.get("etag"), response.status)
        is_refused = 400 <= response.status < 500 and response.status != LOCKED
        outcome: Literal["refused", "unknown"] = "refused" if is_refused else "unknown"
        condition = precondition(response.body)
        reason = f"the server answered {response.status}{f' ({condition})' if condition else ''}"
        return Written(outcome, status=response.status, reason=reason)

    def _report(self, body: bytes, depth: int | None = None) -> Response | None:
        """Return the multistatus that answers a REPORT; None if the server refuses it."""
        try:
            response = self._read("REPORT", self.url, body, depth=depth)
        except Unreachable as error:
            if error.status == _NOT_IMPLEMENTED:
                return None
            raise
        if response.status == 207:
            return response
        if response.status in GONE or not 400 <= response.status < 500:
            raise invalid_answer(response)
        return None

    def _read(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        *,
        depth: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        sent = dict(headers or {})
        if body:
            sent["content-type"] = 'application/xml; charset="utf-8"'
        return self._client.read(method, url, headers=sent, body=body, depth=depth)

    @property
    def clock_skew(self) -> float | None:
        """How many seconds the server's clock was ahead when it last answered (RFC 9110 §6.6.1)."""
        return self._client.clock_skew


def _resource(member: Member) -> Resource:
    """Return a resource with its line breaks: XML has turned each CRLF into LF (XML 1.0 §2.11)."""
    data = member.properties["c:calendar-data"].text or ""
    etag = text(member.properties.get("getetag"))
    return Resource(etag, data.replace("\r\n", "\n").replace("\n", "\r\n").encode())
