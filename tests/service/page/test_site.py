"""Pages as answers: their headers, their languages, and errors in the same look."""

import re
from pathlib import Path

import pytest
from support.api import make_api_office
from support.page import Browser


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A guest's browser at the pages of the test office."""
    return Browser(make_api_office(tmp_path / "office"))


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


def test_an_unknown_address_has_a_page(browser: Browser) -> None:
    """A guest never sees JSON."""
    answer = browser.get("/b/booking/")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>There is no such page</h1>" in answer.text


def test_no_icon_is_no_error(browser: Browser) -> None:
    """Browsers ask for one."""
    assert browser.get("/favicon.ico").status_code == 204
