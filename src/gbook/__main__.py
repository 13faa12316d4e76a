"""The program: `gbook`, or `python -m gbook`."""

import gc
import os
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Run the command line, and exit with its exit code."""
    # A query takes a tenth of a second; garbage collection, and unloading all modules at the end, would be a
    # fifth of that. When `run` returns, everything is written and closed.
    gc.set_threshold(50_000)
    _open_streams()
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
    """Open closed standard streams on the null device; make a character that stdout cannot encode a `?`.

    Otherwise a calendar could be opened with the descriptor of a closed stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif name != "stdin":
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
