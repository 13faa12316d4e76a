"""The description of the API has every operation, parameter, field and type of the published contract.

It may have more: gbook's additions stand beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import falcon.testing
import jsonschema_rs
import pytest
from support.contract import CHOICES, OPERATIONS, SCHEMAS, Operation, assert_fits

from gbook.profiles.schema import profile_schema
from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.routes.openapi import document
from gbook.service.routes.table import ROUTES
from gbook.workspace.numbers import LARGEST_NUMBER
from gbook.workspace.serve import Serve

SERVED = document(ROUTES)
# OpenAPI 3.1 §4.8.24: its schemas are of this dialect.
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SECURITY: dict[str, dict[str, list[str]]] = {"client": {"AppAuth": []}, "account": {"AccountToken": []}}
by_id = pytest.mark.parametrize("operation", OPERATIONS, ids=[each.operation_id for each in OPERATIONS])


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the description without null, and without the name of a choice."""
    if not isinstance(schema, dict):
        return schema
    kinds = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    schema = kinds[0] if len(kinds) == 1 else schema
    name = schema.get("$ref", "").rpartition("/")[2]
    return SERVED["components"]["schemas"][name] if name in CHOICES else schema


def type_of(schema: dict[str, Any]) -> str:
    """Return the type of a schema of the description, in the words of the table."""
    schema = resolve(schema)
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = next(each for each in kinds if each != "null")
    if kind == "array":
        return f"[{type_of(schema['items'])}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"{{{type_of(values)}}}" if isinstance(values, dict) and values else "object"
    choices = {frozenset(values): name for name, values in CHOICES.items()}
    if "enum" in schema:
        return choices.get(frozenset(schema["enum"])) or "|".join(schema["enum"])
    if "pattern" in schema:
        return "clock"
    return str(schema.get("format") or {"string": "text", "integer": "int", "boolean": "bool"}[kind])


def same(expected: str, found: str) -> bool:
    """Return whether a type is that of the contract; an integer of the contract may be of any size."""
    return expected == found or (expected == "int" and found in ("int32", "int64"))


def described(operation: Operation) -> dict[str, Any]:
    """Return an operation of the description."""
    found: dict[str, Any] = SERVED["paths"][operation.path][operation.method]
    return found


@by_id
def test_an_operation_is_where_the_contract_has_it(operation: Operation) -> None:
    """Path, method, id and credentials are those of the contract."""
    found = described(operation)
    assert found["operationId"] == operation.operation_id
    if operation.access == "public":
        assert found["security"] == []
    else:
        assert SECURITY[operation.access] in found["security"]


@by_id
def test_an_operation_takes_what_the_contract_says(operation: Operation) -> None:
    """It has every parameter, optional in a query, and the body."""
    parameters = described(operation)["parameters"]
    types = {each["name"]: type_of(each["schema"]) for each in parameters if each["in"] == "query"}
    for name, kind in operation.query.items():
        assert same(kind, types.get(name, "")), name
    assert not any(each["required"] for each in parameters if each["in"] != "path")
    assert [type_of(each["schema"]) for each in parameters if each["in"] == "path"] == operation.variables
    assert [each["name"] for each in parameters if each["in"] == "path"] == re.findall(
        r"\{(\w+)\}", operation.path
    )
    assert body_of(described(operation).get("requestBody")) == operation.body


