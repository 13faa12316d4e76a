"""The numbers of reservations in the API: clients know integers that JavaScript can read, not UIDs."""

from __future__ import annotations

from hashlib import sha256

from gbook.workspace.numbers import LARGEST_NUMBER

__all__ = ["reservation_number"]


def reservation_number(uid: str) -> int:
    """Return the number of a reservation, from 1 to 2^53 - 1: for a UID always the same."""
    return int.from_bytes(sha256(uid.encode(errors="surrogatepass")).digest()[:8]) % LARGEST_NUMBER + 1
