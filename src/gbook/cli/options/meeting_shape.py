"""The options that say how long a meeting is and when it can be: for a profile, or for one meeting."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
import typer

from gbook.cli.options import completion
from gbook.cli.options.durations import minutes_option

__all__ = ["Key", "MeetingShape"]


class Key(NamedTuple):
    """The key of a profile that an option sets, in the API's spelling."""

    path: str
    flag: str


class MeetingShape(msgspec.Struct, kw_only=True):
    """The length, the hours and the buffers of a meeting; None for those not given."""

    duration: Annotated[
        int | None,
        Key("durationMinutes", "--duration"),
        minutes_option("--duration", help="Length of the meeting: 45m, 1h30."),
    ] = None
    step: Annotated[
        int | None,
        Key("availabilityStep", "--step"),
        minutes_option("--step", help="Time between slot starts: 15m."),
    ] = None
    hours: Annotated[
        list[str] | None,
        Key("workHours.daySchedules", "--hours"),
        typer.Option("--hours", metavar="HOURS", help="'mon-fri 09:00-17:00'; repeatable."),
    ] = None
    timezone: Annotated[
        str | None,
        Key("workHours.timezone", "--timezone"),
        typer.Option(
            "--timezone", metavar="ZONE", help="Time zone of the hours.", autocompletion=completion.zones
        ),
    ] = None
    buffer_before: Annotated[
        int | None,
        Key("bufferBeforeMinutes", "--buffer-before"),
        minutes_option("--buffer-before", help="Free time required before the meeting: 10m."),
    ] = None
    buffer: Annotated[
        int | None,
        Key("bufferBetweenMinutes", "--buffer"),
        minutes_option("--buffer", help="Free time required after the meeting: 10m."),
    ] = None
    notice: Annotated[
        int | None,
        Key("startAfterMinutes", "--notice"),
        minutes_option("--notice", help="Minimum time from now to the first slot: 2h, 1d."),
    ] = None
