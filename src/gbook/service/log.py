"""The log on stderr: one line a request, and one for what the operator has to know.

No line has a query, a header, a body, or anything of a guest: paths are those of the table of routes.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import falcon

import gbook
from gbook.errors import GbookError, InvalidFile
from gbook.text import one_line

__all__ = ["RequestLog", "Trouble", "bug", "failure", "notice", "take_over", "write_request"]

_HOME = Path(gbook.__file__).parent
_LOCK = Lock()
# The ends of the files that only operators write.
_SETTINGS = (".yaml", ".yml")


def write_request(request_id: str, method: str, route: str, status: int, seconds: float, caller: str) -> None:
    """Write the line of a request; `route` is its path in the table of routes, or `-`."""
    _write(f"{request_id} {method} {route} {status} {seconds * 1000:.1f}ms {caller}")


def notice(text: str) -> None:
    """Write a line for the operator."""
    _write(one_line(text))


def failure(error: GbookError, request_id: str) -> None:
    """Write the code of an error that the operator has to mend, and the file or the server that it is about.

    Its text may name a guest or an account. Of settings (gbook.yaml, profiles) the lines and keys at fault
    are named.
    """
    about = error.details.get("path") or error.details.get("server") or _place(error)
    cause = error.__cause__
    reason = f" ({cause.strerror})" if isinstance(cause, OSError) and cause.strerror else ""
    if isinstance(error, InvalidFile) and error.path.endswith(_SETTINGS):
        places = [str(problem._replace(message="")).removesuffix(": ") for problem in error.problems]
        at_fault = "; ".join(filter(None, places))
        reason = f" ({at_fault or 'as a whole'}); `gbook check` says more"
    _write(f"{request_id} {error.code}: {one_line(f'{about}{reason}')}")


def bug(error: BaseException, request_id: str = "-") -> None:
    """Write where a bug is, with GBOOK_DEBUG=1 its traceback; the text of the error may have private data."""
    if os.environ.get("GBOOK_DEBUG") == "1":
        _write("".join(traceback.format_exception(error)).rstrip())
    _write(
        f"{request_id} a bug in gbook: {type(error).__name__} at {_place(error)}; GBOOK_DEBUG=1 shows more"
    )


class RequestLog:
    """Gives each request of the application an id, `context.request_id`, and writes its line.

    How the log names the caller is in `context.caller`, if that is known.
    """

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Begin a request."""
        request.context.request_id = str(uuid.uuid4())
        request.context.began = time.perf_counter()
        response.set_header("X-Request-Id", request.context.request_id)

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Write the line of a request."""
        context = request.context
        method = request.method if request.method in falcon.HTTP_METHODS else "-"
        route, caller = request.uri_template or "-", getattr(context, "caller", "-")
        seconds = time.perf_counter() - context.began
        write_request(context.request_id, method, route, response.status_code, seconds, caller)


class Trouble:
    """A state that the log tells when it begins (`title`), changes and ends (`over`), not each time."""

    def __init__(self, title: str, over: str) -> None:
        self._title = title
        self._over = over
        self._reason: str | None = None

    def note(self, reason: str | None) -> None:
        """Note the reason of the trouble now; None if there is none."""
        if reason != self._reason:
            self._reason = reason
            notice(f"{self._title}: {reason}" if reason else self._over)


def take_over() -> None:
    """Let waitress log in the same way, and only what is wrong."""
    logger = logging.getLogger("waitress")
    logger.handlers[:] = [_Handler(logging.ERROR)]
    logger.propagate = False
    logging.getLogger("waitress.queue").disabled = True


class _Handler(logging.Handler):
    """Writes what a library logs without its arguments: they may be the paths of requests."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            bug(error)
        else:
            _write(str(record.msg))


def _place(error: BaseException) -> str:
    """Return the innermost line of gbook's code, else of any code, that an error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HOME)]
    if not (found := own or frames):
        return "an unknown place"
    path = Path(found[-1].filename)
    shown = path.relative_to(_HOME.parent) if path.is_relative_to(_HOME) else path.name
    return f"{shown}:{found[-1].lineno}"


def _write(text: str) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    with _LOCK, suppress(OSError, ValueError):  # no other stream is left to report this
        sys.stderr.write(f"{moment}Z {text}\n")
        sys.stderr.flush()
