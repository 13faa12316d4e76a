"""Checks of profiles: invalid files, unknown members, profiles that can never offer a slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gbook.checks.report import Finding, error, of_problems, warning
from gbook.checks.rooms import check_rooms
from gbook.engine.candidates import candidate_starts
from gbook.engine.intervals import Intervals
from gbook.errors import InvalidFile, NotFound, Problem
from gbook.profiles.model import Profile, requires_too_many
from gbook.profiles.schedule import period, working_intervals
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import profile_members
from gbook.scheduling.zones import profile_zone
from gbook.timeutil.format import zoned_moment
from gbook.timeutil.instants import DAY, MINUTE, parse_instant
from gbook.workspace.config import Config
from gbook.yamlfiles.key_paths import line_finder
from gbook.yamlfiles.reader import load, read_text

__all__ = ["check_profiles", "unbookable"]

# The codes of what keeps guests from booking a profile.
BARRING = frozenset(
    {
        "invalid_profile",
        "unknown_account",
        "no_members",
        "no_mail",
        "no_base_url",
        "never_offers",
        "period_over",
    }
)

# The working hours of one year are searched for a slot, a part at a time (seconds).
YEAR = 366 * DAY
PART = 35 * DAY


def check_profiles(store: ProfileStore, now: int, *, members: bool = True) -> Iterator[Finding]:
    """Yield the findings in each profile and between profiles; with `members`, unknown accounts too."""
    for name in store.names():
        yield from _check_profile(store, name, now, members)
    for conflict in store.conflicts():
        path = conflict.path.removeprefix(f"{store.workspace.root}/")
        code = "unknown_profile" if path == store.workspace.config_path.name else "invalid_profile"
        yield from of_problems(code, _with_lines(store, conflict), path)


def unbookable(store: ProfileStore, now: int) -> Iterator[Sequence[Finding]]:
    """Yield the reasons for each profile that guests cannot book: a public one, or one that may be public."""
    for name in store.names():
        if _may_be_public(store, name):
            findings = _check_profile(store, name, now, members=True)
            if barring := [finding for finding in findings if finding.code in BARRING]:
                yield barring


def _may_be_public(store: ProfileStore, name: str) -> bool:
    try:
        return store.read(name).public
    except (InvalidFile, NotFound, OSError):
        return True


def _check_profile(store: ProfileStore, name: str, now: int, members: bool) -> Iterator[Finding]:
    path = store.path(name)
    shown = str(path.relative_to(store.workspace.root))
    try:
        profile = load(path, Profile, store.workspace.cache)
    except InvalidFile as invalid:
        yield from of_problems("invalid_profile", invalid.problems, shown)
        return
    except (NotFound, OSError) as fault:
        yield error("invalid_profile", f"cannot be read: {getattr(fault, 'strerror', None) or fault}", shown)
        return
    line = line_finder(read_text(path), shown)
    for problem in _problems_of_members(store, profile, path) if members else ():
        code = (
            "invalid_profile"
            if problem.key in ("name", "public", "accounts", "groups")
            else "unknown_account"
        )
        yield from of_problems(code, [problem._replace(line=line(problem.key or ""))], shown)
    if not (profile.accounts or profile.groups):
        message = (
            "no accounts attached, so no slot is offered; "
            f"`gbook profile attach-accounts {name} ID` attaches one"
        )
        yield warning("no_members", message, shown)
    if profile.confirm_email:
        yield from _no_links(store.workspace.config, shown, line("confirmEmail"))
    zone = profile_zone(store.workspace, profile)
    if never := _too_many_required(profile) or _never_offers(profile, zone, now):
        finding, key = never
        yield finding._replace(path=shown, line=line(key))
    for finding, key in check_rooms(profile, store.workspace.accounts):
        yield finding._replace(path=shown, line=line(key))


def _no_links(config: Config, shown: str, line: int | None) -> Iterator[Finding]:
    """Yield what is missing for the links by which guests confirm; the address may be given at the start."""
    for problem in config.missing_for_links():
        message = f"confirmEmail: {problem.message}"
        if problem.key == "mail":
            yield error("no_mail", message, shown, line)
        else:
            yield warning("no_base_url", message, shown, line)


def _too_many_required(profile: Profile) -> tuple[Finding, str] | None:
    """Return that a profile requires more members than it has, and the key at fault."""
    members = len(profile_members(profile))
    if not requires_too_many(profile.required, members):
        return None
    message = f"{profile.required} members are required, but the profile has only {members}"
    return _never(message, "required")


def _problems_of_members(store: ProfileStore, profile: Profile, path: Path) -> Sequence[Problem]:
    try:
        store.check(profile, path)
    except InvalidFile as invalid:
        return invalid.problems
    return ()


def _with_lines(store: ProfileStore, conflict: InvalidFile) -> list[Problem]:
    line = line_finder(read_text(store.workspace.root / conflict.path), conflict.path)
    return [problem._replace(line=line(problem.key or "")) for problem in conflict.problems]


def _never_offers(profile: Profile, zone: ZoneInfo, now: int) -> tuple[Finding, str] | None:
    """Return why a profile can never offer a slot, even if all its members are free, and the key at fault."""
    duration = profile.duration_minutes * MINUTE
    low, high = period(msgspec.structs.replace(profile, start_time=None, end_time=None), zone, now)
    if high - low < duration:
        message = (
            f"with a notice of {profile.start_after_minutes} minutes, a meeting of "
            f"{profile.duration_minutes} minutes does not fit into the period {profile.time_available_for}"
        )
        return _never(message, "startAfterMinutes")
    first = max(low, parse_instant(profile.start_time, UTC) if profile.start_time else low)
    last = first + YEAR
    if profile.end_time:
        last = min(last, parse_instant(profile.end_time, UTC))
        if last - first < duration:
            message = f"endTime {profile.end_time} is past or too soon, so no more slots are offered"
            return warning("period_over", message), "endTime"
    return _hours_never_fit(profile, zone, first, last)


def _hours_never_fit(profile: Profile, zone: ZoneInfo, low: int, high: int) -> tuple[Finding, str] | None:
    """Return why no slot fits into the working hours of `[low, high)`, and the key at fault."""
    duration, step = profile.duration_minutes * MINUTE, profile.availability_step * MINUTE
    longest = 0
    for part in range(low, high, PART):
        # A slot may start in one part and end in the next.
        window = (part, min(part + PART + duration, high))
        intervals = working_intervals(
            profile.work_hours, zone, window, profile.availability_intervals, profile.align
        )
        if candidate_starts(intervals, step, duration, window):
            return None
        hours = Intervals((interval.start, interval.end) for interval in intervals).clip(low, high)
        longest = max([longest, *(end - start for start, end in hours)])
    if not longest:
        return _never(f"there are no working hours after {zoned_moment(low, zone)}", "workHours")
    if longest < duration:
        message = (
            f"a meeting of {profile.duration_minutes} minutes is longer than the longest working interval, "
            f"{longest // MINUTE} minutes"
        )
        return _never(message, "durationMinutes")
    message = (
        f"with a step of {profile.availability_step} minutes, no meeting of {profile.duration_minutes} "
        "minutes ends within the working hours"
    )
    return _never(message, "availabilityStep")


def _never(message: str, key: str) -> tuple[Finding, str]:
    return error("never_offers", f"{message}, so no slot is ever offered"), key
