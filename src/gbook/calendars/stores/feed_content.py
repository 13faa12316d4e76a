"""The body of a feed: whether it is a whole calendar, and how often the feed wants to be read."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gbook.calendars.ics.content_lines import normalize, read_lines
from gbook.calendars.ics.scanner import scan
from gbook.calendars.ics.values import read_duration
from gbook.errors import InvalidFile
from gbook.timeutil.instants import DAY

__all__ = ["FeedContent", "read_feed"]

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*BEGIN[ \t]*:[ \t]*VCALENDAR\b", re.IGNORECASE)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<", re.IGNORECASE)
_EVENTS = re.compile(rb"^BEGIN:(?:VEVENT|VFREEBUSY)\b", re.IGNORECASE | re.MULTILINE)
_INNER = re.compile(rb"^BEGIN:(?!VCALENDAR\b)", re.IGNORECASE | re.MULTILINE)
_MAX_AGE = r"(?i)(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})"


class FeedContent(NamedTuple):
    """A whole calendar: its bytes, the number of its events, and the seconds between reads it asks for."""

    content: bytes
    events: int
    interval: int


def read_feed(shown: str, body: bytes, headers: Mapping[str, str]) -> FeedContent:
    """Return the calendar that a server has sent. Raises InvalidFile if it is not a whole one."""
    if not body.strip():
        raise InvalidFile(shown, ["the server sent nothing"])
    if _MARKUP.match(body):
        raise InvalidFile(shown, ["the server sent a web page, not a calendar; is the address still right?"])
    if not _BEGIN.match(body):
        raise InvalidFile(shown, ["the server sent something that is not a calendar"])
    try:
        deque(scan(body, 0, 0), maxlen=0)
    except InvalidFile as error:
        raise InvalidFile(
            shown, [f"the calendar that the server sent is incomplete: {error.problems[0]}"]
        ) from None
    return FeedContent(body, len(_EVENTS.findall(body)), max(_intervals(body, headers), default=0))


def _intervals(body: bytes, headers: Mapping[str, str]) -> Iterator[int]:
    """Yield the seconds that REFRESH-INTERVAL (RFC 7986 §5.7), X-PUBLISHED-TTL and max-age ask for."""
    if match := re.search(_MAX_AGE, headers.get("cache-control", "")):
        yield int(match[1])
    inner = _INNER.search(body)
    head = normalize(b"\n" + body[: inner.start() if inner else len(body)])
    for lines in read_lines(head, {"REFRESH-INTERVAL", "X-PUBLISHED-TTL"}).values():
        for line in lines:
            try:
                duration = read_duration(line.value)
            except ValueError:
                continue
            yield duration.days * DAY + duration.seconds
