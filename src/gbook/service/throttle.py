"""How often something may happen for a key, such as a network: a bucket of tokens for each, refilled evenly.

Written here, because of the libraries for it pyrate-limiter takes 160 ms to import and limits 180 ms, both
run a thread of their own, and neither bounds the number of keys that it remembers: a flood from many
networks would fill the memory.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import NamedTuple

from gbook.service.problems import ApiError

__all__ = ["MOST_KEYS", "Allowance", "Limit", "Throttle"]

# Some 2 MB for each throttle.
MOST_KEYS = 10_000
SECOND = 1_000_000_000


class Limit(NamedTuple):
    """A number of times in a number of seconds; what is not used is saved, up to `most`."""

    most: int
    seconds: int


class Throttle:
    """The buckets of one limit, by their keys.

    A bucket is kept as the instant at which it will be full again (the generic cell rate algorithm), in
    nanoseconds of `clock`. Of too many, the one that was used longest ago is forgotten: a flood of many
    keys loosens the limit, but fills no memory and refuses nobody else.
    """

    def __init__(self, limit: Limit, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._period = limit.seconds * SECOND
        self._interval = self._period // limit.most
        self._clock = clock
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def require(self, key: str) -> None:
        """Raise ApiError (429 with Retry-After, RFC 6585 §4) if the bucket of a key is empty."""
        self._admit(key, 0)

    def take(self, key: str) -> None:
        """Take a token from the bucket of a key. Raises what `require` raises."""
        self._admit(key, self._interval)

    def _admit(self, key: str, cost: int) -> None:
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now)
            wait = full_at + self._interval - self._period - now
            if cost:
                # Refused ones are in use too: they must not be forgotten while they go on.
                self._full_at[key] = full_at + (cost if wait <= 0 else 0)
                self._full_at.move_to_end(key)
                if len(self._full_at) > MOST_KEYS:
                    self._full_at.popitem(last=False)
        if wait > 0:
            message = "too many requests from this address; wait as long as Retry-After says"
            raise ApiError(429, "too_many_requests", message, Retry_After=str(-(-wait // SECOND)))


class Allowance(NamedTuple):
    """How often someone may still do something, counted when it is done: what fails costs nothing.

    Without a throttle, any number of times. What is done at the same time may exceed it.
    """

    throttle: Throttle | None = None
    key: str = ""

    def require(self) -> None:
        """Raise what `Throttle.require` raises."""
        if self.throttle:
            self.throttle.require(self.key)

    def use(self) -> None:
        """Count what is done."""
        if self.throttle:
            with suppress(ApiError):
                self.throttle.take(self.key)
