"""Attacks on the pages of guests: forged and foreign forms, hostile text, programs that fetch every link."""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import cycle, islice, product
from pathlib import Path

import pytest
from falcon import testing
from support.api import FREE
from support.ics import parsed_events
from support.markup import markup_problems
from support.page_forms import parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office
from support.smtp_server import mail_of

from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.page.table import PAGES
from gbook.service.routes.route import Access
from gbook.service.routes.table import ROUTES
from gbook.workspace.serve import Serve
from gbook.workspace.tokens import FormTokens, OfferTokens, RescheduleTokens

FIELDS = """
description: "{{topic}}"
location: "{{company}}"
additionalFields:
  - {name: company}
  - {name: topic, type: textarea, default: nothing}
"""
PATH = f"/b/demo?slot={FREE[0]}"
FETCHES = 10_000


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest at the pages of the test office."""
    return PageGuest(make_page_office(tmp_path / "office"))


def asking(folder: Path) -> PageGuest:
    """Return a guest of an office whose subject, place and description have what guests write."""
    guest = PageGuest(make_page_office(folder / "office", FIELDS))
    guest.api.ok("PATCH", "/group/profiles/1", {"subject": "Demo for {{name}}, {{company}}"})
    return guest


def forged_tokens(guest: PageGuest) -> dict[str, str]:
    """Return tokens that no form of demo has."""
    token = guest.token()
    raw = urlsafe_b64decode(token)
    with guest.api.opened() as workspace:
        booking = RescheduleTokens(workspace).of("demo")
        offer = OfferTokens(workspace).of("demo")
        future = FormTokens(workspace).of("demo", int(time.time()) + 3600)
    return {
        "none": "",
        "truncated": token[:-1],
        "longer": f"{token}A",
        "another time": urlsafe_b64encode(b"\0\0\0\0\1" + raw[5:]).decode(),
        "another nonce": urlsafe_b64encode(raw[:5] + bytes(12) + raw[17:]).decode(),
        "another proof": urlsafe_b64encode(raw[:17] + bytes(16)).decode(),
        "of another profile": guest.token("interview"),
        "of a booking": booking,
        "of an offer": offer,
        "of tomorrow": future,
        "too old": guest.token(age=3601),
        "not ASCII": "ä" * 44,
        "long": "A" * 100_000,
    }


def test_a_forged_form_books_nothing(guest: PageGuest) -> None:
    """Nor one of another profile or purpose; a person only has to press the button once more."""
    form = guest.form(PATH)
    for name, token in forged_tokens(guest).items():
        answer = guest.send(form, **JANE, token=token)
        assert answer.status_code == 422, name
        assert "Please press the button once more" in answer.text
        assert JANE["email"] in answer.text
    assert guest.records() == []


def test_a_program_that_fills_in_everything_books_nothing(guest: PageGuest) -> None:
    """What people do not see stays empty."""
    answer = guest.send(guest.form(PATH), **JANE, website="https://example.com")
    assert answer.status_code == 422 and guest.records() == []
    trap = next(each for each in parsed(answer.text).iter("input") if each.get("name") == "website")
    assert (trap.get("value"), trap.get("tabindex")) == (None, "-1")


def paths(guest: PageGuest, method: str) -> list[str]:
    """Return a path of each route of guests, of a booking that exists."""
    token = guest.book().rpartition("/")[2]
    names = {"{name}": "demo", "{token}": token}
    routes = [route for route in PAGES if route.method == method and route.access is Access.GUEST]
    return [re.sub("{.*?}", lambda match: names[match[0]], route.path) for route in routes]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Sec_Fetch_Site": ""},
    ],
)
def test_no_form_of_another_site_is_taken(guest: PageGuest, headers: dict[str, str]) -> None:
    """By any route, however right the form is."""
    form = guest.form(f"/b/demo?slot={FREE[3]}")
    for path in paths(guest, "POST"):
        answer = guest.post(path, {**form.fields, **JANE}, **headers)
        assert answer.status_code == 403, path
        assert answer.headers["content-type"].startswith("text/html")
    assert [record.status for record in guest.records()] == ["confirmed"]


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://localhost.evil.example"])
def test_an_old_browser_says_its_origin(guest: PageGuest, origin: str) -> None:
    """Without Sec-Fetch-Site the origin has to be the site's own."""
    path = guest.book()
    answer = guest._send("POST", f"{path}/cancel", {"Origin": origin}, {})
    assert answer.status_code == 403
    assert [record.status for record in guest.records()] == ["confirmed"]
    # curl sends neither header, and has no logins that it could use.
    assert guest._send("POST", f"{path}/cancel", {}, {}).status_code == 303


