"""The links that guests get: to a booking that they can change, to a proposal of which they pick a time.

Anyone with such a link may do the same. So only the guest gets it: the copies of hosts, members and other
invitees do not have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbook.bookings.record import Record
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.workspace.tokens import OfferTokens, RescheduleTokens

__all__ = ["GuestLinks"]


class GuestLinks:
    """The links of a workspace; none without `serve.baseUrl`.

    After this object is made, nothing can fail. Raises InvalidFile or GbookError if the key of the tokens
    cannot be used.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._bookings: RescheduleTokens | None = None
        self._offers: OfferTokens | None = None
        if workspace.config.serve.base_url:
            from gbook.workspace.tokens import OfferTokens, RescheduleTokens

            self._bookings, self._offers = RescheduleTokens(workspace), OfferTokens(workspace)

    def manage(self, record: Record) -> str | None:
        """Return the link to see, move and cancel a booking or reservation; None if it has no profile."""
        return self._bookings.url(record.uid) if self._bookings and record.profile else None

    def offer(self, record: Record) -> str | None:
        """Return the link to pick a time of the proposal that a reservation is part of; None if it is not."""
        if not (self._offers and record.profile and record.proposal):
            return None
        return self._offers.url(record.proposal)
