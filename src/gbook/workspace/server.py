"""The model of a CalDAV server in gbook.yaml: where it is, and how gbook logs in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from gbook.errors import Problem
from gbook.filesystem.user_folders import expand_home
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import Line, Name, Url

__all__ = ["Server"]

Command = tuple[str, ...]


class Server(Model, frozen=True, kw_only=True):
    """A CalDAV server. Passwords are never in gbook.yaml: a program prints them, or ~/.netrc has them."""

    id: Annotated[Name, Meta(description="Short name, to which calendars refer.")]
    url: Annotated[Url, Meta(description="Address; only this host gets the login.")]
    username: Annotated[Line | None, Meta(description="User name.")] = None
    password_command: Annotated[
        Command | None, Meta(description="Program, with its arguments, that prints the password.")
    ] = None
    netrc: Annotated[
        bool, Meta(description="The login is in ~/.netrc, or the file that $NETRC names, under the host.")
    ] = False
    token_command: Annotated[
        Command | None, Meta(description="Program, with its arguments, that prints an OAuth access token.")
    ] = None
    ca_file: Annotated[
        Line | None,
        Meta(description="Certificates (PEM) of further authorities to trust, relative to gbook.yaml."),
    ] = None
    insecure: Annotated[
        bool, Meta(description="Allow http://, where anybody on the way can read and change everything.")
    ] = False

    def ca_path(self, root: Path) -> Path | None:
        """Return the path of `ca_file` in a workspace; `~` is the home folder."""
        return root / expand_home(self.ca_file) if self.ca_file else None

    def check(self) -> Iterator[Problem]:
        """Yield a problem for http:// beyond this machine, and for a login that is incomplete or double."""
        from gbook.urls import parse_url

        url = parse_url(self.url)
        if url.scheme == "http" and not (url.is_loopback or self.insecure):
            message = "http:// would send the login unencrypted; use https://, or set insecure: true"
            yield Problem(message, key="url")
        if ":" in (self.username or ""):
            yield Problem("expected a user name without a colon", key="username")
        yield from self._check_login()

    def _check_login(self) -> Iterator[Problem]:
        ways = {
            "passwordCommand": self.password_command is not None,
            "netrc": self.netrc,
            "tokenCommand": self.token_command is not None,
        }
        chosen = [key for key, is_chosen in ways.items() if is_chosen]
        if len(chosen) > 1:
            yield Problem(f"choose one of {', '.join(chosen)}", key=chosen[-1])
        if self.username and not chosen:
            yield Problem("needs a passwordCommand beside it, or netrc: true", key="username")
        if self.password_command is not None and not self.username:
            yield Problem("needs a username beside it", key="passwordCommand")
        for key, command in (
            ("passwordCommand", self.password_command),
            ("tokenCommand", self.token_command),
        ):
            if command == ():
                yield Problem("expected a program and its arguments, found an empty list", key=key)
