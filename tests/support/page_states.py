"""Every state of the booking page, as a real `gbook serve` over the studio answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urljoin

from support.http_service import HttpAnswer, HttpService
from support.page_forms import PageForm, forms_of, link_of

from gbook.cache import Cache
from gbook.workspace.tokens import ConfirmTokens, OfferTokens, RescheduleTokens
from gbook.workspace.workspace import Workspace, open_workspace

__all__ = ["FORM_AGE", "STATES", "State", "Visitor", "visit_states"]

# A form is taken when it is two seconds old.
FORM_AGE = 2.1
LONDON = "Europe/London"
TIMES = f"/b/intro?tz={LONDON}"
SEVERAL = f"/b/planning?tz={LONDON}"
# A guest's calendar: busy on Monday morning.
BUSY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Okafor//Calendar//EN
BEGIN:VEVENT
UID:oven@okafor.example
DTSTART:20261130T090000Z
DTEND:20261130T130500Z
SUMMARY:Oven
END:VEVENT
END:VCALENDAR
"""
# Times of the introductory call, one for each purpose.
DONE, TAKEN, CANCELLED = "2026-11-30T10:30Z", "2026-12-02T08:30Z", "2026-12-07T08:30Z"
MOVED, MOVED_TO = "2026-12-01T09:00Z", "2026-12-01T10:30Z"
UNREADABLE = "2026-12-10T09:00Z"
DETAILS = {
    "name": "Sam Okafor",
    "email": "sam@example.org",
    "field:company": "Okafor Ceramics",
    "field:topic": "Moving our shop",
}
GUEST = ("--name", DETAILS["name"], "--email", DETAILS["email"])
_ADDRESSES = count(1)


class State(NamedTuple):
    """A page: its address, what the service answered, and when."""

    path: str
    answer: HttpAnswer
    time: float

    @property
    def html(self) -> str:
        """The page's HTML."""
        return self.answer.body.decode()


