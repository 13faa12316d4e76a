"""The WSGI application: from a request to a call of its operation, and from the result to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import falcon
import msgspec

from gbook.errors import GbookError
from gbook.service import log
from gbook.service.access.control import AccessControl
from gbook.service.access.origins import PublicOrigins
from gbook.service.call import Call, Later, OpenWorkspace
from gbook.service.head import HeadAsGet
from gbook.service.health import Healthy, Ready
from gbook.service.log import RequestLog
from gbook.service.page.site import add_pages, is_page, write_problem
from gbook.service.problems import ApiError, Refusal, from_error
from gbook.service.resource import add_routes, if_not_done
from gbook.service.routes.openapi import Document, document
from gbook.service.routes.route import Route
from gbook.service.wire.reading import read_body, read_query

__all__ = ["application"]

DESCRIPTION = "/v1/openapi.json"


def application(
    routes: Sequence[Route], open_workspace: OpenWorkspace, access: AccessControl, later: Later | None = None
) -> falcon.App[falcon.Request, falcon.Response]:
    """Return the application of these routes, over the workspace that `open_workspace` opens.

    `access` lets a request pass, or ends it. `later` takes the work that answers do not wait for; without it,
    it is done before they are sent.
    """
    app: falcon.App[falcon.Request, falcon.Response] = falcon.App(
        middleware=[RequestLog(), HeadAsGet(), access, PublicOrigins()]
    )
    for kind in (Exception, falcon.HTTPError):
        app.add_error_handler(kind, _answer_error)
    app.add_route("/healthz", Healthy())
    app.add_route("/readyz", Ready(open_workspace))
    add_routes(app, routes, _respond, open_workspace, later)
    app.add_route(DESCRIPTION, _Description(document(routes)))
    add_pages(app, open_workspace, later)
    return app


def _respond(route: Route, call: Call, request: falcon.Request, response: falcon.Response) -> None:
    """Answer with what the operation returns.

    If it fails after its change was made, the answer is the least that the client has to know.
    """
    full = replace(
        call,
        query=None if route.query is None else read_query(request.params, route.query),
        body=None if route.body is None else read_body(request.bounded_stream.read(), route.body),
        key=request.get_header("Idempotency-Key"),
    )
    answer = if_not_done(partial(route.handler, full), request.context.request_id)
    if answer is None:
        is_created = not getattr(full.query, "reserve_for_minutes", None)
        answer = msgspec.convert({"status": "Ok", "created": is_created}, route.answer)
    _write(response, answer)


# Answers are for one caller, and are never anything but JSON.
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Description:
    """The description of the API, for anyone."""

    def __init__(self, described: Document) -> None:
        self._described = described

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        _write(response, self._described)


def _write(response: falcon.Response, answer: Any) -> None:
    response.set_headers(_HEADERS)
    response.content_type = falcon.MEDIA_JSON
    response.data = msgspec.json.encode(answer)


def _answer_error(request: falcon.Request, response: falcon.Response, error: Exception, params: Any) -> None:
    """Answer with an error document (RFC 9110 §15.5, §15.6), to a guest with a page, whatever was raised."""
    answer = _error_of(error, request.context.request_id)
    if is_page(request.path):
        write_problem(request, response, answer)
        return
    document: dict[str, Any] = {
        "code": answer.code,
        "message": answer.message,
        "requestId": request.context.request_id,
    }
    if isinstance(answer, Refusal):
        if answer.problems:
            document["problems"] = [{"key": key, "message": text} for key, text in answer.problems]
        if answer.alternatives:
            document["alternatives"] = answer.alternatives
    response.status = answer.status
    for name, value in answer.headers.items():
        response.set_header(name, value)
    _write(response, document)


def _error_of(error: Exception, request_id: str) -> ApiError:
    if isinstance(error, ApiError):
        _log_failure(error, error.__cause__, request_id)
        return error
    if isinstance(error, OSError):  # such as a full disk
        error = _of_system(error)
    if isinstance(error, GbookError):
        answer = from_error(error)
        _log_failure(answer, error, request_id)
        return answer
    if isinstance(error, falcon.HTTPError):
        return _of_falcon(error)
    log.bug(error, request_id)
    return ApiError(500, "failure", "a bug in gbook")


def _log_failure(answer: ApiError, error: BaseException | None, request_id: str) -> None:
    """Write what the operator has to mend, if that is why there is no other answer."""
    if answer.status >= 500 and isinstance(error, GbookError):
        log.failure(error, request_id)


def _of_system(error: OSError) -> GbookError:
    failure = GbookError(str(error), path=error.filename)
    failure.__cause__ = error
    return failure.with_traceback(error.__traceback__)


def _of_falcon(error: falcon.HTTPError) -> ApiError:
    """Return the answer to a request that falcon has refused, such as one of an unknown path."""
    status = error.status_code
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "invalid_request")
    answer = ApiError(status, code, falcon.code_to_http_status(status).partition(" ")[2].lower())
    answer.headers = dict(error.headers or {})
    return answer
