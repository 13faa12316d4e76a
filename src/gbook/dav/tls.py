"""TLS: which certificates are trusted, and what is wrong with one that is not."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

from gbook.errors import InvalidFile

__all__ = ["tls_context", "tls_reason"]

_UNKNOWN = "its certificate is signed by an unknown authority; if it is your own, name its file as caFile"
# Codes of OpenSSL's x509_vfy.h.
_CERTIFICATE_REASONS = {
    **dict.fromkeys((18, 19, 20, 21), _UNKNOWN),
    9: "its certificate is not valid yet; check this machine's clock",
    10: "its certificate has expired",
    62: "its certificate is for another host; check the address",
    64: "its certificate is for another host; use the name of the host instead of its IP address",
}


@cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return the settings of TLS connections: the system's authorities, and those of a PEM file.

    Raises InvalidFile if the file cannot be used.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except ssl.SSLError:
            raise InvalidFile(str(ca_file), ["expected certificates in PEM format"]) from None
        except OSError as error:
            raise InvalidFile(str(ca_file), [f"cannot be read: {error.strerror}"]) from None
    return context


def tls_reason(error: ssl.SSLError) -> str:
    """Return what went wrong, and what to do about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        other = f"its certificate is not valid: {error.verify_message}"
        return _CERTIFICATE_REASONS.get(error.verify_code, other)
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"):
        return "does not use TLS at this port; check the port, or use http:// if the server has no TLS"
    if isinstance(error, ssl.SSLEOFError):
        return "closed the connection"
    return f"TLS failed: {(error.reason or 'unknown error').lower().replace('_', ' ')}"
