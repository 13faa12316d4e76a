"""Creating, changing and deleting profiles: for clients, and for accounts with profiles of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gbook.errors import InvalidFile, UsageError
from gbook.profiles import editing
from gbook.profiles.model import Profile
from gbook.profiles.title import MAX_TITLE
from gbook.service.call import Call
from gbook.service.operations.profile_forms import profile_data
from gbook.service.operations.scope import Scope, profile_in
from gbook.service.problems import Problem, Refusal, invalid
from gbook.service.wire.states import BookingSuccessOutDto

__all__ = ["OK", "change", "create", "remove"]

OK = BookingSuccessOutDto(status="Ok")
# The name of the body in errors about it.
BODY = "body"


def create(call: Call, more: Mapping[str, Any]) -> Profile:
    """Create a profile of the body, with `more` data of its file. Raises Refusal with all problems."""
    data = profile_data(call.workspace, call.body)
    _require_free(call, data["name"], None)
    try:
        return editing.create(call.profiles, {**data, **more}, BODY)
    except InvalidFile as error:
        if error.path != BODY:
            raise
        raise _refusal(error, data) from error
    except UsageError as error:
        raise _name_in_use() from error


def change(call: Call, scope: Scope) -> BookingSuccessOutDto:
    """Change what the body says of a profile. Raises Refusal with all problems, ApiError."""
    profile = profile_in(call, scope)
    data = profile_data(call.workspace, call.body)
    if "name" in data:
        _require_free(call, data["name"], profile.name)
    try:
        editing.update(call.profiles, profile.name, data)
    except InvalidFile as error:
        call.profiles.load(profile.name)  # raises for a file that was invalid before
        raise _refusal(error, data) from error
    return OK


def remove(call: Call, scope: Scope) -> BookingSuccessOutDto:
    """Delete a profile; its bookings stay. Raises ApiError."""
    editing.delete(call.profiles, profile_in(call, scope).name)
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
