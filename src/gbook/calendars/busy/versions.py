"""Several versions of one event in a calendar: the same UID and RECURRENCE-ID more than once.

The highest SEQUENCE is the newest version (RFC 5546 §2.1.5); the others are not events any more. If the
numbers do not decide, all versions are kept: busy time is never dropped on a guess.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from gbook.calendars.busy.events import Event

__all__ = ["newest", "repeated"]


def newest(events: Sequence[Event]) -> list[Event]:
    """Return the events that have no newer version, in their order."""
    versions: defaultdict[tuple[str, int | None], list[Event]] = defaultdict(list)
    for event in events:
        if event.uid and event.names_instance and not event.is_ours:
            versions[event.uid, event.recurrence_id and event.recurrence_id.instant].append(event)
    replaced = {id(event) for same in versions.values() if len(same) > 1 for event in _replaced(same)}
    return [event for event in events if id(event) not in replaced] if replaced else list(events)


def repeated(data: bytes, events: Sequence[Event]) -> set[str]:
    """Return the UIDs of single events that a file has more than once: a newer version may be far away."""
    if b"\nSEQUENCE" not in data:
        return set()
    single = {event.uid for event in events if event.recurrence_id is None and not event.is_series}
    counted = Counter(_UID.findall(data)) if single else {}
    twice = {uid.strip().decode("utf-8", "replace") for uid, times in counted.items() if times > 1}
    return twice & single - {""}


def _replaced(same: Sequence[Event]) -> list[Event]:
    numbers = [event.sequence for event in same]
    known = [number for number in numbers if number is not None]
    if len(known) < len(same):
        return []
    return [event for event in same if event.sequence != max(known)]


_UID = re.compile(rb"\nUID[^:\r\n]*:([^\r\n]*)")
