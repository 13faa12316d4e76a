"""The checks of the other tests find what they are for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from support.axe import add_axe, axe_violations, size_problems
from support.browser import Guest, Look

PAGE = '<!DOCTYPE html><html lang="en"><title>Book</title><main><h1>Book</h1>{}</main></html>'
URL = "http://page.test"


@pytest.fixture
def guest(browser: Browser) -> Guest:
    """A guest whose pages come from no server; the test looks at the faults itself."""
    return Guest(browser, URL, Look(width=320))


FAULTS = {
    "color-contrast": '<p style="color: #999; background: #fff">Free</p>',
    "label": '<input type="text">',
    "target-size": '<a href="/" style="font-size: 8px">1</a><br><a href="/2" style="font-size: 8px">2</a>',
    "heading-order": "<h4>Morning</h4>",
}


@pytest.mark.parametrize("rule", FAULTS)
def test_axe_finds(guest: Guest, rule: str) -> None:
    """axe-core knows the rules of WCAG 2.2 AA and of good practice."""
    guest.page.set_content(PAGE.format(""))
    add_axe(guest.page)
    assert axe_violations(guest.page) == []
    guest.page.set_content(PAGE.format(FAULTS[rule]))
    add_axe(guest.page)
    assert rule in {violation.partition(":")[0] for violation in axe_violations(guest.page)}


def test_what_a_finger_misses_and_what_is_too_wide_is_found(guest: Guest) -> None:
    """Controls under 44 pixels and pages that scroll sideways are found; links in sentences may be small."""
    guest.page.set_content(PAGE.format('<p>Read <a href="/">how</a>.</p>'))
    assert size_problems(guest.page) == []
    guest.page.set_content(PAGE.format('<button>Book</button><p style="width: 400px">Free</p>'))
    small, wide = size_problems(guest.page)
    assert "Book" in small and wide == "408 pixels wide"


def test_what_a_page_may_not_do_is_noted(guest: Guest) -> None:
    """A request to another host, an error of a script, and a violation of the page's policy are faults."""
    policy = {"Content-Security-Policy": "default-src 'none'; img-src http:"}
    body = PAGE.format('<img src="http://tracker.example/x.png" alt=""><script>bad()</script>')
    guest.page.route(
        f"{URL}/", lambda route: route.fulfill(body=body, content_type="text/html", headers=policy)
    )
    guest.page.goto("/")
    assert sorted(fault.partition(":")[0] for fault in guest.faults) == ["another host", "console", "console"]
    with pytest.raises(AssertionError, match=r"tracker\.example"):
        guest.close()
