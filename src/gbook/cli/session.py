"""What every command needs: the workspace, the index, the time, and a place to put its answer.

With --json one document goes to stdout and nothing else; messages and warnings go to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gbook.cache import Cache
from gbook.errors import GbookError, InvalidFile, Problem, Warn
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import now

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console

    from gbook.calendars.busy.loader import Progress
    from gbook.profiles.model import Profile
    from gbook.workspace.workspace import Workspace

__all__ = ["Session", "report", "report_after"]

# Without a terminal, tables have this width whatever the environment.
PIPE_WIDTH = 100
# Of one message. A file with MAX_PROBLEMS problems is told in full.
MAX_LINES = 110


class Session:
    """One run of a command; a context manager, so that the index is written at the end."""

    def __init__(self, workspace: str | None = None, *, use_index: bool = True) -> None:
        self._named = workspace
        self._use_index = use_index

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "cache" in self.__dict__:
            self.cache.close()

    @cached_property
    def cache(self) -> Cache:
        """What gbook remembers of files; one that remembers nothing with --no-index."""
        return Cache.default() if self._use_index else Cache(None)

    @cached_property
    def root(self) -> Path:
        """The folder of the workspace, whatever its gbook.yaml says. Raises NotFound."""
        from gbook.workspace.workspace import find_workspace

        return find_workspace(self._named)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace of this run. Raises NotFound, InvalidFile."""
        from gbook.workspace.workspace import open_workspace

        return open_workspace(self.root, self.cache)

    @cached_property
    def now(self) -> int:
        """The current instant, the same throughout a run."""
        return now()

    def profile(self, wanted: str | None) -> Profile:
        """The profile meant by -p, or without it."""
        from gbook.profiles.store import ProfileStore

        return ProfileStore(self.workspace).choose(wanted)

    def emit(self, document: Callable[[], Any], *, as_json: bool, show: Callable[[Console], None]) -> None:
        """Write the answer: the JSON document that `document` builds, or else what `show` prints."""
        if as_json:
            write_json(document())
        else:
            show(console())

    def progress(self) -> Progress | None:
        """A progress bar on stderr for long reads; None without a terminal."""
        if not sys.stderr.isatty():
            return None
        from gbook.render.progress import progress_bar

        return progress_bar()

    def warn(self, warnings: Iterable[Warn], *, strict: bool = False) -> None:
        """Print warnings to stderr, each once. With `strict` raises InvalidFile for the first."""
        for warning in dict.fromkeys(warnings):
            if strict:
                where = warning.path or warning.account_id or "calendars"
                raise InvalidFile(where, [Problem(warning.message, line=warning.line)])
            place = f"{warning.path}:{warning.line}" if warning.line else warning.path
            print_error(f"warning: {place}: {warning.message}" if place else f"warning: {warning.message}")


def console() -> Console:
    """The terminal, or a stream of stable width without colour."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(
        width=None if terminal else PIPE_WIDTH,
        no_color=None if terminal else True,
        force_terminal=None if terminal else False,
        highlight=False,
        emoji=False,
        markup=False,
    )


def write_json(document: Any) -> None:
    """One JSON document on stdout, in UTF-8 whatever the terminal speaks (RFC 8259 §8.1)."""
    import msgspec

    try:
        data = msgspec.json.format(msgspec.json.encode(document), indent=2)
    except UnicodeEncodeError:
        # A path need not be UTF-8: its odd bytes are escaped, as lone surrogates.
        import json

        data = json.dumps(msgspec.to_builtins(document), indent=2).encode("ascii")
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")


def print_error(text: str) -> None:
    """Print a message on stderr: few and short lines, with nothing that a terminal would obey."""
    from gbook.render.text import clean, shorten

    lines = text.split("\n")
    shown = [shorten(clean(line)) for line in lines[:MAX_LINES]]
    with suppress(OSError):  # there is nowhere left to complain
        sys.stderr.write("\n".join(shown) + "\n")
        sys.stderr.flush()


def report(error: GbookError, *, as_json: bool) -> None:
    """Say what went wrong on stderr, with the slots there are instead; with --json a document on stdout."""
    if as_json:
        _try_json(_error_document(error))
    print_error(f"gbook: {error.message}")
    if isinstance(error, SlotUnavailable) and error.alternatives and not as_json:
        from gbook.render.commands import other_slots

        for line in other_slots(error.alternatives):
            print_error(line)


def report_after(error: GbookError, changes: Sequence[str], *, as_json: bool) -> None:
    """Say what could not be done after `changes` were committed; with --json in a document too.

    The command has done what it was asked for: its exit code is 0, and the message says what there is.
    """
    if as_json:
        warning = {"code": "answer_failed", "message": error.message}
        _try_json({"committed": list(changes), "warnings": [warning]})
    print_error(f"warning: the answer is incomplete: {error.message}; {'; '.join(changes)}")


def _try_json(document: Any) -> None:
    """Write a document where stdout may be what went wrong."""
    with suppress(OSError):
        write_json(document)


def _error_document(error: GbookError) -> dict[str, Any]:
    if isinstance(error, SlotUnavailable):
        from gbook.render.json_documents import unavailable_document

        return unavailable_document(error)
    return {"error": {"code": error.code, "message": error.message, **error.details}}
