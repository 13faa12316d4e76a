"""The hours in which an account can be booked."""

from __future__ import annotations

from gbook.service.call import Call
from gbook.service.wire.hours import WeekWorkSchedule, week_answer
from gbook.timeutil.instants import WEEKDAYS
from gbook.workspace.work_hours import DaySchedule, WorkHours, WorkingInterval

__all__ = ["read_work_hours"]

# The hours of an account that is not limited.
_ALWAYS = WorkHours(
    day_schedules=tuple(
        DaySchedule(day_of_week=day, working_intervals=(WorkingInterval(start="00:00", end="24:00"),))
        for day in WEEKDAYS
    )
)


def read_work_hours(call: Call) -> WeekWorkSchedule:
    """Return the hours in which the account can be booked."""
    account = call.caller.account
    assert account is not None, "its route asks for an account"
    return week_answer(account.work_hours or _ALWAYS, account.timezone or call.workspace.zone.key)
