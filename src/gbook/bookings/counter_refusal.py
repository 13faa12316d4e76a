"""The refusal of a counter-proposal (RFC 5546 §3.2.8, METHOD:DECLINECOUNTER): the booking stays as it is."""

from __future__ import annotations

from datetime import UTC

from gbook.bookings.counter import CounterProposal
from gbook.bookings.email import attach_invitation, envelope, organizer
from gbook.bookings.email_text import time_lines, zones_of
from gbook.bookings.event import Guest, calendar_bytes, event_bytes
from gbook.bookings.invitation import Invitation
from gbook.bookings.mail_server import mail_settings, read_password, send
from gbook.errors import MailFailed
from gbook.scheduling.zones import shared_zone
from gbook.text import one_line
from gbook.timeutil.instants import local
from gbook.workspace.workspace import Workspace

__all__ = ["refusal_message", "send_refusal"]


def refusal_message(proposal: CounterProposal, now: int) -> Invitation:
    """Return the message that refuses a proposal; `now` is an instant. It names no attendee."""
    from icalendar import Event

    event, record = Event(), proposal.record
    event.add("UID", record.uid)
    event.add("DTSTAMP", local(now, UTC))
    event.add("SEQUENCE", record.sequence)
    if proposal.recurrence is not None:
        event.add("RECURRENCE-ID", local(proposal.recurrence, UTC))
    event["ORGANIZER"] = record.event["ORGANIZER"]
    return Invitation("DECLINECOUNTER", calendar_bytes(event_bytes(event), method="DECLINECOUNTER"))


def send_refusal(workspace: Workspace, proposal: CounterProposal, now: int) -> str:
    """Send the refusal to the person who made the proposal, and return the address.

    Raises MailFailed, and what `mail_settings` raises.
    """
    settings, record, person = mail_settings(workspace), proposal.record, proposal.person
    host = organizer(record)
    subject = one_line(f"Proposal declined: {record.subject}")
    try:
        mail = envelope(host, [Guest(person.name, person.email)], settings.sender, subject)
    except ValueError as error:
        raise MailFailed(f"cannot write a message to {person.email}: {error}") from error
    mail["Date"] = local(now, UTC)
    zones = zones_of(record, shared_zone(workspace, [record.profile]))
    lines = [subject, "", *time_lines("It stays", proposal.before, zones)]
    if proposal.span:
        lines += time_lines("Not", proposal.span, zones)
    mail.set_content("\n".join([*lines, f"Host: {host.name or host.email}", ""]))
    attach_invitation(mail, refusal_message(proposal, now))
    send(settings, read_password(workspace, settings), mail)
    return person.email
