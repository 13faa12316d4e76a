"""`gbook check`: mistakes in the files of a workspace."""

from __future__ import annotations

import typer

from gbook.cli.help import App
from gbook.cli.options.output import Json
from gbook.cli.session import Session
from gbook.errors import InvalidFile

__all__ = ["app"]

app = App()


@app.command(epilog="Example: gbook check")
def check(ctx: typer.Context, as_json: Json = False) -> None:
    """Find mistakes in gbook.yaml, profiles and calendars (exit 5 if there are errors)."""
    from gbook.checks.run import check_workspace
    from gbook.render.findings import problems_document, show_problems

    session: Session = ctx.obj
    asking = session.asking_options.asking()
    report = check_workspace(session.root, session.cache, session.now, session.progress(), asking)
    session.emit(
        lambda: problems_document(report),
        as_json=as_json,
        show=lambda console: show_problems(console, report),
    )
    if not report.is_valid:
        raise typer.Exit(InvalidFile.exit_code)
