"""The base class of the models that are sent over HTTP, and the types of fields that several of them have.

The classes have the names of the API's schemas, so that clients generated from gbook's description fit the
programs that use the hosted service. None is an absent field: an answer leaves it out, and null in a body is
the same as no field.
"""

from datetime import UTC
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.profiles.model import Moment
from gbook.text import one_line
from gbook.timeutil.instants import parse_instant
from gbook.workspace.numbers import LARGEST_NUMBER

__all__ = [
    "AccountNumber",
    "Count",
    "DateTime",
    "Limit",
    "Number",
    "Offset",
    "PersonName",
    "RequiredMode",
    "WireModel",
    "instant",
]


def _read_person(value: Any) -> Any:
    """Return the name of a person on one line, as calendars need it."""
    return one_line(value) if isinstance(value, str) else value


class WireModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A frozen model with the API's keys. In a body, unknown keys are ignored and null means absent."""


Number = Annotated[int, Meta(ge=0, le=LARGEST_NUMBER, extra_json_schema={"format": "int64"})]
AccountNumber = Annotated[Number, Meta(description="Number of an account.")]
# The title makes it a schema of its own in the description of the API.
RequiredMode = Annotated[Literal["one", "all"], Meta(title="BookingRequiredMode")]
Count = Annotated[int, Meta(ge=1, le=LARGEST_NUMBER, extra_json_schema={"format": "int64"})]
Limit = Annotated[int, Meta(ge=1, le=500, extra_json_schema={"format": "int32"})]
Offset = Annotated[int, Meta(ge=0, le=2**31 - 1, extra_json_schema={"format": "int32"})]
# In answers, as `2026-11-24T14:00:00Z`.
DateTime = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
PersonName = Annotated[str, Meta(extra={"read": _read_person})]


def instant(moment: Moment) -> int:
    """Return the instant of a date and time of a body."""
    return parse_instant(moment, UTC)
