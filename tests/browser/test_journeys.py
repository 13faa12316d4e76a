"""What guests do, in a real browser, against a real service."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect
from support.browser import Guest, Look
from support.page_states import FORM_AGE

TIMES = "/b/intro?tz=Europe/London"
FIRST_SCREEN_BYTES = 30_000
GuestMaker = Callable[..., Guest]
# The name of what has the focus, as a screen reader says it.
_FOCUSED = "() => (document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what is named so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if " ".join(page.evaluate(_FOCUSED).split()).startswith(words):
            return
    raise AssertionError(f"Tab does not reach {words!r}")


def wait_for_form(page: Page) -> None:
    """Wait until the form is old enough to be taken: no person is quicker."""
    page.wait_for_timeout(1000 * FORM_AGE)


def fill_in(page: Page, name: str = "Sam Okafor") -> None:
    """Fill in the form, and send it when it is taken."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your email address").fill("sam@example.org")
    page.get_by_label("Company").fill("Okafor Ceramics")
    wait_for_form(page)


def expect_heading(page: Page, words: str) -> None:
    """Wait for a page with a heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def link_names(page: Page) -> list[str]:
    """Return the names of links as the browser gives them to screen readers."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "link"]
    # Around hidden parts the browser puts a space, which a screen reader does not say.
    return [" ".join(name.split()).replace(" ,", ",") for name in names]


def test_a_booking_by_keyboard_alone(new_guest: GuestMaker) -> None:
    """Tab follows the screen; Enter opens a time, and sends the form."""
    page = new_guest().page
    page.goto(f"{TIMES}&day=2026-12-17")
    tab_to(page, "09:00 in London")
    page.keyboard.press("Enter")
    page.wait_for_url("**slot=**")
    for label, text in (("Your name", "Sam"), ("Your email", "sam@example.org"), ("Company", "none")):
        tab_to(page, label)
        page.keyboard.type(text)
    wait_for_form(page)
    tab_to(page, "Book this time")
    page.keyboard.press("Enter")
    expect_heading(page, "You are booked")


def test_a_booking_without_javascript(new_guest: GuestMaker) -> None:
    """From the list of meetings to a booking, which is then cancelled."""
    page = new_guest(Look(width=320), has_script=False).page
    page.goto("/b/?tz=Europe/London")
    page.get_by_role("link", name="Introductory call").click()
    page.get_by_role("link", name="Tuesday 1 December").locator("visible=true").click()
    page.get_by_role("link", name="14:00 in London, 15:00 in Berlin").click()
    fill_in(page)
    page.get_by_role("button", name="Book this time").click()
    expect_heading(page, "You are booked")
    page.get_by_text("Cancel this meeting").click()
    page.get_by_role("button", name="Yes, cancel the meeting").click()
    expect_heading(page, "The meeting is cancelled")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_back_to_the_form_after_a_booking(new_guest: GuestMaker, has_script: bool) -> None:
    """The form is as it was sent; sent again, it leads to the booking, and books nothing more."""
    page = new_guest(has_script=has_script).page
    page.goto(f"{TIMES}&slot=2026-12-15T{'09:00' if has_script else '10:00'}Z")
    fill_in(page)
    page.get_by_role("button", name="Book this time").click()
    expect_heading(page, "You are booked")
    booked = page.url
    page.go_back()
    expect_heading(page, "Your details")
    expect(page.get_by_label("Your name")).to_have_value("Sam Okafor")
    page.get_by_role("button", name="Book this time").click()
    expect_heading(page, "You are booked")
    assert page.url == booked


def test_two_guests_for_one_time(new_guest: GuestMaker) -> None:
    """The second one gets the nearest times, and books one of them with one press."""
    first, second = new_guest().page, new_guest(has_script=False).page
    for page in (first, second):
        page.goto(f"{TIMES}&slot=2026-12-14T08:30Z")
    fill_in(first)
    fill_in(second, "Ada Byron")
    first.get_by_role("button", name="Book this time").click()
    expect_heading(first, "You are booked")
    second.get_by_role("button", name="Book this time").click()
    expect_heading(second, "That time has just been taken")
    nearest = second.get_by_role("button", name="Book Monday 14 December")
    wait_for_form(second)
    nearest.first.click()
    expect_heading(second, "You are booked")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    ("language", "day", "time"),
    [
        ("en-GB", "Monday 30 November, 6 times", "08:30 in London, 09:30 in Berlin"),
        ("en-US", "Monday, November 30, 6 times", "8:30 AM in London, 9:30 AM in Berlin"),
        ("de-DE", "Montag, 30. November, 6 Termine", "08:30 in London, 09:30 in Berlin"),
    ],
)
def test_days_and_times_have_whole_names(
    new_guest: GuestMaker, width: int, language: str, day: str, time: str
) -> None:
    """The browser's accessibility tree names a day with its number of times, and a time on both clocks."""
    page = new_guest(Look(width=width), language=language).page
    page.goto(TIMES)
    assert page.locator("html").get_attribute("lang") == language
    assert {day, time} <= set(link_names(page))


@pytest.mark.parametrize("has_script", [True, False])
def test_the_focus_is_on_what_is_wrong(new_guest: GuestMaker, has_script: bool) -> None:
    """After a form with mistakes; its links lead to the fields, which keep their values."""
    page = new_guest(has_script=has_script).page
    page.goto(f"{TIMES}&slot=2026-12-15T08:30Z")
    page.get_by_label("Your name").fill("Sam Okafor")
    wait_for_form(page)
    page.get_by_role("button", name="Book this time").click()
    assert page.title().startswith("Error: ")
    assert page.locator(":focus").get_by_role("heading").inner_text() == "There is a problem"
    page.get_by_role("link", name="Enter an email address").click()
    expect(page.get_by_label("Your email address")).to_be_focused()
    assert page.get_by_label("Your name").input_value() == "Sam Okafor"


def test_the_first_screen_is_small(new_guest: GuestMaker) -> None:
    """HTML, styles and script together have under 30 kB, and come from one host."""
    page = new_guest().page
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(TIMES, wait_until="networkidle")
    sizes = {urlsplit(response.url).path: len(response.body()) for response in responses}
    assert {"/b/intro", "/b/page.css", "/b/page.js"} <= sizes.keys()
    assert sum(sizes.values()) < FIRST_SCREEN_BYTES, sizes
