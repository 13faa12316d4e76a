"""Mail to the guests of a change, and the user's own programs around it.

What follows a change that is in the calendars is done after the answer, and cannot fail the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import gbook
from gbook.errors import Warn
from gbook.render.json_documents import Document, booking_document, state_document
from gbook.service.call import Call
from gbook.workspace.workspace import Workspace

__all__ = ["ask_pre_book", "notify", "require_mail"]


def require_mail(call: Call) -> None:
    """Raise InvalidFile if mail is to be sent and its settings are incomplete, before anything is booked."""
    if call.workspace.config.mail is not None:
        gbook.mail_settings(call.workspace)


def ask_pre_book(call: Call, record: gbook.Record) -> None:
    """Ask the preBook program about a booking that has not been made. Raises Refused."""
    gbook.run_pre_book(call.workspace, booking_document(record, written=False))


def notify(call: Call, record: gbook.Record, hook: gbook.Hook, before: gbook.Record | None = None) -> None:
    """Notify the guests of a change, and run the program of the hook; `before` is a booking that moved."""
    call.later(partial(_notify, record=record, hook=hook, before=before, now=call.now))


def _notify(
    workspace: Workspace, record: gbook.Record, hook: gbook.Hook, before: gbook.Record | None, now: int
) -> Sequence[Warn]:
    context = gbook.BookingContext(workspace, now)
    is_mailed = workspace.config.mail is not None and not record.is_reservation
    _, warnings = gbook.notify_guests(context, record, gbook.NotifyOptions(mail=is_mailed), before)
    counted = gbook.counted_seats(workspace, record, now)
    document = _DOCUMENTS.get(hook, state_document)(counted)
    return [*warnings, *gbook.run_post_hook(workspace, hook, document)]


# As the command line gives them to the programs.
_DOCUMENTS: dict[gbook.Hook, Callable[[gbook.Record], Document]] = {gbook.Hook.POST_BOOK: booking_document}
