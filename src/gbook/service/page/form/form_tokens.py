"""The token in each form: it was made here, not long ago, for a person to read, and makes one booking."""

from __future__ import annotations

from enum import Enum

import gbook
from gbook.service.page.web.visit import Visit
from gbook.workspace.tokens import FormTokens

__all__ = ["TRAP", "Again", "check_form", "form_token"]

# Programs send a form sooner than a person can, in seconds; after an hour a form has to be sent once more.
LEAST_AGE, MOST_AGE = 2, 3600
# The name of the input that people do not see.
TRAP = "website"


class Again(Enum):
    """Why a form has to be sent once more."""

    YOUNG = "young"
    OLD = "old"
    # It has no token of this form, or was filled in by a program.
    STRANGE = "strange"
    # It has made another booking.
    USED = "used"


def form_token(visit: Visit, profile: gbook.Profile, again: Again | None = None) -> str:
    """Return the token of a form of a profile: the one that was sent, or a new one if it is of no more use.

    So all forms on the way to a booking make one, also those to which a guest goes back. `again` is why the
    form that was sent has to be sent once more.
    """
    if again in (None, Again.YOUNG) and (sent := visit.form.get("token")):
        return sent
    return FormTokens(visit.call.workspace).of(profile.name, int(visit.clock))


def check_form(visit: Visit, profile: gbook.Profile) -> Again | str:
    """Return the nonce of the form that was sent, or why it has to be sent once more."""
    known = FormTokens(visit.call.workspace).read(visit.form.get("token"), profile.name, int(visit.clock))
    if known is None or visit.form.get(TRAP):
        return Again.STRANGE
    if known.age > MOST_AGE:
        return Again.OLD
    return Again.YOUNG if known.age < LEAST_AGE else known.nonce
