"""The messages of a wrong command line: what is wrong, and what was expected or is near."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from gbook.errors import UsageError, did_you_mean

__all__ = ["no_command", "refuse_empty", "usage_message"]

VALUE = r"Invalid value for '(?P<option>[^' ]+).*?: '?(?P<value>.*?)'? is not "
# The messages of typer, and ours instead.
MESSAGES = (
    (r"Option '(\S+)' requires .*", r"\1 needs a value"),
    (r"Option '(\S+)' does not take a value", r"\1 takes no value"),
    (r"Missing \w+ '\[?(\S+?)(?:\]|\.|…)*'.*", r"\1 is missing"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"unexpected argument: \1"),
    (rf"{VALUE}in the range x>=(\d+)", r"\1: expected a number of at least \3, found \2"),
    (rf"{VALUE}in the range (\d+)<=x<=(\d+)", r"\1: expected a number from \3 to \4, found \2"),
    (rf"{VALUE}a valid (?:int|integer|integer range|int range)", r"\1: expected a number, found '\2'"),
)


# The options whose value may be empty: texts, and those that a program tests itself.
MAY_BE_EMPTY = {
    "--subject",
    "--location",
    "--description",
    "--context",
    "--note",
    "--name",
    "--reason",
    "--meeting-url",
    "--format",
}


def refuse_empty(command: Any, values: Mapping[str, Any]) -> None:
    """Raise UsageError for an option that is given but empty, as by an unset variable of a shell."""
    for param in command.params:
        value = values.get(param.name)
        is_empty = value == "" or (isinstance(value, list | tuple) and "" in value)
        # An argument has none.
        name = next((name for name in param.opts if name.startswith("--")), None)
        if is_empty and name and name not in MAY_BE_EMPTY:
            raise UsageError(f"{name} is empty; give it a value or leave it out")


def no_command(path: str, name: str, commands: Collection[str]) -> str:
    """Return the message for an unknown command of a group, such as `gbook booking`."""
    hint = did_you_mean(name, commands) or f"; see {path} --help"
    return f"{_no(path)} command {name!r}{hint}"


def _no(path: str) -> str:
    """Return `booking has no` for `gbook booking`, and `no` for gbook itself."""
    _, _, name = path.partition(" ")
    return f"{name} has no" if name else "no"


def usage_message(error: Any) -> str:
    """Return the message of an error that typer raised for a wrong command line."""
    text = error.format_message().rstrip(".?")
    context = getattr(error, "ctx", None)
    see = f"; see {context.command_path} --help" if context else ""
    if context and (match := re.match(r"No such option: (\S+)", text)):
        options = [
            name
            for param in context.command.get_params(context)
            if not getattr(param, "hidden", False)
            for name in param.opts
        ]
        near = did_you_mean(match[1], [name for name in options if name.startswith("-")])
        return f"{_no(context.command_path)} option {match[1]}{near or see}"
    for pattern, ours in MESSAGES:
        if match := re.fullmatch(pattern, text, re.DOTALL):
            return match.expand(ours) + see
    return f"{text[:1].lower()}{text[1:]}{see}"
