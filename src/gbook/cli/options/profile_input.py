"""Input of `gbook profile` from files and pipes: whole profiles, merge patches, groups."""

from __future__ import annotations

import sys
from typing import Any

from gbook.cli.options.profile_options import usage_error
from gbook.errors import InvalidFile, UsageError

__all__ = ["overlay", "patch_error", "read_groups", "read_input", "read_mapping", "source", "without_nulls"]


def patch_error(error: InvalidFile, file: str | None) -> InvalidFile | UsageError:
    """Return the error as one of the patch or of the options; the profile was valid before."""
    if not file:
        return usage_error(error)
    return InvalidFile(source(file), [problem._replace(line=None) for problem in error.problems])


def source(file: str | None) -> str:
    """Return the name of the input for messages."""
    return "stdin" if file == "-" else file or "options"


def read_input(file: str) -> str:
    """Return the text of a file, or of stdin for `-`. Raises NotFound, InvalidFile."""
    from pathlib import Path

    from gbook.yamlfiles import MEBIBYTE
    from gbook.yamlfiles.reader import decode_text, read_text

    if file != "-":
        return read_text(Path(file))
    return decode_text(sys.stdin.buffer.read(MEBIBYTE + 1), "stdin")


def read_mapping(text: str, file: str) -> dict[str, Any]:
    """Return a profile or a patch as plain data, without what `profile show` adds. Raises InvalidFile."""
    from gbook.yamlfiles.parser import parse_yaml

    data = parse_yaml(text, source(file))
    if not isinstance(data, dict):
        raise InvalidFile(source(file), ["expected keys and values"])
    data.pop("schedulerLink", None)
    return data


def without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    """Return data without the keys whose value is null: for the API's clients, these are absent."""
    return {key: _without_nulls(value) for key, value in data.items() if value is not None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return without_nulls(value)
    return list(map(_without_nulls, value)) if isinstance(value, list) else value


def read_groups(text: str, file: str) -> list[dict[str, Any]]:
    """Return the groups of the API's payload, or of a list. Raises InvalidFile."""
    from gbook.yamlfiles.parser import parse_yaml

    data = parse_yaml(text, source(file))
    groups = data.get("groups") if isinstance(data, dict) else data
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise InvalidFile(source(file), ['expected {"groups": [{"extId": …, "accountIds": […]}]}'])
    return list(map(without_nulls, groups))


def overlay(patch: dict[str, Any], other: dict[str, Any]) -> None:
    """Add a merge patch to a merge patch; nulls are kept (RFC 7386)."""
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(patch.get(key), dict):
            overlay(patch[key], value)
        else:
            patch[key] = value
