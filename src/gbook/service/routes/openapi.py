"""The description of the API (OpenAPI 3.1), made from the table of routes and the models of what is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import gbook
from gbook.service.routes.route import Access, Route
from gbook.service.wire.meetings import ConfirmReservationOutDto, CreateMeetingResponse
from gbook.service.wire.schemas import Schema, parameters, reference, schemas
from gbook.service.wire.states import ApiRequestFailed

__all__ = ["ERRORS", "VARIABLES", "Document", "document", "errors_of"]

Document = dict[str, Any]

_ABOUT = "Group booking over calendar files and CalDAV servers."
TAGS = {
    "GroupBooking": "Profiles of clients, with the accounts and groups that are attached to them.",
    "Availability": "Free times, and meetings at them.",
    "Booking": "Personal profiles of an account.",
}
SECURITY: dict[Access, list[Document]] = {
    Access.CLIENT: [{"AppAuth": []}],
    Access.CLIENT_OR_ACCOUNT: [{"AppAuth": []}, {"AccountToken": []}],
    Access.ACCOUNT: [{"AccountToken": []}],
    Access.PUBLIC: [],
}
SCHEMES = {
    "AppAuth": {
        "type": "http",
        "scheme": "basic",
        "description": "Client id and client secret, as `gbook client add NAME` shows them.",
    },
    "AccountToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "Token of an account, as `gbook client token ACCOUNT` shows it.",
    },
}
# Variables of paths, with the part of the path before them where that is needed.
VARIABLES: dict[str, tuple[str, Schema]] = {
    "profiles/{id}": ("Number of the profile.", {"type": "integer", "format": "int64"}),
    "reservations/{id}": ("Number of the reservation.", {"type": "integer", "format": "int64"}),
    "{clientId}": ("Id of a client.", {"type": "string"}),
    "{meetingId}": ("Id of the meeting, as given when it was booked.", {"type": "string"}),
    "{name}": ("Name of a public profile.", {"type": "string"}),
}
ERRORS = {
    400: "The request is not valid: see `problems`.",
    401: "Credentials are missing or wrong.",
    404: "There is no such profile, reservation or booking for the caller.",
    409: "The time cannot be booked, see `alternatives`; or the Idempotency-Key was used before.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    421: "The Host header does not name this server.",
    429: "Too many requests: see the Retry-After header.",
    503: "The calendars are locked or cannot be read: try again, see the Retry-After header.",
}
HEADERS: dict[str, tuple[str, Schema]] = {
    "X-Request-Id": ("Number of the request, also in the log.", {"type": "string", "format": "uuid"}),
    "WWW-Authenticate": ("How to authenticate (RFC 9110 §11.6.1).", {"type": "string"}),
    "Retry-After": ("Seconds to wait (RFC 9110 §10.2.3).", {"type": "integer"}),
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text; a request with the same key is not booked twice, and gets the same answer.",
    "schema": {"type": "string"},
}


def document(routes: Sequence[Route]) -> Document:
    """Return the description of these operations."""
    paths: dict[str, Document] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    bodies = [route.body for route in routes if route.body]
    return {
        "openapi": "3.1.0",
        "info": {"title": "gbook", "version": gbook.__version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas(bodies, [ApiRequestFailed, *(route.answer for route in routes)]),
            "responses": {_name(status): _error(status) for status in ERRORS},
            "headers": {name: _header(*described) for name, described in HEADERS.items()},
            "securitySchemes": SCHEMES,
        },
    }


def errors_of(route: Route) -> Iterator[int]:
    """Yield the HTTP status codes of the errors that an operation can answer with."""
    if route.body or route.query:
        yield 400
    if route.access is not Access.PUBLIC:
        yield 401
    if "{" in route.path:
        yield 404
    if route.answer in (CreateMeetingResponse, ConfirmReservationOutDto):
        yield 409
    if route.body:
        yield from (413, 415)
    yield from (421, 429, 503)


def _operation(route: Route) -> Document:
    operation: Document = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": [*route.tags],
        "security": SECURITY[route.access],
        "parameters": [*_parameters(route)],
        "responses": {"200": _answer("Success.", route.answer)},
    }
    for status in errors_of(route):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    if route.body:
        operation["requestBody"] = {"required": True, "content": _json(route.body)}
    return operation


def _parameters(route: Route) -> Iterator[Document]:
    """Yield the parameters of an operation: those of its path, its query, and its headers."""
    for before, name in re.findall(r"(\w*)/\{(\w+)\}", route.path):
        about, schema = VARIABLES.get(f"{before}/{{{name}}}") or VARIABLES[f"{{{name}}}"]
        yield {"name": name, "in": "path", "required": True, "description": about, "schema": schema}
    if route.query:
        for name, schema, needed in parameters(route.query):
            about = schema.pop("description")
            yield {"name": name, "in": "query", "required": needed, "description": about, "schema": schema}
    if route.answer is CreateMeetingResponse:
        yield IDEMPOTENCY_KEY


def _error(status: int) -> Document:
    further = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
    return _answer(ERRORS[status], ApiRequestFailed, *further.get(status, ()))


def _name(status: int) -> str:
    """Return the name of an error answer among the components, such as `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _answer(about: str, model: type, *headers: str) -> Document:
    names = ("X-Request-Id", *headers)
    return {
        "description": about,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": _json(model),
    }


def _header(about: str, schema: Schema) -> Document:
    return {"description": about, "schema": schema}


def _json(model: type) -> Document:
    return {"application/json": {"schema": reference(model.__name__)}}
