"""A progress bar for slow reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

__all__ = ["progress_bar"]

# Faster reads show no bar.
PATIENCE_SECONDS = 0.5


def progress_bar() -> Callable[[int, int], None]:
    """Return a function that takes (bytes read, total bytes) and draws a bar on stderr if reading is slow."""
    begun = time.monotonic()
    drawn: list[Any] = []

    def update(done: int, total: int) -> None:
        if not drawn and time.monotonic() - begun > PATIENCE_SECONDS and done < total:
            from rich.console import Console
            from rich.progress import Progress

            bar = Progress(console=Console(stderr=True), transient=True)
            drawn.extend((bar, bar.add_task("reading calendars", total=total)))
            bar.start()
        if drawn:
            bar, task = drawn
            bar.update(task, completed=done)
            if done >= total:
                bar.stop()

    return update
