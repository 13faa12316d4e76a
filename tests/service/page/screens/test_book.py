"""What a form does: it books once, keeps what was written, and offers other times for one that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.api import FREE, TAKEN
from support.markup import markup_problems
from support.office import program
from support.page_forms import forms_of, parsed, text_of
from support.page_guest import JANE, PageGuest, booking_path, make_page_office

FIELDS = """
description: "{{company}} {{topic}}"
additionalFields:
  - {name: company}
  - {name: topic, type: textarea, default: nothing}
"""
PATH = f"/b/demo?slot={FREE[0]}"


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest at the pages of the test office, who is asked for a company too."""
    return PageGuest(make_page_office(tmp_path / "office", FIELDS))


def problems_of(html: str) -> dict[str, str]:
    """Return the problems that a page names, by the id of their input."""
    document = parsed(html)
    summary = next(each for each in document.iter("div") if each.get("role") == "alert")
    assert "autofocus" in summary.attrib
    found = {str(link.get("href")).removeprefix("#"): text_of(link) for link in summary.iter("a")}
    inputs = {each.get("id"): each for each in document.iter() if each.get("aria-invalid")}
    assert set(inputs) == set(found)
    for key, text in found.items():
        described = str(inputs[key].get("aria-describedby")).split()
        own = [text_of(each) for each in document.iter("span") if each.get("id") in described]
        assert f"Error: {text}" in own
    return found


def test_a_form_books(guest: PageGuest) -> None:
    """What the guest wrote is in the event; what was left out has its default."""
    booking_path(
        guest.send(
            guest.form(PATH), name=" Jane  Doe ", email="jane@example.net", **{"field:company": "Prints"}
        )
    )
    (record,) = guest.records()
    assert (record.guest.name, record.guest.email) == ("Jane Doe", "jane@example.net")
    assert (record.status, record.fields) == ("confirmed", {"company": "Prints"})
    assert record.description == "Prints nothing"


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"name": ""}, {"name": "Enter your name"}),
        ({"name": " \u202e\t"}, {"name": "Enter your name"}),
        ({"email": ""}, {"email": "Enter an email address with an @, like name@example.com"}),
        ({"email": "jane"}, {"email": "Enter an email address with an @, like name@example.com"}),
        ({"email": "a@b, c@d"}, {"email": "Enter an email address with an @, like name@example.com"}),
        ({"field:company": " "}, {"field-0": "Company: please enter an answer, or a dash"}),
        ({"name": "x" * 201}, {"name": "Your name: please use at most 200 characters"}),
        (
            {"email": "x" * 250 + "@example.net"},
            {"email": "Your email address: please use at most 254 characters"},
        ),
        ({"field:topic": "x" * 2001}, {"field-1": "Topic: please use at most 2,000 characters"}),
        (
            {"name": "", "email": "", "field:company": ""},
            {
                "name": "Enter your name",
                "email": "Enter an email address with an @, like name@example.com",
                "field-0": "Company: please enter an answer, or a dash",
            },
        ),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_written(
    guest: PageGuest, values: dict[str, str], problems: dict[str, str]
) -> None:
    """The summary leads to each input, and nothing has to be typed twice."""
    sent = {**JANE, "field:company": "Prints", "field:topic": "A\r\nB", **values}
    answer = guest.send(guest.form(PATH), **sent)
    assert answer.status_code == 422 and markup_problems(answer.text) == []
    assert "<title>Error: Your details" in answer.text
    assert problems_of(answer.text) == problems
    again = guest.form_in(answer, "/b/demo").fields
    for name in sent.keys() - values.keys():
        assert again[name] == [sent[name].replace("\r\n", "\n")]
    assert guest.records() == []


def test_a_mistake_is_said_without_the_age_of_the_form(guest: PageGuest) -> None:
    """A guest who corrects something presses the button again anyway."""
    answer = guest.send(guest.form(PATH, 1), **JANE)
    assert [*problems_of(answer.text)] == ["field-0"]
    assert "Please press the button once more" not in answer.text


