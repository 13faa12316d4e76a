"""Preferences of an account or a profile: they rank slots, and never exclude one."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from gbook.errors import Problem
from gbook.workspace.work_hours import Weekday, WorkingInterval
from gbook.yamlfiles.base_model import Model

__all__ = ["Preferences"]


class Preferences(Model, frozen=True, kw_only=True):
    """Preferred times; they rank slots, and never exclude one."""

    hours: Annotated[
        tuple[WorkingInterval, ...],
        Meta(description="Preferred hours of every day, in the zone of the account or the profile."),
    ] = ()
    days: Annotated[
        tuple[Weekday, ...], Meta(description="Preferred weekdays, monday to sunday; none: all of them.")
    ] = ()
    adjacent: Annotated[
        bool | None,
        Meta(
            description="Meetings next to one another (true), or with a pause between them (false); of a "
            "profile: for accounts that do not say. Default: days without useless gaps."
        ),
    ] = None

    def check(self) -> Iterator[Problem]:
        """Yield a problem for each weekday that is listed twice."""
        for i, day in enumerate(self.days):
            if day in self.days[:i]:
                yield Problem(f"{day} is listed twice", key=f"days[{i}]")
