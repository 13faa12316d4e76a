"""The mail server that gbook.yaml names: its settings, its password, and handing a message over.

The password is never in a file or an argument: the program of `passwordCommand` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gbook.errors import InvalidFile, MailFailed, Problem, UsageError
from gbook.programs import ProgramFailed, run_program
from gbook.text import one_line
from gbook.workspace.config import Mail
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from email.message import EmailMessage
    from smtplib import SMTP, SMTPResponseException

__all__ = ["mail_settings", "read_password", "send"]

# Time limits, in seconds: for one answer of the server, and for passwordCommand.
SERVER_SECONDS = 30.0
PASSWORD_SECONDS = 60.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def mail_settings(workspace: Workspace) -> Mail:
    """Return the mail settings. Raises UsageError if there are none, InvalidFile if they are incomplete."""
    settings = workspace.config.mail
    if settings is None:
        message = f"--mail needs a server: add `mail: {{host: smtp.example.com}}` to {workspace.config_path}"
        raise UsageError(message)
    if settings.username and not settings.password_command:
        problem = Problem("username needs a passwordCommand beside it", key="mail")
        raise InvalidFile(str(workspace.config_path), [problem])
    return settings


def read_password(workspace: Workspace, settings: Mail) -> str:
    """Return the first line that passwordCommand prints. Raises MailFailed."""
    if not settings.password_command:
        return ""
    try:
        command = settings.password_command
        output = run_program(workspace.root, command, PASSWORD_SECONDS, prints_secret=True)
    except ProgramFailed as error:
        raise _not_sent(f"passwordCommand: {error.message}") from error
    if not (password := output.decode("utf-8", "replace").partition("\n")[0].rstrip("\r")):
        raise _not_sent(f"passwordCommand: {settings.password_command[0]} printed no password")
    return password


def send(settings: Mail, password: str, mail: EmailMessage) -> None:
    """Send a message. Raises MailFailed with the answer of the server, or the network error."""
    import smtplib
    import ssl

    server = f"{settings.host}:{_port(settings)}"
    try:
        with _connected(settings) as connection:
            if settings.username:
                connection.login(settings.username, password)
            refused = _hand_over(connection, mail)
    except smtplib.SMTPAuthenticationError as error:
        raise _not_sent(f"{server} refuses the login of {settings.username}: {_answer(error)}") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _not_sent(f"{server} refuses to deliver to {', '.join(error.recipients)}") from error
    except smtplib.SMTPResponseException as error:
        raise _not_sent(f"{server} refuses the message: {_answer(error)}") from error
    except ssl.SSLCertVerificationError as error:
        raise _not_sent(f"{server}: its certificate is not trusted: {error.verify_message}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _not_sent(f"{server}: {reason}") from error
    if refused:
        raise MailFailed(f"{server} refuses to deliver to {', '.join(refused)}; the others got the message")


def _hand_over(connection: SMTP, mail: EmailMessage) -> Mapping[str, object]:
    """Send a message, and return the recipients that the server refused.

    Unlike `SMTP.send_message`, this leaves a line that begins with "From " as it is.
    """
    import smtplib

    to, (author,) = mail["To"].addresses, mail["From"].addresses
    options: tuple[str, ...] = ()
    connection.ehlo_or_helo_if_needed()
    if not all(address.addr_spec.isascii() for address in (author, *to)):
        if not connection.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError("it does not support non-ASCII addresses (SMTPUTF8)")
        options = ("SMTPUTF8", "BODY=8BITMIME")
    return connection.sendmail(
        author.addr_spec, [address.addr_spec for address in to], mail.as_bytes(), options
    )


@contextmanager
def _connected(settings: Mail) -> Iterator[SMTP]:
    import smtplib
    import ssl

    port = _port(settings)
    # Checks the server's certificate and name; $SSL_CERT_FILE may name further authorities.
    context = ssl.create_default_context()
    if settings.security == "tls":
        connection: SMTP = smtplib.SMTP_SSL(settings.host, port, timeout=SERVER_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(settings.host, port, timeout=SERVER_SECONDS)
    with connection:
        if settings.security == "starttls":
            connection.starttls(context=context)
        yield connection


def _not_sent(reason: str) -> MailFailed:
    return MailFailed(f"mail not sent: {reason}")


def _port(settings: Mail) -> int:
    return settings.port or _PORTS[settings.security]


def _answer(error: SMTPResponseException) -> str:
    text = error.smtp_error
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f"{error.smtp_code} {one_line(answer)}"
