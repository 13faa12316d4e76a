"""Profiles as clients see them, and what they send as data of a profile's file."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gbook.engine.quorum import Required
from gbook.profiles.model import Moment, Profile
from gbook.service.call import Call, Scope
from gbook.service.operations.numbers import AccountNumbers
from gbook.service.problems import refuse
from gbook.service.wire.base import instant
from gbook.service.wire.hours import dates_answer, week_answer
from gbook.service.wire.profiles import AdditionalField, BookingOutDto, GroupBookingOutDto, ProfileFields
from gbook.timeutil.instants import format_instant
from gbook.workspace.workspace import Workspace
from gbook.yamlfiles.field_types import json_id

__all__ = ["profile_answer", "profile_data", "required_form"]

# The fields that have the same values in both.
_SAME = [name for name in ProfileFields.__struct_fields__ if name in Profile.__struct_fields__]


def profile_answer(call: Call, profile: Profile) -> BookingOutDto:
    """Return a profile as it is sent; only one of the clients has their `clientOrgId`."""
    values = _values(call.workspace, profile)
    if call.scope is Scope.GROUP:
        return GroupBookingOutDto(**values, client_org_id=profile.client_org_id)
    return BookingOutDto(**values)


def _values(workspace: Workspace, profile: Profile) -> dict[str, Any]:
    required, count = required_form(profile.required)
    return {name: getattr(profile, name) for name in _SAME} | {
        "id": profile.id,
        "name": profile.display_name,
        "start_time": _in_utc(profile.start_time),
        "end_time": _in_utc(profile.end_time),
        "work_hours": week_answer(profile.work_hours, workspace.zone.key),
        "availability_intervals": dates_answer(profile.availability_intervals),
        "required": required,
        "required_count": count,
        "optional": AccountNumbers(workspace).of(profile.optional),
        "additional_fields": tuple(
            AdditionalField(name=field.name, type=field.type, default=field.default)
            for field in profile.additional_fields
        ),
    }


def _in_utc(moment: Moment | None) -> str | None:
    """Return a moment of a profile's file, which may have any offset, as it is sent."""
    return None if moment is None else format_instant(instant(moment))


def required_form(required: Required) -> tuple[Literal["one", "all"], int | None]:
    """Return how many must be free as the API's word, and as a number if it is one."""
    if isinstance(required, int):
        return "one" if required == 1 else "all", required
    return required, None


def profile_data(workspace: Workspace, body: ProfileFields) -> dict[str, Any]:
    """Return what a body says about a profile, by the keys of its file; absent fields are left out.

    Raises Refusal for numbers that no account has.
    """
    data: dict[str, Any] = msgspec.to_builtins(body)
    if (count := data.pop("requiredCount", None)) is not None:
        data["required"] = count
    if body.optional is not None:
        numbers = AccountNumbers(workspace)
        refuse(numbers.unknown(body.optional, "optional"))
        data["optional"] = [json_id(account_id) for account_id in numbers.ids(body.optional)]
    return data
