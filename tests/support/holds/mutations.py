"""gbook's protocol with one safeguard taken away: the simulator must find each of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from support.holds import bookers
from support.holds.bookers import Booker
from support.holds.trial import HARD, LOCAL
from support.holds.world import Faults

from gbook.calendars.commit import confirm, doubt, holds
from gbook.calendars.commit.confirm import Commit
from gbook.calendars.commit.holds import HOLD_SECONDS, Own, Plan, WantedHold
from gbook.calendars.commit.operations import REFUSED, UNKNOWN, Done, Steps, Written

__all__ = ["MUTATIONS", "RARE", "Mutation"]

Mutation = Callable[[pytest.MonkeyPatch], None]


def _without_the_second_look(patch: pytest.MonkeyPatch) -> None:
    def judged_again(_: object, plan: Plan[None]) -> Generator[Any, Any, Plan[None]]:
        return plan
        yield

    patch.setattr(holds._Holder, "_judged_again", judged_again)


def _holds_need_not_be_listed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holds._Holder, "_is_listed", lambda *_: True)


def _never_late(patch: pytest.MonkeyPatch) -> None:
    def is_late(_: object) -> Generator[Any, Any, bool]:
        return False
        yield

    patch.setattr(confirm.Commit, "_is_late", is_late)


def _no_answer_is_yes(patch: pytest.MonkeyPatch) -> None:
    def settle(*arguments: Any) -> Steps[Any]:
        answer: Written = arguments[1]
        if answer is UNKNOWN:
            return Done("unknown")
        return (yield from doubt.settle(*arguments))

    patch.setattr(confirm, "settle", settle)


def _no_answer_is_no(patch: pytest.MonkeyPatch) -> None:
    def settle(*arguments: Any) -> Steps[Any]:
        answer: Written = arguments[1]
        if answer is UNKNOWN:
            return REFUSED
        return (yield from doubt.settle(*arguments))

    patch.setattr(confirm, "settle", settle)


def _nothing_is_undone(patch: pytest.MonkeyPatch) -> None:
    def undo(_: object) -> Generator[Any, Any, list[object]]:
        return []
        yield

    patch.setattr(confirm.Commit, "undo", undo)


def _expired_holds_stay(patch: pytest.MonkeyPatch) -> None:
    judge = Booker.judge

    def judged(self: Booker, own: Own, moved: str = "") -> Plan[None] | None:
        plan = judge(self, own, moved)
        return plan and plan._replace(expired=())

    patch.setattr(Booker, "judge", judged)


def _host_before_copies(patch: pytest.MonkeyPatch) -> None:
    commit = Booker.commit

    def host_first(self: Booker, each: Commit, copies: Any, host: Any) -> Steps[str]:
        return commit(self, each, host, copies)

    patch.setattr(Booker, "commit", host_first)


def _move_has_a_short_hold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bookers, "MOVE_SECONDS", HOLD_SECONDS)


def _move_does_not_hold_its_old_time(patch: pytest.MonkeyPatch) -> None:
    items = Booker.items

    def without_old_time(self: Booker, moved: str = "") -> list[WantedHold]:
        return [item for item in items(self, moved) if b"-left" not in item.content]

    patch.setattr(Booker, "items", without_old_time)


def _copies_are_cleared_without_a_hold(patch: pytest.MonkeyPatch) -> None:
    judge = Booker.judge

    def judged(self: Booker, own: Own, moved: str = "") -> Plan[None] | None:
        plan = judge(self, own, moved)
        if plan and plan.subject == "left" and not own:
            left = [(key, name) for key, name, event in self.seen(own) if event.uid == self.wish.uid]
            return plan._replace(expired=left)
        return plan

    patch.setattr(Booker, "judge", judged)


# Safeguards of which a few hundred trials show that they are needed.
MUTATIONS: dict[str, Mutation] = {
    "no second look": _without_the_second_look,
    "holds need not be listed": _holds_need_not_be_listed,
    "no answer means yes": _no_answer_is_yes,
    "no answer means no": _no_answer_is_no,
    "nothing is undone": _nothing_is_undone,
    "host before copies": _host_before_copies,
}
# Safeguards against rare coincidences, each with the trials in which these are searched for.
RARE: dict[str, tuple[Mutation, range, Faults | None]] = {
    "expired holds are not deleted": (_expired_holds_stay, range(2000), HARD),
    # Where the server ignores If-Match, only this keeps a booking from being confirmed too late.
    "confirmed after half of the hold's time": (_never_late, range(0, 23 * 600, 23), None),
    "a move has a short hold": (_move_has_a_short_hold, range(15, 32_000, 16), HARD),
    "a move does not hold its old time": (_move_does_not_hold_its_old_time, range(12, 64_000, 16), LOCAL),
    "copies are cleared without a hold": (_copies_are_cleared_without_a_hold, range(8, 24_000, 16), None),
}
