"""`gbook why`: for each member and account the rule or event that forbids a time, and what would help."""

from __future__ import annotations

from typing import Annotated

import typer

from gbook.cli.options.common import Accounts, Groups, Json, ProfileName, RequiredText, Zone, shown_zone
from gbook.cli.options.dates import typed_time
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.render.explain import show_why, why_document
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.explain import explain
from gbook.scheduling.suggestions import suggest

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: gbook why tomorrow 9:30 --required all")
def why(
    ctx: typer.Context,
    time: Annotated[
        list[str], typer.Argument(metavar="TIME", help="When the meeting would start: tomorrow 9:30.")
    ],
    profile: ProfileName = None,
    required: RequiredText = None,
    account: Accounts = None,
    group: Groups = None,
    tz: Zone = None,
    as_json: Json = False,
) -> None:
    """Tell why a time can, or cannot, be booked."""
    session: Session = ctx.obj
    chosen = session.profile(profile)
    zone = shown_zone(tz, session.workspace, chosen)
    query = Query(
        profile=chosen,
        now=session.now,
        required=read_required(required),
        accounts=tuple(account or ()),
        groups=tuple(group or ()),
    )
    start = typed_time(" ".join(time), zone, session.now)
    answer = ask(session.workspace, query, session.progress())
    told = explain(session.workspace, query, start, zone)
    suggestions = suggest(session.workspace, answer)
    session.warn(answer.warnings)
    session.emit(
        lambda: why_document(told, suggestions),
        as_json=as_json,
        show=lambda console: show_why(console, told, answer, suggestions, zone),
    )
