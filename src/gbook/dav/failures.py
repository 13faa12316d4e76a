"""What went wrong between gbook and a server, in words without any secret."""

from __future__ import annotations

import socket
import ssl
import zlib
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected, responses

from gbook.dav.connection import CutHeaders
from gbook.dav.deadline import Deadline
from gbook.dav.tls import tls_reason
from gbook.text import one_line

__all__ = ["status_reason", "transport_reason"]

# The first bytes of an alert in TLS, which is what a server of TLS answers to plain HTTP.
TLS_ALERT = "\x15\x03"


def transport_reason(error: Exception, deadline: Deadline) -> str:
    """Return why no whole answer arrived."""
    match error:
        case TimeoutError():
            return f"did not answer within {deadline.seconds:g} s; allow more with --timeout"
        case socket.gaierror():
            return "no such host; check the address and the network"
        case ssl.SSLError():
            return tls_reason(error)
        case RemoteDisconnected() | CutHeaders() | ConnectionResetError() | BrokenPipeError():
            return "closed the connection before its answer was complete"
        case IncompleteRead():
            return "its answer is cut off"
        case BadStatusLine() if str(error.args[0]).startswith(TLS_ALERT):
            return "needs TLS at this port; use https://"
        case HTTPException():
            return "its answer is not HTTP; check the port"
        case zlib.error():
            return "its answer cannot be unpacked"
        case ConnectionRefusedError():
            return "connection refused; is the server running?"
        case OSError():
            return (error.strerror or str(error) or "connection failed").lower()
    raise error


def status_reason(status: int, retry_after: str | None) -> str:
    """Return what a status means that is no answer (RFC 9110 §15), and how long the server asks to wait."""
    reason = f"answers {status} {responses.get(status, '')}".rstrip()
    if not retry_after:
        return reason
    wait = one_line(retry_after)[:40]
    return f"{reason}; it asks to wait {f'{wait} s' if wait.isdecimal() else f'until {wait}'}"
