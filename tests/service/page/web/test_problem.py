"""Errors as pages: each says what has happened, what has not, what to do, and has the way back."""

import re

import pytest
from babel import Locale
from support.markup import markup_problems
from support.page_forms import parsed, text_of

from gbook.service.page.web.problem import Failed, problem_page
from gbook.service.problems import ApiError

UNKNOWN = ApiError(503, "failure", "the server cannot do this now", Retry_After="30")
# Each error that a guest can meet, and its heading.
ERRORS = [
    (ApiError(400, "invalid_request", ""), "We did not understand that"),
    (ApiError(401, "unauthorized", ""), "This page is for the team"),
    (ApiError(403, "foreign_origin", ""), "The form came from another site"),
    (ApiError(404, "not_found", ""), "There is no such page"),
    (ApiError(405, "method_not_allowed", ""), "We did not understand that"),
    (ApiError(409, "slot_unavailable", ""), "This time is no longer free"),
    (ApiError(409, "refused", ""), "This time cannot be booked"),
    (ApiError(409, "key_taken", ""), "This form was sent before"),
    (ApiError(413, "too_large", ""), "That is too large"),
    (ApiError(415, "unsupported_media_type", ""), "We did not understand that"),
    (ApiError(421, "foreign_host", ""), "This address is not ours"),
    (ApiError(429, "too_many_requests", "", Retry_After="41"), "Please wait a moment"),
    (ApiError(503, "calendars_unreadable", "", Retry_After="30"), "We cannot read the calendars now"),
    (ApiError(503, "busy", "", Retry_After="1"), "Please wait a moment"),
    (ApiError(503, "calendars_waiting", "", Retry_After="10"), "Please wait a moment"),
    (ApiError(503, "workspace_invalid", "", Retry_After="60"), "The booking page is out of order"),
    (ApiError(503, "not_bookable", "", Retry_After="60"), "This meeting cannot be booked at the moment"),
    (UNKNOWN, "Something went wrong"),
    (ApiError(500, "failure", "a bug in gbook"), "Something went wrong"),
]
GET = Failed("GET", "/b/demo", {"tz": "Europe/London", "day": "2026-11-24"}, "a-number")
POST = GET._replace(method="POST")


def shown(problem: ApiError, failed: Failed = GET, language: str = "en") -> str:
    """Return the words of the main part of a page about an error."""
    html = problem_page(problem, failed, Locale(language))
    assert markup_problems(html) == []
    return text_of(next(parsed(html).iter("main")))


@pytest.mark.parametrize(("problem", "heading"), ERRORS)
def test_each_error_says_what_has_happened(problem: ApiError, heading: str) -> None:
    """In both languages, with a way on, and without the words of the API."""
    english, german = shown(problem), shown(problem, language="de")
    assert english.startswith(heading)
    assert not german.startswith(heading)
    for text in (english, german):
        assert not re.search(rf"invalid|slot|{problem.code}|{problem.status}", text)
    assert "All meetings" in english and "Alle Termine" in german


@pytest.mark.parametrize(("problem", "_"), ERRORS)
def test_what_was_sent_has_not_happened(problem: ApiError, _: str) -> None:
    """Who has sent a form must know that it has no effect, and that it need not be written again."""
    text = shown(problem, POST)
    assert "Nothing is booked or changed." in text
    assert ("Back button" in text) == (problem.status not in (404, 405))
    assert ("Open the page again" in text) == ("Back button" in text)
    assert "Nothing is booked" not in shown(problem).replace("Nothing is ever booked twice", "")


@pytest.mark.parametrize(("problem", "_"), ERRORS)
def test_the_number_of_a_failure_is_shown_if_the_team_can_mend_it(problem: ApiError, _: str) -> None:
    """A guest's own mistake has none."""
    assert ("a-number" in shown(problem)) == (problem.status >= 500)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (ApiError(429, "too_many_requests", "", Retry_After="41"), "Please try again in 41 seconds."),
        (ApiError(429, "too_many_requests", "", Retry_After="17280"), "Please try again in 5 hours."),
        (ApiError(503, "busy", "", Retry_After="120"), "Please try again in 2 minutes."),
        (ApiError(500, "failure", ""), "Please try again in a few minutes."),
    ],
)
def test_a_wait_is_said_in_words(problem: ApiError, text: str) -> None:
    """Browsers do not show Retry-After."""
    assert text in shown(problem)


def test_guests_who_wait_learn_for_what() -> None:
    """While others compare their calendars, no booking is written."""
    booked, compared = ("Another booking is being written", "Many guests compare their calendars now")
    busy, waiting = (shown(ApiError(503, code, "")) for code in ("busy", "calendars_waiting"))
    assert booked in busy and compared not in busy
    assert compared in waiting and booked not in waiting


@pytest.mark.parametrize(
    ("failed", "link"),
    [
        (GET, "/b/demo?tz=Europe/London&amp;day=2026-11-24"),
        (POST, "/b/demo?tz=Europe/London"),
        (Failed("POST", "/b/demo/mine", {}, ""), "/b/demo"),
        (Failed("POST", "/b/booking/token/cancel", {"lang": "de"}, ""), "/b/booking/token?lang=de"),
        (Failed("POST", "/b/booking/token/mail", {}, ""), "/b/booking/token"),
        (Failed("POST", "/b/booking/token/release", {}, ""), "/b/booking/token"),
        (Failed("GET", '/b/"><script>', {'"': '"'}, ""), "/b/%22%3E%3Cscript%3E?%22=%22"),
        (Failed("GET", "/b/Gespräch\udce4", {}, ""), "/b/Gespr%C3%A4ch%3F"),
    ],
)
def test_the_way_back_leads_to_the_page(failed: Failed, link: str) -> None:
    """From a form to the page that it was on, in the same language and zone."""
    assert f'<a class="button" href="{link}">' in problem_page(UNKNOWN, failed, Locale("en"))


def test_the_team_learns_how_to_sign_in() -> None:
    """The team's page says whose it is to a guest who finds it."""
    text = shown(ERRORS[1][0], Failed("GET", "/team", {}, ""))
    assert "gbook client add team" in text
    assert "Try again" in text and "All meetings" not in text
