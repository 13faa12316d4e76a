"""The program: `gbook`, or `python -m gbook`."""

import gc
import os
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    # A query lives for a tenth of a second: looking for garbage, and taking every module down in the end,
    # would be a fifth of it. All that must be written or closed is, when `run` returns.
    gc.set_threshold(50_000)
    _open_streams()
    try:
        from gbook.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Before or after `run`: nothing is under way then.
        code = 130
        sys.stderr.write("gbook: interrupted\n")
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Three streams that can be used: one that was closed goes nowhere, what one cannot show is a `?`.

    A calendar must never be opened in the place of a closed stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif name != "stdin":
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
