"""The options that describe a profile, the same for `create` and `update`: one table, and what they say."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import chain
from typing import Annotated, Any, Literal, NamedTuple

import typer

from gbook.cli.options import completion
from gbook.errors import InvalidFile, UsageError
from gbook.yamlfiles.field_types import json_id

__all__ = [
    "named_accounts",
    "parse_assignment",
    "parse_group",
    "profile_patch",
    "usage_error",
    "with_profile_options",
]

GROUP_FORM = "EXTID=ID,ID[:one|all|N]"
_GROUP = re.compile(r"(?P<ext_id>[^=]+)=(?P<ids>[^:]+)(?::(?P<required>.+))?")


_OFFERS = {"--account": completion.every_account, "--timezone": completion.zones}


class ProfileOption(NamedTuple):
    """An option and the key of the API that it sets."""

    key: str
    kind: Any
    flag: str
    option: Any


def _text(key: str, flag: str, help: str, metavar: str = "TEXT") -> ProfileOption:
    option = typer.Option(
        flag, metavar=metavar, help=help, show_default=False, autocompletion=_OFFERS.get(flag)
    )
    return ProfileOption(key, str, flag, option)


def _number(key: str, flag: str, help: str, metavar: str = "MIN") -> ProfileOption:
    return ProfileOption(key, int, flag, typer.Option(flag, metavar=metavar, help=help, show_default=False))


def _many(key: str, flag: str, help: str, metavar: str) -> ProfileOption:
    option = typer.Option(
        flag,
        metavar=metavar,
        help=f"{help}; repeatable.",
        show_default=False,
        autocompletion=_OFFERS.get(flag),
    )
    return ProfileOption(key, list[str], flag, option)


OPTIONS: dict[str, ProfileOption] = {
    "duration": _number("durationMinutes", "--duration", "Length of a meeting."),
    "step": _number("availabilityStep", "--step", "A slot starts every so often."),
    "period": _text("timeAvailableFor", "--for", "How far ahead: P30D, P4W, P3M.", "PERIOD"),
    "subject": _text("subject", "--subject", "May hold {{variables}}."),
    "description": _text("description", "--description", "May hold {{variables}}."),
    "location": _text("location", "--location", "May hold {{variables}}."),
    "timezone": _text("workHours.timezone", "--timezone", "Zone of the work hours.", "ZONE"),
    "hours": _many("workHours.daySchedules", "--hours", "'mon-fri 09:00-17:00'", "HOURS"),
    "buffer_before": _number("bufferBeforeMinutes", "--buffer-before", "Free before the meeting."),
    "buffer": _number("bufferBetweenMinutes", "--buffer", "Free after the meeting."),
    "notice": _number("startAfterMinutes", "--notice", "Earliest start from now."),
    "start": _text("startTime", "--start", "No slot before.", "TIME"),
    "end": _text("endTime", "--end", "No slot after.", "TIME"),
    "conference": ProfileOption(
        "startConference",
        bool,
        "--conference",
        typer.Option("--conference/--no-conference", help="An online conference.", show_default=False),
    ),
    "meeting_url": _text("openMeetingUrl", "--meeting-url", "Link of the meeting.", "URL"),
    "context": _text("context", "--context", "Your own data, kept with the profile."),
    "max_per_day": _number("maxBookingsPerDay", "--max-per-day", "Bookings a day and host.", "N"),
    "assignment": ProfileOption(
        "assignment",
        Literal["order", "balanced"],
        "--assignment",
        typer.Option("--assignment", help="Who of several is booked.", show_default=False),
    ),
    "account": _many("accounts", "--account", "Attached account", "ID"),
    "group": _many("groups", "--group", "Attached group", GROUP_FORM),
}


def with_profile_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose `**options` are the options of the table, by its names; None for those not given."""
    own = inspect.signature(command, eval_str=True)
    parameters = [item for item in own.parameters.values() if item.kind is not inspect.Parameter.VAR_KEYWORD]
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters += [
        inspect.Parameter(name, keyword, default=None, annotation=Annotated[item.kind | None, item.option])
        for name, item in OPTIONS.items()
    ]

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        command(*args, **kwargs)

    wrapper.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {}
    return wrapper


def profile_patch(options: Mapping[str, Any], zone: Callable[[], tzinfo]) -> dict[str, Any]:
    """What the options that were given say, by the API's keys; `zone` reads times without an offset."""
    patch: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == []:
            continue
        outer, _, inner = OPTIONS[name].key.partition(".")
        said = _value(name, value, zone)
        if inner:
            patch.setdefault(outer, {})[inner] = said
        else:
            patch[outer] = said
    return patch


def named_accounts(patch: Mapping[str, Any]) -> list[str]:
    """The accounts that --account and --group name."""
    groups = (group["accountIds"] for group in patch.get("groups", ()))
    return [str(item) for item in chain(patch.get("accounts", ()), *groups)]


def _value(name: str, value: Any, zone: Callable[[], tzinfo]) -> Any:
    match name:
        case "hours":
            import msgspec

            from gbook.profiles.hours import parse_hours

            return msgspec.to_builtins(parse_hours(value))
        case "account":
            return [json_id(item.strip()) for text in value for item in text.split(",") if item.strip()]
        case "group":
            return [parse_group(text) for text in value]
        case "start" | "end":
            return _moment(value, zone)
        case _:
            return value


def _moment(text: str, zone: Callable[[], tzinfo]) -> str:
    """A time without an offset is a wall clock of the zone; what is no time is left for the model to tell."""
    from gbook.timeutil.instants import format_instant, from_local

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo else format_instant(from_local(moment, zone()))


def parse_group(text: str) -> dict[str, Any]:
    """`sales=alice,bob:all` by the API's keys. Raises UsageError."""
    if not (match := _GROUP.fullmatch(text)):
        raise UsageError(f"expected a group as {GROUP_FORM}, found {text!r}")
    ids = [json_id(item.strip()) for item in match["ids"].split(",") if item.strip()]
    group: dict[str, Any] = {"extId": match["ext_id"].strip(), "accountIds": ids}
    if required := match["required"]:
        # An integer where it is one, as with ids; the model tells of anything else.
        group["required"] = json_id(required)
    return group


def parse_assignment(text: str) -> dict[str, Any]:
    """`--set key=value` as a merge patch: dots in the key reach inside, the value is YAML, null removes.

    Raises UsageError.
    """
    from gbook.yamlfiles.parser import parse_yaml

    key, equals, raw = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"expected key=value such as durationMinutes=45, found {text!r}")
    try:
        value = parse_yaml(raw, "--set")
    except InvalidFile:
        value = raw
    if isinstance(value, dict | list) and not raw.lstrip().startswith(("{", "[")):
        value = raw
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return dict(value)


def usage_error(error: InvalidFile, **arguments: str) -> UsageError:
    """The problems of what the options say, each by its option; `arguments` name keys that are none."""
    by_key = {item.key: item.flag for item in OPTIONS.values()} | arguments
    lines = []
    for problem in error.problems:
        option = next((by_key[key] for key in _outward(problem.key or "") if key in by_key), problem.key)
        lines.append(f"{option}: {problem.message}" if option else problem.message)
    return UsageError("; ".join(lines), problems=[problem._asdict() for problem in error.problems])


def _outward(key: str) -> Sequence[str]:
    """`a.b[0].c`, then `a.b`, then `a`."""
    keys = [key]
    while inner := re.search(r"(?:\.[^.\[]+|\[\d+\])$", keys[-1]):
        keys.append(keys[-1][: inner.start()])
    return keys
