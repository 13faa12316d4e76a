"""`gbook availability`: the slots in which a profile's members can meet."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from gbook import Answer, ask
from gbook.cli.help import App
from gbook.cli.options.members import MemberOptions, ProfileName
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json
from gbook.cli.options.windows import From, Length, To, read_window
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.render.json_documents import availability_document

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()


class View(StrEnum):
    """How slots are shown."""

    table = "table"
    grid = "grid"
    text = "text"


class PageOptions(msgspec.Struct, kw_only=True):
    """The part of the answer that is shown."""

    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most N members (paging).")
    ] = None
    offset: Annotated[
        int, typer.Option("--offset", min=0, metavar="N", help="Skip the first N members (paging).")
    ] = 0
    first: Annotated[
        int | None, typer.Option("--first", min=1, metavar="N", help="Only the first N slots.")
    ] = None


@app.command(epilog="Example: gbook availability --required all --from tomorrow --for P7D")
@with_option_groups
def availability(
    ctx: typer.Context,
    *,
    profile: ProfileName = None,
    members: MemberOptions,
    start: From = None,
    end: To = None,
    length: Length = None,
    tz: Zone = None,
    page: PageOptions,
    view: Annotated[View, typer.Option("--view", help="How to show the slots.")] = View.table,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors (exit 5).")] = False,
    as_json: Json = False,
) -> None:
    """Show when the members of a profile can meet."""
    session: Session = ctx.obj
    chosen = session.profile(profile)
    zone = shown_zone(tz, session.workspace, [chosen])
    low, high = read_window(start, end, length, zone, session.now)
    query = members.query(chosen, session.now, low, high)
    answer = ask(session.workspace, query, session.progress())
    session.warn(answer.warnings, strict=strict)
    session.emit(
        lambda: availability_document(
            answer, session.workspace.config, zone, offset=page.offset, limit=page.limit, first=page.first
        ),
        as_json=as_json,
        show=lambda console: _show(session, console, view, answer, zone, page.first),
    )


def _show(
    session: Session, console: "Console", view: View, answer: Answer, zone: ZoneInfo, first: int | None
) -> None:
    from gbook.render import slots

    views = {
        View.table: slots.show_table,
        View.grid: slots.show_grid,
        View.text: slots.show_text,
    }
    views[view](console, answer, zone, first)
    if not answer.slots:
        _show_obstacles(session, console, answer)


def _show_obstacles(session: Session, console: "Console", answer: Answer) -> None:
    from gbook import find_obstacles, suggest
    from gbook.render.explain import show_obstacles

    if obstacles := find_obstacles(answer):
        show_obstacles(console, answer.query, obstacles, suggest(session.workspace, answer))
