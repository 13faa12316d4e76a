"""What the script adds: another day in place, keys in the table of days, the browser's own zone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from support.browser import Guest
from support.page_states import TIMES

GuestMaker = Callable[..., Guest]


def test_another_day_is_shown_in_place(new_guest: GuestMaker) -> None:
    """The focus goes to the day's times, and their number is said; Back shows the day before."""
    page = new_guest().page
    page.goto(TIMES)
    page.evaluate("() => { window.isSame = true }")
    page.get_by_role("link", name="Tuesday 1 December, 4 times").click()
    expect(page.get_by_role("heading", name="Tuesday 1 December")).to_be_focused()
    expect(page.locator("[aria-live=polite]")).to_have_text("4 times, shown for London")
    assert "day=2026-12-01" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Monday 30 November")).to_be_visible()
    assert page.evaluate("window.isSame")


def test_arrows_go_from_day_to_day(new_guest: GuestMaker) -> None:
    """To the next day with times in the direction of the key, past those without."""
    page = new_guest().page
    page.goto(TIMES)
    page.get_by_role("link", name="Monday 30 November, 6 times").focus()
    for key, name in (
        ("ArrowRight", "Tuesday 1 December"),
        ("ArrowDown", "Tuesday 15 December"),
        ("ArrowLeft", "Monday 14 December"),
        ("ArrowUp", "Monday 7 December"),
        ("End", "Tuesday 22 December"),
        ("Home", "Monday 30 November"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name).locator("visible=true")).to_be_focused()


def test_the_zone_of_the_browser_is_offered(new_guest: GuestMaker) -> None:
    """Without a zone in the address, times are the host's, and a link leads to those of the guest."""
    page = new_guest(zone="America/New_York").page
    page.goto("/b/intro")
    page.get_by_role("link", name="New York").click()
    expect(page.get_by_label("Times are shown for")).to_have_value("America/New_York")
    assert new_guest(zone="Europe/Berlin").page.goto("/b/intro")
