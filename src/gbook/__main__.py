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
    from gbook.cli import run

    code = run(sys.argv[1:])
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
