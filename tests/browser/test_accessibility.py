"""Every state of the page: in all colours, narrow and wide, with and without a script, opened and shut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support.axe import (
    COLOUR_RULES,
    add_axe,
    axe_violations,
    cut_off_text,
    open_details,
    size_problems,
)
from support.browser import LOOKS, Guest
from support.http_service import HttpService
from support.page_states import STATES, State, visit_states

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def states(studio: HttpService) -> dict[str, State]:
    """The states, each as it was answered."""
    return visit_states(studio)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", STATES)
def test_every_state_is_accessible(
    states: dict[str, State], new_guest: Callable[..., Guest], name: str, has_script: bool
) -> None:
    """axe finds no violation; controls have 44 pixels each way; nothing scrolls sideways or is cut off."""
    guest = new_guest()
    guest.show(states[name], has_script=has_script)
    add_axe(guest.page)
    problems = [*_problems(guest), *cut_off_text(guest.page)]
    assert not problems, "\n".join(problems)


def _problems(guest: Guest) -> Iterator[str]:
    """Yield the problems in each look. What can be opened is shut only where all rules are checked.

    An opened page shows all that a shut one does, and in the same colours.
    """
    for look in LOOKS:
        look.apply(guest.page)
        is_light = look.colours == "light"
        for is_open in (False, True) if is_light else (True,):
            open_details(guest.page, is_open=is_open)
            prefix = f"{look}{', open' if is_open else ''}: "
            found = axe_violations(guest.page, () if is_light else COLOUR_RULES)
            yield from (prefix + problem for problem in [*found, *size_problems(guest.page)])
