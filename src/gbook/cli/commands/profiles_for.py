"""`gbook profiles-for`: which kinds of meetings could be held in a given time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import typer

from gbook.cli.options import completion
from gbook.cli.options.common import Json, RequiredText
from gbook.cli.options.dates import typed_end, typed_start
from gbook.cli.options.record_options import list_zone
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.errors import InvalidFile, UsageError, Warn
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import Query, ask

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(add_completion=False)


class Possible(NamedTuple):
    """A profile that can be held, and its first slot (an instant) in the time asked for."""

    query: Query
    start: int
    slots: int


@app.command(
    "profiles-for", epilog="Example: gbook profiles-for --from 2026-11-24T14:00Z --to 2026-11-24T16:00Z"
)
def profiles_for(
    ctx: typer.Context,
    start: Annotated[str, typer.Option("--from", metavar="T", help="From this date or time on.")],
    end: Annotated[str, typer.Option("--to", metavar="T", help="Until this time, or the end of this date.")],
    required: RequiredText = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME|ID",
            help="Of these only (may be given again).",
            autocompletion=completion.profile_names,
        ),
    ] = None,
    tz: Annotated[
        str | None,
        typer.Option(
            "--tz",
            metavar="ZONE",
            help="Zone of times, typed and shown. (default: the profiles' if they share one)",
            autocompletion=completion.zones,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show which profiles have a slot that lies wholly in a given time."""
    session: Session = ctx.obj
    profiles = _profiles(session, profile)
    zone = list_zone(session, tz, [one.name for one in profiles])
    low, high = typed_start(start, zone, session.now), typed_end(end, zone, session.now)
    if high <= low:
        raise UsageError("--to lies before --from")
    found = []
    for one in profiles:
        query = Query(profile=one, now=session.now, required=read_required(required), low=low, high=high)
        answer = ask(session.workspace, query, session.progress())
        session.warn(answer.warnings)
        if answer.slots:
            found.append(Possible(query, answer.slots[0].start, len(answer.slots)))
    session.emit(lambda: _document(found), as_json=as_json, show=lambda console: _show(console, found, zone))


def _document(found: Sequence[Possible]) -> dict[str, Any]:
    ids = [one.query.profile.id for one in found]
    return {
        "profileIds": [profile_id for profile_id in ids if profile_id is not None],
        "profileNames": [one.query.profile.name for one in found],
    }


def _profiles(session: Session, wanted: list[str] | None) -> list[Profile]:
    """The profiles named, else all that can be read. Raises NotFound, InvalidFile for one that is named."""
    store = ProfileStore(session.workspace)
    if wanted:
        return [store.load(name) for name in dict.fromkeys(map(store.resolve, wanted))]
    found = []
    for name in store.names():
        try:
            found.append(store.load(name))
        except InvalidFile as error:
            session.warn(Warn("invalid_profile", str(problem), path=error.path) for problem in error.problems)
    return found


def _show(console: "Console", found: Sequence[Possible], zone: ZoneInfo) -> None:
    from gbook.render.commands import booking_command, count
    from gbook.render.tables import print_table
    from gbook.timeutil.instants import local

    if not found:
        console.print("No profile can be held then.")
        return
    rows = [
        (
            one.query.profile.name,
            f"{one.query.profile.duration_minutes} min",
            count(one.slots, "slot"),
            f"{local(one.start, zone):%a %d %b %H:%M %Z}",
        )
        for one in found
    ]
    print_table(console, ("Profile", "Length", "Slots", "First"), rows)
    first = found[0]
    console.print("Book the first:")
    console.print(f"  {booking_command(first.query, first.start)}", soft_wrap=True)
