"""The program: `gbook`, or `python -m gbook`."""

import codecs
import gc
import os
import sys
import warnings
from contextlib import suppress

__all__ = ["main"]

# What replaces a character that a stream cannot encode; any other becomes a `?`.
SUBSTITUTES = {"–": "-", "—": "-", "…": "...", "»": ">", "►": ">", "─": "-", "○": "o", "●": "*"}


def main() -> None:
    """Run the command line, and exit with its exit code."""
    # A query takes a tenth of a second; garbage collection, and unloading all modules at the end, would be a
    # fifth of that. When `run` returns, everything is written and closed.
    gc.set_threshold(50_000)
    _open_streams()
    if not sys.warnoptions:
        # Those of libraries are for programmers, such as icalendar's about names of zones.
        warnings.simplefilter("ignore")
    try:
        from gbook.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before or after `run`: nothing is being written then.
        code = 130
        sys.stderr.write("gbook: interrupted\n")
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Open closed streams on the null device; replace what stdout or stderr cannot encode.

    Otherwise a calendar could be opened with the descriptor of a closed stream.
    """
    codecs.register_error("gbook", _substitute)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif name != "stdin":
            stream.reconfigure(errors="gbook")


def _substitute(error: UnicodeError) -> tuple[str, int]:
    """Return the text for characters that cannot be encoded, and where encoding goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(SUBSTITUTES.get(character, "?") for character in characters), error.end


if __name__ == "__main__":
    main()
