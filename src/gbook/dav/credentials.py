"""The login that gbook.yaml describes: from a program of the user, or from ~/.netrc. No message shows it."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Sequence
from netrc import NetrcParseError, netrc
from pathlib import Path
from threading import Lock
from typing import Protocol

from gbook.errors import InvalidFile
from gbook.filesystem.user_folders import expand_home
from gbook.programs import ProgramFailed, run_program
from gbook.urls import parse_url

__all__ = ["ServerLogin", "authorization_of", "secret_of"]

# Seconds that a program has: it may ask a person to unlock a password store.
SECRET_SECONDS = 60.0
# The characters of a token (RFC 6750 §2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class ServerLogin(Protocol):
    """What gbook.yaml says of a server's login; at most one of the last three is set."""

    @property
    def url(self) -> str: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password_command(self) -> Sequence[str] | None: ...
    @property
    def token_command(self) -> Sequence[str] | None: ...
    @property
    def netrc(self) -> bool: ...


def authorization_of(server: ServerLogin, folder: Path) -> str | None:
    """Return the value of the Authorization header for a server, or None without a login.

    Programs run in `folder`, and at most once a process. They may wait for a person, so call this before a
    deadline begins. Raises ProgramFailed, InvalidFile.
    """
    host = parse_url(server.url).host
    if server.token_command:
        token = secret_of(folder, server.token_command, f"{host}: tokenCommand")
        if not _TOKEN.fullmatch(token):
            raise ProgramFailed(f"{host}: tokenCommand: {server.token_command[0]} did not print a token")
        return f"Bearer {token}"
    if server.password_command:
        password = secret_of(folder, server.password_command, f"{host}: passwordCommand")
        return _basic(server.username or "", password)
    return _basic(*_netrc_login(host, server.username)) if server.netrc else None


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


class _Secret:
    """The first line that a program prints. Threads that want it at once wait for one run."""

    def __init__(self, folder: Path, command: tuple[str, ...]) -> None:
        self._folder = folder
        self._command = command
        self._lock = Lock()
        self._line: str | None = None
        self._failure = ""

    def get(self) -> str:
        """Return the line. Raises ProgramFailed, each time if once."""
        with self._lock:
            if self._line is None:
                self._line = self._run()
        if not self._line:
            raise ProgramFailed(self._failure)
        return self._line

    def _run(self) -> str:
        try:
            output = run_program(self._folder, self._command, SECRET_SECONDS, prints_secret=True)
        except ProgramFailed as error:
            self._failure = error.message
            return ""
        self._failure = f"{self._command[0]} printed nothing"
        return output.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")


_SECRETS: dict[tuple[Path, tuple[str, ...]], _Secret] = {}


def secret_of(folder: Path, command: Sequence[str], source: str) -> str:
    """Return the first line that a program prints; it runs once a process.

    Raises ProgramFailed, whose message begins with `source`: the key that names the program.
    """
    key = (folder, tuple(command))
    try:
        return _SECRETS.setdefault(key, _Secret(*key)).get()
    except ProgramFailed as error:
        raise ProgramFailed(f"{source}: {error.message}") from None


def _netrc_login(host: str, username: str | None) -> tuple[str, str]:
    """Return the user name and password of a host in ~/.netrc, or the file of $NETRC. Raises InvalidFile."""
    named = os.environ.get("NETRC")
    path = str(expand_home(named or "~/.netrc"))
    try:
        # Without a name the library reads ~/.netrc, and checks its access rights.
        entry = netrc(path if named else None).authenticators(host)
    except NetrcParseError as error:
        raise InvalidFile(path, [_netrc_reason(error)]) from None
    except OSError as error:
        raise InvalidFile(path, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeError:
        raise InvalidFile(path, ["is not text"]) from None
    if entry is None:
        raise InvalidFile(
            path, [f"has no entry for {host}: add a line `machine {host} login NAME password …`"]
        )
    login, _, password = entry
    if username and login and login != username:
        raise InvalidFile(path, [f"its entry for {host} has another user name than {username}"])
    if not (login or username):
        raise InvalidFile(path, [f"its entry for {host} has no login"])
    return login or username or "", password or ""


def _netrc_reason(error: NetrcParseError) -> str:
    """Return what is wrong with the file, without the words of it that the library quotes."""
    if "permissive" in error.msg:
        return "other users can read it: run `chmod 600 ~/.netrc`"
    if "owner" in error.msg:
        return "belongs to another user"
    return f"line {error.lineno}: expected `machine HOST login NAME password PASSWORD`"
