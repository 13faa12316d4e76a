"""UIDs of the form that gbook makes, the same in every run."""

from __future__ import annotations

import uuid

__all__ = ["own_uid"]


def own_uid(seed: object) -> str:
    """Return the UID of a booking."""
    return f"{uuid.uuid5(uuid.NAMESPACE_OID, str(seed))}@gbook"
