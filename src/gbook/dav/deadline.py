"""The time limit of everything that one command does on servers."""

from __future__ import annotations

from time import monotonic

__all__ = ["Deadline"]


class Deadline:
    """A moment of the monotonic clock; changes of the system's clock do not move it.

    `seconds` is the whole limit.
    """

    def __init__(self, end: float, seconds: float) -> None:
        self._end = end
        self.seconds = seconds

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the deadline that is `seconds` from now."""
        return cls(monotonic() + seconds, seconds)

    def remaining(self) -> float:
        """Return the seconds that are left, at least 0."""
        return max(0.0, self._end - monotonic())

    def wait_seconds(self) -> float:
        """Return the seconds that one system call may wait. Raises TimeoutError if none are left."""
        if left := self.remaining():
            return left
        raise TimeoutError
