"""`gbook profiles-for`: which profiles have a slot within a time range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.dates import typed_end, typed_start
from gbook.cli.options.members import RequiredText
from gbook.cli.options.output import Json
from gbook.cli.options.windows import check_order, from_option, note_period, to_option
from gbook.cli.options.zones import shown_zone, zone_option
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.engine.intervals import Interval
from gbook.engine.quorum import Required
from gbook.errors import UsageError
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.render.json_documents import Document

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()


class Possible(NamedTuple):
    """A profile with a slot in the window: its query, its first slot (an instant) and how many there are."""

    query: gbook.Query
    start: int
    slots: int


@app.command("profiles-for", epilog="Example: gbook profiles-for --from tomorrow --to +7d")
def profiles_for(
    ctx: typer.Context,
    start: Annotated[str, from_option()],
    end: Annotated[str, to_option()],
    required: RequiredText = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME|ID",
            help="Only this profile; repeatable.",
            autocompletion=completion.profile_names,
        ),
    ] = None,
    tz: Annotated[str | None, zone_option("the profiles' if they share one")] = None,
    as_json: Json = False,
) -> None:
    """Show which profiles have a slot within a time range."""
    session: Session = ctx.obj
    profiles = _profiles(session, profile)
    zone = shown_zone(tz, session.workspace, profiles)
    low = typed_start(start, zone, session.now)
    high = typed_end(end, zone, session.now, low)
    check_order(low, high)
    possible = []
    for query in _queries(profiles, session.now, read_required(required), (low, high)):
        answer = gbook.ask(session.workspace, query, session.progress())
        session.warn(answer.warnings)
        note_period(session, answer, zone)
        if answer.slots:
            possible.append(Possible(query, answer.slots[0].start, len(answer.slots)))
    session.emit(
        lambda: _document(possible),
        as_json=as_json,
        show=lambda console: _show(console, possible, zone, session.now),
    )


def _queries(
    profiles: Sequence[Profile], now: int, required: Required | None, window: Interval
) -> list[gbook.Query]:
    """Return a query for each profile that has as many members as --required says.

    Raises UsageError if --required is more than every profile has.
    """
    low, high = window
    queries = [gbook.Query(profile=item, now=now, required=required, low=low, high=high) for item in profiles]
    if not isinstance(required, int):
        return queries
    large_enough = [query for query in queries if len(gbook.chosen_members(query)) >= required]
    if queries and not large_enough:
        most = max(len(gbook.chosen_members(query)) for query in queries)
        raise UsageError(
            f"--required: expected at most {most}, the most members that a profile has, found {required}"
        )
    return large_enough


def _document(possible: Sequence[Possible]) -> Document:
    ids = [item.query.profile.id for item in possible]
    return {
        "profileIds": [profile_id for profile_id in ids if profile_id is not None],
        "profileNames": [item.query.profile.name for item in possible],
    }


def _profiles(session: Session, names: list[str] | None) -> list[Profile]:
    """Return the profiles of -p, or all that can be read.

    Raises NotFound or InvalidFile for a profile of -p.
    """
    if not names:
        return session.readable_profiles()
    store = ProfileStore(session.workspace)
    return [store.load(name) for name in dict.fromkeys(map(store.resolve, names))]


def _show(console: Console, possible: Sequence[Possible], zone: ZoneInfo, now: int) -> None:
    from gbook.render.commands import booking_command
    from gbook.render.tables import WIDE, Column, print_list
    from gbook.render.text import Styled
    from gbook.timeutil.format import count, moment_name, zone_name
    from gbook.timeutil.instants import local

    if not possible:
        console.print("No profile has a slot in that range.")
        return
    today = local(now, zone).date()
    rows = [
        (
            item.query.profile.name,
            f"{item.query.profile.duration_minutes} min",
            count(item.slots, "slot"),
            moment_name(item.start, zone, today),
        )
        for item in possible
    ]
    where = zone_name(zone, (item.start for item in possible))
    console.print_words(Styled(f"Times in {where}", style="dim"))
    columns = (Column("Profile"), Column("Length"), Column("Slots"), Column("First", label="first"))
    print_list(console, columns, rows, WIDE)
    first = possible[0]
    console.print(Styled("Book the first:", style="dim"))
    console.print(f"  {booking_command(first.query, first.start, zone)}", soft_wrap=True)
