"""Answers of CalDAV servers, mutated: each is read as it is, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.dav import connected
from support.fake_caldav import fake_caldav
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import tried

from gbook.dav.collection import Collection
from gbook.errors import InvalidFile, Unreachable

pytestmark = pytest.mark.fuzz

PATH = "/home/calendar-0/"
ANSWER = f"""<?xml version="1.0" encoding="utf-8"?>
<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<response><href>{PATH}</href><propstat>
<prop><resourcetype><collection/><c:calendar/></resourcetype><getetag/></prop>
<status>HTTP/1.1 200 OK</status></propstat></response>
<response><href>{PATH}1.ics</href><propstat>
<prop><getetag>"1"</getetag><c:calendar-data>BEGIN:VCALENDAR\r
END:VCALENDAR</c:calendar-data></prop>
<status>HTTP/1.1 200 OK</status></propstat>
<propstat><prop><displayname/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
<response><href>{PATH}2%20b.ics</href><status>HTTP/1.1 404 Not Found</status></response>
<sync-token>http://example.com/1</sync-token>
</multistatus>
""".encode()
REQUESTS: list[Callable[[Collection], object]] = [
    lambda calendar: calendar.changes(None),
    lambda calendar: calendar.changes("1"),
    lambda calendar: calendar.fetch(["1.ics", "2 b.ics"]),
]


def is_told(calendar: Collection, request: Callable[[Collection], object]) -> bool:
    """Return whether a request has a result, or a message of one line."""
    try:
        request(calendar)
    except (InvalidFile, Unreachable) as error:
        return "\n" not in error.message
    return True


@tried(300)
@given(mutations, st.sampled_from(REQUESTS))
@example([], REQUESTS[0])
@example([], REQUESTS[2])
def test_a_mutated_answer_is_read_or_refused(
    changes: list[Mutation], request_of: Callable[[Collection], object]
) -> None:
    """No other exception, and no name outside the calendar."""
    with fake_caldav() as fake:
        url = fake.new_calendar()
        for method in ("PROPFIND", "REPORT"):
            fake.behaviour.answers[f"{method} {PATH}"] = (207, {}, mutated(ANSWER, changes))
        assert is_told(connected(fake, url), request_of)
