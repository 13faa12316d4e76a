"""Forms as browsers send them, and damaged ones."""

from __future__ import annotations

import pytest
from falcon import App, Request, testing

from gbook.service.page.web.forms import Form, read_form
from gbook.service.problems import ApiError


def request(head: bytes) -> Request:
    """Return a request with one part, of which `head` is the Content-Disposition."""
    body = b"--x\r\nContent-Disposition: " + head + b"\r\n\r\nJane\r\n--x--\r\n"
    return testing.create_req(
        method="POST",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        body=body,
        options=App().req_options,
    )


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b'form-data; name="name"', Form({"name": ["Jane"]}, {})),
        ('form-data; name="Größe"'.encode(), Form({"Größe": ["Jane"]}, {})),
        ('form-data; name="file"; filename="März.ics"'.encode(), Form({}, {"file": b"Jane"})),
        (b"form-data", Form({"": ["Jane"]}, {})),
    ],
)
def test_a_part_is_a_field_or_a_file(head: bytes, form: Form) -> None:
    """Browsers write names in UTF-8 (HTML standard, multipart/form-data encoding algorithm)."""
    assert read_form(request(head)) == form


@pytest.mark.parametrize(
    "head",
    [
        b'form-data; name="\xff"',
        'form-data; name="Größe"'.encode("latin-1"),
        b'form-data; name="file"; filename="\xff.ics"',
        b"form-data; name=file; filename*=nowhere''my.ics",
        b"form-data; name=file; filename*=utf-8''%ff",
    ],
)
def test_names_that_cannot_be_read_are_damage(head: bytes) -> None:
    """Of the sender's making."""
    with pytest.raises(ApiError) as caught:
        read_form(request(head))
    assert caught.value.status == 400