def test_the_origin_behind_a_proxy(guest: PageGuest) -> None:
    """It is that of the public address: the service itself is asked by http."""
    access = AccessControl(guest.api.root, Serve(base_url="https://book.example.com"))
    client = testing.TestClient(application(ROUTES, guest.api.opened, access))
    path = f"{guest.book()}/cancel"
    for origin, status in (("http://evil.example", 403), ("https://book.example.com", 303)):
        headers = {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
        answer = client.simulate_post(path, host="book.example.com", headers=headers)
        assert answer.status_code == status


@pytest.mark.slow
def test_fetching_every_link_changes_nothing(guest: PageGuest) -> None:
    """Scanners of mail fetch all links of a page, many times: not a byte of the workspace changes."""
    links = paths(guest, "GET")
    links += [f"{link}?tz=Asia/Tokyo&slot={FREE[1]}&move={links[-1].rpartition('/')[2]}" for link in links]
    before = files(guest.api.root)
    statuses = {guest.get(link).status_code for link in islice(cycle(links), FETCHES)}
    assert statuses <= {200, 303, 404, 409}
    assert files(guest.api.root) == before


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of change of every file, hidden ones too."""
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


HOSTILE = {
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attributes": "\" onfocus=alert(1) autofocus x='",
    "end of a textarea": "</textarea><script>alert(1)</script>",
    "a template": "{{ 7*7 }}{% raw %}%(name)s %s {name}",
    "a variable": "{{email}} {{manageUrl}}",
    "lines of a header": "x\r\nBcc: all@example.com\r\n\r\nbody",
    "lines of a calendar": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nX:;,:\\n",
    "another direction": "\u202egpj.exe\u2066\u2069\u200f",
    "control characters": "a\x00b\x07c\x1b[31md\x7fe\x85f\u2028g",
    "a formula": "=HYPERLINK(1)",
    "an emoji": "\U0001f469\u200d\U0001f52c",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_text_of_a_guest_is_only_text(tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str) -> None:
    """In pages, headers, calendars, mails and the log."""
    guest = asking(tmp_path)
    sent = {"name": text, "email": JANE["email"], "field:company": text, "field:topic": text}
    with mail_of(guest.api.root) as mailbox:
        wrong = guest.send(guest.form(PATH), **{**sent, "email": text})
        path = booking_path(guest.send(guest.form(PATH), **sent))
        page = guest.get(path)
        cancelled = guest.send(guest.form(path), reason=text)
        after = guest.get(path)
        assert guest.api.run_jobs() == []
        mails = list(mailbox.messages)
    for answer in (wrong, page, after):
        assert markup_problems(answer.text) == []
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", answer.text)
        assert not [
            each
            for each in parsed(answer.text).iter()
            if "onerror" in each.attrib or "onfocus" in each.attrib
        ]
    assert wrong.status_code == 422 and cancelled.status_code == 303
    assert "\n" not in cancelled.headers["location"]
    (event,) = parsed_events((guest.api.root / "alice.ics").read_bytes())[1:]
    (record,) = guest.records()
    assert event["UID"] == record.uid != "evil" and "\n" not in record.subject
    assert {tuple(mail.to) for mail in mails} == {(JANE["email"],)}
    assert {mail.message["Bcc"] for mail in mails} == {None}
    assert "alert(1)" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "name", ["name", "email", "field:company", "field:topic", "slot", "token", "website", "x"]
)
def test_a_field_of_ten_megabytes(tmp_path: Path, name: str) -> None:
    """It is not kept, sent back or booked, and the answer is small."""
    guest = asking(tmp_path)
    sent = {**JANE, "field:company": "Prints", name: "x" * 10_000_000}
    answer = guest.send(guest.form(PATH), **sent)
    assert answer.status_code in (303, 413, 422)
    assert len(answer.content) < 20_000
    assert all(len(record.description) < 100 for record in guest.records())


def test_many_fields_are_no_form(guest: PageGuest) -> None:
    """A page has a few."""
    answer = guest.send(guest.form(PATH), **JANE, x=["1"] * 200)
    assert answer.status_code == 400 and guest.records() == []


ODD = (
    *("%00", "%0d%0aX-Evil:1", "%E2%80%AEevil", "%ED%A0%80", "%ff", "<script>alert(1)</script>", "%22><b>"),
    *("America", "..", "x" * 300, "-1", "0001-01-01", "9999-12-31", "0001-01-01T00:00Z", "9999-12-31T23:59Z"),
)


@pytest.mark.parametrize("name", ["tz", "lang", "from", "day", "slot", "move", "mine", "picked", "zones"])
def test_any_value_of_an_address_is_answered(guest: PageGuest, name: str) -> None:
    """Without a failure, and what cannot be read is not repeated."""
    several = guest.api.root / "profiles/several.yaml"
    several.write_text((guest.api.root / "profiles/demo.yaml").read_text() + "several: true\nid: 9\n")
    pages = (
        ("/b/demo", "Pacific/Auckland"),
        ("/b/several", "Pacific/Auckland"),
        ("/b/several", "America/Adak"),
    )
    for value, (path, zone) in product(ODD, pages):
        answer = guest.get(f"{path}?{name}={value}&tz={zone}")
        assert answer.status_code in (200, 303, 404, 409), (path, value, zone)
        assert answer.status_code == 303 or markup_problems(answer.text) == []
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", answer.text)


@pytest.mark.parametrize("tag", ["en-Shaw", "en-Shaw-GB", "en-Dsrt", "de@x", "en-US-POSIX", "en-Latn-GB"])
def test_any_language_is_answered(guest: PageGuest, tag: str) -> None:
    """Some have no formats of dates."""
    for path in ("/b/demo", PATH, guest.book(FREE[3])):
        assert guest.get(path, Accept_Language=tag).status_code == 200
        assert guest.get(path, Accept_Language=f"{tag}, de").status_code == 200


@pytest.mark.parametrize(
    "query", ["tz=%00", "tz=../../etc/passwd", "lang=%0d%0aX:1", "mine=%ff", "move=%00", "tz=" + "x" * 9000]
)
def test_a_damaged_address_is_answered(guest: PageGuest, query: str) -> None:
    """With the page, or with one that says what is wrong."""
    answer = guest.get(f"{PATH}&{query}")
    assert answer.status_code in (200, 404) and markup_problems(answer.text) == []
    answer = guest.send(guest.form(PATH), **JANE)
    assert "\n" not in answer.headers["location"]


def test_text_of_a_profile_is_only_text(tmp_path: Path) -> None:
    """Profiles come over the API too."""
    text = "</title></textarea><script>alert(1)</script>\u202e"
    keys = ("title", "description", "location")
    more = "".join(f"{key}: '{text}'\n" for key in keys) + f"additionalFields: [{{name: '{text}'}}]\n"
    guest = PageGuest(make_page_office(tmp_path / "office", more))
    for path in ("/b/", "/b/demo", PATH):
        page = guest.get(path)
        assert page.status_code == 200 and markup_problems(page.text) == []
        shown = text_of(parsed(page.text))
        assert "alert(1)" in shown and "\u202e" not in shown
        assert all("alert" not in "".join(each.itertext()) for each in parsed(page.text).iter("script"))


def test_a_private_profile_is_as_none(guest: PageGuest) -> None:
    """By any method, and with the token of a booking of another one."""
    demo = (guest.api.root / "profiles/demo.yaml").read_text()
    (guest.api.root / "profiles/secret.yaml").write_text(demo.replace("public: true", "public: false"))
    token = guest.book().rpartition("/")[2]

    def answers(name: str) -> list[tuple[int, str]]:
        form = {"slot": FREE[3], "token": guest.token(name), **JANE}
        found = [guest.get(f"/b/{name}{query}") for query in ("", f"?slot={FREE[3]}", f"?move={token}")]
        found += [guest.post(f"/b/{name}", form), guest.post(f"/b/{name}/mine", {"text": "x"})]
        return [(each.status_code, each.text.replace(name, "NAME")) for each in found]

    assert answers("secret") == answers("nothing")
    assert {status for status, _ in answers("secret")} == {404}
