"""Every state of the booking page, as a real `gbook serve` over the studio answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple
from urllib.parse import urlencode, urljoin

from support.http_service import HttpAnswer, HttpService
from support.page_forms import forms_of, link_of

__all__ = ["STATES", "State", "Visitor", "visit_states"]

# A form is taken when it is two seconds old.
FORM_AGE = 2.1
LONDON = "Europe/London"
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

    def get(self, path: str, **headers: str) -> State:
        """Return the page at a path, or the one to which that leads."""
        return self._page("GET", path, None, headers)

    def follow(self, state: State, words: str) -> State:
        """Return the page to which the first link leads whose name has `words`."""
        return self.get(link_of(state.html, state.path, words))

    def send(self, state: State, **values: str) -> State:
        """Send the first form of a page that books or changes something, and return the page that follows."""
        form = next(form for form in forms_of(state.html, state.path) if form.method == "post")
        time.sleep(max(0.0, state.time + FORM_AGE - time.monotonic()))
        body = urlencode({**form.fields, **values}, doseq=True).encode()
        return self._page("POST", form.action, body, {})

    def _page(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> State:
        number = next(_ADDRESSES)
        sent = {"x_forwarded_for": f"198.19.{number // 250}.{number % 250 + 1}", **headers}
        if body is not None:
            sent |= {"content_type": "application/x-www-form-urlencoded", "sec_fetch_site": "same-origin"}
        answer = self.service.ask(method, path, body, is_anonymous=True, **sent)
        if answer.status == 303:
            return self.get(urljoin(path, answer.headers["location"]))
        return State(path, answer, time.monotonic())


def _limited(visitor: Visitor) -> State:
    """Ask until the limit of an address is reached."""
    while (state := visitor.get("/b/", x_forwarded_for="198.51.100.7")).answer.status == 200:
        pass
    return state


# By name, in the order of a visit.
STATES: Mapping[str, Callable[[Visitor], State]] = {
    "index": lambda visitor: visitor.get("/b/"),
    "not-found": lambda visitor: visitor.get("/b/nothing"),
    "limited": _limited,
}


def visit_states(service: HttpService) -> dict[str, State]:
    """Return all states of STATES."""
    visitor = Visitor(service)
    return {name: visit(visitor) for name, visit in STATES.items()}
