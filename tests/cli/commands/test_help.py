"""`gbook help`: the help of any command."""

from __future__ import annotations

import re

import pytest
from support.running import Gbook


@pytest.mark.parametrize("words", [[], ["book"], ["booking"], ["booking", "list"], ["help"]])
def test_the_help_of_a_command_is_that_of_its_option(gbook: Gbook, words: list[str]) -> None:
    """Without a command, it is that of gbook; no workspace is needed."""
    shown = gbook("help", *words)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == gbook(*words, "--help").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bok"], "gbook: no command 'bok'; did you mean book?\n"),
        (
            ["booking", "lst"],
            "gbook: booking has no command 'lst'; did you mean list?\n",
        ),
        (["book", "list"], "gbook: book has no command 'list'; see gbook book --help\n"),
    ],
)
def test_an_unknown_command_has_a_near_one(gbook: Gbook, words: list[str], message: str) -> None:
    """The exit code is that of a wrong command line."""
    refused = gbook("help", *words)
    assert (refused.code, refused.out, refused.err) == (2, "", message)


@pytest.mark.parametrize("words", [[], ["availability"], ["book"], ["profile", "create"]])
@pytest.mark.parametrize("width", [30, 60, 80, 140])
def test_help_fits_the_terminal(
    gbook: Gbook, words: list[str], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wider, except an option or an example, which are never broken; ranges are left out."""
    monkeypatch.setenv("COLUMNS", str(width))
    shown = gbook(*words, "--help").out
    assert "x>=" not in shown
    for line in shown.splitlines():
        assert len(line) <= min(width, 100) or re.match(r"  (?:-|Example: |To begin: )|Usage: ", line), line


def test_descriptions_are_below_their_options_on_a_narrow_terminal(
    gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrow column beside them would break every line."""
    monkeypatch.setenv("COLUMNS", "40")
    lines = gbook("availability", "--help").out.splitlines()
    below = lines[lines.index("  --strict") + 1]
    assert below == "    Treat warnings as errors (exit 5)."
