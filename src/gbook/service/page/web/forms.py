"""What a form sends: its fields, and the files in it (HTML standard, §4.10.21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs

import falcon

from gbook.service.problems import ApiError

__all__ = ["NO_FORM", "Form", "read_form"]

MOST_FIELDS = 100
PLAIN, WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"


class Form(NamedTuple):
    """The values of fields, in their order, and the contents of files."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]

    def get(self, name: str) -> str:
        """Return the value of a field without spaces around it; empty if it was not sent."""
        return self.fields.get(name, [""])[0].strip()

    def all(self, name: str) -> Sequence[str]:
        """Return the values of a field that may be sent several times."""
        return self.fields.get(name, [])


NO_FORM = Form({}, {})


def read_form(request: falcon.Request) -> Form:
    """Return the form of a request. Raises ApiError: 400 if it is damaged, 415 if it is none."""
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind == PLAIN:
        return _plain(request.bounded_stream.read())
    if kind == WITH_FILES:
        return _with_files(request)
    raise ApiError(415, "unsupported_media_type", "expected a form")


def _plain(body: bytes) -> Form:
    text = body.decode("utf-8", "replace")
    try:
        return Form(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS), {})
    except ValueError as error:
        raise ApiError(400, "invalid_request", "the form has too many fields") from error


def _with_files(request: falcon.Request) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    try:
        for number, part in enumerate(request.get_media()):
            if number == MOST_FIELDS:
                raise ApiError(400, "invalid_request", "the form has too many fields")
            data = part.stream.read()
            if part.filename is not None:
                files[part.name or ""] = data
            else:
                fields.setdefault(part.name or "", []).append(data.decode("utf-8", "replace"))
    except (falcon.HTTPError, UnicodeDecodeError) as error:
        raise ApiError(400, "invalid_request", "the form is damaged") from error
    return Form(fields, files)
