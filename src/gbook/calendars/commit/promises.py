"""What a server has to keep before gbook writes to its calendars.

Bookings rest on `If-None-Match: *` and `If-Match` (RFC 9110 §13.1), and reservations on clocks that agree. A
server that was never tried is tried once, by a test event; the cache remembers the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin

from gbook.cache import UNTIED, Cache
from gbook.calendars.stores.caldav import CaldavStore
from gbook.dav.deadline import Deadline
from gbook.dav.probe import Capabilities, probe
from gbook.errors import InvalidFile

__all__ = ["MAX_SKEW", "known_capabilities", "remember_capabilities", "require_clock", "require_promises"]

# How far the clock of a server may be wrong (seconds).
MAX_SKEW = 30
_CONTEXT = f"capabilities {' '.join(Capabilities._fields)}"


def require_promises(calendars: Iterable[CaldavStore], cache: Cache, timeout: float) -> None:
    """Raise InvalidFile for a calendar that cannot be written safely; try servers that were never tried.

    `timeout` is in seconds, for each trial. Raises Unreachable, LoginRefused.
    """
    for calendar in calendars:
        found = known_capabilities(calendar, cache)
        if found is None:
            found = probe(calendar.collection(Deadline.after(timeout)))
            remember_capabilities(calendar, cache, found)
        if not found.writable:
            raise InvalidFile(calendar.shown, [f"the calendar cannot be written: {found.refusal}"])
        if not found.is_safe and not calendar.is_cooperative:
            problem = (
                "the server ignores the conditions of writes (If-None-Match, If-Match), so bookings could "
                "overlap; set `readonly: true`, or `concurrency: cooperative` if only gbook books in it"
            )
            raise InvalidFile(calendar.shown, [problem])


def require_clock(calendars: Iterable[CaldavStore]) -> None:
    """Raise InvalidFile if the clock of a server was wrong at its last answer: reservations expire by it."""
    for calendar in calendars:
        skew = calendar.clock_skew
        if skew is not None and abs(skew) > MAX_SKEW:
            direction = "ahead of" if skew > 0 else "behind"
            problem = (
                f"the server's clock is {abs(skew):.0f} s {direction} that of this machine, so nothing is "
                "written: correct the one that is wrong"
            )
            raise InvalidFile(calendar.shown, [problem])


def known_capabilities(calendar: CaldavStore, cache: Cache) -> Capabilities | None:
    """Return what the server of a calendar was found to keep; None if it was never tried."""
    return cache.get_value(_key(calendar), _CONTEXT, Capabilities, UNTIED)


def remember_capabilities(calendar: CaldavStore, cache: Cache, found: Capabilities) -> None:
    """Keep what the server of a calendar was found to keep, unless only this calendar cannot be written."""
    if found.writable:
        cache.put_value(_key(calendar), _CONTEXT, found, UNTIED)


def _key(calendar: CaldavStore) -> str:
    return f"{calendar.server.username or ''} {urljoin(calendar.url, '/')}"
