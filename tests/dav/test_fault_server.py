"""The server of these tests fails as its script says."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead, RemoteDisconnected
from pathlib import Path

import pytest
from support.certificates import certificate
from support.fault_server import CLOSE, HANG, RESET, Action, Drip, fault_server, reply


def test_answers_come_in_order_on_one_connection() -> None:
    """The last one repeats; requests are recorded as received."""
    with fault_server([reply(404), reply(200, b"now", chunk=2)]) as server:
        connection = HTTPConnection("localhost", server.port, timeout=20)
        for status, body in [(404, b""), (200, b"now"), (200, b"now")]:
            connection.request("PUT", "/a", b"text", {"If-Match": '"1"'})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, body)
        connection.close()
    assert {request.connection for request in server.requests} == {1}
    assert server.requests[2][:2] == ("PUT", "/a")
    assert server.requests[2].headers["if-match"] == '"1"' and server.requests[2].body == b"text"


@pytest.mark.parametrize(
    ("actions", "error"),
    [
        ([CLOSE], RemoteDisconnected),
        ([RESET], ConnectionResetError),
        ([HANG], TimeoutError),
        ([reply(200, b"whole")[:-1], CLOSE], IncompleteRead),
        ([Drip(reply(200)[:2], seconds=0.01), CLOSE], HTTPException),
    ],
)
def test_faults_are_real(actions: list[Action], error: type[Exception]) -> None:
    """A fault reaches the client as its library reports it."""
    done = []
    with fault_server([[lambda: done.append(1), *actions]]) as server:
        connection = HTTPConnection("localhost", server.port, timeout=0.5)
        with pytest.raises(error):  # noqa: PT012  (either call may fail)
            connection.request("GET", "/")
            connection.getresponse().read()
        connection.close()
    assert done == [1]


def test_a_function_is_a_script_over_tls(tmp_path: Path) -> None:
    """It gets the request."""
    signed = certificate(tmp_path / "localhost.pem")
    with fault_server(lambda request: reply(200, request.target.encode()), tls=signed) as server:
        context = ssl.create_default_context(cafile=signed)
        connection = HTTPSConnection("localhost", server.port, timeout=20, context=context)
        connection.request("GET", "/there")
        assert connection.getresponse().read() == b"/there"
        connection.close()
