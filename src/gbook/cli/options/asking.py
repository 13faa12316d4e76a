"""The options about calendars on servers: --offline and --timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gbook.cli.parsing import ANY_AGE
from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.calendars.stores.remotes import Asking

__all__ = ["OFFLINE", "AskingOptions"]


class AskingOptions(NamedTuple):
    """How servers are asked: not at all with `offline`, which is the greatest age of what they have said."""

    offline: str | None = None
    timeout: float | None = None
    # Those of `gbook calendar refresh`.
    at_once: bool = False
    accept: bool = False

    def asking(self) -> Asking | None:
        """Return how servers are asked; None if as usual. Raises UsageError."""
        if self == AskingOptions():
            return None
        from gbook.calendars.stores.remotes import TIMEOUT, Asking

        return Asking(
            timeout=self.timeout or TIMEOUT,
            offline=self.offline is not None,
            oldest=self._oldest(),
            at_once=self.at_once,
            accept=self.accept,
        )

    def _oldest(self) -> int | None:
        if self.offline is None or self.offline == ANY_AGE:
            return None
        from gbook.timeutil.periods import period_minutes

        try:
            return 60 * period_minutes(self.offline)
        except ValueError as error:
            raise UsageError(f"--offline: {error}") from None


# For what must never wait, such as the completion of a word.
OFFLINE = AskingOptions(offline=ANY_AGE)
