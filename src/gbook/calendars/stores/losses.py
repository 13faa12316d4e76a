"""A calendar that has lost most of its events at once: more likely a fault of its server than the truth."""

from __future__ import annotations

from gbook.errors import InvalidFile

__all__ = ["MANY", "refuse_loss"]

# From this number of events on, losing more than half of them is a loss.
MANY = 20


def refuse_loss(shown: str, before: int, after: int) -> None:
    """Raise InvalidFile if a calendar has lost all its events, or more than half of MANY or more.

    `before` and `after` are the numbers of its events, or of its resources.
    """
    if (before and not after) or (before >= MANY and after * 2 < before):
        left = f"only {after}" if after else "none"
        problem = (
            f"had {before} {'event' if before == 1 else 'events'} and now has {left}; if that is right, run"
            " `gbook calendar refresh --accept`"
        )
        raise InvalidFile(shown, [problem])
