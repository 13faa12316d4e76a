"""TLS: which servers are trusted, and one line about those that are not."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from support.certificates import certificate
from support.clients import LOGIN, client_of
from support.fault_server import CLOSE, Action, FaultServer, fault_server, reply

from gbook.errors import InvalidFile, Unreachable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def signed(folder: Path) -> Path:
    """A key and a certificate for localhost."""
    return certificate(folder / "localhost.pem")


def reason(server: FaultServer, ca_file: Path | None = None, url: str = "") -> str:
    """The message of a write that reaches nobody."""
    with (
        client_of(url or server.url, ca_file=ca_file) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.write("PUT", "/secret")
    assert not caught.value.sent
    message = caught.value.message
    assert "\n" not in message and LOGIN not in message and "secret" not in message and "_ssl" not in message
    return message.partition(": ")[2]


def test_a_certificate_may_come_from_a_file(signed: Path) -> None:
    """And the connection is kept, as any other."""
    with (
        fault_server(reply(200, b"x"), tls=signed) as server,
        client_of(server.url, ca_file=signed) as client,
    ):
        for ask in (client.read, client.write):
            assert ask("GET", "/").body == b"x"
    assert server.connections == 1
    assert (
        server.url.startswith("https://") and server.requests[0].headers["host"] == f"localhost:{server.port}"
    )


def test_an_unknown_authority(signed: Path, folder: Path) -> None:
    """Nothing but the handshake reaches the server."""
    other = certificate(folder / "other.pem")
    with fault_server(reply(), tls=signed) as server:
        for ca_file in (None, other):
            assert reason(server, ca_file).startswith(
                "its certificate is signed by an unknown authority; if it is your own, name its file"
            )
    assert server.requests == []


def test_a_file_is_trusted_beside_the_system(
    signed: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private server may move to a public certificate."""
    from gbook.dav.tls import tls_context

    system = certificate(folder / "system.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    tls_context.cache_clear()
    try:
        with (
            fault_server(reply(204), tls=system) as server,
            client_of(server.url, ca_file=signed) as client,
        ):
            assert client.read("GET", "/").status == 204
    finally:
        tls_context.cache_clear()


def test_an_expired_certificate(folder: Path) -> None:
    """It is told as such, though it is known."""
    expired = certificate(folder / "expired.pem", expired=True)
    with fault_server(reply(), tls=expired) as server:
        assert reason(server, expired) == "its certificate has expired"


def test_another_host(folder: Path) -> None:
    """The names of the certificate count, for names and for addresses."""
    other = certificate(folder / "other.example.pem", "other.example")
    with fault_server(reply(), tls=other) as server:
        assert reason(server, other) == "its certificate is for another host; check the address"
        assert reason(server, other, f"https://127.0.0.1:{server.port}/") == (
            "its certificate is for another host; use the name of the host instead of its IP address"
        )


def test_a_server_without_tls(signed: Path) -> None:
    """https:// at the port of plain HTTP, or of something else."""
    for greeting in (reply(400), b"220 mail.example.org ESMTP\r\n"):
        with fault_server(reply(), greeting=[greeting]) as server:
            url = server.url.replace("http:", "https:")
            assert reason(server, signed, url) == (
                "does not use TLS at this port; check the port, or use http:// if the server has no TLS"
            )


def test_plain_http_to_a_server_with_tls(signed: Path) -> None:
    """OpenSSL answers an alert, or nothing."""
    with fault_server(reply(), tls=signed) as server:
        url = server.url.replace("https:", "http:")
        with client_of(url) as client, pytest.raises(Unreachable, match=r"closed|needs TLS"):
            client.read("GET", "/")
    alert = b"\x15\x03\x01\x00\x02\x02\x46"
    with (
        fault_server([[alert, CLOSE]]) as server,
        client_of(server.url) as client,
        pytest.raises(Unreachable, match="needs TLS at this port; use https://"),
    ):
        client.read("GET", "/")


def test_a_server_that_hangs_up(signed: Path) -> None:
    """Before or within the handshake."""
    greetings: list[list[Action]] = [[CLOSE], [b"\x16\x03\x03", CLOSE]]
    for greeting in greetings:
        with fault_server(reply(), greeting=greeting, tls=signed) as server:
            assert reason(server, signed).startswith("closed the connection")


def test_an_old_version_is_refused(signed: Path) -> None:
    """TLS 1.1 and older (RFC 8996)."""
    with fault_server(reply(), tls=signed) as server:
        assert server._context is not None
        with pytest.warns(DeprecationWarning, match="TLS"):
            server._context.maximum_version = ssl.TLSVersion.TLSv1_1
        assert reason(server, signed).startswith("TLS failed: ")


def test_a_body_that_ends_without_a_goodbye_is_cut(signed: Path) -> None:
    """Without a length, only the end of TLS says that a body is whole (RFC 8446 §6.1)."""
    answer = reply(200, b"BEGIN:VCALENDAR", content_length=None)
    with (
        fault_server([[answer, CLOSE]], tls=signed) as server,
        client_of(server.url, ca_file=signed) as client,
        pytest.raises(Unreachable, match="closed the connection"),
    ):
        client.read("GET", "/")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "expected certificates in PEM format"),
        (b"-----BEGIN CERTIFICATE-----\nx", "expected certificates in PEM format"),
    ],
)
def test_a_file_without_certificates(tmp_path: Path, content: bytes | None, problem: str) -> None:
    """It is the file that is invalid, not the server."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with client_of("https://localhost:1/", ca_file=path) as client, pytest.raises(InvalidFile) as caught:
        client.read("GET", "/")
    assert caught.value.message == f"{path}: {problem}"


def test_a_redirect_never_leaves_tls(signed: Path) -> None:
    """From https:// to http:// nothing follows, on the same host neither."""
    with fault_server(reply()) as plain:
        target = f"{plain.url}secret?key=secret"
        with (
            fault_server(reply(302, location=target), tls=signed) as server,
            client_of(server.url, ca_file=signed) as client,
            pytest.raises(InvalidFile, match="without TLS, which is not safe") as caught,
        ):
            client.read("GET", "/")
    assert plain.requests == [] and "secret" not in caught.value.message


def test_a_redirect_to_tls_takes_no_login_along(signed: Path) -> None:
    """Another scheme is another server."""
    with (
        fault_server(reply(200, b"safe"), tls=signed) as safe,
        fault_server(reply(302, location=f"{safe.url}x")) as server,
        client_of(server.url, ca_file=signed) as client,
    ):
        assert client.read("GET", "/").body == b"safe"
    assert "authorization" in server.requests[0].headers
    assert "authorization" not in safe.requests[0].headers
