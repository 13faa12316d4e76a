"""`gbook init`: a new workspace, empty or with a team to try gbook on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.committed import note
from gbook.errors import Warn

if TYPE_CHECKING:
    from rich.console import Console

    from gbook.cli.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False)

CONFIG = """\
# A gbook workspace. Paths are relative to this file.

# The profile that is meant where none is named with -p.
# defaultProfile: demo

# The zone of the workspace: of hours without a zone of their own, and of times typed and shown.
timezone: {zone}

# People and rooms. The first calendar is the primary one: bookings are written there.
# `gbook account add ID --email E --create` adds one here.
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
        bool, typer.Option("--demo", help="With a small team whose calendars have events.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Make a workspace: gbook.yaml, profiles/ and calendars/."""
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
    ctx.obj.emit(lambda: document, as_json=as_json, show=lambda console: _made(console, folder, demo))


def _zone(session: Session) -> str:
    """The zone that init runs in, so that hours stay where they are on a machine with another one."""
    from gbook.timeutil.zones import known_system_zone

    if zone := known_system_zone():
        return zone.key
    message = "the system's zone has no name: gbook.yaml says timezone: UTC; change it where that is wrong"
    session.warn([Warn("unknown_zone", message)])
    return "UTC"


def _made(console: Console, folder: Path, demo: bool) -> None:
    enter = "" if folder == Path() else f"cd {folder} && "
    if demo:
        console.print(
            f"Made a workspace with five accounts and two profiles in {folder.absolute()}.", soft_wrap=True
        )
        console.print(f"Next: {enter}gbook availability", soft_wrap=True)
    else:
        console.print(f"Made a workspace in {folder.absolute()}.", soft_wrap=True)
        console.print(f"Next: {enter}gbook account add ID --email E --create", soft_wrap=True)
