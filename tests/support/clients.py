"""A client of a server on this machine, with a login that no message may show."""

from __future__ import annotations

from pathlib import Path

from gbook.dav.deadline import Deadline
from gbook.dav.http import Client, Limits

__all__ = ["LOGIN", "client_of"]

# alice, with the password "correct horse".
LOGIN = "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ=="


def client_of(
    url: str,
    *,
    login: str | None = LOGIN,
    seconds: float = 60,
    ca_file: Path | None = None,
    limits: Limits | None = None,
) -> Client:
    """Return a client whose deadline is in `seconds`: a limit for hanging tests, unless they are about it."""
    return Client(url, lambda: login, Deadline.after(seconds), ca_file=ca_file, limits=limits or Limits())
