"""Several slots reserved under one id, for somebody to choose from: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gbook.bookings.book import ROUNDS, concerned, draft_for, read_contents, write
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft
from gbook.bookings.records import Record
from gbook.bookings.request import Request
from gbook.calendars.commit.transaction import Changed, lock_calendars
from gbook.errors import Locked
from gbook.workspace.workspace import Account

__all__ = ["propose", "rehearse_proposal"]


def propose(context: BookingContext, requests: Sequence[Request]) -> list[Record]:
    """Reserve what is requested, all in one transaction; durable when it returns.

    Raises SlotUnavailable for the first that cannot be.
    """
    uids = [context.new_uid() for _ in requests]
    for _ in range(ROUNDS):
        accounts = _concerned(_drafts(context, requests, uids))
        try:
            with lock_calendars(context.locks(accounts)):
                contents: dict[Path, bytes | None] = {}
                for uid in uids:
                    contents |= read_contents(context, accounts, uid)
                drafts = _drafts(context, requests, uids)
                if all(account in accounts for account in _concerned(drafts)):
                    return write(context, drafts, contents)
        except Changed:
            continue
    raise Locked("the calendars of the proposal keep changing: try again")


def rehearse_proposal(context: BookingContext, requests: Sequence[Request]) -> list[Draft]:
    """The reservations as they would be made now. Raises what `propose` raises."""
    return _drafts(context, requests, [context.new_uid() for _ in requests])


def _drafts(context: BookingContext, requests: Sequence[Request], uids: Sequence[str]) -> list[Draft]:
    """Each slot judged by itself: only one of them will be used, so they do not block each other."""
    drafts: list[Draft] = []
    for request, uid in zip(requests, uids, strict=True):
        others = tuple((draft.start, draft.end) for draft in drafts)
        drafts.append(draft_for(context, replace(request, beside=others), uid))
    return drafts


def _concerned(drafts: Sequence[Draft]) -> list[Account]:
    found = {account.id: account for draft in drafts for account in concerned(draft)}
    return list(found.values())
