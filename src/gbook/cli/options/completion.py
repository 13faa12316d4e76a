"""Completion of names, ids, zones and slots: silent, and as fast as a warm query.

A value from a file becomes part of a command line, so only values of plain characters are offered.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr
from inspect import Parameter, Signature
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gbook import Query
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile

__all__ = [
    "VARIABLE",
    "accounts_together",
    "attached_accounts",
    "attached_groups",
    "client_names",
    "commands",
    "complete",
    "dates",
    "deliveries",
    "every_account",
    "kinds",
    "lengths",
    "moved_slots",
    "other_accounts",
    "periods",
    "profile_names",
    "record_ids",
    "required_counts",
    "slots",
    "zones",
]

# Set by the shell that asks for completions.
VARIABLE = "_GBOOK_COMPLETE"
# The most slots to offer; typing more characters shows the others.
MOST = 40
# A hyphen at the start would make it an option.
_SAFE = r"\w[\w@.+/:-]*"

_SIGNATURE = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("ctx", "incomplete")])


# The options of a meeting without a profile that are lengths, and the keys of a profile.
LENGTHS = {
    "duration": "duration_minutes",
    "step": "availability_step",
    "buffer_before": "buffer_before_minutes",
    "buffer": "buffer_between_minutes",
    "notice": "start_after_minutes",
}

Offer = tuple[str, str]
Find = Callable[["Session", typer.Context], Iterable[Offer]]


def complete(app: typer.Typer) -> int:
    """Answer the shell and return the exit code. On any error, offer nothing."""
    from typer.completion import shell_complete

    from gbook.cli.options import shells

    with redirect_stderr(StringIO()):
        try:
            command = typer.main.get_command(app)
            shells.register()
            return shell_complete(command, {}, "gbook", VARIABLE, os.environ[VARIABLE])
        except SystemExit as leave:
            return leave.code if isinstance(leave.code, int) else 1
        except Exception:
            if os.environ.get("GBOOK_DEBUG") == "1":
                raise
            return 1
        finally:
            sys.stdout.flush()


def _offer(find: Find, most: int | None = None) -> Callable[[typer.Context, str], list[Offer]]:
    """Return a callback for typer that offers the results of `find` with the typed beginning.

    It offers at most `most` of them.
    """

    def offer(ctx: typer.Context, incomplete: str) -> list[Offer]:
        from gbook.cli.options.asking import OFFLINE
        from gbook.cli.session import Session

        options = ctx.find_root().params
        use_index = not options.get("no_index")
        with Session(options.get("workspace"), use_index=use_index, asking=OFFLINE) as session:
            fitting = (
                (value, help)
                for value, help in find(session, ctx)
                if value.startswith(incomplete) and re.fullmatch(_SAFE, value)
            )
            return list(islice(fitting, most))

    # typer reads the signature of each callback at every start, whether it is used or not. With this one it
    # takes a tenth of the time.
    offer.__annotations__ = {}
    offer.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
    return offer


def _fixed(*values: str) -> Callable[[typer.Context, str], list[Offer]]:
    """Return a callback for typer that offers usual values."""
    return _offer(lambda session, ctx: ((value, "") for value in values))


# --- names


def _profiles(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook.profiles.store import ProfileStore

    for profile, name in _loaded(ProfileStore(session.workspace)):
        yield name, f"{profile.duration_minutes} minutes: {profile.subject}" if profile else "invalid"


def _loaded(store: Any) -> Iterator[tuple[Profile | None, str]]:
    from gbook.errors import InvalidFile

    for name in store.names():
        try:
            yield store.load(name), name
        except InvalidFile:
            yield None, name


def _accounts(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    for account in session.workspace.accounts.values():
        if account.id not in _typed(ctx, "account"):
            yield account.id, f"{account.name or ''} {account.email}"


def _attached(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    ids = (account_id for profile in _possible_profiles(session, ctx) for account_id in profile.accounts)
    for account_id in dict.fromkeys(ids):
        if account_id not in _typed(ctx, "account", "accounts"):
            yield account_id, session.workspace.account(account_id).display_name


def _others(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    named = {*_profile(session, ctx).accounts, *_typed(ctx, "accounts")}
    yield from ((value, help) for value, help in _accounts(session, ctx) if value not in named)


def _groups(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    groups = (group for profile in _possible_profiles(session, ctx) for group in profile.groups)
    for ext_id, group in {group.ext_id: group for group in groups}.items():
        if ext_id not in _typed(ctx, "group", "groups"):
            yield ext_id, f"{group.required} of {', '.join(group.account_ids)}"


def _clients(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook.clients.file import CredentialsFile

    for client in CredentialsFile(session.root).read().clients:
        yield client.name, client.id


def _required(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    yield "one", "any member"
    yield "all", "every member"
    profiles = _possible_profiles(session, ctx)
    most = max((len(profile.accounts) + len(profile.groups) for profile in profiles), default=0)
    for number in range(2, most):
        yield str(number), "members"


def _commands(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """Yield the commands of the group that was typed after `gbook help`."""
    context: Any = ctx.find_root()
    for name in ctx.params.get("command") or ():
        command = context.command.get_command(context, name)
        context = type(context)(command, parent=context, info_name=name)
    if hasattr(context.command, "summaries"):
        yield from context.command.summaries(context)


def _zones(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook.timeutil.zones import iana_names

    yield from ((name, "") for name in sorted(iana_names()))


def _records(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """Yield the reservations for `gbook reservation`, else all bookings; upcoming ones first."""
    from gbook import known_records

    reserved = ctx.parent is not None and ctx.parent.info_name == "reservation"
    records = [item for item in known_records(session.workspace) if item.is_reservation or not reserved]
    for item in sorted(records, key=lambda item: item.start < session.now):
        if item.status != "cancelled":
            yield item.uid, f"{_when(item.start, session.workspace.zone)} {item.subject}"


def _dates(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """Yield words for days, and the dates of two weeks."""
    from datetime import timedelta

    from gbook.timeutil.format import day_name
    from gbook.timeutil.instants import WEEKDAYS, local

    today = local(session.now, session.workspace.zone).date()
    days = [today + timedelta(days=number) for number in range(14)]
    yield "today", day_name(days[0], today)
    yield "tomorrow", day_name(days[1], today)
    yield from ((name, "the next one") for name in WEEKDAYS)
    yield from ((day.isoformat(), day_name(day, today)) for day in days)


# --- slots


def _slots(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook import Query
    from gbook.cli.parsing import read_required

    params = ctx.params
    query = Query(
        profile=_profile(session, ctx),
        now=session.now,
        required=read_required(params.get("required")),
        accounts=tuple(params.get("account") or ()),
        groups=tuple(params.get("group") or ()),
    )
    yield from _free_slots(session, ctx, query)


def _moved(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """Yield the slots to which a booking can be moved with its present accounts."""
    import msgspec

    from gbook import BookingContext, Query, event_profile, known_records

    # While the value of an option is missing, typer does not parse the arguments before it.
    record_id = ctx.params.get("record_id") or "".join(ctx.args[:1])
    if not record_id:
        return
    records = known_records(session.workspace)
    booking = next(record for record in records if record.uid.startswith(record_id))
    profile = event_profile(BookingContext(session.workspace, session.now), booking).profile
    same = msgspec.structs.replace(profile, accounts=booking.accounts, groups=(), optional=())
    query = Query(profile=same, now=session.now, required="all", moving=booking.uid)
    yield from _free_slots(session, ctx, query)


def _free_slots(session: Session, ctx: typer.Context, query: Query) -> Iterator[Offer]:
    """Yield the slots in the zone of --tz, else the profile's."""
    from gbook import ask
    from gbook.timeutil.format import slot_value
    from gbook.timeutil.zones import find_zone

    answer = ask(session.workspace, query)
    zone = find_zone(ctx.params["tz"]) if ctx.params.get("tz") else answer.zone
    if answer.slots:
        yield "first", "the earliest"
        yield "best", "the one that suits the people best"
    for slot in answer.slots:
        who = ", ".join((*slot.accounts, *slot.groups))
        yield slot_value(slot.start, zone), f"{_when(slot.start, zone)} {who}"


