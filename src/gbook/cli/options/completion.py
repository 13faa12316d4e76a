"""What <TAB> offers: names, ids, zones and slots that are there; silent, and as quick as a warm query.

Whatever comes from a file becomes part of a command line here: only values of plain characters are offered.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile
    from gbook.scheduling.availability import Query

__all__ = [
    "VARIABLE",
    "attached_accounts",
    "attached_groups",
    "complete",
    "every_account",
    "moved_slots",
    "other_accounts",
    "profile_names",
    "record_ids",
    "required_counts",
    "slots",
    "zones",
]

# Set by the shell while it asks.
VARIABLE = "_GBOOK_COMPLETE"
# A list of slots longer than this is no help; who types on sees the rest.
MOST = 40
# Never the beginning of an option.
_SAFE = re.compile(r"\w[\w@.+/:-]*")

Offer = tuple[str, str]
Find = Callable[["Session", typer.Context], Iterable[Offer]]


def complete(app: typer.Typer) -> int:
    """Answer the shell, and give the exit code. What goes wrong is no answer: nobody asked to read of it."""
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
    """A callback of typer's: what `find` finds that begins with what was typed, at most so many."""

    def offer(ctx: typer.Context, incomplete: str) -> list[Offer]:
        from gbook.cli.session import Session

        options = ctx.find_root().params
        with Session(options.get("workspace"), use_index=not options.get("no_index")) as session:
            fitting = (
                (value, help)
                for value, help in find(session, ctx)
                if value.startswith(incomplete) and _SAFE.fullmatch(value)
            )
            return list(islice(fitting, most))

    return offer


# --- what there is


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
    profile = _profile(session, ctx)
    for account_id in profile.accounts:
        if account_id not in _typed(ctx, "account", "accounts"):
            yield account_id, session.workspace.account(account_id).display_name


def _others(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    named = {*_profile(session, ctx).accounts, *_typed(ctx, "accounts")}
    yield from ((value, help) for value, help in _accounts(session, ctx) if value not in named)


def _groups(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    for group in _profile(session, ctx).groups:
        if group.ext_id not in _typed(ctx, "group", "groups"):
            yield group.ext_id, f"{group.required} of {', '.join(group.account_ids)}"


def _required(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    yield "one", "any member"
    yield "all", "every member"
    profile = _profile(session, ctx)
    for number in range(2, len(profile.accounts) + len(profile.groups)):
        yield str(number), "members"


def _zones(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook.timeutil.zones import iana_names

    yield from ((name, "") for name in sorted(iana_names()))


def _records(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """The reservations for `gbook reservation`, else what is booked; first what is to come."""
    from gbook.bookings.summaries import list_summaries

    reserved = ctx.parent is not None and ctx.parent.info_name == "reservation"
    found = [one for one in list_summaries(session.workspace) if one.is_reservation or not reserved]
    for one in sorted(found, key=lambda one: one.start < session.now):
        if one.status != "cancelled":
            yield one.uid, f"{_when(session, one.start)} {one.subject}"


# --- slots


def _slots(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    from gbook.cli.parsing import read_required
    from gbook.scheduling.availability import Query

    params = ctx.params
    query = Query(
        profile=_profile(session, ctx),
        now=session.now,
        required=read_required(params.get("required")),
        accounts=tuple(params.get("account") or ()),
        groups=tuple(params.get("group") or ()),
    )
    yield from _free_slots(session, query)


def _moved(session: Session, ctx: typer.Context) -> Iterator[Offer]:
    """The slots that a booking can be moved to with the accounts that it has."""
    import msgspec

    from gbook.bookings.summaries import list_summaries
    from gbook.profiles.store import ProfileStore
    from gbook.scheduling.availability import Query

    # An option without its value, which is what is asked for, keeps arguments from getting their names.
    record_id = ctx.params.get("record_id") or "".join(ctx.args[:1])
    if not record_id:
        return
    booking = next(item for item in list_summaries(session.workspace) if item.uid.startswith(record_id))
    profile = ProfileStore(session.workspace).find(booking.profile)
    same = msgspec.structs.replace(profile, accounts=booking.accounts, groups=(), optional=())
    yield from _free_slots(session, Query(profile=same, now=session.now, required="all", moving=booking.uid))


def _free_slots(session: Session, query: Query) -> Iterator[Offer]:
    from gbook.render.commands import slot_value
    from gbook.scheduling.availability import ask

    answer = ask(session.workspace, query)
    if answer.slots:
        yield "first", "the earliest"
    for slot in answer.slots:
        who = ", ".join((*slot.accounts, *slot.groups))
        yield slot_value(slot.start), f"{_when(session, slot.start)} {who}"


def _when(session: Session, instant: int) -> str:
    from gbook.timeutil.instants import local

    return f"{local(instant, session.workspace.zone):%a %d %b %H:%M}"


def _profile(session: Session, ctx: typer.Context) -> Profile:
    """The profile that is meant so far: by -p, or by the name that `gbook profile` takes."""
    return session.profile(ctx.params["profile" if "profile" in ctx.params else "name"])


def _typed(ctx: typer.Context, *names: str) -> set[str]:
    """The values given already to parameters that take several."""
    return {value for name in names if isinstance(given := ctx.params.get(name), Iterable) for value in given}


profile_names = _offer(_profiles)
every_account = _offer(_accounts)
attached_accounts = _offer(_attached)
other_accounts = _offer(_others)
attached_groups = _offer(_groups)
required_counts = _offer(_required)
zones = _offer(_zones)
record_ids = _offer(_records)
slots = _offer(_slots, MOST)
moved_slots = _offer(_moved, MOST)