@by_id
def test_an_operation_answers_what_the_contract_says(operation: Operation) -> None:
    """Success is always 200; credentials that are missing are 401, and every error has the same form."""
    answers = dict(described(operation)["responses"])
    assert [status for status in answers if status[0] in "123"] == ["200"]
    assert body_of(answers.pop("200")) == operation.answer
    assert ("401" in answers) == (operation.access != "public")
    for answer in answers.values():
        shared = SERVED["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        assert body_of(shared) == "ApiRequestFailed"


def body_of(part: dict[str, Any] | None) -> str | None:
    """Return the name of the schema of a body."""
    return type_of(part["content"]["application/json"]["schema"]) if part else None


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_every_field_of_the_contract(name: str) -> None:
    """Each field has its name and type."""
    fields = SERVED["components"]["schemas"][name]["properties"]
    for field, kind in SCHEMAS[name].items():
        assert field in fields
        assert same(kind, type_of(fields[field])), field


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_has_the_words_of_the_contract(name: str) -> None:
    """The words of a choice are those of the contract, no more and no fewer."""
    assert sorted(SERVED["components"]["schemas"][name]["enum"]) == sorted(CHOICES[name])


def test_what_is_only_answered_is_never_null() -> None:
    """A field without a value is left out of an answer, for the contract has no null there."""
    sent = json.dumps(SERVED["components"]["schemas"]["CreateMeetingDto"])
    answered = json.dumps(
        [SERVED["components"]["schemas"][n] for n in ("BookingTimesOutDto", "GroupBookingOutDto")]
    )
    assert '"null"' in sent
    assert '"null"' not in answered


def test_every_reference_has_a_target() -> None:
    """Schemas, answers and headers that are referred to are there, and the schemas are valid ones."""
    for kind, name in re.findall(r'"#/components/(\w+)/([\w-]+)"', json.dumps(SERVED)):
        assert name in SERVED["components"][kind]
    for schema in SERVED["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid({"$schema": DIALECT} | schema)


def test_every_field_is_described() -> None:
    """The reference is made from the descriptions."""
    assert [*without_description()] == []


def without_description() -> Iterator[str]:
    for name, schema in SERVED["components"]["schemas"].items():
        if "enum" not in schema and not schema.get("description"):
            yield name
        for field, part in schema.get("properties", {}).items():
            if not part.get("description"):
                yield f"{name}.{field}"


def test_the_description_is_served_to_anyone(tmp_path: Path) -> None:
    """It needs no credentials, and no workspace."""

    def no_workspace() -> NoReturn:
        raise AssertionError

    access = AccessControl(tmp_path, Serve())
    client = falcon.testing.TestClient(application(ROUTES, open_workspace=no_workspace, access=access))
    answer = client.simulate_get("/v1/openapi.json", host="localhost")
    assert (answer.status_code, answer.json) == (200, json.loads(json.dumps(SERVED)))


def test_hours_are_as_the_contract_has_them() -> None:
    """The checker of answers takes what fits the contract, and nothing else."""
    assert_fits("WorkingInterval", {"start": "09:00:00", "end": "24:00:00"})
    for wrong in ("09:00", None, 9):
        with pytest.raises(AssertionError, match=r"WorkingInterval.*start"):
            assert_fits("WorkingInterval", {"start": wrong})
    with pytest.raises(AssertionError, match=r"records\.0\.id"):
        assert_fits("GroupBookingPage", {"records": [{"id": "one"}]})
    with pytest.raises(AssertionError, match="date-time"):
        assert_fits("SelectedMeetingTime", {"start": "2026-11-24 09:00"})


def test_a_profile_has_the_limits_of_its_file() -> None:
    """What a client may send of a profile is what a file of a profile may have: the same bounds and words."""
    of_file = profile_schema()["$defs"]["Profile"]["properties"]
    of_body = SERVED["components"]["schemas"]["GroupBookingUpdateDto"]["properties"]
    for field in (of_file.keys() & of_body.keys()) - {"required"}:
        assert bounds(of_body[field]) == bounds(of_file[field]), field


def bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema says about a value that is no object, list, account or default."""
    if "anyOf" in schema:
        (schema,) = (each for each in schema["anyOf"] if each != {"type": "null"})
    kept = {key: schema[key] for key in ("minimum", "maximum", "enum", "pattern") if key in schema}
    # What has no other limit may be as large as JavaScript can read.
    return {key: value for key, value in kept.items() if value != LARGEST_NUMBER}
