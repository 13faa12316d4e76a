"""The team's colours: from gbook.yaml to a stylesheet, such that text on each of them can be read."""

from __future__ import annotations

import falcon

from gbook.service.call import OpenWorkspace

__all__ = ["TeamColors", "contrast", "text_on", "theme_css"]

BLACK, WHITE = "#000000", "#ffffff"
# How long browsers keep the colours, which seldom change.
SECONDS = 600


def theme_css(primary: str, secondary: str) -> str:
    """Return the stylesheet of a team with these colours (#RGB or #RRGGBB)."""
    return f":root {{ --accent: {primary}; --on-accent: {text_on(primary)}; --tint-of: {secondary}; }}\n"


def text_on(color: str) -> str:
    """Return black or white, whichever can be read better on a color: at least 4.58:1 on any (√21)."""
    return max(WHITE, BLACK, key=lambda text: contrast(text, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors (WCAG 2.2, "contrast ratio")."""
    low, high = sorted(_luminance(color) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance of a color (WCAG 2.2)."""
    digits = color[1:] if len(color) == len(BLACK) else "".join(digit * 2 for digit in color[1:])
    red, green, blue = (_linear(value / 255) for value in bytes.fromhex(digits))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


class TeamColors:
    """The stylesheet of the workspace's colors, at one address for all pages, errors too."""

    def __init__(self, open_workspace: OpenWorkspace) -> None:
        self._open_workspace = open_workspace

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Answer with the colors as they are now."""
        with self._open_workspace() as workspace:
            response.text = theme_css(workspace.config.primary_color, workspace.config.secondary_color)
        response.content_type = "text/css; charset=utf-8"
        response.set_headers(
            {"Cache-Control": f"public, max-age={SECONDS}", "X-Content-Type-Options": "nosniff"}
        )
