"""Text as one line."""

from __future__ import annotations

import pytest

from gbook.text import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Jane", "Jane"),
        (" a\r\n\tb ", "a b"),
        ("a\x1b[31mb\x00", "a [31mb"),
        ("a\u2028b", "a b"),
        ("🧵", "🧵"),
    ],
)
def test_a_name_is_one_line(text: str, line: str) -> None:
    """Without what a calendar or a terminal would obey."""
    assert one_line(text) == line
