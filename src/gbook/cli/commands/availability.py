"""`gbook availability`: the slots in which a profile's members can meet."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook.cli.options.common import Accounts, Groups, Json, ProfileName, RequiredText, Zone, shown_zone
from gbook.cli.options.dates import typed_end, typed_start
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.json_documents import availability_document
from gbook.scheduling.availability import Answer, Query, ask
from gbook.timeutil.instants import Period

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(add_completion=False)


class ReadOptions(StrEnum):
    """How slots are shown."""

    table = "table"
    grid = "grid"
    text = "text"


@app.command(epilog="Example: gbook availability --required all --from tomorrow --for P7D")
def availability(
    ctx: typer.Context,
    profile: ProfileName = None,
    required: RequiredText = None,
    account: Accounts = None,
    group: Groups = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE|TIME", help="First date or time. (default: now)")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="DATE|TIME", help="Last date (whole) or time.")
    ] = None,
    length: Annotated[
        str | None, typer.Option("--for", metavar="PERIOD", help="How long from --from on: P7D, P2W.")
    ] = None,
    tz: Zone = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="So many members (paging).")
    ] = None,
    offset: Annotated[
        int, typer.Option("--offset", min=0, metavar="N", help="Members from this one on (paging).")
    ] = 0,
    first: Annotated[
        int | None, typer.Option("--first", min=1, metavar="N", help="Only the first N slots.")
    ] = None,
    view: Annotated[ReadOptions, typer.Option("--view", help="How to show them.")] = ReadOptions.table,
    strict: Annotated[bool, typer.Option("--strict", help="A warning is an error (exit 5).")] = False,
    as_json: Json = False,
) -> None:
    """Show when the members of a profile can meet."""
    session: Session = ctx.obj
    chosen = session.profile(profile)
    zone = shown_zone(tz, session.workspace, chosen)
    low, high = read_window(start, end, length, zone, session.now)
    query = Query(
        profile=chosen,
        now=session.now,
        required=read_required(required),
        accounts=tuple(account or ()),
        groups=tuple(group or ()),
        low=low,
        high=high,
    )
    answer = ask(session.workspace, query, session.progress())
    session.warn(answer.warnings, strict=strict)
    session.emit(
        lambda: availability_document(
            answer, session.workspace.config, zone, offset=offset, limit=limit, first=first
        ),
        as_json=as_json,
        show=lambda console: _show(session, console, view, answer, zone, first),
    )


def read_window(
    start: str | None, end: str | None, length: str | None, zone: ZoneInfo, now: int
) -> tuple[int | None, int | None]:
    """The window that --from, --to and --for ask for; None where it is open. Raises UsageError."""
    if end and length:
        raise UsageError("--to and --for cannot both be given")
    low = typed_start(start, zone, now) if start else None
    high = typed_end(end, zone, now) if end else None
    if length:
        try:
            high = Period.parse(length).after(now if low is None else low, zone)
        except ValueError as error:
            raise UsageError(f"--for: {error}") from None
    if low is not None and high is not None and high <= low:
        raise UsageError("--to lies before --from")
    return low, high


def _show(
    session: Session, console: "Console", view: ReadOptions, answer: Answer, zone: ZoneInfo, first: int | None
) -> None:
    from gbook.render import slots

    views = {
        ReadOptions.table: slots.show_table,
        ReadOptions.grid: slots.show_grid,
        ReadOptions.text: slots.show_text,
    }
    views[view](console, answer, zone, first)
    if not answer.slots:
        _show_obstacles(session, console, answer)


def _show_obstacles(session: Session, console: "Console", answer: Answer) -> None:
    from gbook.render.explain import show_obstacles
    from gbook.scheduling.obstacles import find_obstacles
    from gbook.scheduling.suggestions import suggest

    if obstacles := find_obstacles(answer):
        show_obstacles(console, answer.query, obstacles, suggest(session.workspace, answer))
