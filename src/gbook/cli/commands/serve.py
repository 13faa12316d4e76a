"""`gbook serve`: the booking page and the HTTP API of the workspace, until a signal stops it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.browser import page_of, show_later
from gbook.cli.help import App
from gbook.cli.options.output import Json
from gbook.cli.session import Session
from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.service.server.serving import Server

__all__ = ["app"]

app = App()

# What the extra `serve` installs, as Python imports it.
PACKAGES = ("falcon", "waitress", "jinja2", "babel")
NEEDS = "gbook serve needs more packages; in the folder of gbook's checkout, run: pip install '.[serve]'"


@app.command(epilog="Example: gbook serve --listen 127.0.0.1:8080 --base-url https://book.example.com")
def serve(
    ctx: typer.Context,
    *,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="ADDRESS:PORT|unix:PATH",
            help="Where to listen; port 0 is any free one. (default: 127.0.0.1:8080, or systemd's sockets)",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Public address of the service. (default: serve.baseUrl of gbook.yaml)",
        ),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Let others reach the service without a proxy that encrypts."),
    ] = False,
    open_page: Annotated[
        bool, typer.Option("--open", help="Show the booking page in a browser on this machine.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve the booking page and the HTTP API, until SIGTERM or Ctrl-C.

    Once it answers, it prints its address. The log is on stderr.
    """
    session: Session = ctx.obj
    if open_page and listen and listen.startswith("unix:"):
        raise UsageError("--open: a browser needs an address such as 127.0.0.1:8080, not a Unix socket")
    server = _open_server(session, listen, base_url, insecure=insecure)

    def started(url: str) -> None:
        line = json.dumps({"url": url}) if as_json else f"Serving {session.root} at {url}"
        with suppress(OSError):  # a server whose stdout is closed serves nevertheless
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        if open_page and url.startswith("http"):
            from gbook.profiles.store import ProfileStore

            show_later(page_of(url, [*ProfileStore(session.workspace).valid()]), session.note)

    server.run(started)


def _open_server(session: Session, listen: str | None, base_url: str | None, *, insecure: bool) -> Server:
    """Return the server of the workspace.

    Raises UsageError without the packages of the extra `serve`, InvalidFile for an invalid workspace.
    """
    try:
        from gbook.service.server.serving import Settings, open_server
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise UsageError(NEEDS) from None
    root, asking = session.workspace.root, session.asking_options.asking()
    settings = Settings(root, session.cache.path, asking, base_url, listen, is_insecure=insecure)
    return open_server(settings)
