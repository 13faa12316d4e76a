"""Explanations on a terminal: why there is no slot."""

from __future__ import annotations

import re

import pytest
from support.answer_builders import NEW_YORK, answer, instant, recorded, shown

from gbook.engine.quorum import Member
from gbook.render.explain import show_obstacles, show_why
from gbook.scheduling.explain import AccountWhy, MemberWhy, Why
from gbook.scheduling.obstacles import find_obstacles
from gbook.scheduling.reason import Reason
from gbook.scheduling.suggestions import Suggestion

START = instant("2026-11-24T14:00:00Z")
ANSWER = answer()
SUGGESTIONS = [
    Suggestion("with any 2 of 3 members (--required 2)", 12, frozenset([START])),
    Suggestion("without bob", 1, frozenset()),
]
BOARD = Reason("busy", "busy 09:00–11:00 (Board [red]meeting[/red]\x1b[31m 🦊, calendars/alice.ics)")
GRID = Reason("off_grid", "no slot starts at that time: slots start at 09:00 and 09:30")


def why(*rules: Reason) -> Why:
    """Return an explanation: alice is busy and bob is free; of sales, carol is free and dave is not."""
    accounts = {
        "alice": [BOARD],
        "bob": [],
        "carol": [],
        "dave": [
            Reason("own_hours", "outside own work hours (10:00–18:00)"),
            Reason(
                "buffer", "busy 09:35–10:00, in the 15 minutes after the meeting that must be free (x.ics)"
            ),
        ],
    }
    accounts_why = {
        name: AccountWhy(name, not (rules or own), [*rules, *own]) for name, own in accounts.items()
    }
    alice, bob, carol, dave = accounts_why.values()
    members = [
        MemberWhy(Member(("alice",)), False, 1, [alice]),
        MemberWhy(Member(("bob",)), not rules, 1, [bob]),
        MemberWhy(Member(("carol", "dave"), "sales", "all"), False, 2, [carol, dave]),
    ]
    return Why(START, START + 1800, False, 1, rules, members)


def obstacles(*suggestions: Suggestion, width: int = 80) -> str:
    """Return the text below "No slots" for alice and bob, who are never free together."""
    whole = ["2026-11-24T00:00:00Z/2026-11-28T00:00:00Z"]
    nothing = answer({"alice": whole, "bob": ["2026-11-24T14:00:00Z/2026-11-24T16:00:00Z"]}, required="all")
    causes = find_obstacles(nothing)
    assert causes is not None
    return shown(show_obstacles, nothing.query, causes, suggestions, NEW_YORK, width=width)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_time_is_explained(width: int) -> None:
    """One row an account, its reasons one below the other, then what would help; words are never split."""
    text = shown(show_why, why(), ANSWER, None, SUGGESTIONS, NEW_YORK, width=width)
    assert text == recorded(f"why-{width}", text)
    assert all(len(line) <= width for line in text.splitlines())


def test_a_rule_of_the_profile_is_printed_once() -> None:
    """It is printed above the accounts, which then have only their own reasons."""
    text = shown(show_why, why(GRID), ANSWER, None, SUGGESTIONS, NEW_YORK)
    assert text.count("slots start at 09:00 and 09:30") == 1
    assert "No slot starts at that time" in text
    assert re.search(r"bob +no conflict", text)


@pytest.mark.parametrize("color", [False, True])
def test_a_subject_is_text(color: bool) -> None:
    """Its markup and escape codes have no effect."""
    text = shown(show_why, why(), ANSWER, None, SUGGESTIONS, NEW_YORK, width=140, color=color)
    assert "Board [red]meeting[/red][31m 🦊" in text
    assert "\x1b[31m" not in text


@pytest.mark.parametrize("width", [30, 60, 80, 100, 140])
def test_an_empty_window_is_explained(width: int) -> None:
    """The account that is least often free comes first, then what would help, then a command."""
    text = obstacles(*SUGGESTIONS, width=width)
    assert text == recorded(f"obstacles-{width}", text)
    assert text.index("alice") < text.index("bob")


def test_the_command_asks_the_same_question_at_the_best_time() -> None:
    """The time at which most members are free, with the options of the query."""
    text = obstacles()
    assert "gbook why -p demo --required all 2026-11-24T11:00-05:00" in text
