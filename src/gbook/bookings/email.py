"""Invitations by mail (RFC 6047), through the server that gbook.yaml names.

A message has three parts: text for people, text/calendar for programs that answer invitations, and the same
as a file for programs that only show attachments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from gbook.bookings.attendees import attendee_lines
from gbook.bookings.email_text import Wording, rest_words, zones_of
from gbook.bookings.event import Guest
from gbook.bookings.invitation import Invitation, invitation_for
from gbook.bookings.links import GuestLinks
from gbook.bookings.mail_server import mail_settings, read_password, send
from gbook.bookings.record import Record
from gbook.bookings.series_change import part_of_series
from gbook.bookings.series_message import about_changes, parts
from gbook.domains import ascii_domain, canonical_address
from gbook.errors import MailFailed
from gbook.scheduling.zones import shared_zone
from gbook.text import one_line
from gbook.timeutil.instants import local
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from email.headerregistry import Address
    from email.message import EmailMessage

__all__ = [
    "attach_invitation",
    "cancelled_for",
    "compose",
    "envelope",
    "mail_recipients",
    "organizer",
    "recipients",
    "send_invitation",
]

NO_LONGER = "You no longer take part in this meeting."


class _Message(NamedTuple):
    """A message about a state of a booking, and its recipients.

    `known`: they were invited before; `is_goodbye`: they no longer take part; `url`: where
    they can change it.
    """

    record: Record
    people: list[Guest]
    known: bool = False
    is_goodbye: bool = False
    url: str | None = None


def send_invitation(
    workspace: Workspace,
    record: Record,
    now: int,
    before: Record | None = None,
    only: Collection[str] | None = None,
) -> list[str]:
    """Send the attendees the current state of a booking, and return their addresses.

    With `only`, no other addresses get mail. `before` is the booking before it was moved or reassigned: the
    mail names the old time, and former attendees get a cancellation (RFC 5546 §3.2.5). Raises MailFailed,
    what `mail_settings` raises, and UsageError for a reservation.
    """
    settings = mail_settings(workspace)
    messages = _messages(record, before, only)
    if not messages:
        raise MailFailed("no mail to send: the booking has no guest with an e-mail address")
    url = GuestLinks(workspace).manage(record)
    messages = [part for message in messages for part in _with_link(message, url)]
    mails = []
    for message in messages:
        try:
            mail = _compose_dated(
                message, now, shared_zone(workspace, [message.record.profile]), settings.sender
            )
        except ValueError as error:
            raise MailFailed(f"cannot write a message to {_listed(message.people)}: {error}") from error
        mails.append(mail)
    password = read_password(workspace, settings)
    failed = []
    for message, mail in zip(messages, mails, strict=True):
        try:
            send(settings, password, mail)
        except MailFailed as error:
            failed.append(error.message)
            if message.is_goodbye:
                failed.append(f"tell {_listed(message.people)} that they no longer take part")
    if failed:
        raise MailFailed("; ".join(failed))
    return _addresses(messages)


def _messages(record: Record, before: Record | None, only: Collection[str] | None) -> list[_Message]:
    """Return the messages to earlier guests, to new guests, and to guests who were removed."""
    invited = _among(recipients(record), only)
    if before is None:
        return [_Message(record, invited, known=record.moved_from is not None)] if invited else []
    earlier = {canonical_address(guest.email or "") for guest in recipients(before)}
    known = [guest for guest in invited if canonical_address(guest.email or "") in earlier]
    messages = [
        _Message(about_changes(record, before), known, known=True),
        _Message(record, [guest for guest in invited if guest not in known]),
    ]
    if dropped := _among(_dropped(before, record), only):
        messages.append(_Message(cancelled_for(dropped, before, record), dropped, is_goodbye=True))
    return [message for message in messages if message.people]


def _with_link(message: _Message, url: str | None) -> list[_Message]:
    """Return a message as one to the guest, with the link to change the booking, and one to the others."""
    if url is None or message.is_goodbye or message.record.status == "cancelled":
        return [message]
    booker = canonical_address(message.record.guest.email or "")
    guest = [person for person in message.people if canonical_address(person.email or "") == booker]
    others = [person for person in message.people if person not in guest]
    divided = [message._replace(people=guest, url=url), message._replace(people=others)]
    return [part for part in divided if part.people]


def _among(guests: Iterable[Guest], only: Collection[str] | None) -> list[Guest]:
    """Return the guests with one of these addresses; all of them if it is None."""
    if only is None:
        return list(guests)
    chosen = {canonical_address(email) for email in only}
    return [guest for guest in guests if canonical_address(guest.email or "") in chosen]


def mail_recipients(
    record: Record, before: Record | None = None, only: Collection[str] | None = None
) -> list[str]:
    """Return the addresses that `send_invitation` would mail to."""
    return _addresses(_messages(record, before, only))


def _addresses(messages: Sequence[_Message]) -> list[str]:
    return [guest.email for message in messages for guest in message.people if guest.email]


def _dropped(before: Record, after: Record) -> list[Guest]:
    """Return the former recipients who are no longer attendees."""
    remaining = {canonical_address(attendee.email) for attendee in after.attendees}
    return [guest for guest in recipients(before) if canonical_address(guest.email or "") not in remaining]


def cancelled_for(dropped: Sequence[Guest], before: Record, after: Record) -> Record:
    """Return the booking as removed guests should see it: cancelled, at the time they knew.

    Its event names only them, and has no STATUS, which would cancel it for all attendees.
    """
    from copy import deepcopy

    event = deepcopy(before.event)
    lines = attendee_lines(event)
    addresses = {guest.email for guest in dropped}
    event["ATTENDEE"] = [
        line for line, attendee in zip(lines, before.attendees, strict=True) if attendee.email in addresses
    ]
    event.pop("STATUS", None)
    for name, value in (("SEQUENCE", after.sequence), ("COMMENT", NO_LONGER)):
        event.pop(name, None)
        event.add(name, value)
    named = [attendee for attendee in before.attendees if attendee.email in addresses]
    return replace(
        before,
        source=event,
        status="cancelled",
        sequence=after.sequence,
        attendees=named,
        comments=[NO_LONGER],
    )


def recipients(record: Record) -> list[Guest]:
    """Return the attendees who get mail: all except accounts that take part and have a copy.

    Optional accounts have a copy too, but they are invited.
    """
    taking_part = [copy.account.email for copy in record.copies if copy.account.id in record.accounts]
    informed = {email.casefold() for email in (*taking_part, organizer(record).email) if email}
    return [
        Guest(attendee.name, attendee.email)
        for attendee in record.attendees
        if "@" in attendee.email and attendee.email.casefold() not in informed
    ]


def _compose_dated(message: _Message, now: int, zone: ZoneInfo, sender: str | None) -> EmailMessage:
    """Return a message with its date; `zone` is the host's."""
    first, *others = parts(message.record)
    zones, rest = zones_of(message.record, zone), rest_words(message.record, now)
    words = Wording(part_of_series(first, None, now), zones, message.known, others, rest, message.url)
    invitation = invitation_for(message.record, now, message.url)
    mail = compose(words, invitation, message.people, sender)
    mail["Date"] = local(now, UTC)
    return mail


