"""Whatever colour a team chooses, everything can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.axe import add_axe, axe_violations
from support.browser import Guest, Look
from support.http_service import HttpService
from support.page_states import TIMES

COLOURS = ("#ffeb3b", "#303030", "#fff", "#000", "#777", "#e91e63", "#1d4ed8")
SHOWN = ("/b/", TIMES, f"{TIMES}&slot=2026-11-30T10:30Z")


@pytest.mark.slow
@pytest.mark.parametrize("colour", COLOURS)
def test_text_can_be_read_on_any_colour(
    studio: HttpService, new_guest: Callable[..., Guest], colour: str
) -> None:
    """In light and in dark, on buttons and on chosen days."""
    config = studio.workspace / "gbook.yaml"
    lines = config.read_text().splitlines()
    chosen = [f'primaryColor: "{colour}"' if line.startswith("primaryColor") else line for line in lines]
    config.write_text("\n".join(chosen))
    page = new_guest().page
    for path in SHOWN:
        page.goto(path)
        add_axe(page)
        for look in (Look("light"), Look("dark")):
            look.apply(page)
            assert axe_violations(page, ["color-contrast"]) == []
