"""Offers: the times that a host has proposed, one of which the guest takes.

Their token is that of the proposal, so that it is the same before and after one of them is booked.
"""

from __future__ import annotations

from collections.abc import Sequence

import gbook
from gbook.service.call import Call
from gbook.service.operations.slots import refusing
from gbook.workspace.tokens import OfferTokens

__all__ = ["offered"]


def offered(call: Call, token: str) -> Sequence[gbook.Record]:
    """Return the reservations of an offer in order of time, and the booking that one has become.

    They are none for an unknown token, and after all of them were withdrawn. Raises ApiError if calendars
    cannot be read.
    """
    tokens = OfferTokens(call.workspace)
    with refusing(call):
        return gbook.search_records(
            call.workspace,
            lambda record: record.proposal is not None and tokens.is_for(token, record.proposal),
        )
