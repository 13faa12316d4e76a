"""A connected socket that obeys a deadline and a limit of bytes: what http.client takes for its socket.

A timeout of a socket counts from byte to byte, so a server that sends a byte now and then would hold gbook
for hours. Here each system call gets only the time that is left; TLS handshakes have such a limit in CPython.
"""

from __future__ import annotations

import socket
import ssl
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any

from gbook.dav.deadline import Deadline

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["TooMuch", "Wire"]

# Bytes that are read ahead.
BUFFER = 1 << 16


class TooMuch(Exception):
    """A server sends more than it may; the message says what is too large."""


class Wire(RawIOBase):
    """A connection as bytes in and out. Raises TimeoutError when the deadline has passed, else OSError.

    http.client closes its socket and files before it has read an answer from them; only `shut` closes.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._socket = connected
        self.deadline = deadline
        self._budget = 0
        self._polls = False
        self._reader = _Reader(self, BUFFER)
        self.ended = False

    def allow(self, count: int) -> None:
        """Let the server send `count` bytes more, those that are read ahead included."""
        self._budget = count + BUFFER

    def sendall(self, content: bytes) -> None:
        """Send all bytes."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self.deadline.wait_seconds())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, *_: Any) -> BufferedReader:
        """Return the one reader of this connection, so that no byte read ahead is lost."""
        return self._reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what has arrived, or wait for it. At the end of the connection, set `ended`."""
        self._socket.settimeout(0 if self._polls else self.deadline.wait_seconds())
        try:
            count = self._socket.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        self.ended = not count
        self._budget -= count
        if self._budget < 0:
            raise TooMuch("its answer is too large")
        return count

    def is_quiet(self) -> bool:
        """Return whether the server has neither closed the connection nor sent anything unasked."""
        self._polls = True
        self.allow(0)
        try:
            return not self._reader.peek(1) and not self.ended
        except (OSError, TooMuch):
            return False
        finally:
            self._polls = False

    def close(self) -> None:
        """Leave the connection open; see the class."""

    def shut(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Reader(BufferedReader):
    def close(self) -> None:
        pass
