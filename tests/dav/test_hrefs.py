"""Names of resources and their addresses: any name survives, and none leads out of its calendar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.dav.hrefs import as_collection, member_name, member_url, path_of
from gbook.errors import InvalidFile

CALENDAR = "https://dav.example.org/alice/a%20b/"
CONTROL = [chr(code) for code in (*range(32), 127)]
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL))


@given(NAMES.filter(lambda name: name not in ("", ".", "..")))
def test_a_name_is_what_its_address_says(name: str) -> None:
    url = member_url(CALENDAR, name)
    assert member_name(CALENDAR, url) == name
    assert member_name(CALENDAR, path_of(url)) == name


@given(st.text(max_size=30))
def test_any_href_is_a_name_or_refused(href: str) -> None:
    """Whatever a server sends: a name leads back to the calendar."""
    try:
        name = member_name(CALENDAR, href)
    except InvalidFile:
        return
    assert name is None or member_name(CALENDAR, member_url(CALENDAR, name)) == name


@pytest.mark.parametrize("href", ["/alice/a%20b", "/alice/a b/", "./", CALENDAR, "/alice/%61%20b/inner/"])
def test_a_collection_is_no_resource(href: str) -> None:
    assert member_name(CALENDAR, href) is None


@pytest.mark.parametrize(
    ("url", "collection"),
    [
        ("https://dav.example.org", "https://dav.example.org/"),
        ("HTTPS://DAV.example.org:443/Alice", "https://dav.example.org/Alice/"),
        ("https://dav.example.org/alice//?x=1#y", "https://dav.example.org/alice/"),
        ("http://dav.example.org:8080/ä b/".replace(" ", "%20"), "http://dav.example.org:8080/%C3%A4%20b/"),
    ],
)
def test_the_address_of_a_collection_has_one_form(url: str, collection: str) -> None:
    assert as_collection(url) == collection
    assert as_collection(collection) == collection


@pytest.mark.parametrize("url", ["", "alice", "ftp://example.org/", "https://u:p@example.org/", "https://["])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidFile, match="expected an address"):
        as_collection(url)