@pytest.mark.parametrize(
    ("age", "words"),
    [(1, "quicker than we expect of a person"), (3700, "open for more than an hour"), (-60, "quicker")],
)
def test_a_form_of_another_time_is_shown_again(guest: PageGuest, age: int, words: str) -> None:
    """With what was written, and a token of its own."""
    sent = {**JANE, "field:company": "Prints"}
    answer = guest.send(guest.form(PATH, age), **sent)
    assert answer.status_code == 422 and markup_problems(answer.text) == []
    assert words in answer.text and "Please press the button once more" in answer.text
    assert guest.records() == []
    booking_path(guest.send(guest.form_in(answer, "/b/demo")))


def test_a_form_that_was_sent_twice_books_once(guest: PageGuest) -> None:
    """Both answers lead to the same page."""
    form = guest.form(PATH)
    sent = {**JANE, "field:company": "Prints"}
    first, second = (guest.send(form, **sent).headers["location"] for _ in range(2))
    assert first == second
    assert len(guest.records()) == 1


def test_all_forms_on_the_way_make_one_booking(guest: PageGuest) -> None:
    """Who goes back to a page with a mistake, and corrects it again, is led to the booking."""
    form, sent = guest.form(PATH), {**JANE, "field:company": "Prints"}
    paths = set()
    for _ in range(2):
        wrong = guest.send(form, **{**sent, "email": "jane"})
        again = next(each for each in forms_of(wrong.text, "/b/demo") if each.method == "post")
        paths.add(booking_path(guest.send(again, **sent)))
    assert len(paths) == len(guest.records()) == 1


def test_who_goes_back_to_the_nearest_times_has_booked(guest: PageGuest) -> None:
    """Another press there says so, and books another time only if the guest insists."""
    form, sent = guest.form(PATH), {**JANE, "field:company": "Prints"}
    guest.book(**{**sent, "email": "first@example.net"})
    nearest = next(
        each for each in forms_of(guest.send(form, **sent).text, "/b/demo") if each.method == "post"
    )
    booking_path(guest.send(nearest, slot=FREE[3]))
    for slot in (FREE[0], FREE[4]):
        answer = guest.send(nearest, slot=slot)
        assert answer.status_code == 422 and "This form has already booked a meeting" in answer.text
    assert len(guest.records()) == 2


def test_a_time_that_the_guest_has_booked_is_not_said_to_be_lost(guest: PageGuest) -> None:
    """A browser that has not kept the form asks for it again."""
    guest.book(**{"field:company": "Prints"})
    text = text_of(parsed(guest.get(PATH).text))
    assert "If you have just booked it yourself, your booking is safe" in text
    assert "Nothing is booked" not in text


def test_a_form_that_has_booked_can_book_once_more(guest: PageGuest) -> None:
    """For another guest or time it says so first: a page from the browser's history was used."""
    form = guest.form(PATH)
    sent = {**JANE, "field:company": "Prints"}
    booking_path(guest.send(form, **sent))
    answer = guest.send(form, **{**sent, "slot": FREE[3]})
    assert answer.status_code == 422 and "This form has already booked a meeting" in answer.text
    booking_path(guest.send(guest.form_in(answer, "/b/demo")))
    assert len(guest.records()) == 2


def test_a_time_that_was_taken_has_five_others(guest: PageGuest) -> None:
    """Each is one press away, with what was written."""
    form = guest.form(PATH)
    sent = {**JANE, "field:company": "<b>Prints</b>", "field:topic": "A\nB"}
    booking_path(guest.send(guest.form(PATH), **{**sent, "email": "first@example.net"}))
    answer = guest.send(form, **sent)
    assert answer.status_code == 409 and markup_problems(answer.text) == []
    assert "That time has just been taken" in answer.text
    assert "Nothing is booked for you yet." in answer.text
    buttons = [each for each in parsed(answer.text).iter("button") if each.get("name") == "slot"]
    assert [text_of(each) for each in buttons][:2] == [
        "Book Tuesday 24 November, 09:30 in Berlin",
        "Book Tuesday 24 November, 10:30 in Berlin",
    ]
    assert len(buttons) == 5
    again = guest.form_in(answer, "/b/demo")
    booking_path(guest.send(again, slot=buttons[0].get("value")))
    (record,) = [each for each in guest.records() if each.guest.email == JANE["email"]]
    assert dict(record.fields) == {"company": "<b>Prints</b>", "topic": "A\nB"}


