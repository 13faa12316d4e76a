"""How often an address may ask: a bucket of tokens for each, refilled evenly.

Written here, because of the libraries for it pyrate-limiter takes 160 ms to import and limits 180 ms, both
run a thread of their own, and neither bounds the number of addresses that it remembers: a flood from many
addresses would fill the memory.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from gbook.service.access.hosts import network_of
from gbook.service.problems import ApiError

__all__ = ["MOST_ADDRESSES", "Limit", "Throttle"]

# Some 2 MB for each throttle.
MOST_ADDRESSES = 10_000
SECOND = 1_000_000_000


class Limit(NamedTuple):
    """A number of requests in a number of seconds; what is not used is saved, up to `most`."""

    most: int
    seconds: int


class Throttle:
    """The buckets of one limit. All addresses of an IPv6 network of 64 bits share one.

    A bucket is kept as the instant at which it will be full again (the generic cell rate algorithm), in
    nanoseconds of `clock`. Of too many, the one that was used longest ago is forgotten: a flood from many
    addresses loosens the limit, but fills no memory and refuses nobody else.
    """

    def __init__(self, limit: Limit, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._period = limit.seconds * SECOND
        self._interval = self._period // limit.most
        self._clock = clock
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def require(self, address: str) -> None:
        """Raise ApiError (429 with Retry-After, RFC 6585 §4) if the bucket of an address is empty."""
        self._admit(network_of(address), 0)

    def take(self, address: str) -> None:
        """Take a token from the bucket of an address. Raises what `require` raises."""
        self._admit(network_of(address), self._interval)

    def _admit(self, key: str, cost: int) -> None:
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now)
            wait = full_at + self._interval - self._period - now
            if cost:
                # Refused ones are in use too: they must not be forgotten while they go on.
                self._full_at[key] = full_at + (cost if wait <= 0 else 0)
                self._full_at.move_to_end(key)
                if len(self._full_at) > MOST_ADDRESSES:
                    self._full_at.popitem(last=False)
        if wait > 0:
            message = "too many requests from this address; wait as long as Retry-After says"
            raise ApiError(429, "too_many_requests", message, Retry_After=str(-(-wait // SECOND)))
