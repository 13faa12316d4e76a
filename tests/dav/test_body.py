"""Bodies: unpacked, counted while they arrive, and refused beyond their limits."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest
from support.clients import client_of
from support.fault_server import CLOSE, Action, Drip, fault_server, reply

from gbook.dav.http import Limits
from gbook.errors import GbookError, InvalidFile, Unreachable

MEBIBYTE = 1 << 20
TEXT = b"".join(b"BEGIN:VEVENT\r\nUID:%d\r\nEND:VEVENT\r\n" % i for i in range(20_000))
SMALL = Limits(resource=1000, listing=3000)


def packed(body: bytes) -> bytes:
    return reply(200, gzip.compress(body), content_encoding="gzip")


@pytest.mark.parametrize("size", [0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, len(TEXT)])
def test_a_packed_body_is_unpacked(size: int) -> None:
    """Reads ask for gzip; writes do not."""
    with fault_server(packed(TEXT[:size])) as server, client_of(server.url) as client:
        assert client.read("GET", "/").body == TEXT[:size]
        client.write("PUT", "/")
    read, written = server.requests
    assert read.headers["accept-encoding"] == "gzip" and written.headers["accept-encoding"] == "identity"


def test_a_packed_body_may_come_in_chunks() -> None:
    """Of any size."""
    answer = reply(200, gzip.compress(TEXT), chunk=77, content_encoding="X-GZIP")
    with fault_server(answer) as server, client_of(server.url) as client:
        for _ in range(2):
            assert client.read("GET", "/").body == TEXT
    assert server.connections == 1


def test_text_that_packs_well_is_no_bomb() -> None:
    """Listings and calendars repeat themselves, up to a mebibyte without a limit."""
    body = b"x" * MEBIBYTE
    assert len(gzip.compress(body)) * 100 < len(body)
    with fault_server(packed(body)) as server, client_of(server.url) as client:
        assert client.read("GET", "/").body == body


def bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + packer.flush()


def test_a_bomb_is_not_unpacked() -> None:
    """A few bytes would become 40 MiB; what is kept of it is small."""
    body = bomb(40)
    assert len(body) < 50_000
    with fault_server(reply(200, body, content_encoding="gzip")) as server, client_of(server.url) as client:
        tracemalloc.start()
        with pytest.raises(InvalidFile, match=r"localhost:\d+: its answer is packed more than 100 times"):
            client.read("GET", "/")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 16 * MEBIBYTE


BODY = random.Random(1).randbytes(5000)
TOO_LARGE: dict[str, list[Action]] = {
    "length": [reply(200, BODY)],
    "only said": [reply(200, b"", content_length="99999999999"), Drip(b"x" * 9999, seconds=0)],
    "chunks": [reply(200, BODY, chunk=100)],
    "to the end": [reply(200, BODY, content_length=None), CLOSE],
    "packed": [reply(200, gzip.compress(BODY), content_encoding="gzip")],
    "packed well": [reply(200, gzip.compress(b"x" * 5000), content_encoding="gzip")],
}


@pytest.mark.parametrize("kind", TOO_LARGE)
@pytest.mark.parametrize("method", ["GET", "REPORT"])
def test_a_body_beyond_its_limit_is_refused(kind: str, method: str) -> None:
    """A resource and a listing have limits of their own."""
    with (
        fault_server([TOO_LARGE[kind]]) as server,
        client_of(server.url, limits=SMALL) as client,
        pytest.raises(InvalidFile, match="its answer is larger than") as caught,
    ):
        client.read(method, "/secret?key=secret")
    assert caught.value.exit_code == 5 and "secret" not in caught.value.message


@pytest.mark.parametrize(("method", "limit"), [("GET", 1000), ("REPORT", 3000), ("PROPFIND", 3000)])
@pytest.mark.parametrize("chunk", [0, 1])
def test_a_body_at_its_limit_is_whole(method: str, limit: int, chunk: int) -> None:
    """One byte more is too much."""
    with (
        fault_server([reply(200, BODY[:limit], chunk=chunk), reply(200, BODY[: limit + 1])]) as server,
        client_of(server.url, limits=SMALL) as client,
    ):
        assert client.read(method, "/").body == BODY[:limit]
        with pytest.raises(InvalidFile):
            client.read(method, "/")


def test_the_limits_are_those_of_the_documentation() -> None:
    """64 MiB a resource, 512 MiB a listing, a ratio of 100."""
    assert Limits() == (64 * MEBIBYTE, 512 * MEBIBYTE, 100)


FLOODS: dict[str, list[Action]] = {
    "a header without end": [b"HTTP/1.1 200 OK\r\nX: ", b"y" * 500_000],
    "headers without end": [b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100_000],
    "large headers": [b"HTTP/1.1 200 OK\r\n", (b"X: " + b"y" * 60_000 + b"\r\n") * 90],
    "a status without end": [b"HTTP/1.1 200 ", b"y" * 500_000],
    "answers before the answer": [b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000],
    "all there is": [
        reply(200, content_length=None, transfer_encoding="chunked"),
        b"-1\r\n",
        b"x" * (3 * MEBIBYTE),
    ],
}


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_flood_is_cut_off(kind: str, verb: str) -> None:
    """Headers have limits, and so has what a wrong size of a chunk would mean."""
    tracemalloc.start()
    with (
        fault_server([[*FLOODS[kind], CLOSE]]) as server,
        client_of(server.url, limits=SMALL) as client,
        pytest.raises(GbookError) as caught,
    ):
        getattr(client, verb)("GET", "/")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 12 * MEBIBYTE
    assert isinstance(caught.value, Unreachable if verb == "write" else InvalidFile | Unreachable)


def test_a_write_with_a_large_answer_is_unknown() -> None:
    """It was sent, and may have been made."""
    with (
        fault_server(reply(201, BODY)) as server,
        client_of(server.url, limits=Limits(listing=1000)) as client,
        pytest.raises(Unreachable, match="its answer is larger than") as caught,
    ):
        client.write("PUT", "/")
    assert caught.value.sent
