"""One run of a command: the workspace, the cache, the time and the output.

With --json one document goes to stdout and nothing else; messages and warnings go to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gbook.cache import Cache
from gbook.cli.options.asking import AskingOptions
from gbook.errors import GbookError, InvalidFile, Problem, Warn
from gbook.timeutil.instants import format_instant, now

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from gbook.calendars.busy.loader import Progress
    from gbook.profiles.model import Profile
    from gbook.render.console import Console
    from gbook.workspace.workspace import Workspace

__all__ = ["Session", "report", "report_after"]

# The longest message, in lines: enough for a file with MAX_PROBLEMS problems.
MAX_LINES = 110


class Session:
    """One run of a command; as a context manager, it writes the cache at the end."""

    def __init__(
        self,
        workspace: str | None = None,
        *,
        use_index: bool = True,
        asking: AskingOptions = AskingOptions(),
    ) -> None:
        self._named = workspace
        self._use_index = use_index
        self.asking_options = asking
        self._warned: set[Warn] = set()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "workspace" in self.__dict__:
            self.workspace.close()
        if "cache" in self.__dict__:
            self.cache.close()

    @cached_property
    def cache(self) -> Cache:
        """The cache of file contents; with --no-index, one that stores nothing."""
        return Cache.default() if self._use_index else Cache(None)

    @cached_property
    def root(self) -> Path:
        """The folder of the workspace, even if its gbook.yaml is invalid. Raises NotFound."""
        from gbook.workspace.workspace import find_workspace

        return find_workspace(self._named)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace of this run. Raises NotFound, InvalidFile."""
        from gbook.workspace.workspace import open_workspace

        return open_workspace(self.root, self.cache, self.asking_options.asking())

    @cached_property
    def now(self) -> int:
        """The current instant, the same during the whole run, unless `take_time` is called."""
        return now()

    def take_time(self) -> None:
        """Let the run go on from the present instant."""
        self.now = now()

    def profile(self, name: str | None) -> Profile:
        """Return the profile of -p, or the default one. Raises NotFound, UsageError, InvalidFile."""
        from gbook.profiles.store import ProfileStore

        return ProfileStore(self.workspace).choose(name)

    def readable_profiles(self) -> list[Profile]:
        """Return all profiles, sorted by name; for an invalid one, warn of each of its problems."""
        from gbook.profiles.store import ProfileStore

        store = ProfileStore(self.workspace)
        profiles = []
        for name in store.names():
            try:
                profiles.append(store.load(name))
            except InvalidFile as error:
                self.warn(
                    Warn("invalid_profile", str(problem), path=error.path) for problem in error.problems
                )
        return profiles

    def emit(self, document: Callable[[], Any], *, as_json: bool, show: Callable[[Console], None]) -> None:
        """Write the answer: the JSON document that `document` builds, or else the text that `show` prints."""
        if as_json:
            write_json(self._dated(document()))
        else:
            from gbook.render.console import stdout_console

            show(stdout_console())
            self._note_age()

    def _dated(self, document: Any) -> Any:
        """Return a document with `asOf` if no server was asked: when the first of them was last read."""
        if (instant := self._as_of()) is None or not isinstance(document, dict):
            return document
        return {**document, "asOf": format_instant(instant)}

    def _note_age(self) -> None:
        if (instant := self._as_of()) is not None:
            from gbook.timeutil.format import zoned_moment

            moment = zoned_moment(instant, self.workspace.zone)
            self.note(f"no server was asked; calendars on servers are as of {moment} or later")

    def _as_of(self) -> int | None:
        """Return the instant of the oldest answer of a server that this run has used; None if online."""
        if self.asking_options.offline is None or "workspace" not in self.__dict__:
            return None
        return self.workspace.as_of()

    def acknowledge(self, *lines: str, as_json: bool, warnings: Sequence[Warn] = ()) -> None:
        """Answer a change that has nothing to show: `{"status": "Ok"}` with any warnings, or these lines."""
        document: dict[str, Any] = {"status": "Ok"}
        if warnings:
            from gbook.render.json_documents import warning_items

            self.warn(warnings)
            document["warnings"] = warning_items(warnings)

        def show(console: Console) -> None:
            for line in lines:
                console.print_words(line)

        self.emit(lambda: document, as_json=as_json, show=show)

    def progress(self) -> Progress | None:
        """Return a progress bar on stderr for long reads; None without a terminal."""
        if not sys.stderr.isatty():
            return None
        from gbook.render.progress import progress_bar

        return progress_bar()

    def note(self, text: str) -> None:
        """Print a note on stderr: something that is not wrong, but should be known."""
        print_error(f"note: {text}")

    def warn(self, warnings: Iterable[Warn], *, strict: bool = False) -> None:
        """Print each warning once in a run, on stderr. With `strict`, raise InvalidFile for the first one."""
        for warning in dict.fromkeys(warnings):
            if warning in self._warned:
                continue
            self._warned.add(warning)
            if strict:
                path = warning.path or warning.account_id or "calendars"
                raise InvalidFile(path, [Problem(warning.message, line=warning.line)])
            location = f"{warning.path}:{warning.line}" if warning.line else warning.path
            prefix = f"warning: {location}" if location else "warning"
            print_error(f"{prefix}: {warning.message}")


