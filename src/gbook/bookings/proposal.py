"""Proposals: several slots reserved under one id, one of which will be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gbook.bookings.book import concerned, draft_for, edited_items, new_events, to_lock
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft
from gbook.bookings.planned import PlannedChange
from gbook.bookings.record import Record
from gbook.bookings.request import BookingRequest
from gbook.bookings.transaction import under_locks
from gbook.workspace.config import Account

__all__ = ["preview_proposal", "propose"]


def propose(context: BookingContext, requests: Sequence[BookingRequest]) -> Sequence[Record]:
    """Reserve all requested slots in one transaction, and return their records once they are durable.

    Raises SlotUnavailable for the first slot that cannot be reserved.
    """
    uids = [context.new_uid() for _ in requests]

    def plan() -> PlannedChange[Sequence[Record]]:
        drafts = _drafts(context, requests, uids)
        accounts = to_lock(context, requests[0], _concerned(drafts)) if requests else []
        items = {item for uid in uids for item in edited_items(context, accounts, uid)}
        return PlannedChange(
            set(context.locks(accounts)), items, lambda contents: new_events(context, drafts, contents)
        )

    return under_locks(context, plan, "the calendars of the proposal")


def preview_proposal(context: BookingContext, requests: Sequence[BookingRequest]) -> list[Draft]:
    """Return the reservations as they would be made now. Raises what `propose` raises."""
    return _drafts(context, requests, [context.new_uid() for _ in requests])


def _drafts(context: BookingContext, requests: Sequence[BookingRequest], uids: Sequence[str]) -> list[Draft]:
    """Return a draft for each slot; they do not block each other, as only one of them will be used."""
    drafts: list[Draft] = []
    for request, uid in zip(requests, uids, strict=True):
        others = tuple((draft.start, draft.end) for draft in drafts)
        drafts.append(draft_for(context, replace(request, beside=others), uid))
    return drafts


def _concerned(drafts: Sequence[Draft]) -> list[Account]:
    accounts = {account.id: account for draft in drafts for account in concerned(draft)}
    return list(accounts.values())
