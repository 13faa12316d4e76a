"""The option `--set KEY=VALUE`, which changes any key of an account or a profile."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gbook.errors import InvalidFile, UsageError

__all__ = ["Assignments", "parse_assignment"]

Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set any key; null removes it; repeatable."),
]


def parse_assignment(text: str) -> dict[str, Any]:
    """Return the merge patch of `--set key=value`.

    Dots in the key reach into objects; the value is YAML, and null removes the key. Raises UsageError.
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
