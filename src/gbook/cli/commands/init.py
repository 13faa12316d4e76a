"""`gbook init`: create a workspace, empty or with a sample team."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.help import App
from gbook.cli.options.output import Json
from gbook.committed import note
from gbook.errors import Warn

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.render.console import Console

__all__ = ["app"]

app = App()

CONFIG = """\
# A gbook workspace. Paths are relative to this file.

# The profile that is used when -p is not given.
# defaultProfile: demo

# The time zone of work hours without one, and of times typed and shown.
timezone: {zone}

# People and rooms. Bookings are written to the first calendar, the primary one.
# `gbook account add ID --email E --create` adds an account here.
accounts: []
#  - id: alice
#    name: Alice Liddell
#    email: alice@example.com
#    timezone: America/New_York
#    calendars:
#      - calendars/alice.ics
#      - {path: calendars/holidays.ics, blocking: always, readonly: true}
"""


@app.command(epilog="Example: gbook init --demo team")
def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the workspace.")] = Path(),
    demo: Annotated[
        bool, typer.Option("--demo", help="Include a small team with events in their calendars.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create a workspace: gbook.yaml, profiles/ and calendars/."""
    from gbook.workspace.config import CONFIG_NAME
    from gbook.workspace.new_files import write_all

    if demo:
        from gbook.workspace.demo import demo_files

        files = demo_files(ctx.obj.now)
    else:
        files = {CONFIG_NAME: CONFIG.replace("{zone}", _zone(ctx.obj)).encode()}
    write_all(folder, files, folders=("profiles", "calendars"))
    note(f"{folder / CONFIG_NAME} is written")
    document = {"workspace": str(folder.absolute()), "demo": demo}
    ctx.obj.emit(lambda: document, as_json=as_json, show=lambda console: _show_created(console, folder, demo))


def _zone(session: Session) -> str:
    """Return the name of the system's zone, so that hours stay the same on a machine with another one."""
    from gbook.timeutil.format import zone_key
    from gbook.timeutil.zones import known_system_zone

    if zone := known_system_zone():
        return zone_key(zone)
    message = "the system's time zone has no name: gbook.yaml has timezone: UTC; change it if that is wrong"
    session.warn([Warn("unknown_zone", message)])
    return "UTC"


def _show_created(console: Console, folder: Path, demo: bool) -> None:
    enter = "" if folder == Path() else f"cd {folder} && "
    if demo:
        console.print_words(
            f"Created a workspace with five accounts and two profiles in {folder.absolute()}."
        )
        console.print_words(f"Next: {enter}gbook availability")
    else:
        console.print_words(f"Created a workspace in {folder.absolute()}.")
        console.print_words(f"Next: {enter}gbook account add ID --email E --create")
