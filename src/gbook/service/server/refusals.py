"""The answers to requests that waitress refuses before the application sees them: damaged or too long ones.

They are JSON documents like all others; a guest whose form is too long gets a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from gbook.service.page.language.languages import locale_of
from gbook.service.page.site import is_page
from gbook.service.page.web.headers import page_headers
from gbook.service.page.web.problem import Failed, problem_page
from gbook.service.problems import ApiError

__all__ = ["refusal_of"]

_TOO_LARGE = (413, 431)
_HTML = "text/html; charset=utf-8"


def refusal_of(request: Any, request_id: str) -> tuple[Mapping[str, str], bytes]:
    """Return the headers and the body of the answer to a request (HTTPRequestParser) with an error."""
    error = request.error
    code = "too_large" if error.code in _TOO_LARGE else "invalid_request"
    # Only of such a request waitress has read the whole header.
    if error.code == 413 and is_page(request.path):
        return {**page_headers(private=True), "Content-Type": _HTML}, _page(request, code, request_id)
    document = {"code": code, "message": error.reason.lower(), "requestId": request_id}
    return {"Content-Type": "application/json"}, msgspec.json.encode(document)


def _page(request: Any, code: str, request_id: str) -> bytes:
    query = dict(parse_qsl(request.query or ""))
    failed = Failed(request.command, request.path, query, request_id)
    locale = locale_of(query.get("lang"), request.headers.get("ACCEPT_LANGUAGE"))
    return problem_page(ApiError(request.error.code, code, ""), failed, locale).encode()
