"""Mail to the guests of a change, and the user's own programs around it.

What follows a change that is in the calendars is done after the answer, and cannot fail the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

import gbook
from gbook.domains import canonical_address
from gbook.errors import GbookError, InvalidFile, Warn
from gbook.render.json_documents import Document, booking_document, state_document
from gbook.service.call import Call
from gbook.service.operations.numbers import reservation_number
from gbook.service.problems import ApiError
from gbook.service.throttle import Limit, Throttle
from gbook.workspace.tokens import ConfirmTokens
from gbook.workspace.workspace import Workspace

__all__ = ["ask_pre_book", "ask_to_confirm", "notify", "require_mail", "require_mailed_links"]

# How many mails with a link to confirm one mailbox gets in a day, for all times and all who ask. One network
# makes fewer bookings in a day, so a stranger alone cannot use them up.
_CONFIRMATIONS = Throttle(Limit(10, 86_400))


def require_mail(call: Call) -> None:
    """Raise InvalidFile if mail is to be sent and its settings are incomplete, before anything is booked."""
    if call.workspace.config.mail is not None:
        gbook.mail_settings(call.workspace)


def require_mailed_links(call: Call) -> None:
    """Raise ApiError, 503, if a link that confirms a reservation cannot be made or mailed."""
    try:
        if missing := [*call.workspace.config.missing_for_links()]:
            raise InvalidFile(str(call.workspace.config_path), missing)
        require_mail(call)
    except InvalidFile as error:
        message = "the server has to be mended before guests can book this"
        raise ApiError(503, "not_bookable", message, Retry_After="60") from error


def ask_pre_book(call: Call, record: gbook.Record) -> None:
    """Ask the preBook program about a booking that has not been made. Raises Refused."""
    gbook.run_pre_book(call.workspace, booking_document(record, written=False))


def notify(call: Call, record: gbook.Record, hook: gbook.Hook, before: gbook.Record | None = None) -> None:
    """Notify the guests of a change, and run the program of the hook; `before` is a booking that moved."""
    call.later(partial(_notify, record=record, hook=hook, before=before, now=call.now))


def ask_to_confirm(call: Call, record: gbook.Record) -> None:
    """Mail the guest of a reservation the link that makes a booking of it.

    Beyond a number of mails to one address, further ones are left out. This is decided after the answer, from
    which a stranger must not learn what others have asked for.
    """
    call.later(partial(_ask_to_confirm, record=record, now=call.now))


def _ask_to_confirm(workspace: Workspace, record: gbook.Record, now: int) -> Sequence[Warn]:
    address = canonical_address(record.guest.email or "")
    mailbox = f"{workspace.root} {address}"
    try:
        _CONFIRMATIONS.require(mailbox)
        # The meeting is named too: when the time is held no more, another booking has perhaps deleted it.
        query = urlencode({"reservation": reservation_number(record.uid), "meeting": record.profile})
        url = f"{ConfirmTokens(workspace).url(address)}?{query}"
        gbook.send_confirmation_request(workspace, record, url, now)
        # Only mails that were sent count: so a guest who gets no more has some, and each leads to all times.
        _CONFIRMATIONS.take(mailbox)
    except ApiError:
        return [Warn("mail_left_out", "the guest has got enough mails; the link of each still confirms")]
    except (GbookError, OSError) as error:
        return [Warn("mail_failed", f"{error}; the time is held, but the guest cannot confirm it")]
    return []


def _notify(
    workspace: Workspace, record: gbook.Record, hook: gbook.Hook, before: gbook.Record | None, now: int
) -> Sequence[Warn]:
    context = gbook.BookingContext(workspace, now)
    is_mailed = workspace.config.mail is not None and not record.is_reservation
    _, warnings = gbook.notify_guests(context, record, gbook.NotifyOptions(mail=is_mailed), before)
    counted = gbook.counted_seats(workspace, record, now)
    return [*warnings, *gbook.run_post_hook(workspace, hook, _document(workspace, counted, hook))]


def _document(workspace: Workspace, record: gbook.Record, hook: gbook.Hook) -> Document:
    """Return what the program of a hook reads, as the command line gives it."""
    if hook is not gbook.Hook.POST_BOOK:
        return state_document(record)
    return booking_document(record, manage_url=gbook.GuestLinks(workspace).manage(record))
