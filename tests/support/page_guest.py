"""A guest at the booking page, in this process, who reads forms as long as people do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from falcon import testing
from support.api import FREE, make_api_office
from support.page import Browser
from support.page_forms import PageForm, forms_of

import gbook
from gbook.workspace.tokens import FormTokens

__all__ = ["JANE", "PageGuest", "booking_path", "make_page_office"]

JANE = {"name": "Jane Doe", "email": "jane@example.net"}
PUBLIC = "accounts: [alice]\npublic: true\n"


def make_page_office(folder: Path, profile: str = "", more: str = "") -> Path:
    """Make the office of the API's tests with demo public; `profile` is added to it, `more` to gbook.yaml."""
    return make_api_office(folder, PUBLIC + profile, more)


def booking_path(answer: testing.Result) -> str:
    """Return the path of the page to which a form has led, without its parameters."""
    assert answer.status_code == 303, answer.text
    path = urlsplit(answer.headers["location"]).path
    assert path.startswith("/b/booking/")
    return path


class PageGuest(Browser):
    """A guest; the forms that it sends were read for `age` seconds."""

    def token(self, profile: str = "demo", age: int = 10) -> str:
        """Return the token of a form of this age."""
        with self.api.opened() as workspace:
            return FormTokens(workspace).of(profile, int(time.time()) - age)

    def form(self, path: str, age: int = 10) -> PageForm:
        """Return the form of a page."""
        return self.form_in(self.get(path), path, age)

    def form_in(self, answer: testing.Result, path: str, age: int = 10) -> PageForm:
        """Return the form in an answer, as if it was read for `age` seconds."""
        form = next(form for form in forms_of(answer.text, path) if form.method == "post")
        if "token" in form.fields:
            form.fields["token"] = [self.token(urlsplit(path).path.removeprefix("/b/"), age)]
        return form

    def send(self, form: PageForm, **values: Any) -> testing.Result:
        """Return the answer to a form with these values."""
        return self.post(form.action, {**form.fields, **values})

    def book(self, start: str = FREE[0], query: str = "", **values: str) -> str:
        """Book a time of demo for Jane, or as the values say, and return the path of the booking's page."""
        form = self.form(f"/b/demo?slot={start}{query}")
        return booking_path(self.send(form, **{**JANE, **values}))

    def records(self) -> list[gbook.Record]:
        """Return all bookings and reservations."""
        with self.api.opened() as workspace:
            return gbook.read_records(workspace)[0]
