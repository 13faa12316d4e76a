"""gbook's own events: they have a UID as gbook makes them, and the mark that gbook writes.

Both are needed. Any program can write an event with X-GBOOK-* lines, or with any UID. An event that lacks one
of the two is not gbook's: it blocks as written, and gbook neither changes nor removes it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gbook.calendars.ics.content_lines import Line, lines_with_depth, read_lines
from gbook.calendars.ics.edit import find_events
from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.errors import InvalidFile

__all__ = ["OwnEvent", "is_own", "is_own_uid", "own_event", "own_lines", "recurrence_of"]

# A UUID, as `uuid4` and `uuid5` print it.
# Compiled at the first use.
_OWN_UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@gbook"


class OwnEvent(NamedTuple):
    """An event of gbook's, as the bytes of its VEVENTs: the event, and a series' overrides (§3.8.4.4)."""

    event: bytes
    overrides: tuple[bytes, ...] = ()

    @property
    def components(self) -> tuple[bytes, ...]:
        """All its VEVENTs, the event first."""
        return self.event, *self.overrides


def own_event(content: bytes | None, uid: str, path: str) -> OwnEvent | None:
    """Return gbook's event under `uid`; None if there is none, or no file.

    Of an event that a merged file has several times, the first counts. Raises InvalidFile, with `path`, if
    another event has the same UID: edits find events by their UID.
    """
    events = [] if content is None else find_events(content, uid, path)
    if not all(is_own(uid, component) for component in events):
        message = f"an event that is not gbook's has the UID {uid}: delete it, or give it another UID"
        raise InvalidFile(path, [message])
    overrides = tuple(component for component in events if recurrence_of(component) is not None)
    event = next((component for component in events if component not in overrides), None)
    return None if event is None else OwnEvent(event, overrides)


def recurrence_of(component: bytes) -> Line | None:
    """Return the RECURRENCE-ID of a VEVENT, which an override has; None for an event by itself."""
    if b"RECURRENCE-ID" not in component.upper():
        return None
    return next(iter(read_lines(own_lines(component), {"RECURRENCE-ID"}).get("RECURRENCE-ID", ())), None)


def is_own_uid(uid: str | None) -> bool:
    """Return whether gbook makes UIDs of this form."""
    return uid is not None and re.fullmatch(_OWN_UID, uid) is not None


def own_lines(component: bytes) -> bytes:
    """Return the content lines of a component, unfolded, without those of nested components (VALARM)."""
    lines = [line for _, line, depth in lines_with_depth(component) if depth == 1]
    return b"\n" + b"\n".join(lines) + b"\n"


def is_own(uid: str | None, component: bytes) -> bool:
    """Return whether a VEVENT under `uid` is gbook's (or an instance of one that became a series later)."""
    return is_own_uid(uid) and PROFILE in read_lines(own_lines(component), {PROFILE})
