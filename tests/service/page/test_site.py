"""Pages as answers: their headers, their languages, and errors in the same look."""

import gzip
import re
from pathlib import Path

import pytest
from falcon import testing
from support.api import FREE, make_api_office
from support.markup import markup_problems
from support.page import Browser
from support.page_forms import parsed, text_of
from support.page_guest import PUBLIC, PageGuest, make_page_office

from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.routes.table import ROUTES
from gbook.workspace.serve import Serve


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A guest's browser at the pages of the test office."""
    return Browser(make_api_office(tmp_path / "office"))


@pytest.fixture
def public(tmp_path: Path) -> Browser:
    """The same, where the profile demo is public."""
    return Browser(make_api_office(tmp_path / "public", PUBLIC))


def test_the_root_leads_to_the_list(browser: Browser) -> None:
    """The address of the site alone is enough."""
    answer = browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/b/")


def test_a_page_loads_and_sends_only_to_its_own_site(browser: Browser) -> None:
    """Nothing of another site is loaded, no other site may frame the page, and no search engine lists it."""
    headers = browser.get("/b/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("style", "script", "img", "connect")} == {"'self'"}
    assert policy["form-action"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in headers and "access-control-allow-origin" not in headers


def test_what_a_page_loads_is_kept_until_it_changes(browser: Browser) -> None:
    """The stylesheet and the script have an address of their content, and are compressed if wanted."""
    for path in re.findall(r'(?:href|src)="(/b/page\.[^"]+)"', browser.get("/b/").text):
        plain, packed = browser.get(path), browser.get(path, Accept_Encoding="gzip, br")
        assert "immutable" in plain.headers["cache-control"]
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("accepted", "query", "tag"),
    [
        ("", "", "en-GB"),
        ("en", "", "en-GB"),
        ("en-US,en;q=0.5", "", "en-US"),
        ("de", "", "de"),
        ("fr-FR,de-AT;q=0.7,en;q=0.3", "", "de-AT"),
        ("fr", "", "en-GB"),
        ("en;q=0.2, de;q=0.9", "", "de"),
        ("de;q=0", "", "en-GB"),
        ("de", "?lang=en-US", "en-US"),
        ("de", "?lang=xx", "de"),
        ("*;q=x,;;,-", "?lang=", "en-GB"),
    ],
)
def test_the_guest_chooses_the_language(browser: Browser, accepted: str, query: str, tag: str) -> None:
    """By the address, else by the settings of the browser."""
    assert f'<html lang="{tag}">' in browser.get(f"/b/{query}", Accept_Language=accepted).text


def page_of(answer: testing.Result, status: int) -> str:
    """Return the heading of a page about an error; such a page is not kept."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert markup_problems(answer.text) == []
    return text_of(next(parsed(answer.text).iter("h1")))


@pytest.mark.parametrize("path", ["/b/offers/none", "/b/demo/nothing", "/b/%ff", "/b/" + "x" * 5000])
def test_an_unknown_address_has_a_page(browser: Browser, path: str) -> None:
    """A guest never sees JSON."""
    assert page_of(browser.get(path), 404) == "There is no such page"


def test_what_a_page_does_not_take_has_a_page(browser: Browser) -> None:
    """Also where nothing can be sent to."""
    answer = browser.post("/b/", {"name": "Jane"})
    assert page_of(answer, 405) == "We did not understand that"
    assert "GET" in answer.headers["allow"]


def test_a_foreign_name_of_the_server_has_a_page(browser: Browser) -> None:
    """A guest who comes by a wrong name reads that it is wrong."""
    assert page_of(browser.get("/b/", Host="evil.example"), 421) == "This address is not ours"


def test_too_many_requests_have_a_page(browser: Browser) -> None:
    """It says how long to wait, and for programs there is the header."""
    api = browser.api
    access = AccessControl(api.root, Serve(), lambda: 0)
    client = testing.TestClient(application(ROUTES, api.opened, access))
    answers = [client.simulate_get("/b/", host="localhost") for _ in range(61)]
    assert [answer.status_code for answer in answers[:-1]] == [200] * 60
    assert page_of(answers[-1], 429) == "Please wait a moment"
    assert answers[-1].headers["retry-after"] == "1"
    assert "try again in 1 second." in answers[-1].text


def test_an_invalid_workspace_has_a_page(browser: Browser) -> None:
    """A guest is not told what is wrong in which file; the log is."""
    (browser.api.root / "gbook.yaml").write_text("timezone: Mars/Olympus")
    answer = browser.get("/b/")
    assert page_of(answer, 503) == "The booking page is out of order"
    assert "Mars" not in answer.text and "gbook.yaml" not in answer.text
    assert browser.get("/b/theme.css").status_code == 503


def test_an_error_is_in_the_frame_of_its_page(tmp_path: Path) -> None:
    """Else the site that shows the page would show that it cannot be shown."""
    members = "accounts: [alice]\npublic: true\nembed: [https://shop.example]"
    browser = Browser(make_api_office(tmp_path / "embedding", members))
    answer = browser.post("/b/demo/mine", {str(number): "" for number in range(101)})
    assert answer.status_code == 400
    assert answer.headers["content-security-policy"].endswith("frame-ancestors https://shop.example")
    (browser.api.root / "profiles/secret.yaml").write_text("accounts: [alice]\nembed: [https://shop.example]")
    answer = browser.get("/b/secret")
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_an_early_error_is_in_any_frame(tmp_path: Path) -> None:
    """It comes before the profile is known, shows nothing of anyone, and leads out of the frame."""
    members = "accounts: [alice]\npublic: true\nembed: [https://shop.example]"
    browser = Browser(make_api_office(tmp_path / "embedding", members))
    answer = browser.post("/b/demo", {}, Sec_Fetch_Site="cross-site")
    assert answer.status_code == 403
    assert answer.headers["content-security-policy"].endswith("frame-ancestors *")
    assert 'href="/b/" target="_top"' in answer.text


def test_a_guest_in_a_frame_sees_the_booking(tmp_path: Path) -> None:
    """Else a guest who has booked sees an empty frame, and books again."""
    guest = PageGuest(make_page_office(tmp_path / "framed", "embed: [https://shop.example]"))
    policy = guest.get(guest.book()).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://shop.example")


def test_the_address_without_its_slash_leads_to_the_list(browser: Browser) -> None:
    """People leave it out."""
    assert browser.get("/b").headers["location"] == "/b/"


def test_no_icon_is_no_error(browser: Browser) -> None:
    """Browsers ask for one."""
    assert browser.get("/favicon.ico").status_code == 204


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br, GZIP;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0, br", None),
        ("br", None),
        ("", None),
    ],
)
def test_pages_are_compressed_for_browsers_that_want_it(
    public: Browser, accepted: str, coding: str | None
) -> None:
    """The text is the same."""
    plain, answer = public.get("/b/demo"), public.get("/b/demo", Accept_Encoding=accepted)
    assert answer.headers.get("content-encoding") == coding
    assert (gzip.decompress(answer.content) if coding else answer.content) == plain.content
    assert "Accept-Encoding" in plain.headers["vary"]


def test_a_page_with_a_secret_is_not_compressed(public: Browser) -> None:
    """Its length would tell something about the secret. The token of a form is another one each time."""
    guest = PageGuest(public.api.root)
    path = guest.book()
    move = f"/b/demo?slot={FREE[3]}&move={path.rpartition('/')[2]}"
    for secret in (path, move):
        page = guest.get(secret, Accept_Encoding="gzip")
        assert page.status_code == 200 and "content-encoding" not in page.headers
