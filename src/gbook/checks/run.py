"""All checks of a workspace, one after the other; what is broken hides nothing of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from gbook.cache import Cache
from gbook.calendars.commit import journal
from gbook.calendars.commit.locks import real_path
from gbook.calendars.commit.recovery import leftovers
from gbook.checks.calendars import BusyEvent, Calendar, check_contents, read_contents
from gbook.checks.config import check_config, open_anyway
from gbook.checks.copies import check_copies
from gbook.checks.double_bookings import check_double_bookings
from gbook.checks.profiles import check_profiles
from gbook.checks.report import Finding, Report, error, warning
from gbook.checks.rules import check_rules
from gbook.errors import GbookError
from gbook.profiles.store import ProfileStore
from gbook.scheduling.account_time import read_options
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import CONFIG_NAME
from gbook.workspace.workspace import Workspace

__all__ = ["check_workspace"]

Progress = Callable[[int, int], None]


def check_workspace(root: Path, cache: Cache | None, now: int, progress: Progress | None = None) -> Report:
    """Check the workspace in a folder at an instant. Nothing is written, nor is a transaction finished."""
    workspace, findings = open_anyway(root, cache)
    store = ProfileStore(workspace)
    left = _leftovers(workspace)
    # Without any account that can be read, nothing is known of who is meant elsewhere.
    blind = bool(findings) and not workspace.config.accounts
    if not blind:
        findings += check_config(workspace)
    findings += check_profiles(store, now, members=not blind)
    events = 0
    for found, count in _check_calendars(workspace, now, progress):
        findings += found
        events += count
    findings += check_copies(workspace, {}, now)
    # What is there no more belonged to somebody who was just writing.
    still = _leftovers(workspace)
    findings += (finding for finding in left if finding in still)
    return Report(
        _in_order(findings),
        accounts=len(workspace.config.accounts),
        calendars=len(_calendar_paths(workspace)),
        events=events,
        profiles=len(store.names()),
    )


def _check_calendars(
    workspace: Workspace, now: int, progress: Progress | None
) -> Iterator[tuple[list[Finding], int]]:
    """What is wrong in the calendars of each account, and how many events were seen for the first time."""
    accounts, seen = workspace.config.accounts, set()
    for i, account in enumerate(accounts):
        zone = find_zone(account.timezone) if account.timezone else workspace.zone
        busy: list[BusyEvent] = []
        for reference in account.calendars:
            path = workspace.calendar_path(reference)
            calendar = Calendar(account, path, reference.path, read_options(account, reference, zone))
            contents = read_contents(calendar, now)
            busy += contents.busy
            count = 0 if path in seen else sum(1 for _ in contents.events)
            seen.add(path)
            yield [*check_contents(contents, now), *check_rules(contents, now)], count
        yield list(check_double_bookings(account, busy, zone)), 0
        if progress:
            progress(i + 1, len(accounts))


def _leftovers(workspace: Workspace) -> list[Finding]:
    """What killed processes have left beside the calendars."""
    paths = _calendar_paths(workspace)
    findings = []
    for path in paths:
        try:
            journal.load(real_path(path))
        except GbookError as damaged:
            findings.append(error("damaged_journal", damaged.message, _shown(workspace, path)))
        except OSError:
            continue  # that it cannot be read is told of the calendar itself
    for path in leftovers(paths):
        message = (
            "an interrupted booking has left this; the next gbook command that reads the calendar ends it"
        )
        findings.append(warning("left_over", message, _shown(workspace, path)))
    return findings


def _calendar_paths(workspace: Workspace) -> list[Path]:
    """Every calendar once."""
    accounts = workspace.config.accounts
    references = chain.from_iterable(account.calendars for account in accounts)
    return list(dict.fromkeys(workspace.calendar_path(reference) for reference in references))


def _shown(workspace: Workspace, path: Path) -> str:
    return str(path.relative_to(workspace.root) if path.is_relative_to(workspace.root) else path)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Gbook.yaml, then the other files, by line. An event of a calendar that accounts share is told once."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        place = (finding.code, finding.path, finding.line)
        in_yaml = (finding.path or "").endswith((".yaml", ".yml"))
        told_apart = finding.line is None or in_yaml or finding.code == "double_booking"
        seen.setdefault((*place, finding.message) if told_apart else place, finding)
    return sorted(
        seen.values(),
        key=lambda one: (one.path != CONFIG_NAME, one.path or "", one.line or 0, one.severity, one.message),
    )
