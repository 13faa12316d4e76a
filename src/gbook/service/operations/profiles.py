"""Booking profiles, of clients and of accounts: list, create, read, change, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gbook.errors import InvalidFile, UsageError
from gbook.profiles import editing
from gbook.profiles.title import MAX_TITLE
from gbook.service.call import Call, Scope
from gbook.service.operations.profile_forms import profile_answer, profile_data
from gbook.service.operations.scope import profile_in, profiles_in
from gbook.service.problems import Problem, Refusal, invalid
from gbook.service.wire.pages import Page, PageQuery
from gbook.service.wire.profiles import BookingOutDto, BookingPage, GroupBookingPage
from gbook.service.wire.states import OK, BookingSuccessOutDto
from gbook.yamlfiles.field_types import json_id

__all__ = ["create_profile", "delete_profile", "list_profiles", "read_profile", "update_profile"]

# The name of the body in errors about it.
BODY = "body"


def list_profiles(call: Call) -> Page:
    """Return a page of the profiles."""
    query: PageQuery = call.query
    kind: type[Page] = GroupBookingPage if call.scope is Scope.GROUP else BookingPage
    return query.page_of(
        kind, profiles_in(call), lambda shown: [profile_answer(call, profile) for profile in shown]
    )


def create_profile(call: Call) -> BookingOutDto:
    """Create a profile of the body, and return it. Raises Refusal with all problems."""
    data = profile_data(call.workspace, call.body)
    _require_free(call, data["name"], None)
    try:
        created = editing.create(call.profiles, {**data, **_owned(call)}, BODY)
    except InvalidFile as error:
        if error.path != BODY:
            raise
        raise _refusal(error, data) from error
    except UsageError as error:
        raise _name_in_use() from error
    return profile_answer(call, created)


def _owned(call: Call) -> dict[str, Any]:
    """Return what a new profile has of the account that creates it: it is the owner and the only member."""
    if (account := call.caller.account) is None:
        return {}
    return {"owner": json_id(account.id), "accounts": [json_id(account.id)]}


def read_profile(call: Call) -> BookingOutDto:
    """Return a profile."""
    return profile_answer(call, profile_in(call))


def update_profile(call: Call) -> BookingSuccessOutDto:
    """Change what the body says of a profile. Raises Refusal with all problems, ApiError."""
    profile = profile_in(call)
    data = profile_data(call.workspace, call.body)
    if "name" in data:
        _require_free(call, data["name"], profile.name)
    try:
        editing.update(call.profiles, profile.name, data)
    except InvalidFile as error:
        call.profiles.load(profile.name)  # raises for a file that was invalid before
        raise _refusal(error, data) from error
    return OK


def delete_profile(call: Call) -> BookingSuccessOutDto:
    """Delete a profile; its bookings stay. Raises ApiError."""
    editing.delete(call.profiles, profile_in(call).name)
    return OK


def _require_free(call: Call, name: str, own: str | None) -> None:
    """Raise Refusal if another profile than `own` has a name; it may be one that the caller cannot see."""
    if call.profiles.named(name) not in (None, own):
        raise _name_in_use()


def _name_in_use() -> Refusal:
    return invalid(("name", "another profile has this name"))


def _refusal(error: InvalidFile, data: Mapping[str, Any]) -> Refusal:
    """Return the answer about data that does not make a valid profile.

    What is wrong with other keys of the file is not told: it may name accounts and other profiles.
    """
    problems = [_problem(problem.key or "", problem.message, data) for problem in error.problems]
    return invalid(*dict.fromkeys(problems))


def _problem(key: str, message: str, data: Mapping[str, Any]) -> Problem:
    root = key.partition(".")[0].partition("[")[0]
    if root == "title":
        return "name", f"expected a name of at most {MAX_TITLE} characters that no other profile has"
    if root == "optional" or root not in data:
        return key if root in data else "", "the profile would not be valid"
    return key, message