class Visitor:
    """A guest without a script, each of whose requests comes from another address."""

    def __init__(self, service: HttpService) -> None:
        self.service = service
        self._opened: dict[str, State] = {}

    def get(self, path: str, **headers: str) -> State:
        """Return the page at a path, or the one to which that leads."""
        return self._page("GET", path, None, headers)

    def follow(self, state: State, words: str) -> State:
        """Return the page to which the first link leads whose name has `words`."""
        return self.get(link_of(state.html, state.path, words))

    def form(self, slot: str, tab: str = "first") -> State:
        """Return the form of a time of the introductory call, opened once in each tab."""
        key = f"{slot} {tab}"
        if key not in self._opened:
            self._opened[key] = self.get(f"/b/intro?tz={LONDON}&slot={slot}")
        return self._opened[key]

    def send(self, state: State, values: Mapping[str, str], *, waits: bool = True, action: str = "") -> State:
        """Send the first form of a page that books or changes something, and return the page that follows.

        The address of the form ends with `action`, before its parameters.
        """
        form = _form_of(state, action)
        if waits and "token" in form.fields:
            time.sleep(max(0.0, state.time + FORM_AGE - time.monotonic()))
        body = urlencode({**form.fields, **values}, doseq=True).encode()
        return self._page("POST", form.action, body, {})

    def booked(self, slot: str, tab: str = "first") -> State:
        """Book a time of the introductory call, and return the page that follows."""
        return self.send(self.form(slot, tab), DETAILS)

    def _page(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> State:
        number = next(_ADDRESSES)
        sent = {"x_forwarded_for": f"198.19.{number // 250}.{number % 250 + 1}", **headers}
        if body is not None:
            sent |= {"content_type": "application/x-www-form-urlencoded", "sec_fetch_site": "same-origin"}
        answer = self.service.ask(method, path, body, is_anonymous=True, **sent)
        if answer.status == 303:
            return self.get(urljoin(path, answer.headers["location"]))
        return State(path, answer, time.monotonic())


def _form_of(state: State, action: str = "") -> PageForm:
    for form in forms_of(state.html, state.path):
        if form.method == "post" and form.action.partition("?")[0].endswith(action):
            return form
    raise AssertionError(f"{state.path} ({state.answer.status}) has no form that books or changes something")


def _taken(visitor: Visitor) -> State:
    """Book a time that another guest books before the form is sent."""
    visitor.form(TAKEN)
    visitor.booked(TAKEN, "second")
    return visitor.booked(TAKEN)


def _moved(visitor: Visitor) -> State:
    booked = visitor.booked(MOVED)
    token = booked.path.partition("?")[0].rpartition("/")[2]
    return visitor.send(visitor.get(f"/b/intro?tz={LONDON}&move={token}&slot={MOVED_TO}"), {})


def _over(visitor: Visitor) -> State:
    past = "2026-11-20T08:00:00Z"
    booked = visitor.service.run(
        "book", "-p", "workshop", "--slot", "first", *GUEST, "--json", GBOOK_NOW=past
    )
    with _opened(visitor.service.workspace) as workspace:
        return visitor.get(f"/b/booking/{RescheduleTokens(workspace).of(booked['id'])}")


def _picked(visitor: Visitor) -> State:
    """Pick two of up to three times."""
    first = visitor.follow(visitor.get(SEVERAL), "choose it")
    return visitor.follow(first, "choose it")


def _requested(visitor: Visitor) -> State:
    """Ask for one of two times, which are held until the host confirms one."""
    form = visitor.follow(_picked(visitor), "Continue with these times")
    return visitor.send(form, DETAILS)


def _several_taken(visitor: Visitor) -> State:
    """Ask for two times, of which another guest has booked one since."""
    form = visitor.get(f"{SEVERAL}&slot=2026-12-02T09:00Z,2026-12-03T09:00Z")
    visitor.service.run("book", "-p", "planning", "--slot", "2026-12-02T09:00Z", *GUEST, "--json")
    return visitor.send(form, DETAILS)


def _held(visitor: Visitor, slot: str = "2026-12-01T09:30Z") -> State:
    """Hold a time until the guest confirms it by a link in a mail."""
    return visitor.send(visitor.get(f"/b/visit?tz={LONDON}&slot={slot}"), DETAILS)


def _expired(visitor: Visitor) -> State:
    """Open the page of a time that was held for an hour, an hour later."""
    past = "2026-11-25T12:00:00Z"
    terms = ("--slot", "2026-12-03T12:30Z", "--reserve", "1h", *GUEST)
    reserved = visitor.service.run("book", "-p", "visit", *terms, "--json", GBOOK_NOW=past)
    with _opened(visitor.service.workspace) as workspace:
        return visitor.get(f"/b/booking/{RescheduleTokens(workspace).of(reserved['id'])}?tz={LONDON}")


def _unreadable(visitor: Visitor) -> State:
    """Send a form while the host's calendar is damaged."""
    form, calendar = visitor.form(UNREADABLE), visitor.service.workspace / "mara.ics"
    kept = calendar.read_bytes()
    calendar.write_bytes(kept[:-100])
    try:
        return visitor.send(form, DETAILS)
    finally:
        calendar.write_bytes(kept)


def _confirm(visitor: Visitor) -> State:
    """Hold another time, and open the link of the mails about both."""
    visitor.send(visitor.get(f"/b/visit?tz={LONDON}&slot=2026-12-02T09:30Z"), DETAILS)
    with _opened(visitor.service.workspace) as workspace:
        token = ConfirmTokens(workspace).of(DETAILS["email"])
    return visitor.get(f"/b/confirm/{token}?tz={LONDON}")


def _offer(visitor: Visitor) -> State:
    """Pick one of the times that the host has proposed."""
    proposed = visitor.service.run(
        "propose", "-p", "workshop", "--first", "3", "--for", "2d", *GUEST, "--json"
    )
    with _opened(visitor.service.workspace) as workspace:
        return visitor.get(f"/b/offer/{OfferTokens(workspace).of(proposed['proposalId'])}?tz={LONDON}")


@contextmanager
def _opened(root: Path) -> Iterator[Workspace]:
    cache = Cache(None)
    workspace = open_workspace(root, cache)
    yield workspace
    workspace.close()
    cache.close()


def _limited(visitor: Visitor) -> State:
    """Ask until the limit of an address is reached."""
    while (state := visitor.get("/b/", x_forwarded_for="198.51.100.7")).answer.status == 200:
        pass
    return state


# By name, in the order of a visit.
STATES: Mapping[str, Callable[[Visitor], State]] = {
    "index": lambda visitor: visitor.get("/b/"),
    "times": lambda visitor: visitor.get(TIMES),
    "times-host": lambda visitor: visitor.get("/b/intro?lang=de"),
    "times-all-zones": lambda visitor: visitor.get(f"{TIMES}&zones=all"),
    "times-compared": lambda visitor: visitor.send(visitor.get(TIMES), {"text": BUSY}),
    "times-unreadable": lambda visitor: visitor.send(visitor.get(TIMES), {"text": "no calendar"}),
    "empty-day": lambda visitor: visitor.get("/b/intro?day=2026-12-04"),
    "empty-weeks": lambda visitor: visitor.get(f"{TIMES}&from=2027-01-04"),
    "form": lambda visitor: visitor.form(DONE),
    "form-again": lambda visitor: visitor.send(visitor.get(visitor.form(DONE).path), DETAILS, waits=False),
    "form-errors": lambda visitor: visitor.send(
        visitor.form(DONE), {**DETAILS, "email": "sam.example.org", "field:company": ""}
    ),
    "done": lambda visitor: visitor.booked(DONE),
    "gone": lambda visitor: visitor.get(visitor.form(DONE).path),
    "taken": _taken,
    "moved": _moved,
    "cancelled": lambda visitor: visitor.send(visitor.booked(CANCELLED), {"reason": "The shop opens later."}),
    "over": _over,
    "several": lambda visitor: visitor.get(SEVERAL),
    "several-picked": _picked,
    "several-form": lambda visitor: visitor.follow(_picked(visitor), "Continue with these times"),
    "several-taken": _several_taken,
    "requested": _requested,
    "held": _held,
    "confirm": _confirm,
    "released": lambda visitor: visitor.send(_held(visitor, "2026-12-01T12:30Z"), {}, action="/release"),
    "expired": _expired,
    "offer": _offer,
    "unknown": lambda visitor: visitor.get("/b/booking/AAAAAAAAAAAAAAAAAAAAAA"),
    "unknown-confirmation": lambda visitor: visitor.get("/b/confirm/AAAAAAAAAAAAAAAAAAAAAA"),
    "unknown-offer": lambda visitor: visitor.get("/b/offer/AAAAAAAAAAAAAAAAAAAAAA"),
    "unreadable": _unreadable,
    "not-found": lambda visitor: visitor.get("/b/nothing"),
    "limited": _limited,
    "team": lambda visitor: visitor.get("/team", authorization=visitor.service.credentials.authorization),
}


def visit_states(service: HttpService) -> dict[str, State]:
    """Return all states of STATES. The forms are opened first, so that none is too young when it is sent."""
    visitor = Visitor(service)
    for slot in (DONE, TAKEN, MOVED, CANCELLED, UNREADABLE):
        visitor.form(slot)
    visitor.form(TAKEN, "second")
    return {name: visit(visitor) for name, visit in STATES.items()}
