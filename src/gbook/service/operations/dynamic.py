"""Which profiles can take a time."""

from __future__ import annotations

from collections.abc import Iterator

import gbook
from gbook.errors import NotFound
from gbook.service.call import Call
from gbook.service.operations.scope import is_in_scope, profile_of_number, profiles_in
from gbook.service.operations.times import ask
from gbook.service.problems import ApiError, Problem, refuse
from gbook.service.wire.base import instant
from gbook.service.wire.times import BookingAvailableProfilesInDto, BookingAvailableProfilesOutDto

__all__ = ["available_profiles"]


def available_profiles(call: Call) -> BookingAvailableProfilesOutDto:
    """Return the group profiles, of those named or of all, with a slot in a time (bookingGroupAvailability).

    One whose members' calendars cannot be read is left out. Raises ApiError if that is true of all.
    """
    profiles = _named(call) or profiles_in(call)
    possible, failed = [], []
    for profile in profiles:
        try:
            if _has_slot(call, profile):
                possible.append(profile.id)
        except ApiError as error:
            failed.append(error)
    if failed and len(failed) == len(profiles):
        raise failed[0]
    return BookingAvailableProfilesOutDto(
        profile_ids=tuple(number for number in possible if number is not None)
    )


def _has_slot(call: Call, profile: gbook.Profile) -> bool:
    body: BookingAvailableProfilesInDto = call.body
    query = gbook.Query(
        profile=profile,
        now=call.now,
        required=body.required,
        low=instant(body.time_min),
        high=instant(body.time_max),
    )
    return bool(ask(call, query, "timeMax").slots)


def _named(call: Call) -> list[gbook.Profile]:
    """Return the profiles that the body names, each once. Raises Refusal for all that are unknown."""
    found: dict[str, gbook.Profile] = {}
    problems: list[Problem] = []
    for key, value, profile in _looked_up(call):
        if profile is None or not is_in_scope(call, profile):
            problems.append((key, f"expected a profile, found {value!r}"))
        else:
            found[profile.name] = profile
    refuse(problems)
    return list(found.values())


def _looked_up(call: Call) -> Iterator[tuple[str, str | int, gbook.Profile | None]]:
    """Yield the key path, the name or id, and the profile of each that the body names."""
    body: BookingAvailableProfilesInDto = call.body
    for i, number in enumerate(body.profile_ids or ()):
        yield f"profileIds[{i}]", number, profile_of_number(call.profiles, number)
    for i, name in enumerate(body.profile_names or ()):
        yield f"profileNames[{i}]", name, _of_name(call, name)


def _of_name(call: Call, name: str) -> gbook.Profile | None:
    try:
        return call.profiles.find(name)
    except NotFound:
        return None
