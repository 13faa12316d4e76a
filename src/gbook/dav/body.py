"""The body of an answer: whole, unpacked, and within its limits."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import NamedTuple

from gbook.dav.wire import TooMuch

__all__ = ["Limits", "read_body"]

MEBIBYTE = 1 << 20
# Bytes that are read, or unpacked, at once.
PIECE = 1 << 16
# Bytes of a packed body that may be packed as tightly as they like.
HARMLESS = MEBIBYTE
# zlib's code for the format of gzip.
GZIP = 16 + zlib.MAX_WBITS


class Limits(NamedTuple):
    """The limits of an answer: bytes of one resource, bytes of a listing, and unpacked bytes a packed one."""

    resource: int = 64 * MEBIBYTE
    listing: int = 512 * MEBIBYTE
    ratio: int = 100


def read_body(answer: HTTPResponse, limit: int, ratio: int) -> bytes:
    """Return the body of an answer.

    Raises HTTPException if it is cut or its length is no number, zlib.error if it cannot be unpacked, TooMuch
    beyond `limit` bytes or beyond `ratio` unpacked bytes a packed one, OSError.
    """
    lengths = set(answer.headers.get_all("Content-Length", ()))
    if len(lengths) > 1 or not all(map(str.isdecimal, lengths)):
        raise HTTPException("Content-Length is not one number")
    if (answer.length or 0) > limit:
        raise _too_large(limit)
    pieces = _pieces(answer)
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        pieces = _unpacked(pieces, ratio)
    elif encoding != "identity":
        raise zlib.error("encoding that was not asked for")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> TooMuch:
    return TooMuch(f"its answer is larger than {limit / MEBIBYTE:g} MiB")


def _pieces(answer: HTTPResponse) -> Iterator[bytes]:
    try:
        while piece := answer.read(PIECE):
            yield piece
    except ValueError:  # A negative length of a chunk.
        raise HTTPException("wrong chunk") from None
    # http.client reports a cut body only in a read without a limit.
    if answer.length:
        raise IncompleteRead(b"", answer.length)


def _unpacked(pieces: Iterator[bytes], ratio: int) -> Iterator[bytes]:
    unpacker, packed, unpacked = zlib.decompressobj(GZIP), 0, 0
    for piece in pieces:
        packed += len(piece)
        rest, part = piece, b""
        # A full part may leave output in zlib when all input is used.
        while rest or len(part) == PIECE:
            part = unpacker.decompress(rest, PIECE)
            rest = unpacker.unconsumed_tail
            unpacked += len(part)
            if unpacked > max(HARMLESS, ratio * packed):
                raise TooMuch(f"its answer is packed more than {ratio} times")
            yield part
        if unpacker.unused_data:
            raise zlib.error("more than one packed body")
    if packed and not unpacker.eof:
        raise IncompleteRead(b"")
