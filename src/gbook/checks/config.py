"""Checks of gbook.yaml; its valid parts are kept, so that profiles and calendars can be checked too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gbook.cache import Cache
from gbook.calendars.commit.paths import real_path
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.checks.clients import has_clients
from gbook.checks.programs import overwritten_calendars
from gbook.checks.report import Finding, error, of_problems, warning
from gbook.errors import InvalidFile
from gbook.workspace.calendar_ref import CalendarRef, read_calendar
from gbook.workspace.config import CONFIG_LIMIT, CONFIG_NAME, Account, Config
from gbook.workspace.numbers import has_own_number, number_of
from gbook.workspace.workspace import Workspace, open_workspace
from gbook.yamlfiles.key_paths import line_finder
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.reader import read_text
from gbook.yamlfiles.validation import Converter

if TYPE_CHECKING:
    from gbook.calendars.stores.remotes import Asking

__all__ = ["check_config", "open_anyway"]


def open_anyway(
    root: Path, cache: Cache | None, asking: Asking | None = None
) -> tuple[Workspace, list[Finding]]:
    """Return the workspace made of the valid parts of gbook.yaml, and the findings about the invalid ones."""
    try:
        return open_workspace(root, cache, asking), []
    except InvalidFile as invalid:
        findings = list(of_problems("invalid_config", invalid.problems, CONFIG_NAME))
        return Workspace(root, _salvage(root / CONFIG_NAME), cache, asking), findings
    except OSError as fault:
        message = f"cannot be read: {fault.strerror}"
        return Workspace(root, Config(), cache, asking), [error("invalid_config", message, CONFIG_NAME)]


def _salvage(path: Path) -> Config:
    """Return the valid parts of gbook.yaml. An invalid account keeps its id: profiles may refer to it."""
    try:
        data = parse_yaml(read_text(path, CONFIG_LIMIT), path, CONFIG_LIMIT)
    except InvalidFile:
        return Config()
    listed = data.get("accounts") if isinstance(data, dict) else None
    items = listed if isinstance(listed, list) else []
    valid = _valid_fields(data, Config)
    servers = {server.id for server in valid.get("servers", ())}
    accounts = tuple(_salvage_account(item, servers) for item in items if isinstance(item, dict))
    return Config(**(valid | {"accounts": accounts}))


def _salvage_account(data: dict[str, Any], servers: Set[str]) -> Account:
    valid = _valid_fields(data, Account)
    listed = data.get("calendars")
    if "calendars" not in valid and isinstance(listed, list):
        entries = (_valid_fields(read_calendar(item), CalendarRef) for item in listed)
        valid["calendars"] = tuple(
            CalendarRef(**fields) for fields in entries if fields.keys() & {"path", "url", "url_command"}
        )
    known = [each for each in valid.get("calendars", ()) if each.server is None or each.server in servers]
    return Account(**({"id": "?", "email": ""} | valid | {"calendars": tuple(known)}))


def _valid_fields(data: Any, model: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the values of `data` that are valid for their field of `model`."""
    valid = {}
    for field in msgspec.structs.fields(model) if isinstance(data, dict) else ():
        if field.encode_name in data:
            converter = Converter()
            value = converter.convert(data[field.encode_name], field.type)
            if not converter.problems:
                valid[field.name] = value
    return valid


def check_config(workspace: Workspace) -> Iterator[Finding]:
    """Yield the findings about accounts: their addresses and calendars."""
    if not workspace.config.accounts:
        yield warning("no_accounts", "no accounts; `gbook account add` creates one", CONFIG_NAME)
        return
    line = _lines(workspace)
    yield from _numbers(workspace, line)
    yield from _emails(workspace, line)
    yield from _calendars(workspace, line)
    yield from _overwritten(workspace, line)


def _lines(workspace: Workspace) -> Callable[[str], int | None]:
    try:
        return line_finder(read_text(workspace.config_path, CONFIG_LIMIT), CONFIG_NAME)
    except (InvalidFile, OSError):
        return lambda key: None


def _numbers(workspace: Workspace, line: Callable[[str], int | None]) -> Iterator[Finding]:
    """Yield the accounts that API clients, if there are any, know by a long number only."""
    if not has_clients(workspace):
        return
    for i, account in enumerate(workspace.config.accounts):
        if not has_own_number(account):
            number = number_of(account)
            message = (
                f"account {account.id} has no number, so API clients know it by {number}; "
                f"keep that with `gbook account update {account.id} --number {number}`, or give a short one"
            )
            yield warning("no_number", message, CONFIG_NAME, line(f"accounts[{i}]"))


def _emails(workspace: Workspace, line: Callable[[str], int | None]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for i, account in enumerate(workspace.config.accounts):
        owner = owners.setdefault(account.email.casefold(), account.id)
        if owner != account.id and account.email:
            message = (
                f"accounts {owner} and {account.id} have the same address, {account.email}; a reply to an "
                "invitation counts for both: give each its own address"
            )
            yield warning("duplicate_email", message, CONFIG_NAME, line(f"accounts[{i}].email"))


def _calendars(workspace: Workspace, line: Callable[[str], int | None]) -> Iterator[Finding]:
    owners: dict[str, list[str]] = defaultdict(list)
    for i, account in enumerate(workspace.config.accounts):
        if (primary := account.primary) is None:
            message = f"account {account.id} has no calendar, so it is never free; list one under calendars"
            yield warning("no_calendar", message, CONFIG_NAME, line(f"accounts[{i}]"))
            continue
        if account.is_invited_by_mail:
            continue
        primary_line = line(f"accounts[{i}].calendars[0]")
        if primary.readonly:
            message = (
                f"the first calendar of account {account.id}, {primary.shown}, is readonly, so the account "
                "cannot be booked; list a writable calendar first, or set `deliver: mail`"
            )
            yield warning("readonly_primary", message, CONFIG_NAME, primary_line)
            continue
        owner_ids = owners[_identity(workspace.store(primary))]
        if owner_ids:
            message = (
                f"accounts {owner_ids[0]} and {account.id} have the same first calendar, {primary.shown}: a "
                "booking for one makes the other busy; give each its own"
            )
            yield warning("shared_primary", message, CONFIG_NAME, primary_line)
        owner_ids.append(account.id)


def _identity(store: Store) -> str:
    """Return what two calendars have in common if they are the same one."""
    return real_path(store.path) if isinstance(store, LocalStore) else store.key


def _overwritten(workspace: Workspace, line: Callable[[str], int | None]) -> Iterator[Finding]:
    for i, account in enumerate(workspace.config.accounts):
        indexes = {calendar.shown: j for j, calendar in enumerate(account.calendars)}
        for overwritten in overwritten_calendars(workspace, account):
            calendar_line = line(f"accounts[{i}].calendars[{indexes[overwritten.path or '']}]")
            message = f"{overwritten.path}: {overwritten.message}"
            yield warning(overwritten.code, message, CONFIG_NAME, calendar_line)
