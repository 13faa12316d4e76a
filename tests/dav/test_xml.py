"""Requests are XML that means what was asked, and answers are read as they are or refused."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gbook.dav import xml
from gbook.dav.xml import multiget, precondition, propfind, read_multistatus, sync_collection, text
from gbook.errors import InvalidFile

URL = "https://dav.example.org/alice/team/"
C = "{urn:ietf:params:xml:ns:caldav}"


def test_requests_have_the_names_of_the_standards() -> None:
    found = ElementTree.fromstring(propfind(["getetag", "c:calendar-data", "s:getctag"]))
    assert [each.tag for each in found.iter()] == [
        "{DAV:}propfind",
        "{DAV:}prop",
        "{DAV:}getetag",
        f"{C}calendar-data",
        "{http://calendarserver.org/ns/}getctag",
    ]


def test_what_a_server_said_is_sent_back_as_it_was() -> None:
    """Tokens and hrefs may have characters that mean something in XML."""
    request = ElementTree.fromstring(sync_collection("<a>&\"'", ["getetag"]))
    assert request.findtext("{DAV:}sync-token") == "<a>&\"'"
    assert request.find("{DAV:}limit") is None
    request = ElementTree.fromstring(multiget(["/a&b.ics", "/%3c.ics"]))
    assert [each.text for each in request.findall("{DAV:}href")] == ["/a&b.ics", "/%3c.ics"]


def test_properties_that_were_not_found_are_left_out() -> None:
    """Each DAV:propstat has a status of its own (RFC 4918 §14.22)."""
    answer = read_multistatus(
        URL,
        b"""<?xml version="1.0" encoding="iso-8859-1"?>
        <d:multistatus xmlns:d="DAV:" xmlns:x="urn:x"><d:response><d:href> /1.ics </d:href>
          <d:propstat><d:prop><d:displayname>Zo\xeb</d:displayname><x:displayname>no</x:displayname></d:prop>
            <d:status>HTTP/1.1 200 OK</d:status></d:propstat>
          <d:propstat><d:prop><d:getetag/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>
        </d:response><d:sync-token> 7 </d:sync-token></d:multistatus>""",
    )
    (member,) = answer.members
    assert (member.href, member.status, answer.token) == ("/1.ics", 200, "7")
    assert text(member.properties["displayname"]) == "Zoë"
    assert "getetag" not in member.properties


def test_too_many_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_NAMES", 2)
    body = b'<multistatus xmlns="DAV:">' + b"<response><href>/1</href></response>" * 3 + b"</multistatus>"
    with pytest.raises(InvalidFile, match="lists more than 2 resources"):
        read_multistatus(URL, body)


def test_a_failed_condition_is_named() -> None:
    error = b'<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>'
    assert precondition(error) == "valid-sync-token"
    assert precondition(b'<error xmlns="DAV:"/>') == ""
    assert precondition(b"<html><body/></html>") == ""
    assert precondition(b"no xml") == ""
