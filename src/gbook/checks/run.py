"""All checks of a workspace, run independently: a broken part does not hide findings in the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gbook.cache import Cache
from gbook.calendars.busy.loader import Progress
from gbook.calendars.busy.processes import in_processes
from gbook.calendars.commit import journal
from gbook.calendars.commit.paths import real_path
from gbook.calendars.commit.pending import confirm_remote
from gbook.calendars.commit.recovery import leftovers
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.file import LocalStore
from gbook.checks.calendars import BusyEvent, Calendar, check_contents, read_contents
from gbook.checks.clients import check_clients
from gbook.checks.config import check_config, open_anyway
from gbook.checks.copies import check_copies
from gbook.checks.double_bookings import check_double_bookings
from gbook.checks.profiles import check_profiles
from gbook.checks.report import Finding, Report, error, warning
from gbook.checks.rules import check_rules
from gbook.checks.servers import check_servers
from gbook.errors import GbookError
from gbook.profiles.store import ProfileStore
from gbook.scheduling.account_time import read_options
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import CONFIG_NAME, Account
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from gbook.calendars.stores.remotes import Asking

__all__ = ["check_workspace", "is_quick_to_check"]

# The least number of bytes for which a second process saves time.
PARALLEL_BYTES = 1 << 20
# The usual size of an item of a vdir.
ITEM_BYTES = 600


def check_workspace(
    root: Path,
    cache: Cache | None,
    now: int,
    progress: Progress | None = None,
    asking: Asking | None = None,
) -> Report:
    """Return the report of the workspace in `root` at the instant `now`; `asking` says how servers are asked.

    Nothing is written: an interrupted transaction is reported, not finished.
    """
    workspace, findings = open_anyway(root, cache, asking)
    store = ProfileStore(workspace)
    leftovers_before = _leftover_findings(workspace)
    # If no account is readable, the members of profiles cannot be checked.
    accounts_known = bool(workspace.config.accounts) or not findings
    if accounts_known:
        findings += check_config(workspace)
        findings += check_clients(workspace)
    findings += check_profiles(store, now, members=accounts_known)
    confirm_remote(_stores(workspace))
    events: dict[Store, int] = {}
    for checked in _check_accounts(workspace, now, progress):
        findings += checked.findings
        events = checked.events | events
    findings += check_copies(workspace, {}, now)
    findings += check_servers(workspace)
    # Leftovers that have disappeared belonged to a process that was writing.
    leftovers_after = _leftover_findings(workspace)
    findings += (finding for finding in leftovers_before if finding in leftovers_after)
    workspace.close()
    return Report(
        _in_order(findings),
        accounts=len(workspace.config.accounts),
        calendars=len(_stores(workspace)),
        events=sum(events.values()),
        profiles=len(store.names()),
    )


def is_quick_to_check(workspace: Workspace) -> bool:
    """Return whether a check takes about a second: all calendars are on this machine, and small."""
    stores = _stores(workspace)
    is_here = all(isinstance(store, LocalStore) for store in stores)
    return is_here and sum(map(_rough_size, stores)) <= PARALLEL_BYTES


class _Task(NamedTuple):
    """The calendars of one account, as plain data for another process."""

    account: Account
    calendars: list[Calendar]
    zone: str
    now: int


class _Checked(NamedTuple):
    """The findings in the calendars of an account, and the number of events of each calendar."""

    findings: list[Finding]
    events: dict[Store, int]


def _check_accounts(workspace: Workspace, now: int, progress: Progress | None) -> Iterator[_Checked]:
    """Yield the findings of each account, read in several processes if there is enough to read."""
    tasks = [_task(workspace, account, now) for account in workspace.config.accounts]
    enough = (
        sum(_rough_size(calendar.store) for task in tasks for calendar in task.calendars) > PARALLEL_BYTES
    )
    for i, checked in enumerate((in_processes if enough else map)(_check_account, tasks)):
        yield checked
        if progress:
            progress(i + 1, len(tasks))


def _task(workspace: Workspace, account: Account, now: int) -> _Task:
    zone = find_zone(account.timezone) if account.timezone else workspace.zone
    calendars = [
        Calendar(
            account,
            workspace.store(reference),
            reference.shown,
            read_options(account, reference, zone),
        )
        for reference in account.calendars
    ]
    return _Task(account, calendars, zone.key, now)


def _check_account(task: _Task) -> _Checked:
    """Return the findings in each calendar of an account, and those between its calendars."""
    findings: list[Finding] = []
    busy: list[BusyEvent] = []
    events = {}
    for calendar in task.calendars:
        contents = read_contents(calendar, task.now)
        busy += contents.busy
        findings += [*check_contents(contents, task.now), *check_rules(contents, task.now)]
        events[calendar.store] = sum(1 for _ in contents.events)
    if not task.account.is_invited_by_mail:
        findings += check_double_bookings(task.account, busy, find_zone(task.zone))
    return _Checked(findings, events)


def _rough_size(calendar: Store) -> int:
    """Return about how many bytes a calendar has."""
    if not isinstance(calendar, LocalStore):
        return 0
    path = calendar.path
    with suppress(OSError):
        return sum(1 for _ in path.iterdir()) * ITEM_BYTES if path.is_dir() else path.stat().st_size
    return 0


def _leftover_findings(workspace: Workspace) -> list[Finding]:
    """Return the files that killed processes left beside the calendars."""
    paths = [store.path for store in _stores(workspace) if isinstance(store, LocalStore)]
    findings = []
    for path in paths:
        try:
            journal.load(real_path(path))
        except GbookError as damaged:
            findings.append(error("damaged_journal", damaged.message, _shown(workspace, path)))
        except OSError:
            continue  # The check of the calendar itself reports that it is unreadable.
    for path in leftovers(paths):
        message = (
            "left by an interrupted booking; the next gbook command that reads the calendar cleans it up"
        )
        findings.append(warning("left_over", message, _shown(workspace, path)))
    return findings


def _stores(workspace: Workspace) -> list[Store]:
    """Return every calendar, each once."""
    accounts = workspace.config.accounts
    references = chain.from_iterable(account.calendars for account in accounts)
    return list(dict.fromkeys(workspace.store(reference) for reference in references))


def _shown(workspace: Workspace, path: Path) -> str:
    return str(path.relative_to(workspace.root) if path.is_relative_to(workspace.root) else path)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings sorted by file and line, gbook.yaml first.

    An event in a calendar that several accounts share is reported once.
    """
    unique: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        location = (finding.code, finding.path, finding.line)
        in_yaml = (finding.path or "").endswith((".yaml", ".yml"))
        by_message = finding.line is None or in_yaml or finding.code == "double_booking"
        unique.setdefault((*location, finding.message) if by_message else location, finding)
    return sorted(unique.values(), key=_sort_key)


def _sort_key(finding: Finding) -> tuple[bool, str, int, str, str]:
    path = finding.path or ""
    return path != CONFIG_NAME, path, finding.line or 0, finding.severity, finding.message
