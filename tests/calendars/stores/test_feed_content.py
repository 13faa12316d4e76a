"""The body of a feed is a whole calendar, or it is refused with the reason."""

from __future__ import annotations

import pytest

from gbook.calendars.stores.feed import wait_seconds
from gbook.calendars.stores.feed_content import read_feed
from gbook.calendars.stores.losses import refuse_loss
from gbook.errors import InvalidFile

EVENT = "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261124T090000Z\r\nEND:VEVENT\r\n"


def calendar(*lines: str, body: str = EVENT) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("BEGIN:VCALENDAR", "VERSION:2.0", *lines))
    return f"{head}{body}END:VCALENDAR\r\n".encode()


@pytest.mark.parametrize(
    "body",
    [
        calendar(),
        b"\xef\xbb\xbf" + calendar(),
        b"\r\n \n" + calendar(),
        calendar().replace(b"\r\n", b"\n"),
        calendar().rstrip(),
        calendar().replace(b"BEGIN:VCALENDAR", b"begin:vcalendar"),
        calendar() + calendar(),
    ],
)
def test_a_whole_calendar(body: bytes) -> None:
    """Its bytes are kept as they are."""
    content = read_feed("example.org", body, {})
    assert content.content == body
    assert content.events == body.count(b"BEGIN:VEVENT")


def test_a_calendar_without_events() -> None:
    """It is a calendar all the same."""
    assert read_feed("example.org", calendar(body=""), {}).events == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the server sent nothing"),
        (b" \r\n", "the server sent nothing"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "a web page, not a calendar"),
        (b"\xef\xbb\xbf\n <html>" + calendar() + b"</html>", "a web page, not a calendar"),
        (b'{"error": "not found"}', "not a calendar"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "not a calendar"),
        (calendar()[:-20], "is incomplete"),
        (calendar()[:60], "is incomplete"),
        (calendar().replace(b"END:VCALENDAR", b"END:VCALEN"), "is incomplete"),
        (b"BEGIN:VCALENDAR\r\n", "is incomplete"),
        (calendar() + calendar()[:-10], "is incomplete"),
        (calendar().replace(b"UID:1", bytes(20)), "is incomplete"),
    ],
)
def test_anything_else(body: bytes, said: str) -> None:
    """It is an error of one line that names the host."""
    with pytest.raises(InvalidFile, match=said) as caught:
        read_feed("example.org", body, {})
    assert caught.value.message.startswith("example.org: ")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("lines", "cache_control", "seconds"),
    [
        ([], "", 0),
        (["REFRESH-INTERVAL;VALUE=DURATION:PT1H"], "", 3600),
        (["X-PUBLISHED-TTL:PT20M"], "", 1200),
        (["X-PUBLISHED-TTL:PT20M", "REFRESH-INTERVAL;VALUE=DURATION:P1D"], "max-age=60", 86400),
        (["X-PUBLISHED-TTL:PT20M"], "private, max-age=7200", 7200),
        (["X-PUBLISHED-TTL:often"], "no-cache", 0),
        (["x-published-ttl:PT", " 30M"], 'Max-Age="5"', 1800),
    ],
)
def test_how_often_it_is_read(lines: list[str], cache_control: str, seconds: int) -> None:
    """The longest time that it asks for counts."""
    assert read_feed("example.org", calendar(*lines), {"cache-control": cache_control}).interval == seconds


def test_an_event_does_not_say_how_often() -> None:
    """Only the properties of the calendar do."""
    body = EVENT.replace("UID:1", "UID:1\r\nX-PUBLISHED-TTL:PT6H")
    assert read_feed("example.org", calendar(body=body), {}).interval == 0


@pytest.mark.parametrize(
    ("interval", "waited"), [(0, 300), (-5, 300), (299, 300), (3600, 3600), (86400, 43200)]
)
def test_the_wait_has_bounds(interval: int, waited: int) -> None:
    """Five minutes at least, twelve hours at most."""
    assert wait_seconds(interval) == waited


@pytest.mark.parametrize(
    ("before", "after"), [(0, 0), (0, 5), (1, 1), (19, 1), (20, 10), (21, 11), (100, 50)]
)
def test_no_loss(before: int, after: int) -> None:
    """Small calendars change, and large ones lose up to half."""
    refuse_loss("example.org", before, after)


@pytest.mark.parametrize(("before", "after"), [(1, 0), (500, 0), (20, 9), (21, 10), (100, 49)])
def test_a_loss(before: int, after: int) -> None:
    """All events, or more than half of many, do not go at once: the message says what to do."""
    with pytest.raises(InvalidFile, match=rf"had {before} event.* now has .*refresh --accept"):
        refuse_loss("example.org", before, after)
