"""Forms over plain http in a network of an office: browsers do not say there which site sent them."""

from __future__ import annotations

from pathlib import Path

from support.api import FREE
from support.browser import running_browser
from support.http_service import running_service
from support.page_guest import JANE, make_page_office
from support.page_states import FORM_AGE

HOST = "office.test"


def test_a_guest_books(tmp_path: Path) -> None:
    """By the origin, which browsers tell to pages of the same site only."""
    office = make_page_office(tmp_path / "office", more=f"serve: {{baseUrl: 'http://{HOST}'}}\n")
    with (
        running_service(office, GBOOK_NOW="2026-11-23T08:00:00Z") as service,
        running_browser(f"--host-resolver-rules=MAP {HOST} 127.0.0.1") as browser,
    ):
        page = browser.new_page()
        page.goto(f"http://{HOST}:{service.address[1]}/b/demo?slot={FREE[0]}")
        for name, value in JANE.items():
            page.fill(f"input[name={name}]", value)
        page.wait_for_timeout(FORM_AGE * 1000)
        with page.expect_request(lambda request: request.method == "POST") as sent:
            page.get_by_role("button", name="Book this time").click()
        assert "sec-fetch-site" not in sent.value.all_headers()
        assert page.get_by_role("heading", level=1).inner_text().strip() == "You are booked"