def write_json(document: Any) -> None:
    """Write one JSON document to stdout, always in UTF-8 (RFC 8259 §8.1)."""
    import msgspec

    try:
        data = msgspec.json.format(msgspec.json.encode(document), indent=2)
    except UnicodeEncodeError:
        # A path may not be UTF-8: its other bytes are escaped as lone surrogates.
        import json

        data = json.dumps(msgspec.to_builtins(document), indent=2).encode("ascii")
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")


def print_error(text: str) -> None:
    """Print a message on stderr, cut to a few short lines, without control characters.

    On a terminal, lines are broken between words; a command at the end of a line is not broken.
    """
    from gbook.render.text import clean, shorten

    lines = text.split("\n")
    shown = [shorten(clean(line)) for line in lines[:MAX_LINES]]
    if sys.stderr.isatty():
        from gbook.render.console import terminal_size
        from gbook.render.wrapping import sentence_lines

        width, _ = terminal_size()
        shown = [part for line in shown for part in sentence_lines(line, width)]
    with suppress(OSError):  # no other stream is left to report this
        sys.stderr.write("\n".join(shown) + "\n")
        sys.stderr.flush()


def report(error: GbookError, *, as_json: bool) -> None:
    """Print an error on stderr, with alternative slots; with --json, write a document to stdout too."""
    from gbook import SlotUnavailable

    if as_json:
        _try_json(_error_document(error))
    print_error(f"gbook: {error.message}")
    if isinstance(error, SlotUnavailable) and error.alternatives and not as_json:
        from gbook.render.commands import other_slots

        for line in other_slots(error.alternatives):
            print_error(line)


def report_after(error: GbookError, changes: Sequence[str], *, as_json: bool) -> None:
    """Print an error that came after `changes` were committed; with --json, in a document too.

    The command did its work: its exit code is 0, and the message names the changes.
    """
    if as_json:
        warning = {"code": "answer_failed", "message": error.message}
        _try_json({"committed": list(changes), "warnings": [warning]})
    print_error(f"warning: the answer is incomplete: {error.message}; {'; '.join(changes)}")


def _try_json(document: Any) -> None:
    """Write a document, unless stdout itself has failed."""
    with suppress(OSError):
        write_json(document)


def _error_document(error: GbookError) -> dict[str, Any]:
    from gbook import SlotUnavailable

    if isinstance(error, SlotUnavailable):
        from gbook.render.json_documents import unavailable_document

        return unavailable_document(error)
    return {"error": {"code": error.code, "message": error.message, **error.details}}
