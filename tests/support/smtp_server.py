"""A real mail server in a thread, with a self-signed certificate."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from support.ports import free_port

__all__ = ["PASSWORD", "Mailbox", "ReceivedMessage", "mail_of", "mail_server", "silent_server"]

PASSWORD = "correct horse"


class ReceivedMessage(NamedTuple):
    """A message that the server received: the envelope, and the message parsed and raw."""

    sender: str
    to: list[str]
    message: EmailMessage
    content: bytes

    def header(self, name: str) -> str:
        """Return a decoded header; `message` keeps spaces between encoded words (RFC 2047 §6.2)."""
        return str(make_header(decode_header(message_from_bytes(self.content)[name])))

    @property
    def parts(self) -> list[EmailMessage]:
        return [part for part in self.message.walk() if not part.is_multipart()]

    @property
    def calendar(self) -> EmailMessage:
        """The part that mail programs answer: text/calendar."""
        return next(part for part in self.parts if part.get_content_type() == "text/calendar")


class Mailbox:
    """The messages and logins that the server received; it refuses the recipient `refused`."""

    def __init__(self, refused: str = "") -> None:
        self.messages: list[ReceivedMessage] = []
        self.logins: list[tuple[str, str]] = []
        self._refused = refused

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        # Not handled: the server itself sends the refusal.
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address == self._refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(
            ReceivedMessage(envelope.mail_from, list(envelope.rcpt_tos), message, envelope.content)
        )
        return "250 OK"


@contextmanager
def mail_server(
    certified: Path | None = None, *, tls: bool = False, login: bool = False, refused: str = ""
) -> Iterator[tuple[int, Mailbox]]:
    """Run a server on this machine, and yield its port and mailbox.

    With a certificate it requires STARTTLS, or uses TLS from the start with `tls`.
    """
    mailbox = Mailbox(refused)
    context = None
    if certified:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certified)
    controller = Controller(
        mailbox,
        hostname="localhost",
        port=free_port(),
        ssl_context=context if tls else None,
        tls_context=None if tls else context,
        require_starttls=bool(context) and not tls,
        authenticator=mailbox.authenticate if login else None,
        auth_required=login,
        auth_require_tls=bool(context) and not tls,  # with `tls`, TLS is on from the start
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield controller.port, mailbox
    finally:
        controller.stop()


@contextmanager
def mail_of(folder: Path) -> Iterator[Mailbox]:
    """Run a server that needs no login for the mails of a workspace, and yield its mailbox."""
    with mail_server() as (port, mailbox):
        with (folder / "gbook.yaml").open("a") as config:
            config.write(f"mail: {{host: localhost, port: {port}, security: none}}\n")
        yield mailbox


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections, send nothing, and yield the port."""
    with socket.create_server(("localhost", 0)) as server:
        yield server.getsockname()[1]