def test_a_booking_moves(guest: PageGuest) -> None:
    """Its page says so, with the old time; a form sent again leads to the same page."""
    path = guest.book(**{"field:company": "Prints"})
    form = guest.form(f"/b/demo?slot={FREE[3]}&move={path.rpartition('/')[2]}&tz=Europe/London")
    for _ in range(2):
        answer = guest.send(form)
        assert booking_path(answer) == path
        assert answer.headers["location"].endswith("?tz=Europe/London")
    page = guest.get(answer.headers["location"]).text
    assert markup_problems(page) == []
    assert "The meeting is moved" in page
    words = text_of(parsed(page))
    assert "24 November 2026, 10:00 to 10:30" in words
    assert "It was on Tuesday 24 November, 08:00 to 08:30." in words
    assert len(guest.records()) == 1


def test_a_booking_of_any_profile_moves(guest: PageGuest) -> None:
    """The token is the right."""
    path = guest.book(**{"field:company": "Prints"})
    guest.api.ok("PATCH", "/group/profiles/1", {"public": False})
    query = f"move={path.rpartition('/')[2]}"
    assert guest.get(f"/b/demo?{query}").status_code == 200
    assert booking_path(guest.send(guest.form(f"/b/demo?slot={FREE[3]}&{query}"))) == path


def test_a_booking_stays_where_it_cannot_move(guest: PageGuest) -> None:
    """Other times are offered, and it is said that it stays."""
    path = guest.book(**{"field:company": "Prints"})
    form = guest.form(f"/b/demo?slot={FREE[3]}&move={path.rpartition('/')[2]}")
    answer = guest.send(form, slot=TAKEN)
    assert answer.status_code == 409 and markup_problems(answer.text) == []
    assert "Your meeting stays at its time." in answer.text
    again = guest.form_in(answer, form.action)
    assert booking_path(guest.send(again, slot=FREE[3])) == path
    assert "The meeting is moved" in guest.get(path).text


def test_the_program_of_the_host_can_refuse(tmp_path: Path) -> None:
    """Its reason stays on the server."""
    root = make_page_office(tmp_path / "office", more="hooks: {preBook: [./refuse.py]}\n")
    program(root / "refuse.py", "import sys; print('secret'); sys.exit(1)")
    guest = PageGuest(root)
    answer = guest.send(guest.form(PATH), **JANE)
    assert answer.status_code == 409 and "That time cannot be booked" in answer.text
    assert "secret" not in answer.text and guest.records() == []


def test_calendars_that_cannot_be_read_have_a_page(guest: PageGuest) -> None:
    """Nothing is booked, and the page does not say which calendar it is."""
    form = guest.form(PATH)
    (guest.api.root / "alice.ics").write_text("no calendar")
    answer = guest.send(form, **JANE, **{"field:company": "Prints"})
    assert answer.status_code == 503 and answer.headers["content-type"].startswith("text/html")
    assert "alice" not in answer.text


@pytest.mark.parametrize("slot", ["", "tomorrow", "9999-12-31T23:59Z"])
def test_a_form_without_a_time_leads_to_the_times(guest: PageGuest, slot: str) -> None:
    """There is nothing else that it could book."""
    answer = guest.send(guest.form(PATH), **JANE, slot=slot)
    assert (answer.status_code, answer.headers["location"]) == (303, "/b/demo")


def test_the_language_is_chosen_before_the_form_is_sent(guest: PageGuest) -> None:
    """On the answer, a link to the page in another language would lose what was entered."""
    path = f"/b/demo?slot={FREE[0]}"
    assert 'hreflang="de"' in guest.get(path).text
    answer = guest.send(guest.form(path))
    assert answer.status_code == 422 and "hreflang" not in answer.text


def test_the_host_reads_the_same_zone(guest: PageGuest) -> None:
    """A guest in another zone books the instant that was shown, over midnight too."""
    guest.book(query="&tz=Pacific/Auckland", **{"field:company": "Prints"})
    (record,) = guest.records()
    assert record.guest.zone == "Pacific/Auckland"
    assert record.start == 1795507200


