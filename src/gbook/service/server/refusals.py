"""The answers to requests that are refused before the application sees them: damaged or too long ones.

They are JSON documents like all others; a guest whose form is too long, or has to wait, gets a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gbook.service.page.language.languages import locale_of
from gbook.service.page.site import is_page
from gbook.service.page.web.headers import ANY_SITE, page_headers
from gbook.service.page.web.problem import Failed, problem_page
from gbook.service.problems import ApiError

__all__ = ["refusal_of"]

_CODES = {413: "too_large", 431: "too_large", 503: "calendars_waiting"}
_WAIT = {503: {"Retry_After": "10"}}
# The requests of which the whole header is known.
_FORMS = (413, 503)
_HTML = "text/html; charset=utf-8"


def refusal_of(request: Any, request_id: str) -> tuple[Mapping[str, str], bytes]:
    """Return the headers and the body of the answer to a request (HTTPRequestParser) with an error."""
    error = request.error
    code = _CODES.get(error.code, "invalid_request")
    if error.code in _FORMS and is_page(request.path):
        problem = ApiError(error.code, code, "", **_WAIT.get(error.code, {}))
        headers = {**page_headers(ANY_SITE, private=True), **problem.headers, "Content-Type": _HTML}
        return headers, _page(request, problem, request_id)
    document = {"code": code, "message": error.reason.lower(), "requestId": request_id}
    return {"Content-Type": "application/json"}, msgspec.json.encode(document)


def _page(request: Any, problem: ApiError, request_id: str) -> bytes:
    query = dict(parse_qsl(request.query or ""))
    failed = Failed(request.command, request.path, query, request_id)
    locale = locale_of(query.get("lang"), request.headers.get("ACCEPT_LANGUAGE"))
    return problem_page(problem, failed, locale).encode()
