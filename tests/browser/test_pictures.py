"""The pictures of the booking page in docs/: GBOOK_RECORD=1 takes them again."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from support.browser import Guest, Look
from support.http_service import HttpService
from support.page_states import visit_states

IMAGES = Path(__file__).parents[2] / "docs/images"
SHOWN = (
    "index",
    "times",
    "times-compared",
    "empty-day",
    "form",
    "form-errors",
    "taken",
    "several-picked",
    "offer",
    "held",
    "done",
)
LOOKS = tuple(Look(colours, width) for width in (320, 1280) for colours in ("light", "dark"))
# Text on few colours needs no more than these, and so a fifth of the bytes.
COLOURS = 16
MOST_BYTES = 40_000


def _picture(name: str, look: Look) -> Path:
    return IMAGES / f"page-{name}-{look.width}-{look.colours}.png"


@pytest.mark.skipif("GBOOK_RECORD" not in os.environ, reason="pictures are taken with GBOOK_RECORD=1")
def test_pictures_are_taken(studio: HttpService, new_guest: Callable[..., Guest]) -> None:
    """Each shows a whole page, without a cursor or a mark of focus."""
    guest = new_guest()
    states = visit_states(studio)
    for name in SHOWN:
        guest.show(states[name])
        for look in LOOKS:
            look.apply(guest.page)
            guest.page.evaluate("scrollTo(0, 0)")
            taken = Image.open(BytesIO(guest.page.screenshot(full_page=True)))
            taken.convert("RGB").quantize(COLOURS).save(_picture(name, look), optimize=True)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", SHOWN)
def test_every_picture_is_there_and_small(name: str, look: Look) -> None:
    """A picture is as wide as the screen that it shows, and loads quickly."""
    path = _picture(name, look)
    with Image.open(path) as image:
        assert image.width == look.width
    assert path.stat().st_size <= MOST_BYTES


def test_no_other_picture_is_left() -> None:
    """Each shows a state that is still taken."""
    assert set(IMAGES.glob("*.png")) == {_picture(name, look) for name in SHOWN for look in LOOKS}
