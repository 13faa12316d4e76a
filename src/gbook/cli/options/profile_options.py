"""The options that describe a profile, the same for `create` and `update`, and the keys that they set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
import typer

from gbook.cli.options import completion
from gbook.cli.options.meeting_shape import Key, MeetingShape
from gbook.errors import InvalidFile, UsageError
from gbook.yamlfiles.field_types import json_id

__all__ = [
    "GROUP_FORM",
    "ProfileOptions",
    "named_accounts",
    "parse_group",
    "profile_patch",
    "usage_error",
]

GROUP_FORM = "EXTID=ID,ID[:one|all|N]"
_GROUP = re.compile(r"(?P<ext_id>[^=]+)=(?P<ids>[^:]+)(?::(?P<required>.+))?")


class ProfileOptions(MeetingShape, kw_only=True):
    """The values that the options set; None for those not given."""

    period: Annotated[
        str | None,
        Key("timeAvailableFor", "--for"),
        typer.Option("--for", metavar="PERIOD", help="How far ahead can be booked: 30d, 4w, P3M."),
    ] = None
    subject: Annotated[
        str | None,
        Key("subject", "--subject"),
        typer.Option("--subject", metavar="TEXT", help="May contain {{variables}}."),
    ] = None
    description: Annotated[
        str | None,
        Key("description", "--description"),
        typer.Option("--description", metavar="TEXT", help="May contain {{variables}}."),
    ] = None
    location: Annotated[
        str | None,
        Key("location", "--location"),
        typer.Option("--location", metavar="TEXT", help="May contain {{variables}}."),
    ] = None
    start: Annotated[
        str | None,
        Key("startTime", "--start"),
        typer.Option("--start", metavar="TIME", help="No slots before this date or time."),
    ] = None
    end: Annotated[
        str | None,
        Key("endTime", "--end"),
        typer.Option("--end", metavar="TIME", help="No slots after this date or time."),
    ] = None
    conference: Annotated[
        bool | None,
        Key("startConference", "--conference"),
        typer.Option("--conference/--no-conference", help="Add a link to an online conference."),
    ] = None
    meeting_url: Annotated[
        str | None,
        Key("openMeetingUrl", "--meeting-url"),
        typer.Option("--meeting-url", metavar="URL", help="Link of the meeting."),
    ] = None
    context: Annotated[
        str | None,
        Key("context", "--context"),
        typer.Option("--context", metavar="TEXT", help="Your own data, kept with the profile."),
    ] = None
    max_per_day: Annotated[
        int | None,
        Key("maxBookingsPerDay", "--max-per-day"),
        typer.Option("--max-per-day", metavar="N", help="Maximum bookings per account and day."),
    ] = None
    max_per_week: Annotated[
        int | None,
        Key("maxBookingsPerWeek", "--max-per-week"),
        typer.Option("--max-per-week", metavar="N", help="Maximum bookings per account and week."),
    ] = None
    max_per_month: Annotated[
        int | None,
        Key("maxBookingsPerMonth", "--max-per-month"),
        typer.Option("--max-per-month", metavar="N", help="Maximum bookings per account and month."),
    ] = None
    seats: Annotated[
        int | None,
        Key("seats", "--seats"),
        typer.Option("--seats", metavar="N", help="Guests who can share a time, each with a booking."),
    ] = None
    assignment: Annotated[
        Literal["order", "balanced"] | None,
        Key("assignment", "--assignment"),
        typer.Option("--assignment", help="Which of several available accounts is booked."),
    ] = None
    room_capacity: Annotated[
        int | None,
        Key("rooms.capacity", "--room-capacity"),
        typer.Option("--room-capacity", metavar="N", min=1, help="Only rooms with at least N seats."),
    ] = None
    room_feature: Annotated[
        list[str] | None,
        Key("rooms.features", "--room-feature"),
        typer.Option("--room-feature", metavar="F", help="Only rooms with this feature; repeatable."),
    ] = None
    account: Annotated[
        list[str] | None,
        Key("accounts", "--account"),
        typer.Option(
            "--account",
            metavar="ID",
            help="Attached account; repeatable.",
            autocompletion=completion.every_account,
        ),
    ] = None
    group: Annotated[
        list[str] | None,
        Key("groups", "--group"),
        typer.Option("--group", metavar=GROUP_FORM, help="Attached group; repeatable."),
    ] = None
    required: Annotated[
        str | None,
        Key("required", "--required"),
        typer.Option("--required", metavar="one|all|N", help="How many members must be free."),
    ] = None


def _keys(options: type[MeetingShape]) -> dict[str, Key]:
    """Return the keys by the names of their options."""
    fields: Any = msgspec.structs.fields(options)
    return {field.name: field.type.__metadata__[0] for field in fields}


def profile_patch(options: MeetingShape, zone: Callable[[], ZoneInfo]) -> dict[str, Any]:
    """Return the given options as a merge patch of a profile.

    Times without an offset are read in `zone`. Raises UsageError.
    """
    patch: dict[str, Any] = {}
    for name, key in _keys(type(options)).items():
        value = getattr(options, name)
        if value is None or value == []:
            continue
        outer, _, inner = key.path.partition(".")
        api_value = _api_value(name, value, zone)
        if inner:
            patch.setdefault(outer, {})[inner] = api_value
        else:
            patch[outer] = api_value
    return patch


def named_accounts(patch: Mapping[str, Any]) -> list[str]:
    """Return the accounts that --account and --group name."""
    groups = (group["accountIds"] for group in patch.get("groups", ()))
    return [str(item) for item in chain(patch.get("accounts", ()), *groups)]


def _api_value(name: str, value: Any, zone: Callable[[], ZoneInfo]) -> Any:
    match name:
        case "hours":
            from gbook.cli.options.hours import typed_hours

            return typed_hours(value)
        case "account":
            return [json_id(item.strip()) for text in value for item in text.split(",") if item.strip()]
        case "group":
            return [parse_group(text) for text in value]
        case "required":
            return json_id(value)  # the model reports anything but a number, `one` and `all`
        case "start" | "end":
            return _moment(value, name, zone)
        case "period":
            return _period(value)
        case _:
            return value


def _period(text: str) -> str:
    """Return a period in the API's form; a bare number is days. The model checks its range."""
    from gbook.timeutil.periods import iso_period

    try:
        return iso_period(text)
    except ValueError as error:
        raise UsageError(f"--for: {error}") from None


