"""A small CalDAV server in this process, whose behaviour a test chooses: right, odd or faulty.

It keeps its calendars in memory. `Behaviour` has a switch for each habit of real servers, and each fault.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

__all__ = ["Behaviour", "FakeCalDav", "fake", "fake_caldav"]

CALENDAR = "urn:ietf:params:xml:ns:caldav"
_OPEN = f'<multistatus xmlns="DAV:" xmlns:c="{CALENDAR}" xmlns:s="http://calendarserver.org/ns/">'
_PRINCIPAL, _HOME = "/principal/", "/home/"
OK = "HTTP/1.1 200 OK"


@dataclass
class Behaviour:
    """What the server does; without arguments, what the RFCs say."""

    # Answers a sync-collection with this status instead.
    sync_refusal: int | None = None
    # Lists so many changes in one answer, and says that it was truncated.
    page: int | None = None
    # Answers a token that it has forgotten with this status.
    stale_status: int = 403
    # Answers a multiget with this status instead.
    multiget_refusal: int | None = None
    # Names that a multiget leaves out, and names that it gives without their content.
    left_out: set[str] = field(default_factory=set)
    without_data: set[str] = field(default_factory=set)
    ignores_if_none_match: bool = False
    ignores_if_match: bool = False
    has_etag_header: bool = True
    # Answers each write with this status: before or after doing it. 0 closes the connection instead.
    write_status: int | None = None
    does_write: bool = True
    refuses_deletion: bool = False
    # The number of the request after which the connection is closed without an answer, counted from 1.
    fault: int = 0
    # Seconds that the clock is ahead.
    clock: float = 0
    rights: str = "<privilege><all/></privilege>"
    # The href of a resource, from its path.
    href: Callable[[str], str] = quote
    # Answers by "METHOD /path" instead of everything else: status, headers and body.
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)


class FakeCalDav:
    """The state of the server: the resources of each calendar, and its history."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.url = ""
        self.authorization: str | None = None
        self.calendars: dict[str, dict[str, tuple[str, bytes]]] = {}
        # The names that each change touched; a token is a position in it.
        self.history: dict[str, list[str]] = {}
        self.oldest: dict[str, int] = {}
        # The requests and the logins that came with them.
        self.requests: list[str] = []
        self.logins: list[str | None] = []
        self._lock = threading.Lock()

    def new_calendar(self, name: str = "calendar") -> str:
        """Create an empty calendar, and return its URL."""
        path = f"{_HOME}{name}-{len(self.calendars)}/"
        self.calendars[path], self.history[path], self.oldest[path] = {}, [], 0
        return self.url + path[1:]

    @property
    def home(self) -> str:
        return self.url + _HOME[1:]

    def put(self, url: str, content: bytes) -> None:
        """Write a resource as another program would."""
        folder, name = _split(unquote(url.removeprefix(self.url.rstrip("/"))))
        with self._lock:
            self._store(folder, name, content)

    def delete(self, url: str) -> None:
        """Delete a resource as another program would."""
        folder, name = _split(unquote(url.removeprefix(self.url.rstrip("/"))))
        with self._lock:
            self._store(folder, name, None)

    def forget_tokens(self, url: str) -> None:
        """Forget all tokens of a calendar that were given until now."""
        path = url.removeprefix(self.url.rstrip("/"))
        self.oldest[path] = len(self.history[path]) + 1
        self.history[path].append("")

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of one request; status 0 closes the connection."""
        self.requests.append(f"{method} {path}")
        self.logins.append(headers.get("authorization"))
        if fixed := self.behaviour.answers.get(f"{method} {path}"):
            return fixed
        folder, name = _split(path)
        with self._lock:
            if method == "PROPFIND":
                return self._propfind(path, headers.get("depth", "0"))
            if folder not in self.calendars:
                return 404, {}, b""
            if method == "REPORT":
                return self._report(folder, ElementTree.fromstring(body))
            if method == "GET":
                return self._get(folder, name)
            return self._write(method, folder, name, headers, body)

    def _propfind(self, path: str, depth: str) -> tuple[int, dict[str, str], bytes]:
        members: list[str] = []
        if path in ("/", _PRINCIPAL):
            home = f"<c:calendar-home-set><href>{_HOME}</href></c:calendar-home-set>"
            principal = f"<current-user-principal><href>{_PRINCIPAL}</href></current-user-principal>"
            members = [self._response(path, principal + home * (path == _PRINCIPAL))]
        elif path == _HOME:
            members = [self._response(path, "<resourcetype><collection/></resourcetype>")]
            members += [self._calendar(each) for each in self.calendars] * (depth == "1")
        elif path in self.calendars:
            members = [self._calendar(path)]
            for name, (etag, _) in self.calendars[path].items() if depth == "1" else ():
                members.append(self._response(path + name, f"<resourcetype/>{_etag(etag)}"))
        return (207, *_xml(_OPEN, *members, "</multistatus>")) if members else (404, {}, b"")

    def _calendar(self, path: str) -> str:
        has_sync = self.behaviour.sync_refusal is None
        token = f"<sync-token>{len(self.history[path])}</sync-token>" if has_sync else ""
        report = "<sync-collection/>" if has_sync else "<c:calendar-multiget/>"
        return self._response(
            path,
            f"<resourcetype><collection/><c:calendar/></resourcetype>{token}"
            f"<s:getctag>{len(self.history[path])}</s:getctag><displayname>{_split(path[:-1])[1]}</displayname>"
            f"<current-user-privilege-set>{self.behaviour.rights}</current-user-privilege-set>"
            f"<supported-report-set><supported-report><report>{report}</report></supported-report>"
            "</supported-report-set>",
        )

    def _report(self, folder: str, request: Any) -> tuple[int, dict[str, str], bytes]:
        if request.tag == "{DAV:}sync-collection":
            return self._sync(folder, request.findtext("{DAV:}sync-token") or "")
        if self.behaviour.multiget_refusal:
            return self.behaviour.multiget_refusal, {}, b""
        names = [unquote(href.text).removeprefix(folder) for href in request.findall("{DAV:}href")]
        members = [self._data(folder, name) for name in names if name not in self.behaviour.left_out]
        return 207, *_xml(_OPEN, *members, "</multistatus>")

    def _sync(self, folder: str, token: str) -> tuple[int, dict[str, str], bytes]:
        history, page = self.history[folder], self.behaviour.page or 1_000_000
        if self.behaviour.sync_refusal:
            return self.behaviour.sync_refusal, {}, b""
        if token and int(token) < self.oldest[folder]:
            stale = '<error xmlns="DAV:"><valid-sync-token/></error>'
            return self.behaviour.stale_status, *_xml(stale)
        since = int(token or 0)
        names = [name for name in dict.fromkeys(history[since:][:page]) if name]
        members = [self._change(folder, name) for name in names]
        if len(history) > since + page:
            truncated = f"<href>{folder}</href><status>HTTP/1.1 507 Insufficient Storage</status>"
            members.append(f"<response>{truncated}</response>")
        reached = min(len(history), since + page)
        return 207, *_xml(_OPEN, *members, f"<sync-token>{reached}</sync-token></multistatus>")

    def _change(self, folder: str, name: str) -> str:
        if name in self.calendars[folder]:
            return self._response(folder + name, _etag(self.calendars[folder][name][0]))
        href = f"<href>{self.behaviour.href(folder + name)}</href>"
        return f"<response>{href}<status>HTTP/1.1 404 Not Found</status></response>"

    def _data(self, folder: str, name: str) -> str:
        if name not in self.calendars[folder]:
            return self._change(folder, name)
        etag, content = self.calendars[folder][name]
        data = f"<c:calendar-data>{escape(content.decode())}</c:calendar-data>"
        return self._response(folder + name, _etag(etag) + data * (name not in self.behaviour.without_data))

    def _response(self, path: str, properties: str) -> str:
        href = f"<href>{escape(self.behaviour.href(path))}</href>"
        return (
            f"<response>{href}<propstat><prop>{properties}</prop><status>{OK}</status></propstat></response>"
        )

    def _get(self, folder: str, name: str) -> tuple[int, dict[str, str], bytes]:
        if name not in self.calendars[folder]:
            return 404, {}, b""
        etag, content = self.calendars[folder][name]
        shown = {"etag": etag} if self.behaviour.has_etag_header else {}
        return 200, {"content-type": "text/calendar", **shown}, content

    def _write(
        self, method: str, folder: str, name: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        behaviour, current = self.behaviour, self.calendars[folder].get(name, ("", b""))
        status = 204 if current[0] else 201
        exists = "if-none-match" in headers and current[0] and not behaviour.ignores_if_none_match
        differs = headers.get("if-match", current[0]) != current[0] and not behaviour.ignores_if_match
        if exists or differs:
            status = 412
        elif method == "DELETE" and (behaviour.refuses_deletion or not current[0]):
            status = 403 if current[0] else 404
        elif behaviour.does_write:
            self._store(folder, name, body if method == "PUT" else None)
        etag = self.calendars[folder].get(name, ("", b""))[0]
        shown = {"etag": etag} if etag and behaviour.has_etag_header else {}
        return status if behaviour.write_status is None else behaviour.write_status, shown, b""

    def _store(self, folder: str, name: str, content: bytes | None) -> None:
        self.history[folder].append(name)
        if content is None:
            del self.calendars[folder][name]
        else:
            self.calendars[folder][name] = (f'"{len(self.history[folder])}"', content)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return f"{folder}/", name


def _etag(etag: str) -> str:
    return f"<getetag>{escape(etag)}</getetag>"


def _xml(*parts: str) -> tuple[dict[str, str], bytes]:
    return {"content-type": "application/xml"}, "".join(parts).encode()


@contextmanager
def fake_caldav(behaviour: Behaviour | None = None) -> Iterator[FakeCalDav]:
    """Run a server on a free port, and yield it; its `behaviour` can be changed at any time."""
    fake = FakeCalDav(behaviour or Behaviour())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            lowered = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = fake.answer(self.command, unquote(self.path), lowered, body)
            if status == 0 or len(fake.requests) == fake.behaviour.fault:
                self.close_connection = True
                return
            self.send_response_only(status)
            sent = {"date": formatdate(time() + fake.behaviour.clock, usegmt=True)}
            for name, value in {**sent, **headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_DELETE = do_REPORT = do_PROPFIND = do_OPTIONS = handle_request  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def fake() -> Iterator[FakeCalDav]:
    """A server whose behaviour the test changes."""
    with fake_caldav() as server:
        yield server
