"""How often something may happen: counts and waits on a clock that the tests turn."""

from __future__ import annotations

import threading

import pytest

from gbook.service import throttle
from gbook.service.problems import ApiError
from gbook.service.throttle import Limit, Throttle

HOME, OFFICE = "home", "office"


class Clock:
    """A clock that moves only when it is told to, in nanoseconds."""

    def __init__(self) -> None:
        self.now = 123_456_789_987

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000_000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limit: Throttle, key: str, times: int) -> int:
    """Return how many of so many requests pass."""
    return sum(wait(limit, key) == 0 for _ in range(times))


def wait(limit: Throttle, key: str) -> int:
    """Return the seconds after which a request may be repeated, 0 for one that passes."""
    try:
        limit.take(key)
    except ApiError as error:
        return int(error.headers["Retry-After"])
    return 0


@pytest.mark.parametrize("most", [5, 10, 60])
def test_so_many_pass_at_once_then_one_after_the_other(clock: Clock, most: int) -> None:
    """60 in a minute are one a second, after the first 60."""
    limit = Throttle(Limit(most, 60), clock)
    each = 60 // most
    assert taken(limit, HOME, 3 * most) == most
    with pytest.raises(ApiError) as refused:
        limit.take(HOME)
    assert (refused.value.status, refused.value.code) == (429, "too_many_requests")
    assert wait(limit, HOME) == each
    clock.sleep(each)
    assert taken(limit, HOME, 3) == 1
    clock.sleep(3 * each)
    assert taken(limit, HOME, 10) == 3
    clock.sleep(1000)
    assert taken(limit, HOME, 3 * most) == most


def test_who_waits_as_long_as_retry_after_says_passes(clock: Clock) -> None:
    """At any moment; a refused request costs nothing."""
    limit = Throttle(Limit(5, 86_400), clock)
    assert taken(limit, HOME, 100) == 5
    for pause in (0.1, 17.3, 9_999.999):
        clock.sleep(pause)
        clock.sleep(wait(limit, HOME))
        assert wait(limit, HOME) == 0


def test_keys_have_limits_of_their_own(clock: Clock) -> None:
    """A neighbour's flood does not count."""
    limit = Throttle(Limit(10, 60), clock)
    assert taken(limit, HOME, 20) == taken(limit, OFFICE, 20) == 10


def test_looking_takes_nothing(clock: Clock) -> None:
    """`require` only says whether one is left."""
    limit = Throttle(Limit(2, 60), clock)
    for _ in range(10):
        limit.require(HOME)
    assert taken(limit, HOME, 10) == 2
    with pytest.raises(ApiError):
        limit.require(HOME)


def test_a_flood_of_keys_fills_no_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those used longest ago are forgotten; one that goes on asking is not."""
    monkeypatch.setattr(throttle, "MOST_KEYS", 50)
    limit = Throttle(Limit(10, 60), clock)
    assert taken(limit, OFFICE, 20) == 10
    passed = 0
    for number in range(5000):
        limit.take(str(number))
        if number % 20 == 0:
            passed += taken(limit, HOME, 1)
    assert len(limit._full_at) == 50
    assert passed == 10
    assert taken(limit, OFFICE, 20) == 10


def test_threads_share_a_limit(clock: Clock) -> None:
    """Not one passes too many."""
    limit = Throttle(Limit(60, 60), clock)
    passed: list[int] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        passed.append(taken(limit, HOME, 200))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 60
