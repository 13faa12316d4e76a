"""What TZID and X-WR-TIMEZONE mean in one VCALENDAR (RFC 5545 §3.2.19, §3.8.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from gbook.calendars.zones.tzids import alias_zone, iana_zone, stated_offset, tzid_key
from gbook.calendars.zones.vtimezone import lic_location, read_zone

__all__ = ["CalendarZones"]

Definitions = Mapping[str, Sequence[bytes]]


class CalendarZones:
    """The zones of a VCALENDAR by their TZID.

    An Area/City name means the tz database: a VTIMEZONE of that name is often stale. Any other name means the
    VCALENDAR's own VTIMEZONE, else what programs mean by the name, else the VTIMEZONE of another VCALENDAR of
    the file. `fallback` is the zone of times without one; `unknown` gets a name that remains and the offset
    that it states, and returns the zone to use instead.
    """

    def __init__(
        self,
        fallback: tzinfo,
        unknown: Callable[[str, tzinfo | None], tzinfo],
        own: Definitions | None = None,
        elsewhere: Definitions | None = None,
    ) -> None:
        self.fallback = fallback
        self._unknown = unknown
        self._own = own or {}
        self._elsewhere = elsewhere or {}
        self._zones: dict[str, tzinfo] = {}

    def find(self, tzid: str) -> tzinfo:
        """Return the zone of a TZID."""
        if tzid not in self._zones:
            self._zones[tzid] = (
                iana_zone(tzid)
                or _defined(tzid, self._own)
                or alias_zone(tzid)
                or _defined(tzid, self._elsewhere)
                or self._unknown(tzid, stated_offset(tzid))
            )
        return self._zones[tzid]


def _defined(tzid: str, definitions: Definitions) -> tzinfo | None:
    """Return the zone of the first VTIMEZONE of a name that can be read."""
    named = definitions.get(tzid_key(tzid), ())
    for definition in named:
        if (zone := read_zone(definition)) is not None:
            return zone
    for definition in named:
        if location := lic_location(definition):
            return iana_zone(location)
    return None
