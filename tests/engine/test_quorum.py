"""One, all, or a number: of the accounts of a group, and of the members of a query."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gbook.engine.candidates import Candidates, Meeting
from gbook.engine.quorum import Member, Required, Roster, Slot, at_least, available, find_slots, needed

EVERYTHING = 0b11111111
masks = st.integers(0, EVERYTHING)
SLOTS = Candidates([0, 10, 20], Meeting(10))
ANN, BEN, CAT = Member(("ann",)), Member(("ben",)), Member(("cat",))


def found(members: list[Member], free: dict[str, int], required: Required, *optional: str) -> list[Slot]:
    return find_slots(SLOTS, members, free, required, optional)


@given(st.lists(masks, max_size=9), st.integers(0, 10))
def test_at_least_counts_each_slot(given_masks: list[int], count: int) -> None:
    """Each bit is counted over all masks."""
    mask = at_least(given_masks, count, EVERYTHING)
    for position in range(8):
        assert bool(mask >> position & 1) == (sum(one >> position & 1 for one in given_masks) >= count)


def test_how_many_are_needed() -> None:
    """A number may be larger than the total; then there are no slots."""
    assert (needed("one", 5), needed("all", 5), needed(3, 5), needed(6, 5)) == (1, 5, 3, 6)
    assert found([ANN, BEN], {"ann": 7, "ben": 7}, 3) == []


def test_a_group_can_meet_when_enough_of_it_can() -> None:
    """One, all, or two of three."""
    free = {"ann": 0b001, "ben": 0b011, "cat": 0b111}
    group = Member(("ann", "ben", "cat"), "g")
    assert available(msgspec.structs.replace(group, required="one"), free, 7) == 0b111
    assert available(msgspec.structs.replace(group, required=2), free, 7) == 0b011
    assert available(msgspec.structs.replace(group, required="all"), free, 7) == 0b001


def test_a_slot_names_only_the_members_that_can_take_it() -> None:
    """A group without enough free accounts is not named, and neither are its free accounts."""
    group = Member(("ben", "cat"), "g", "all")
    slots = found([ANN, group], {"ann": 0b011, "ben": 0b111, "cat": 0b110}, "one")
    assert slots == [
        Slot(0, 10, ("ann",), {}),
        Slot(10, 20, ("ann",), {"g": ("ben", "cat")}),
        Slot(20, 30, (), {"g": ("ben", "cat")}),
    ]


def test_an_account_may_be_attached_and_in_groups() -> None:
    """It counts for each of them."""
    members = [ANN, Member(("ann", "ben"), "g", "one"), Member(("ann",), "h")]
    (slot,) = found(members, {"ann": 0b001, "ben": 0}, "all")
    assert slot == Slot(0, 10, ("ann",), {"g": ("ann",), "h": ("ann",)})


def test_optional_accounts_exclude_nothing() -> None:
    """They are named in the slots for which they are free."""
    slots = found([ANN], {"ann": 0b011, "ben": 0b010}, "all", "ben")
    assert [(slot.start, slot.optional) for slot in slots] == [(0, ()), (10, ("ben",))]


def test_without_members_there_are_no_slots() -> None:
    """Not even with `all`, which no members satisfy."""
    assert found([], {}, "all") == found([], {}, "one") == []


def test_without_candidates_there_are_no_slots() -> None:
    """For any free accounts."""
    assert find_slots(Candidates([], Meeting(10)), [ANN], {"ann": 0}, "one") == []


@given(st.dictionaries(st.sampled_from("abcdef"), masks))
def test_a_roster_is_masks_turned(free: dict[str, int]) -> None:
    """For each slot it gives the ids whose mask has the slot, in the order given."""
    roster = Roster(8, free.items())
    for position in range(8):
        assert roster.at(position) == tuple(name for name, mask in free.items() if mask >> position & 1)
