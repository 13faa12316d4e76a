"""Any body and any parameters of a request are read, or refused with a list of problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import tried

from gbook.profiles import editing
from gbook.profiles.store import ProfileStore
from gbook.service.problems import Refusal
from gbook.service.routes.table import ROUTES
from gbook.service.wire.profiles import GroupBookingInDto, GroupBookingUpdateDto
from gbook.service.wire.reading import read_body, read_query
from gbook.workspace.workspace import open_workspace

pytestmark = pytest.mark.fuzz

BODIES = sorted({route.body for route in ROUTES if route.body}, key=lambda model: model.__name__)
TEXTS = ("subject", "description", "location", "context", "clientOrgId")
QUERIES = sorted({route.query for route in ROUTES if route.query}, key=lambda model: model.__name__)
VALID = {
    "name": "Support call",
    "startTime": "2026-11-24T09:00:00Z",
    "endTime": "2026-12-24T09:00:00+01:00",
    "timeAvailableFor": "P30D",
    "workHours": {
        "timezone": "Europe/Paris",
        "daySchedules": [
            {"dayOfWeek": "monday", "workingIntervals": [{"start": "09:00:00", "end": "17:00"}]}
        ],
    },
    "availabilityIntervals": {
        "intervals": [{"dateStartInclusive": "2026-12-24", "dateEndInclusive": "2026-12-24", "hours": []}]
    },
    "optional": [1, 2],
    "groups": [{"extId": "sales", "accountIds": [1, 2], "required": "one", "requiredCount": 1}],
    "accountIds": [1],
    "time": {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:30:00Z"},
    "timeMin": "2026-11-24T09:00:00Z",
    "timeMax": "2026-11-24T09:30:00Z",
    "schedulerInfo": {"name": "Jane", "email": "jane@example.com"},
    "substitutionData": {"topic": "x"},
    "invitees": [{"email": "joe@example.com"}],
}


def fields() -> Iterator[str]:
    """Yield the names of the fields of every model."""
    for schema in msgspec.json.schema_components([*BODIES, *QUERIES])[1].values():
        yield from schema["properties"]


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
names = st.sampled_from(sorted(fields())) | st.text()
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=20)


def read(raw: bytes, model: type[Any]) -> None:
    """Read a body; a refusal is about places in it."""
    problems = refused(partial(read_body, raw, model))
    assert all(isinstance(text, str) for problem in problems for text in problem)


def refused(reading: Callable[[], object]) -> Sequence[tuple[str, str]]:
    """Return the problems with which a reading is refused; none if it is not."""
    try:
        reading()
    except Refusal as refusal:
        return refusal.problems
    return ()


@tried(300)
@given(st.sampled_from(BODIES), st.dictionaries(names, values) | values)
def test_a_random_body_is_read_or_refused(model: type[Any], body: object) -> None:
    """Any JSON value, mostly with keys of the models."""
    read(json.dumps(body).encode(), model)


@tried(300)
@given(st.sampled_from(BODIES), mutations)
def test_a_mutated_body_is_read_or_refused(model: type[Any], changes: list[Mutation]) -> None:
    """A valid body with bytes changed, dropped or repeated."""
    read(mutated(json.dumps(VALID, indent=1).encode(), changes), model)


@tried(300)
@given(
    st.sampled_from(QUERIES), st.dictionaries(names, st.text() | st.integers().map(str) | st.lists(st.text()))
)
def test_random_parameters_are_read_or_refused(model: type[Any], parameters: dict[str, Any]) -> None:
    """Any text for any parameter."""
    problems = refused(partial(read_query, parameters, model))
    # One that is missing is a problem of all of them.
    assert {key for key, _ in problems} <= {"", *parameters}


@tried(100)
@given(st.dictionaries(st.sampled_from(TEXTS), st.text()), st.dictionaries(st.sampled_from(TEXTS), st.text()))
def test_a_text_is_kept_as_it_was_sent(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, str], then: dict[str, str]
) -> None:
    """A profile's file holds any text that a client sends, also in place of another one."""
    root = tmp_path_factory.mktemp("texts")
    (root / "gbook.yaml").write_text("accounts: []")
    store = ProfileStore(open_workspace(root))
    editing.create(
        store, to_builtins(read_body(json.dumps(first | {"name": "a"}).encode(), GroupBookingInDto)), ""
    )
    editing.update(store, "a", to_builtins(read_body(json.dumps(then).encode(), GroupBookingUpdateDto)))
    kept = to_builtins(store.load("a"))
    assert {key: kept[key] for key in first | then} == first | then
