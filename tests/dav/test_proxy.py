"""Connections through the proxy of the environment, which sees hosts, but neither logins nor calendars."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.certificates import certificate
from support.clients import client_of
from support.fault_server import HANG, fault_server, reply

from gbook.errors import Unreachable, UsageError


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for a host that only the proxy knows."""
    return certificate(tmp_path_factory.mktemp("tls") / "dav.pem", "dav.example.org")


@contextmanager
def proxy_to(port: int) -> Iterator[tuple[int, list[bytes]]]:
    """Run a proxy that connects every host to one port; yield its port and the requests for connections."""
    asked: list[bytes] = []

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            asked.append(head)
            with socket.create_connection(("127.0.0.1", port)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
                threading.Thread(target=copy, args=(server, client), daemon=True).start()
                copy(client, server)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(1 << 16):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("login", ["", "bob:hunter%402@"])
def test_a_connection_goes_through_the_proxy(
    variable: str, login: str, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS is with the server: the proxy sees its name only."""
    with fault_server(reply(200, b"x"), tls=signed) as server, proxy_to(server.port) as (port, asked):
        monkeypatch.setenv(variable, f"http://{login}127.0.0.1:{port}")
        with client_of("https://dav.example.org/", ca_file=signed) as client:
            for ask in (client.read, client.write):
                assert ask("GET", "/calendar").body == b"x"
    (request,) = asked
    assert request.startswith(b"CONNECT dav.example.org:443 HTTP/1.1\r\n")
    assert b"\r\nHost: dav.example.org:443\r\n" in request
    assert (b"Proxy-Authorization: Basic Ym9iOmh1bnRlckAy\r\n" in request) is bool(login)
    assert b"Basic YWxp" not in request
    assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize("exception", ["localhost", "*", "example.com,localhost"])
def test_exceptions_are_reached_directly(
    exception: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As $NO_PROXY says; and http:// always, since it is for this machine."""
    local = certificate(tmp_path / "localhost.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with fault_server(reply(204)) as plain, client_of(plain.url) as client:
        assert client.read("GET", "/").status == 204
    monkeypatch.setenv("NO_PROXY", exception)
    with fault_server(reply(204), tls=local) as server, client_of(server.url, ca_file=local) as client:
        assert client.read("GET", "/").status == 204


@pytest.mark.parametrize(
    ("status", "seconds", "reason"),
    [
        (407, 60, r"the proxy 127\.0\.0\.1:\d+ refuses the connection \(407\)"),
        (502, 60, r"the proxy 127\.0\.0\.1:\d+ refuses the connection \(502\)"),
        (0, 0.4, "did not answer within"),
    ],
)
def test_a_proxy_that_fails(
    status: int, seconds: float, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent to the server."""
    with fault_server([reply(status, b"<html>") if status else [HANG]]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://bob:hunter2@127.0.0.1:{proxy.port}")
        with (
            client_of("https://dav.example.org/", seconds=seconds) as client,
            pytest.raises(Unreachable, match=f"dav.example.org: {reason}") as caught,
        ):
            client.write("PUT", "/")
    assert not caught.value.sent
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    "address", ["socks5://127.0.0.1:1080", "http://:3128", "http://bob:hunter2@host:port"]
)
def test_a_wrong_address_of_a_proxy(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, its value may have a password."""
    monkeypatch.setenv("HTTPS_PROXY", address)
    with client_of("https://dav.example.org/") as client, pytest.raises(UsageError) as caught:
        client.read("GET", "/")
    assert caught.value.message == "HTTPS_PROXY: expected an address such as http://proxy.example.com:3128"
