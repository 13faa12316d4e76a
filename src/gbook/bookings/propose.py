"""Several slots reserved under one id, for somebody to choose from: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gbook.bookings.book import ROUNDS, draft_for, read_targets, receivers, write
from gbook.bookings.desk import Desk
from gbook.bookings.event import Draft
from gbook.bookings.record import Record
from gbook.bookings.request import Request
from gbook.calendars.transaction import Changed, lock_calendars
from gbook.errors import Locked, SlotUnavailable
from gbook.instants import format_instant
from gbook.workspace import Account

__all__ = ["propose", "rehearse_proposal"]


def propose(desk: Desk, requests: Sequence[Request]) -> list[Record]:
    """Reserve what is requested, all in one transaction; durable when it returns.

    Raises SlotUnavailable for the first that cannot be, also because of those before it.
    """
    uids = [desk.new_uid() for _ in requests]
    for _ in range(ROUNDS):
        accounts = _receivers(desk, _drafts(desk, requests, uids))
        try:
            with lock_calendars([desk.primary(account) for account in accounts]):
                contents: dict[Path, bytes | None] = {}
                for uid in uids:
                    contents |= read_targets(desk, accounts, uid)
                drafts = _drafts(desk, requests, uids)
                if all(account in accounts for account in _receivers(desk, drafts)):
                    return write(desk, drafts, contents)
        except Changed:
            continue
    raise Locked("the calendars of the proposal keep changing: try again")


def rehearse_proposal(desk: Desk, requests: Sequence[Request]) -> list[Draft]:
    """The reservations as they would be made now. Raises what `propose` raises."""
    return _drafts(desk, requests, [desk.new_uid() for _ in requests])


def _drafts(desk: Desk, requests: Sequence[Request], uids: Sequence[str]) -> list[Draft]:
    """Each slot judged as if those before it were reserved already."""
    drafts: list[Draft] = []
    for request, uid in zip(requests, uids, strict=True):
        taken = tuple(
            (account.id, draft.start, draft.end)
            for draft in drafts
            for account in (*draft.accounts, *draft.optional)
        )
        try:
            drafts.append(draft_for(desk, replace(request, taken=taken), uid))
        except SlotUnavailable as error:
            # Without the others it may be free: then they are the reason.
            alone = draft_for(desk, request, uid)
            raise SlotUnavailable(_clash(alone, drafts), **error.details) from None
    return drafts


def _clash(draft: Draft, others: Sequence[Draft]) -> str:
    nearest = min(others, key=lambda other: abs(other.start - draft.start))
    both = f"{format_instant(draft.start)} and {format_instant(nearest.start)}"
    return f"{both} are too close to each other to be held both, and there is nobody else who could"


def _receivers(desk: Desk, drafts: Sequence[Draft]) -> list[Account]:
    found = {account.id: account for draft in drafts for account in receivers(desk, draft)}
    return list(found.values())