def _when(instant: int, zone: ZoneInfo) -> str:
    from gbook.timeutil.instants import local

    return f"{local(instant, zone):%a %d %b %H:%M}"


def accounts_together(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer accounts for the end of a list such as `alice,b`."""
    before, comma, last = incomplete.rpartition(",")
    named = before.split(",")
    return [(f"{before}{comma}{name}", help) for name, help in every_account(ctx, last) if name not in named]


def _profile(session: Session, ctx: typer.Context) -> Profile:
    """Return the profile typed so far: of -p, the meeting of --with, or the argument of `gbook profile`."""
    if ctx.params.get("together"):
        return _ad_hoc(ctx.params)
    return session.profile(ctx.params["profile" if "profile" in ctx.params else "name"])


def _possible_profiles(session: Session, ctx: typer.Context) -> list[Profile]:
    """Return the profile typed so far, else the default one; all profiles if there is none."""
    from gbook.errors import GbookError
    from gbook.profiles.store import ProfileStore

    try:
        return [_profile(session, ctx)]
    except GbookError:
        if ctx.params.get("profile") or ctx.params.get("name"):
            raise
        loaded = _loaded(ProfileStore(session.workspace))
        return [profile for profile, _ in loaded if profile]


def _ad_hoc(params: dict[str, Any]) -> Profile:
    """Return the meeting of --with and the options after it."""
    from gbook.profiles.hours import parse_hours
    from gbook.profiles.model import Profile
    from gbook.workspace.work_hours import WorkHours

    lengths = {key: params[name] for name, key in LENGTHS.items() if params.get(name) is not None}
    hours: dict[str, Any] = {"timezone": params.get("timezone")}
    if params.get("hours"):
        hours["day_schedules"] = parse_hours(params["hours"])
    accounts = ",".join(params["together"]).split(",")
    return Profile(accounts=tuple(accounts), required="all", work_hours=WorkHours(**hours), **lengths)


def _typed(ctx: typer.Context, *names: str) -> set[str]:
    """Return the values already typed for these repeatable parameters."""
    return {value for name in names if isinstance(given := ctx.params.get(name), Iterable) for value in given}


profile_names = _offer(_profiles)
every_account = _offer(_accounts)
attached_accounts = _offer(_attached)
other_accounts = _offer(_others)
attached_groups = _offer(_groups)
client_names = _offer(_clients)
required_counts = _offer(_required)
commands = _offer(_commands)
zones = _offer(_zones)
dates = _offer(_dates)
lengths = _fixed("15m", "30m", "45m", "1h", "90m", "2h", "1d", "2d", "1w")
periods = _fixed("1d", "2d", "1w", "2w", "30d")
deliveries = _fixed("copy", "mail")
kinds = _fixed("person", "room", "resource")
record_ids = _offer(_records)
slots = _offer(_slots, MOST)
moved_slots = _offer(_moved, MOST)
