"""Answers of servers, mutated: each is an answer, or one line that says why it is none."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.clients import client_of
from support.fault_server import CLOSE, fault_server, reply
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import tried

from gbook.dav.http import Client
from gbook.errors import InvalidFile, LoginRefused, Unreachable

pytestmark = pytest.mark.fuzz

ANSWERS = [
    reply(207, b"<xml/>" * 50, etag='"1"', date="Mon, 23 Nov 2026 08:00:00 GMT"),
    reply(200, b"BEGIN:VCALENDAR\r\n" * 20, chunk=7),
    reply(200, gzip.compress(b"BEGIN:VCALENDAR" * 99), chunk=11, content_encoding="gzip"),
    reply(302, location="/calendar/"),
    reply(401, www_authenticate='Digest realm="a", nonce="b", qop="auth", algorithm=MD5'),
    reply(503, retry_after="3"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + reply(201),
]
HEADERS = [
    b"Content-Encoding: gzip",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Date: Mon, 23 Nov 99999999999999999999 08:00:00 GMT",
    b"Location: //[::1",
    b"Location: https://alice:secret@localhost/",
    b"Location: http://localhost:1/",
    b"No header",
    b"Retry-After: \x1b[31m",
    b"Transfer-Encoding: chunked",
    b"WWW-Authenticate: Digest nonce=\xff, qop=auth",
    b"X: y\r\n z",
]


@tried(300)
@given(st.sampled_from(ANSWERS), st.lists(st.sampled_from(HEADERS), max_size=2), mutations)
@example(ANSWERS[0], [], [])
@example(ANSWERS[3], [b"Location: //[::1"], [])
def test_a_mutated_answer_is_read_or_refused(
    answer: bytes, headers: list[bytes], changes: list[Mutation]
) -> None:
    """No other exception, no second line, no secret."""
    status, _, rest = answer.partition(b"\r\n")
    changed = mutated(b"\r\n".join([status, *headers, rest]), changes)
    with fault_server([[changed, CLOSE]]) as server:
        for verb in ("read", "write"):
            with client_of(server.url, seconds=20) as client:
                assert is_told(client, verb)


def is_told(client: Client, verb: str) -> bool:
    """Return whether a request has an answer, or a message that may be shown."""
    try:
        response = getattr(client, verb)("GET", "/")
    except (Unreachable, LoginRefused, InvalidFile) as error:
        return error.message.isprintable() and "secret" not in error.message
    return 200 <= response.status < 500 and (response.date is None or response.date > 0)
