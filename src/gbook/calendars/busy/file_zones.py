"""The zones of one file: what TZID, and a time without a zone, mean in each of its VCALENDARs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import tzinfo
from hashlib import blake2b

from gbook.calendars.busy.cached import Diagnostic
from gbook.calendars.ics.frames import Enclosing
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import Zones
from gbook.calendars.zones.timezones import CalendarZones
from gbook.calendars.zones.vtimezone import by_tzid
from gbook.timeutil.zones import find_zone

__all__ = ["FileZones"]

# A file may name very many unknown zones; only the lines of the first ones are looked up.
LINES_LOOKED_UP = 100


class FileZones:
    """The zones of a file by VCALENDAR. `default` is the IANA name of the zone that replaces unknown ones.

    `diagnostics` has one entry for each unknown name in a VCALENDAR, added when the name is first looked up.
    """

    def __init__(self, data: bytes, components: Sequence[Component], default: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._data = data
        self._default = default
        self._definitions: defaultdict[Enclosing, list[bytes]] = defaultdict(list)
        for part in components:
            if part.name == "VTIMEZONE":
                self._definitions[part.calendar].append(part.content)
        every = sorted({definition for own in self._definitions.values() for definition in own})
        # The definition of another VCALENDAR counts only if no two of them differ.
        self._elsewhere = {tzid: named for tzid, named in by_tzid(every).items() if len(named) == 1}
        self._zones: dict[Enclosing, CalendarZones] = {}
        self._digests: dict[Enclosing, bytes] = {}

    def of(self, calendar: Enclosing) -> Zones:
        """Return the zones of a VCALENDAR."""
        if calendar not in self._zones:
            own = by_tzid(self._definitions.get(calendar, ()))
            zones = CalendarZones(find_zone(self._default), self._unknown, own, self._elsewhere)
            if calendar.zone:
                zones.fallback = zones.find(calendar.zone)
            self._zones[calendar] = zones
        return self._zones[calendar]

    def digest(self, calendar: Enclosing) -> bytes:
        """Return a digest of every definition that can give a TZID of a VCALENDAR its meaning."""
        if calendar not in self._digests:
            hashed = blake2b(digest_size=16)
            elsewhere = [definition for _, named in sorted(self._elsewhere.items()) for definition in named]
            for definition in (*self._definitions.get(calendar, ()), b"", *elsewhere):
                hashed.update(definition)
            self._digests[calendar] = hashed.digest()
        return self._digests[calendar]

    def _unknown(self, name: str, stated: tzinfo | None) -> tzinfo:
        """Return the zone to use for an unknown name: the offset stated in it, else the default."""
        at = self._data.find(name.encode()) if len(self.diagnostics) < LINES_LOOKED_UP else -1
        line = self._data.count(b"\n", 0, at) + 1 if at >= 0 else None
        instead = "the offset in its name" if stated else self._default
        message = f"unknown time zone {name[:60]!r}: {instead} is used instead"
        self.diagnostics.append(Diagnostic("unknown_zone", message, line))
        return stated or find_zone(self._default)
