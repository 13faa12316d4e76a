"""A request as it comes in: how long it may be, and how long it may take to arrive.

A guest's own calendar may be much longer than any other form. The memory that such forms take is limited by
their number; those that come when there are enough are refused before they are read.
"""

from __future__ import annotations

from copy import copy
from weakref import WeakSet

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import Error

from gbook.service.page.site import takes_file

__all__ = ["BODY_BYTES", "FILE_BYTES", "FILE_SECONDS", "REQUEST_SECONDS", "IncomingRequest"]

BODY_BYTES = 1 << 20
REQUEST_SECONDS = 30
# Exports of ten years with the texts of all invitations are shorter.
FILE_BYTES = 16 << 20
# 16 MiB with 1.1 Mbit/s.
FILE_SECONDS = 120
# Each takes its length twice, and a thread.
MOST_FILES = 4


class IncomingRequest(HTTPRequestParser):  # type: ignore[misc]
    """A request. One whose length can be read in two ways is refused: a proxy may read the other one."""

    adj: Adjustments
    # The seconds in which all of it must arrive.
    seconds = REQUEST_SECONDS

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header. Raises ParsingError for an ambiguous length (RFC 9112 §6.1, §6.3)."""
        try:
            super().parse_header(header_plus)
        except ValueError:  # an integer of thousands of digits
            raise ParsingError("Content-Length is invalid") from None
        # waitress has taken the Transfer-Encoding that it has understood.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Transfer-Encoding is ambiguous")
        if BODY_BYTES < self.content_length <= FILE_BYTES and takes_file(self.path):
            self._take_file()

    def _take_file(self) -> None:
        self.adj = limits = copy(self.adj)
        limits.max_request_body_size = FILE_BYTES + 1
        self.seconds = FILE_SECONDS
        if len(_FILES) < MOST_FILES:
            _FILES.add(self)
        else:
            self.error, self.completed, self.expect_continue = _TooMany(""), True, False


class _TooMany(Error):  # type: ignore[misc]
    """Enough files are being received or read."""

    code = 503
    reason = "Service Unavailable"


# The requests with a file that are in memory, also those whose clients have left.
_FILES: WeakSet[IncomingRequest] = WeakSet()
