"""Group profiles: list, create, read, change, delete."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.operations.profile_editing import change, create, remove
from gbook.service.operations.profile_forms import group_answer
from gbook.service.operations.scope import group_scope, profile_in, profiles_in
from gbook.service.wire.pages import PageQuery
from gbook.service.wire.profiles import GroupBookingOutDto, GroupBookingPage
from gbook.service.wire.states import BookingSuccessOutDto

__all__ = ["create_profile", "delete_profile", "list_profiles", "read_profile", "update_profile"]


def list_profiles(call: Call) -> GroupBookingPage:
    """Return a page of the group profiles."""
    query: PageQuery = call.query
    profiles = profiles_in(call, group_scope(call))
    return query.page_of(
        GroupBookingPage, profiles, lambda shown: [group_answer(call.workspace, profile) for profile in shown]
    )


def create_profile(call: Call) -> GroupBookingOutDto:
    """Create a group profile and return it."""
    return group_answer(call.workspace, create(call, {}))


def read_profile(call: Call) -> GroupBookingOutDto:
    """Return a group profile."""
    return group_answer(call.workspace, profile_in(call, group_scope(call)))


def update_profile(call: Call) -> BookingSuccessOutDto:
    """Change a group profile."""
    return change(call, group_scope(call))


def delete_profile(call: Call) -> BookingSuccessOutDto:
    """Delete a group profile; its bookings stay."""
    return remove(call, group_scope(call))
