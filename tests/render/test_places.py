"""Addresses of calendars in tables and answers."""

from __future__ import annotations

import pytest

from gbook.render.places import short_place, short_places


@pytest.mark.parametrize(
    ("shown", "short"),
    [
        ("calendars/jane.ics", "calendars/jane.ics"),
        ("/srv/calendars/office/team/jane", "/srv/calendars/office/team/jane"),
        ("dav.example.com:8443", "dav.example.com:8443"),
        ("https://dav.example.com/", "dav.example.com/"),
        ("https://dav.example.com/jane/team/", "dav.example.com/jane/team/"),
        (
            "https://cloud.example.com/remote.php/dav/calendars/jane/personal/",
            "cloud.example.com/…/jane/personal/",
        ),
        ("http://127.0.0.1:5232/a/b/c", "127.0.0.1:5232/…/b/c"),
    ],
)
def test_an_address_is_its_host_and_its_end(shown: str, short: str) -> None:
    assert short_place(shown) == short


def test_calendars_that_would_look_the_same_stay_whole() -> None:
    first, second = "https://dav.example.com/x/jane/team/", "https://dav.example.com/y/jane/team/"
    other = "https://dav.example.com/z/omar/team/"
    assert short_places([first, second, other, first]) == [first, second, "dav.example.com/…/omar/team/"]
