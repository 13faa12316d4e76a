"""Proposals: several slots reserved under one id, one of which will be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gbook.bookings.book import concerned, draft_for, edited_items, new_events, to_lock
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Draft, key_uid
from gbook.bookings.idempotency import known_booking
from gbook.bookings.planned import PlannedChange, Prepared
from gbook.bookings.record import Record
from gbook.bookings.request import BookingRequest
from gbook.bookings.transaction import under_locks
from gbook.workspace.config import Account

__all__ = ["preview_proposal", "propose"]


def propose(context: BookingContext, requests: Sequence[BookingRequest]) -> Sequence[Record]:
    """Reserve all requested slots in one transaction, and return their records once they are durable.

    If requests have keys, and reservations were made with some of them, those are returned as they are now.
    Raises SlotUnavailable for the first slot that cannot be reserved, KeyTaken.
    """
    uids = [_uid(context, request) for request in requests]

    def plan() -> PlannedChange[Sequence[Record]]:
        if known := [record for request in requests if (record := known_booking(context, request))]:
            return PlannedChange(frozenset(), frozenset(), lambda _: Prepared(known))
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


def _uid(context: BookingContext, request: BookingRequest) -> str:
    return key_uid(request.profile, request.key) if request.key else context.new_uid()


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
