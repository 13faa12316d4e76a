"""The questions of `profile create` and `account add`. Each answer is checked at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gbook.cli.questions import ask, confirm
from gbook.errors import InvalidFile
from gbook.timeutil.periods import iso_period, period_minutes
from gbook.workspace.calendar_ref import is_address
from gbook.yamlfiles.field_types import json_id, read_account_id, read_email, read_name, read_zone

if TYPE_CHECKING:
    from gbook.profiles.store import ProfileStore
    from gbook.workspace.workspace import Workspace

__all__ = ["ask_account", "ask_profile"]


def ask_profile(store: ProfileStore, name: str | None) -> dict[str, Any]:
    """Ask for the keys of a new profile and return them."""
    from gbook.profiles.hours import parse_hours

    known = list(store.workspace.accounts)
    profile: dict[str, Any] = {"name": name or ask("Name", None, lambda answer: _new_name(store, answer))}
    profile["subject"] = ask(
        "Subject of the meeting", "Meeting with {{name}}", lambda answer: _checked_key("subject", answer)
    )
    profile["durationMinutes"] = ask(
        "Minutes", "30", lambda answer: _checked_key("durationMinutes", period_minutes(answer))
    )
    profile["availabilityStep"] = ask(
        "Minutes between slot starts",
        "30",
        lambda answer: _checked_key("availabilityStep", period_minutes(answer)),
    )
    profile["timeAvailableFor"] = ask(
        "How far ahead", "30d", lambda answer: _checked_key("timeAvailableFor", iso_period(answer))
    )
    zone = ask("Time zone", store.workspace.zone.key, read_zone)
    hours = ask("Work hours", "mon-fri 09:00-17:00", lambda answer: parse_hours([answer]))
    profile["workHours"] = {"timezone": zone, "daySchedules": msgspec.to_builtins(hours)}
    profile["accounts"] = ask("Accounts", ",".join(known), lambda answer: _accounts(store.workspace, answer))
    return profile


def ask_account(workspace: Workspace, given: Mapping[str, Any], create: bool) -> tuple[dict[str, Any], bool]:
    """Ask for the missing keys of a new account.

    Return all its keys, and whether to create its calendar.
    """
    data = dict(given)
    if "id" not in data:
        data["id"] = json_id(ask("Id", None, lambda answer: _new_account(workspace, answer)))
    if "email" not in data:
        data["email"] = ask("E-mail", None, read_email)
    if "name" not in data:
        data["name"] = ask("Name", str(data["id"]), str)
    if "timezone" not in data:
        data["timezone"] = ask("Time zone", workspace.zone.key, read_zone)
    if "calendars" not in data:
        path = ask("Calendar", f"calendars/{data['id']}.ics", lambda answer: _calendar(workspace, answer))
        data["calendars"] = [path]
        is_there = is_address(path) or workspace.calendar_path(path).exists()
        missing = not create and not is_there
        create = create or (missing and confirm(f"{path} does not exist. Create it?", default=True))
    return data, create


def _checked_key(key: str, value: Any) -> Any:
    """Return the value of one key of a profile. Raises ValueError if the profile's own rules refuse it."""
    from gbook.profiles.model import Profile
    from gbook.yamlfiles.reader import convert

    try:
        convert({key: value}, Profile, "answer")
    except InvalidFile as error:
        raise ValueError(error.problems[0].message) from None
    return value


def _new_name(store: ProfileStore, answer: str) -> str:
    if read_name(answer) in store.names():
        raise ValueError(f"profile {answer} already exists")
    return answer


def _new_account(workspace: Workspace, answer: str) -> str:
    if read_account_id(answer) in workspace.accounts:
        raise ValueError(f"account {answer} already exists")
    return answer


def _calendar(workspace: Workspace, answer: str) -> str:
    """Return the path of a calendar, which may not exist yet. Raises GbookError if it is not readable."""
    from gbook.accounts.calendar_files import check_calendar, path_in_workspace

    path = path_in_workspace(workspace, answer)
    if not is_address(path) and workspace.calendar_path(path).exists():
        check_calendar(workspace.calendar_path(path))
    return path


def _accounts(workspace: Workspace, answer: str) -> list[str | int]:
    ids = [item.strip() for item in answer.split(",") if item.strip()]
    return [json_id(workspace.account(account_id).id) for account_id in dict.fromkeys(ids)]
