"""Commands to copy: they ask what was asked."""

from __future__ import annotations

from typing import Any

import typer
from hypothesis import given
from hypothesis import strategies as st

from gbook.cli.commands import availability
from gbook.cli.options.meeting_shape import MeetingShape
from gbook.cli.options.profile_options import profile_patch
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Profile
from gbook.render.commands import meeting_words
from gbook.timeutil.zones import find_zone
from gbook.workspace.work_hours import WorkHours
from gbook.yamlfiles.reader import convert

COMMAND = typer.main.get_command(availability.app)
HOURS = [
    None,
    ["mon-fri 09:00-17:00"],
    ["mon 9-12,13-17"],
    ["daily 22:00-02:00"],
    ["tue,thu 10:15-11", "sat 8-9"],
]


@given(
    duration=st.integers(1, 10080),
    step=st.integers(1, 1440),
    before=st.integers(0, 10080),
    after=st.integers(0, 10080),
    notice=st.integers(0, 527_040),
    hours=st.sampled_from(HOURS),
    zone=st.sampled_from([None, "UTC", "America/New_York"]),
    accounts=st.lists(st.from_regex(r"[a-z_][a-z._-]{0,5}", fullmatch=True), min_size=1, unique=True),
)
def test_the_options_of_a_meeting_without_a_profile_are_read_back(
    duration: int,
    step: int,
    before: int,
    after: int,
    notice: int,
    hours: list[str] | None,
    zone: str | None,
    accounts: list[str],
) -> None:
    """The words, typed again, describe the same meeting."""
    kept: dict[str, Any] = {} if hours is None else {"day_schedules": parse_hours(hours)}
    profile = Profile(
        duration_minutes=duration,
        availability_step=step,
        buffer_before_minutes=before,
        buffer_between_minutes=after,
        start_after_minutes=notice,
        work_hours=WorkHours(timezone=zone, **kept),
        accounts=tuple(accounts),
    )
    words = meeting_words(profile)
    assert words[:2] == ["--with", ",".join(accounts)]
    params = COMMAND.make_context("availability", words).params
    # The wrapper of a command makes lists of what repeatable options give.
    values = {name: params[name] or None for name in MeetingShape.__struct_fields__ if name != "notice"}
    shape = MeetingShape(**values, notice=params["notice"])
    patch = profile_patch(shape, lambda: find_zone("UTC"))
    assert convert({**patch, "accounts": accounts}, Profile, "options") == profile
