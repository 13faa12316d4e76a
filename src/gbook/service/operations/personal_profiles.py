"""The profiles of an account: list, create, read, change, delete; and its work hours."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.operations.profile_editing import change, create, remove
from gbook.service.operations.profile_forms import personal_answer
from gbook.service.operations.scope import personal_scope, profile_in, profiles_in
from gbook.service.wire.hours import WeekWorkSchedule, week_answer
from gbook.service.wire.pages import PageQuery
from gbook.service.wire.profiles import BookingOutDto, BookingPage
from gbook.service.wire.states import BookingSuccessOutDto
from gbook.timeutil.instants import WEEKDAYS
from gbook.workspace.config import Account
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval
from gbook.yamlfiles.field_types import json_id

__all__ = [
    "create_profile",
    "delete_profile",
    "list_profiles",
    "read_profile",
    "read_work_hours",
    "update_profile",
]

# The hours of an account that is not limited.
_ALWAYS = WorkHours(
    day_schedules=tuple(
        DaySchedule(day_of_week=day, working_intervals=(WorkingInterval(start="00:00", end="24:00"),))
        for day in WEEKDAYS
    )
)


def read_work_hours(call: Call) -> WeekWorkSchedule:
    """Return the hours in which the account can be booked."""
    account = _caller(call)
    return week_answer(account.work_hours or _ALWAYS, account.timezone or call.workspace.zone.key)


def list_profiles(call: Call) -> BookingPage:
    """Return a page of the account's profiles."""
    query: PageQuery = call.query
    profiles = profiles_in(call, personal_scope(call))
    return query.page_of(
        BookingPage, profiles, lambda shown: [personal_answer(call.workspace, profile) for profile in shown]
    )


def create_profile(call: Call) -> BookingOutDto:
    """Create a profile of the account, with itself as its only member, and return it."""
    account = json_id(_caller(call).id)
    return personal_answer(call.workspace, create(call, {"owner": account, "accounts": [account]}))


def read_profile(call: Call) -> BookingOutDto:
    """Return a profile of the account."""
    return personal_answer(call.workspace, profile_in(call, personal_scope(call)))


def update_profile(call: Call) -> BookingSuccessOutDto:
    """Change a profile of the account."""
    return change(call, personal_scope(call))


def delete_profile(call: Call) -> BookingSuccessOutDto:
    """Delete a profile of the account; its bookings stay."""
    return remove(call, personal_scope(call))


def _caller(call: Call) -> Account:
    account = call.caller.account
    assert account is not None, "its route asks for an account"
    return account
