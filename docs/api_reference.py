"""The operations and schemas of reference/http-api.md, from the description of the API that is served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gbook.service.routes.openapi import TAGS, document, errors_of
from gbook.service.routes.route import Access, Route
from gbook.service.routes.table import ROUTES

__all__ = ["api_reference"]

SECTIONS = {
    "GroupBooking": "Clients: group profiles",
    "Availability": "Guests: public profiles",
    "Booking": "Accounts: personal profiles",
}
CREDENTIALS = {
    Access.CLIENT: "client",
    Access.CLIENT_OR_ACCOUNT: "client or account",
    Access.ACCOUNT: "account",
    Access.PUBLIC: "none",
}
WORDS = {"string": "text", "integer": "integer", "boolean": "true or false", "object": "keys and values"}
PLURALS = {"string": "texts", "integer": "integers"}
FORMATS = {"date": "date", "date-time": "date and time", "uuid": "UUID"}
# A schema that repeats this many fields of an earlier one refers to it instead.
ALIKE = 10
# No limit that a reader has to know.
LARGEST = {2**31 - 1, 2**53 - 1}

Schema = dict[str, Any]


def api_reference() -> Iterator[str]:
    """Yield the lines of all operations, by who may call them, and of all schemas."""
    described = document(ROUTES)
    for tag, title in SECTIONS.items():
        yield from (f"## {title}", "", TAGS[tag], "")
        for route in ROUTES:
            if route.tags[0] == tag:
                yield from _operation(route, described["paths"][route.path][route.method.lower()])
    yield from ("## Schemas", "")
    earlier: dict[str, Schema] = {}
    for name, schema in described["components"]["schemas"].items():
        yield from _schema(name, schema, earlier)
        earlier[name] = schema


def _operation(route: Route, operation: Schema) -> Iterator[str]:
    yield from (f"### {route.summary}", "")
    yield f"`{route.method} {route.path}`"
    yield ""
    if parameters := operation["parameters"]:
        yield from ("| parameter | in | type | default | meaning |", "|---|---|---|---|---|")
        for each in parameters:
            schema, default = each["schema"], "required" if each["required"] else _default(each["schema"])
            yield f"| `{each['name']}` | {each['in']} | {_type(schema)} | {default} | {each['description']} |"
        yield ""
    facts = [f"credentials: {CREDENTIALS[route.access]}"]
    if "requestBody" in operation:
        facts.append(f"body: {_type(_content(operation['requestBody']))}")
    facts.append(f"answer: {_type(_content(operation['responses']['200']))}")
    facts.append("errors: " + ", ".join(map(str, errors_of(route))))
    facts.append(f"operationId: `{route.operation_id}`")
    yield from (f"- {fact}" for fact in facts)
    yield ""


def _content(part: Schema) -> Schema:
    schema: Schema = part["content"]["application/json"]["schema"]
    return schema


def _schema(name: str, schema: Schema, earlier: dict[str, Schema]) -> Iterator[str]:
    yield from (f"### {name}", "")
    if "enum" in schema:
        yield from (f"One of {_choices(schema)}.", "")
        return
    rows = _rows(schema)
    base, known = next(_bases(rows, earlier), ("", {}))
    further = [row for field, row in rows.items() if row != known.get(field)]
    same = f" Its {'other ' if further else ''}fields are those of [{base}](#{base.lower()})."
    yield from (schema["description"] + (same if base else ""), "")
    if further:
        yield from ("| key | type | meaning |", "|---|---|---|", *further, "")


def _bases(rows: dict[str, str], earlier: dict[str, Schema]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the earlier schemas, with their rows, whose many fields are all among `rows`."""
    for name, schema in earlier.items():
        if len(schema.get("properties", ())) >= ALIKE and schema["properties"].keys() <= rows.keys():
            yield name, _rows(schema)


def _rows(schema: Schema) -> dict[str, str]:
    """Return the rows of the fields of a schema."""
    rows = {}
    for name, field in schema["properties"].items():
        kind = _type(field) + (", required" if name in schema.get("required", ()) else "")
        rows[name] = f"| `{name}` | {kind} | {field['description']} |"
    return rows


def _type(schema: Schema) -> str:
    """Return the type of a value in words, with its bounds or choices; null is the same as no value."""
    if choices := schema.get("anyOf"):
        return " or ".join(_type(choice) for choice in choices if choice.get("type") != "null")
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return _choices(schema)
    (kind,) = {*([schema["type"]] if isinstance(schema["type"], str) else schema["type"])} - {"null"}
    if kind == "array":
        items = schema["items"]
        return f"list of {PLURALS.get(items.get('type', '')) or _type(items)}"
    if isinstance(values := schema.get("additionalProperties"), dict) and values:
        return f"names and values, each {_type(values)}"
    return FORMATS.get(schema.get("format", ""), WORDS[kind]) + _bounds(schema)


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return ""
    return f", {low} or more" if high is None or high in LARGEST else f", {low} to {high}"


def _choices(schema: Schema) -> str:
    return ", ".join(f"`{choice}`" for choice in schema["enum"])


def _default(schema: Schema) -> str:
    return f"`{schema['default']}`" if "default" in schema else ""