def test_a_guest_who_has_as_many_as_the_host_allows(tmp_path: Path) -> None:
    """Another day is offered; the page does not blame another guest."""
    guest = PageGuest(make_page_office(tmp_path / "office", "maxGuestBookingsPerDay: 1\n"))
    guest.book(FREE[3])
    answer = guest.send(guest.form(f"/b/demo?slot={FREE[0]}"), **JANE)
    assert answer.status_code == 409 and markup_problems(answer.text) == []
    words = text_of(parsed(answer.text))
    assert "You cannot book another time then" in words and "Somebody else" not in words
    assert "Nothing is booked" not in words
    assert "Book Friday 27 November" in words and "Book Tuesday 24 November" not in words
    assert "Somebody else has booked" in text_of(
        parsed(guest.send(guest.form(f"/b/demo?slot={FREE[0]}"), **JANE, slot=TAKEN).text)
    )


def test_what_is_only_held_does_not_move(tmp_path: Path) -> None:
    """Its page gives it back."""
    guest = PageGuest(make_page_office(tmp_path / "office", "several: true\n"))
    path = booking_path(guest.send(guest.form(f"/b/demo?slot={FREE[0]}"), **JANE))
    query = f"move={path.rpartition('/')[2]}"
    for address in (f"/b/demo?{query}", f"/b/demo?slot={FREE[3]}&{query}"):
        assert booking_path(guest.get(address)) == path
    token = guest.token()
    assert booking_path(guest.post(f"/b/demo?{query}", {"slot": FREE[3], "token": token})) == path
    assert [record.moved_from for record in guest.records()] == [None]


def test_a_form_that_is_sent_twice_counts_once(tmp_path: Path) -> None:
    """Of five bookings a day; also when the first answer has used up the last one."""
    guest = PageGuest(make_page_office(tmp_path / "office"), pace=10_000_000_000)
    for start in FREE:
        form = guest.form(f"/b/demo?slot={start}")
        first, second = (guest.send(form, **JANE) for _ in range(2))
        assert booking_path(first) == booking_path(second)
    assert guest.send(guest.form("/b/demo?slot=2026-11-27T08:00:00Z"), **JANE).status_code == 429


@pytest.mark.parametrize(
    ("name", "sent", "kept", "problem"),
    [
        ("topic", "line\r\n" * 399 + "line", "line\n" * 399 + "line", ""),
        ("topic", "x" * 2001, "x" * 2000, "Topic: please use at most 2,000 characters"),
        ("topic", "line\r\n" * 400 + "x", "line\n" * 400, "Topic: please use at most 2,000 characters"),
        ("company", "A" + " " * 250 + "B", "A B", ""),
        ("mail", "jane@", "jane@", "Mail: please enter an email address, like name@example.com"),
        ("seats", "some", "some", "Seats: please enter a number"),
        ("day", "soon", "soon", "Day: please enter a date, like 2026-11-30"),
        ("day", "2026-12-24", "2026-12-24", ""),
    ],
)
def test_an_answer_is_kept_whole_or_refused(
    tmp_path: Path, name: str, sent: str, kept: str, problem: str
) -> None:
    """Lines end as a form sends them; nothing is cut without a word."""
    types = {"mail": "email", "seats": "number", "day": "date"}
    more = "".join(f"  - {{name: {each}, type: {kind}, default: none}}\n" for each, kind in types.items())
    text = FIELDS.replace("{{company}}", "{{company}} {{mail}} {{seats}} {{day}}") + more
    guest = PageGuest(make_page_office(tmp_path / "office", text))
    given = {"field:company": "Prints", f"field:{name}": sent}
    answer = guest.send(guest.form(PATH), **JANE, **given)
    if problem:
        assert answer.status_code == 422 and list(problems_of(answer.text).values()) == [problem]
        assert guest.form_in(answer, "/b/demo").fields[f"field:{name}"] == [kept]
    else:
        booking_path(answer)
        assert guest.records()[0].fields[name] == kept


def test_a_booking_is_asked_to_move_to_free_times_only(guest: PageGuest) -> None:
    """The form for any other one offers the nearest."""
    token = guest.book(**{"field:company": "Prints"}).rpartition("/")[2]
    for start in (TAKEN, "2026-11-24T08:07:00Z", "2020-01-01T08:00:00Z"):
        answer = guest.get(f"/b/demo?slot={start}&move={token}")
        assert answer.status_code == 409 and markup_problems(answer.text) == []
        assert "Your meeting stays at its time." in answer.text
