"""HEAD is answered as GET is, without the body (RFC 9110 §9.3.2)."""

from __future__ import annotations

import falcon

__all__ = ["HeadAsGet"]


class HeadAsGet:
    """Middleware that lets a HEAD request pass as GET: with the same credentials, limits and answer.

    Falcon leaves the body out, and tells its length.
    """

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Let HEAD pass as GET."""
        request.context.is_head = request.method == "HEAD"
        if request.context.is_head:
            request.method = "GET"

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Take that back for what comes after, which leaves the body out."""
        if request.context.is_head:
            request.method = "HEAD"
