"""gbook's own events: they have a UID as gbook makes them, and the mark that gbook writes.

Both are needed. Any program can write an event with X-GBOOK-* lines, or with any UID. An event that lacks one
of the two is not gbook's: it blocks as written, and gbook neither changes nor removes it.
"""

from __future__ import annotations

import re

from gbook.calendars.ics.content_lines import lines_with_depth, read_lines
from gbook.calendars.ics.edit import find_events
from gbook.calendars.ics.gbook_properties import PROFILE
from gbook.errors import InvalidFile

__all__ = ["is_own", "is_own_uid", "own_events", "own_lines"]

# A UUID, as `uuid4` and `uuid5` print it.
# Compiled at the first use.
_OWN_UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@gbook"


def own_events(content: bytes | None, uid: str, path: str) -> list[bytes]:
    """Return gbook's events under `uid`, each as the bytes of its VEVENT; none without a file.

    Raises InvalidFile, with `path`, if another event has the same UID: edits find events by their UID.
    """
    events = [] if content is None else find_events(content, uid, path)
    if not all(is_own(uid, component) for component in events):
        message = f"an event that is not gbook's has the UID {uid}: delete it, or give it another UID"
        raise InvalidFile(path, [message])
    return events


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
