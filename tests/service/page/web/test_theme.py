"""The team's colours: text on them can be read, whichever they are."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.api import make_api_office
from support.page import Browser

from gbook.service.page.web import theme
from gbook.service.page.web.theme import contrast, text_on

COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
# WCAG 2.2, 1.4.3 (AA).
READABLE = 4.5
PAGE_CSS = (Path(theme.__file__).parents[1] / "static/page.css").read_text("utf-8")


def declared(name: str) -> list[str]:
    """Return the values of a custom property in the stylesheet: in light and in dark."""
    values = re.findall(rf"--{name}: ([^;]+);", PAGE_CSS)
    assert len(values) == 2, name
    return values


def full(color: str) -> str:
    """Return a color with six digits."""
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


def mixed(color: str, share: int, ground: str) -> str:
    """Return a colour of which `share` % is `color` (CSS color-mix in sRGB)."""
    pairs = zip(bytes.fromhex(full(color)[1:]), bytes.fromhex(full(ground)[1:]), strict=True)
    return "#" + "".join(f"{round((one * share + other * (100 - share)) / 100):02x}" for one, other in pairs)


def test_contrast_is_that_of_the_standard() -> None:
    """21:1 is the highest; the grey of 4.54:1 is a well-known one."""
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#abc", "#aabbcc") == 1


@given(COLORS)
def test_text_on_any_accent_can_be_read(color: str) -> None:
    """The better one of black and white has at least √21."""
    assert contrast(text_on(color), color) >= 21**0.5 - 1e-9


@pytest.mark.parametrize("mode", [0, 1])
@given(color=COLORS)
def test_text_on_any_tint_can_be_read(mode: int, color: str) -> None:
    """In light and in dark, with the shares that the stylesheet mixes."""
    share = int(re.findall(r"(\d+)%", declared("tint")[mode])[0])
    tint = mixed(color, share, declared("page")[mode])
    assert contrast(full(declared("ink")[mode]), tint) >= READABLE


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("ground", ["page", "card"])
def test_text_and_edges_are_seen(mode: int, ground: str) -> None:
    """Text has 4.5:1, and the edge of a control 3:1 (WCAG 2.2, 1.4.11)."""
    behind = declared(ground)[mode]
    for text in ("ink", "muted", "error"):
        assert contrast(declared(text)[mode], behind) >= READABLE
    assert contrast(declared("edge")[mode], behind) >= 3


def test_the_stylesheet_has_the_colors_of_the_workspace(tmp_path: Path) -> None:
    """And nothing else."""
    office = make_api_office(tmp_path / "office", more='primaryColor: "#FFEB3B"\nsecondaryColor: "#0af"\n')
    answer = Browser(office).get("/b/theme.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.text == ":root { --accent: #FFEB3B; --on-accent: #000000; --tint-of: #0af; }\n"