def _moment(text: str, option: str, zone: Callable[[], ZoneInfo]) -> str:
    """Return a time with an offset as it is, and any other date or time as an instant. Raises UsageError.

    It is read in `zone`; a date is its beginning for --start, and its end for --end.
    """
    from gbook.cli.options.dates import typed_end, typed_start
    from gbook.timeutil.instants import format_instant, now

    with suppress(ValueError):
        if datetime.fromisoformat(text).tzinfo:
            return text
    read = typed_start if option == "start" else typed_end
    return format_instant(read(text, zone(), now(), option=f"--{option}"))


def parse_group(text: str) -> dict[str, Any]:
    """Return the group of `sales=alice,bob:all` by the API's keys. Raises UsageError."""
    if not (match := _GROUP.fullmatch(text)):
        raise UsageError(f"expected a group as {GROUP_FORM}, found {text!r}")
    ids = [json_id(item.strip()) for item in match["ids"].split(",") if item.strip()]
    group: dict[str, Any] = {"extId": match["ext_id"].strip(), "accountIds": ids}
    if required := match["required"]:
        # The model reports anything but a number, `one` and `all`.
        group["required"] = json_id(required)
    return group


def usage_error(error: InvalidFile, **arguments: str) -> UsageError:
    """Return the problems of a profile by the options that set its keys.

    `arguments` has the names of keys that are set by arguments.
    """
    by_key = {key.path: key.flag for key in _keys(ProfileOptions).values()} | arguments
    lines = []
    for problem in error.problems:
        option = next((by_key[key] for key in _outward(problem.key or "") if key in by_key), problem.key)
        lines.append(f"{option}: {problem.message}" if option else problem.message)
    return UsageError("; ".join(lines), problems=[problem._asdict() for problem in error.problems])


def _outward(key: str) -> Sequence[str]:
    """Return the key and those that contain it, innermost first: `a.b[0].c`, `a.b[0]`, `a.b`, `a`."""
    keys = [key]
    while inner := re.search(r"(?:\.[^.\[]+|\[\d+\])$", keys[-1]):
        keys.append(keys[-1][: inner.start()])
    return keys
