"""The schemas of models, for the description of the API (JSON Schema 2020-12).

A body may have null for a field that is absent, so its schemas allow null. An answer leaves the field out, so
the schemas of what is only answered do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

__all__ = ["Schema", "parameters", "reference", "schemas"]

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"


def reference(name: str) -> Schema:
    """Return a schema that refers to the one with a name."""
    return {"$ref": f"{_PREFIX}{name}"}


def schemas(bodies: Iterable[type], answers: Iterable[type]) -> dict[str, Schema]:
    """Return the schemas of bodies and answers, and of all that they refer to, by name."""
    raw = _components([*answers, *bodies])
    sent = _reachable(raw, [model.__name__ for model in bodies])
    described = {name: _tidy(schema, nullable=name in sent) for name, schema in raw.items()}
    return dict(sorted({**described, **dict(_enumerations(raw))}.items()))


def parameters(query: type) -> Iterator[tuple[str, Schema, bool]]:
    """Yield the name of each parameter of a query, its schema, description included, and if it is needed."""
    described = _tidy(_components([query])[query.__name__], nullable=False)
    for name, schema in described["properties"].items():
        yield name, schema, name in described.get("required", ())


def _components(models: Iterable[type]) -> dict[str, Schema]:
    return msgspec.json.schema_components(models, ref_template=f"{_PREFIX}{{name}}")[1]


def _reachable(components: dict[str, Schema], names: Iterable[str]) -> set[str]:
    """Return the names of components that refer to one another, from these on."""
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += re.findall(rf"'{_PREFIX}(\w+)'", repr(components[name]))
    return found


def _enumerations(schema: Any) -> Iterator[tuple[str, Schema]]:
    """Yield the enumerations that have a title: each becomes a schema of its own."""
    if isinstance(schema, dict):
        if "enum" in schema and "title" in schema:
            yield schema["title"], {"type": "string", "enum": schema["enum"]}
        for part in schema.values():
            yield from _enumerations(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _enumerations(part)


def _tidy(schema: Any, *, nullable: bool) -> Any:
    """Return a schema of msgspec's as clients need it: references to enumerations, null where it may be."""
    if isinstance(schema, list):
        return [_tidy(part, nullable=nullable) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "enum" in schema:
        return _enumeration(schema)
    parts = {key: _tidy(part, nullable=nullable) for key, part in schema.items() if key != "title"}
    # What says nothing: a default of null, an empty list of required fields.
    parts = {k: part for k, part in parts.items() if (k, part) not in (("default", None), ("required", []))}
    if {"type": "null"} in parts.get("anyOf", ()):
        return _optional(parts, nullable=nullable)
    return parts


def _enumeration(schema: Schema) -> Schema:
    rest = {key: part for key, part in schema.items() if key not in ("title", "enum")}
    if title := schema.get("title"):
        return {**rest, **reference(title)}
    return {**rest, "type": "string", "enum": schema["enum"]}


def _optional(schema: Schema, *, nullable: bool) -> Schema:
    """Return the schema of a field that may be absent; it has one type beside null."""
    rest = {key: part for key, part in schema.items() if key != "anyOf"}
    (kind,) = (part for part in schema["anyOf"] if part != {"type": "null"})
    if not nullable:
        return {**kind, **rest}
    if "$ref" in kind or "enum" in kind:
        return {**rest, "anyOf": [kind, {"type": "null"}]}
    return {**kind, **rest, "type": [kind["type"], "null"]}
