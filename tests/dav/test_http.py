"""Requests: what is sent, what comes back, where a login goes, and how often a request is made."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from support.clients import LOGIN, client_of
from support.fault_server import CLOSE, RESET, Action, Answer, FaultServer, Request, fault_server, reply

from gbook.dav.http import Client
from gbook.dav.login import Login
from gbook.errors import GbookError, InvalidFile, LoginRefused, Unreachable


def test_an_answer_has_its_status_headers_and_body() -> None:
    """Header names are in lower case, repeated ones are joined, and folded ones are one line."""
    answer = (
        b'HTTP/1.1 207 Multi-Status\r\nETag: "1"\r\nDAV: 1\r\nDAV: 3,\r\n  4\r\nContent-Length: 2\r\n\r\nok'
    )
    with fault_server(answer) as server, client_of(server.url) as client:
        response = client.read("PROPFIND", "/a?b", headers={"X-One": "1"}, body=b"<xml/>", depth=1)
    assert response == (
        207,
        {"etag": '"1"', "dav": "1, 3, 4", "content-length": "2"},
        b"ok",
        f"{server.url}a?b",
    )
    (request,) = server.requests
    assert request[:2] == ("PROPFIND", "/a?b") and request.body == b"<xml/>"
    assert request.headers["depth"] == "1" and request.headers["x-one"] == "1"
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.headers["user-agent"].startswith("gbook/")


@pytest.mark.parametrize("status", [200, 201, 204, 207, 304, 403, 404, 409, 410, 412, 413])
def test_a_status_is_an_answer(status: int) -> None:
    """For reads and writes alike."""
    body = b"" if status in (204, 304) else b"why"
    with fault_server(reply(status, body)) as server, client_of(server.url) as client:
        assert client.read("GET", "/").status == status
        response = client.write("PUT", "/1.ics", body=b"event")
    assert (response.status, response.body) == (status, body)
    assert server.requests[1].body == b"event"
    assert server.connections == 1


def test_an_answer_without_a_body_may_say_how_long_it_would_be() -> None:
    """A conditional GET (RFC 9110 §8.6)."""
    answer = reply(304, content_length=str(1 << 40), content_encoding="gzip")
    with fault_server(answer) as server, client_of(server.url) as client:
        for _ in range(2):
            assert client.read("GET", "/", headers={"If-None-Match": '"1"'})[::2] == (304, b"")
    assert server.connections == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 507])
def test_a_server_that_failed_is_unreachable(status: int) -> None:
    """Whether it has acted is not known; `Retry-After` is told."""
    answer = reply(status, b"<html>secret</html>", retry_after="120")
    with fault_server(answer) as server, client_of(server.url) as client:
        for ask in (client.read, client.write):
            with pytest.raises(Unreachable, match=f"answers {status} .*; it asks to wait 120 s") as caught:
                ask("PUT", "/")
            assert caught.value.sent and caught.value.status == status and caught.value.exit_code == 6


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        ("Mon, 23 Nov 2026 09:00:00 GMT", "; it asks to wait until Mon, 23 Nov 2026 09:00:00 GMT"),
        ("\x1b[31m" + "x" * 99, "; it asks to wait until [31m" + "x" * 36),
        (None, ""),
    ],
)
def test_retry_after_may_be_a_date_or_anything(wait: str | None, text: str) -> None:
    """What a server says is shown on one line and shortened."""
    with (
        fault_server(reply(503, retry_after=wait)) as server,
        client_of(server.url) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.read("GET", "/")
    assert caught.value.message == f"localhost:{server.port}: answers 503 Service Unavailable{text}"


def test_the_clock_of_the_server() -> None:
    """`Date` is an instant, if it is a date."""
    dates = {
        "Mon, 23 Nov 2026 08:00:00 GMT": 1795420800,
        "Mon, 23 Nov 2026 08:00:00 -0000": 1795420800,
        "Mon, 23 Nov 99999999999999999999 08:00:00 GMT": None,
        "yesterday": None,
        None: None,
    }
    with fault_server([reply(date=date) for date in dates]) as server, client_of(server.url) as client:
        assert [client.read("GET", "/").date for _ in dates] == [*dates.values()]


class TestConnections:
    """A connection is kept, and what the server does to it meanwhile is noticed."""

    def test_it_is_kept_for_reads_and_writes(self) -> None:
        with fault_server(reply(200, b"x", chunk=1)) as server, client_of(server.url) as client:
            for ask in (client.read, client.write, client.read):
                assert ask("GET", "/").body == b"x"
        assert server.connections == 1

    @pytest.mark.parametrize("ending", [reply(connection="close"), [reply(), CLOSE], [reply(), RESET]])
    @pytest.mark.parametrize("verb", ["read", "write"])
    def test_a_closed_one_is_replaced(self, ending: Answer, verb: str) -> None:
        script: list[Answer] = [ending, reply(204)]
        with fault_server(script) as server, client_of(server.url) as client:
            client.read("GET", "/")
            _wait_for_the_end(client)
            assert getattr(client, verb)("PUT", "/").status == 204
        assert server.connections == 2 and len(server.requests) == 2

    def test_a_read_is_repeated_once_on_a_new_one(self) -> None:
        """The server closes the connection when the request arrives."""
        with fault_server([reply(), [CLOSE], reply(204)]) as server, client_of(server.url) as client:
            client.read("GET", "/")
            assert client.read("GET", "/").status == 204
        assert [request.connection for request in server.requests] == [1, 1, 2]

    @pytest.mark.parametrize("fault", [CLOSE, RESET])
    def test_a_read_is_not_repeated_twice(self, fault: Action) -> None:
        with fault_server([reply(), [fault]]) as server, client_of(server.url) as client:
            client.read("GET", "/")
            with pytest.raises(Unreachable, match="closed the connection"):
                client.read("GET", "/")
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        "fault", [[CLOSE], [RESET], [b"HTTP/1.1 201 Crea", CLOSE], [b"garbage\r\n", CLOSE]]
    )
    def test_a_write_is_never_repeated(self, fault: list[Action]) -> None:
        """On a new connection as on a kept one; the server may have acted."""
        acted: list[int] = []
        script: list[Answer] = [reply(), [lambda: acted.append(1), *fault]]
        with fault_server(script) as server, client_of(server.url) as client:
            client.read("GET", "/")
            for _ in range(2):
                with pytest.raises(Unreachable) as caught:
                    client.write("PUT", "/1.ics", body=b"event")
                assert caught.value.sent
        assert acted == [1, 1]

    def test_what_a_server_sends_unasked_is_no_answer(self) -> None:
        """A second answer behind the first one would be taken for that of the next request."""
        script = [reply(200, b"first") + reply(200, b"forged"), reply(200, b"second")]
        with fault_server(script) as server, client_of(server.url) as client:
            assert client.read("GET", "/").body == b"first"
            assert client.read("GET", "/").body == b"second"
        assert server.connections == 2

    def test_a_failure_leaves_no_connection_behind(self) -> None:
        with fault_server([reply(500, b"x" * 9), reply(200)]) as server, client_of(server.url) as client:
            with pytest.raises(Unreachable):
                client.read("GET", "/")
            assert client.read("GET", "/").status == 200
        assert server.connections == 2

    def test_nothing_was_sent_to_a_server_that_is_not_there(self) -> None:
        with fault_server(reply()) as server:
            url = server.url
        with client_of(url) as client, pytest.raises(Unreachable, match="connection refused") as caught:
            client.write("PUT", "/")
        assert not caught.value.sent and caught.value.message.startswith(f"localhost:{server.port}: ")

    def test_a_host_without_an_address_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def resolve(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with client_of("https://dav.example.org/secret") as client, pytest.raises(Unreachable) as caught:
            client.write("PUT", "/secret")
        reason = "no such host; check the address and the network"
        assert caught.value.message == f"dav.example.org: {reason}" and not caught.value.sent


def _wait_for_the_end(client: Client) -> None:
    """Wait until the end of the connection has arrived."""
    for connection in client._connections.values():
        connection.wire._socket.settimeout(20)
        with suppress(ConnectionResetError):
            connection.wire._socket.recv(1, socket.MSG_PEEK)


class TestRedirects:
    """Reads follow a few; logins and writes stay where they are."""

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_read_follows_them(self, status: int) -> None:
        script = [reply(status, b"moved", location="/b/../new?x=1"), reply(207)]
        with fault_server(script) as server, client_of(server.url) as client:
            response = client.read("PROPFIND", "/old", body=b"<xml/>", depth=0)
        assert response.url == f"{server.url}new?x=1"
        first, second = server.requests
        assert second[:2] == ("PROPFIND", "/new?x=1")
        assert (second.body, second.headers) == (first.body, first.headers)

    def test_five_are_followed_and_no_more(self) -> None:
        count = iter(range(1000))
        with (
            fault_server(lambda _: reply(302, location=f"/{next(count)}")) as server,
            client_of(server.url) as client,
            pytest.raises(InvalidFile, match="more than 5 times"),
        ):
            client.read("GET", "/")
        assert len(server.requests) == 6
        moved = reply(301, location="/")
        with fault_server([*[moved] * 5, reply()]) as server, client_of(server.url) as client:
            assert client.read("GET", "/").status == 200

    def test_another_host_gets_no_login(self, other: FaultServer) -> None:
        """Another port is another server."""
        target = f"http://127.0.0.1:{other.port}/feed?key=secret"
        with fault_server(reply(302, location=target)) as server, client_of(server.url) as client:
            response = client.read("GET", "/")
        assert (response.body, response.url) == (b"other", target)
        assert "authorization" in server.requests[0].headers
        assert "authorization" not in other.requests[0].headers

    def test_a_login_that_another_host_asks_for_is_not_given(self) -> None:
        with (
            fault_server(reply(401, www_authenticate='Digest realm="x", nonce="1", qop="auth"')) as other,
            fault_server(reply(302, location=other.url)) as server,
            client_of(server.url) as client,
            pytest.raises(
                LoginRefused, match=f"localhost:{other.port}: asks for a login, but only"
            ) as caught,
        ):
            client.read("GET", "/")
        assert len(other.requests) == 1 and f"localhost:{server.port} gets it" in caught.value.message

    def test_the_same_host_gets_it_again(self, other: FaultServer) -> None:
        with fault_server([reply(302, location="x"), reply()]) as server, client_of(server.url) as client:
            client.read("GET", "/")
        assert [request.headers["authorization"] for request in server.requests] == [LOGIN, LOGIN]

    @pytest.mark.parametrize("location", ["/new", "{other}secret?key=secret"])
    def test_a_write_is_not_redirected(self, location: str, other: FaultServer) -> None:
        location = location.format(other=other.url)
        host = f"localhost:{other.port}" if location.startswith("http") else r"localhost:\d+"
        with (
            fault_server(reply(308, location=location)) as server,
            client_of(server.url) as client,
            pytest.raises(InvalidFile, match=f"redirects a write to {host}; change the url") as caught,
        ):
            client.write("PUT", "/", body=b"event")
        assert len(server.requests) == 1 and not other.requests
        assert "secret" not in caught.value.message

    @pytest.mark.parametrize(
        ("location", "reason"),
        [
            (None, "redirects without an address"),
            ("ftp://example.org/secret", "starts with https://"),
            ("https://alice:secret@example.org/", "without a user name"),
        ],
    )
    def test_a_wrong_one_is_refused(self, location: str | None, reason: str) -> None:
        with (
            fault_server(reply(302, location=location)) as server,
            client_of(server.url) as client,
            pytest.raises(InvalidFile, match=reason) as caught,
        ):
            client.read("GET", "/")
        assert "secret" not in caught.value.message


@pytest.fixture
def other() -> Iterator[FaultServer]:
    """Another server."""
    with fault_server(reply(200, b"other")) as server:
        yield server


class TestLogins:
    """A refused login is not tried again, and is never shown."""

    @pytest.mark.parametrize("verb", ["read", "write"])
    def test_it_is_tried_once(self, verb: str) -> None:
        answer = reply(401, www_authenticate='Basic realm="x"')
        with (
            fault_server(answer) as server,
            client_of(server.url) as client,
            pytest.raises(LoginRefused, match="refuses the login; check the user name") as caught,
        ):
            getattr(client, verb)("GET", "/")
        assert len(server.requests) == 1 and caught.value.exit_code == 5

    def test_a_server_that_needs_one(self) -> None:
        with (
            fault_server(reply(401)) as server,
            client_of(server.url, login=None) as client,
            pytest.raises(LoginRefused, match="asks for a login; add a server with username"),
        ):
            client.read("GET", "/")
        assert "authorization" not in server.requests[0].headers

    def test_it_is_got_once_before_a_connection_is_made(self) -> None:
        """A person may take a while to unlock the password."""
        with fault_server(reply()) as server, client_of(server.url) as client:
            client._login = Login(lambda: str(server.connections))
            for _ in range(2):
                client.read("GET", "/")
        assert [request.headers["authorization"] for request in server.requests] == ["0", "0"]


FAULTS: dict[str, list[bytes | list[Action]]] = {
    "closed": [[CLOSE]],
    "reset": [[RESET]],
    "no HTTP": [[b"220 mail.example.org ESMTP\r\n", CLOSE]],
    "cut status": [[b"HTTP/1.1 2", CLOSE]],
    "cut headers": [[b'HTTP/1.1 201 Created\r\nETag: "1', CLOSE]],
    "cut after a header": [[b'HTTP/1.1 201 Created\r\nETag: "12"\r\n', CLOSE]],
    "cut body": [[reply(200, b"BEGIN:VCALENDAR")[:-3], CLOSE]],
    "reset body": [[reply(200, b"BEGIN:VCALENDAR")[:-3], RESET]],
    "too short": [[reply(200, b"BEGIN:VCALENDAR", content_length="99"), CLOSE]],
    "cut chunk": [[reply(200, b"BEGIN:VCALENDAR", chunk=9)[:-9], CLOSE]],
    "no last chunk": [[reply(200, b"BEGIN:VCALENDAR", chunk=99)[:-5], CLOSE]],
    "wrong chunk": [[reply(200, b"x", chunk=1).replace(b"\r\n1\r\n", b"\r\nz\r\n"), CLOSE]],
    "negative chunk": [[reply(200, b"x", chunk=1).replace(b"\r\n1\r\n", b"\r\n-2\r\n"), CLOSE]],
    "wrong length": [[reply(200, b"x", content_length="one"), CLOSE]],
    "negative length": [[reply(200, b"x", content_length="-1"), CLOSE]],
    "two lengths": [[b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", CLOSE]],
    "early hints": [[b"HTTP/1.1 103 Early Hints\r\n\r\n", CLOSE]],
    "status": [[b"HTTP/1.1 999 What\r\n\r\n", CLOSE]],
    "many headers": [[b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n", CLOSE]],
    "long header": [[b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", CLOSE]],
    "packed cut": [[reply(200, b"\x1f\x8b\x08\x00", content_encoding="gzip"), CLOSE]],
    "not packed": [[reply(200, b"BEGIN:VCALENDAR", content_encoding="gzip"), CLOSE]],
    "other packing": [[reply(200, b"BEGIN:VCALENDAR", content_encoding="br"), CLOSE]],
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", ["read", "write"])
def test_what_did_not_arrive_whole_is_no_answer(fault: str, verb: str) -> None:
    """It is one line with the host, and without address and login; the server may have acted."""
    with (
        fault_server(FAULTS[fault]) as server,
        client_of(server.url) as client,
        pytest.raises(Unreachable) as caught,
    ):
        getattr(client, verb)("PUT", "/calendar/secret?key=secret", body=b"BEGIN")
    assert caught.value.sent
    assert caught.value.message.startswith(f"localhost:{server.port}: ")
    assert_nothing_secret(caught.value)


def test_an_interrupted_request_closes_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C within an answer: the rest of it is no answer to the next request."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with fault_server([reply(200, b"old"), reply(200, b"new")]) as server, client_of(server.url) as client:
        with monkeypatch.context() as patch:
            patch.setattr(client, "_check_status", interrupt)
            with pytest.raises(KeyboardInterrupt):
                client.read("GET", "/")
        assert client.read("GET", "/").body == b"new"
    assert server.connections == 2


def assert_nothing_secret(error: GbookError) -> None:
    shown = f"{error.message} {error.details}"
    assert "\n" not in shown and not shown.endswith(".")
    for secret in (LOGIN, LOGIN.split()[1], "alice", "horse", "secret", "Authorization"):
        assert secret not in shown


def test_a_request_is_seen_whole() -> None:
    """Headers and body leave in one piece each; a large body arrives."""
    body = bytes(range(256)) * 40_000

    def answer(request: Request) -> bytes:
        return reply(200, request.body)

    with fault_server(answer) as server, client_of(server.url) as client:
        assert client.write("PUT", "/", body=body).body == body
