"""What a page of another site may do in a visitor's browser: call the public operations, and nothing else.

A browser sends along what it remembers of Basic logins, so a form of another site could act for a client.
It cannot send JSON without a preflight, which only public operations answer. A form of the booking page is
taken only from a page of this site.
"""

from __future__ import annotations

from typing import Any

import falcon
from falcon.middleware import CORSMiddleware

from gbook.service.problems import ApiError
from gbook.service.routes.route import Access, routes_of

__all__ = ["PublicOrigins", "require_json", "require_own_form"]

# What `curl -d` sends, and a client that names no type.
_PLAIN = ("", "application/x-www-form-urlencoded")


class PublicOrigins:
    """CORS for the resources that have a public operation: any origin, without credentials."""

    def __init__(self) -> None:
        self._cors: Any = CORSMiddleware(expose_headers=["Retry-After", "X-Request-Id"])

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Let pages of any origin read the answer, and answer their preflights (Fetch standard §3.3)."""
        if any(route.access is Access.PUBLIC for route in routes_of(resource).values()):
            self._cors.process_response(request, response, resource, succeeded)


def require_json(request: falcon.Request) -> None:
    """Check the media type of a body: JSON, or what plain curl sends, if no browser sent it.

    Raises ApiError, 415.
    """
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    is_browser = request.get_header("Origin") or request.get_header("Sec-Fetch-Site")
    if kind != falcon.MEDIA_JSON and (kind not in _PLAIN or is_browser):
        raise ApiError(415, "unsupported_media_type", "a body needs Content-Type: application/json")


def require_own_form(request: falcon.Request, base_url: str | None = None) -> None:
    """Check that a page of another site has not sent a form (Fetch Metadata; RFC 6454 §7).

    Browsers send Sec-Fetch-Site over https and to this machine, others Origin, which is that of `base_url`
    behind a proxy. What sends neither header is no browser of today, and has no logins of a visitor. Raises
    ApiError, 403.
    """
    site = request.get_header("Sec-Fetch-Site")
    if site is None:
        is_own = request.get_header("Origin") in (None, request.prefix, base_url)
    else:
        is_own = site in ("same-origin", "none")
    if not is_own:
        raise ApiError(403, "foreign_origin", "the form was sent by a page of another site")