def compose(
    words: Wording, invitation: Invitation, guests: Sequence[Guest], sender: str | None
) -> EmailMessage:
    """Return the message, without its date.

    `sender` may replace the host as author; replies still go to the host. Raises ValueError for an invalid
    address.
    """
    host = organizer(words.record)
    mail = envelope(host, guests, sender, words.subject)
    mail.set_content(words.text(host.name or host.email or ""))
    attach_invitation(mail, invitation)
    return mail


def attach_invitation(mail: EmailMessage, invitation: Invitation) -> None:
    """Add an iTIP message to a mail with a text: for programs that answer it, and as a file."""
    text = invitation.data.decode()
    # In base64, no server can change a fold or a trailing space.
    mail.add_alternative(text, subtype="calendar", cte="base64", params={"method": invitation.method})
    mail.add_attachment(invitation.data, maintype="application", subtype="ics", filename="invite.ics")


def envelope(host: Guest, guests: Sequence[Guest], sender: str | None, subject: str) -> EmailMessage:
    """Return a message without its date and text. `sender` may replace the host as author, as in `compose`.

    Raises ValueError for an invalid address.
    """
    from email.message import EmailMessage
    from email.utils import make_msgid

    from gbook.bookings.email_headers import mail_policy

    author = Guest(host.name, sender or host.email)
    mail = EmailMessage(mail_policy(plain=all(_is_plain(person) for person in (host, author, *guests))))
    mail["From"] = _address(author)
    mail["To"] = [_address(guest) for guest in guests]
    if author.email != host.email:
        mail["Reply-To"] = _address(host)
    mail["Subject"] = subject
    mail["Message-ID"] = make_msgid(domain=ascii_domain((author.email or "").rpartition("@")[2]))
    return mail


def organizer(record: Record) -> Guest:
    """Return the host of a booking, as its event names it."""
    return _person(record.event.get("ORGANIZER", ""))


def _person(value: object) -> Guest:
    """Return the person of an ORGANIZER or ATTENDEE value; the e-mail is None unless it is a mailto URI."""
    scheme, _, address = str(value).partition(":")
    name = one_line(str(getattr(value, "params", {}).get("CN", "")))
    return Guest(name or None, address if scheme.casefold() == "mailto" and address else None)


def _is_plain(guest: Guest) -> bool:
    """Return whether the local part of an address is ASCII; a domain can always be written in ASCII."""
    return (guest.email or "").rpartition("@")[0].isascii()


def _address(guest: Guest) -> Address:
    from email.headerregistry import Address

    local_part, _, domain = (guest.email or "").rpartition("@")
    return Address(one_line(guest.name or ""), local_part, ascii_domain(domain))


def _listed(guests: Sequence[Guest]) -> str:
    return ", ".join(guest.email or "" for guest in guests)
