"""The HTML of every page: without errors of syntax, and with its ties whole."""

from __future__ import annotations

import pytest
from support.markup import markup_problems

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Book</title></head>
<body><main><h1>Book</h1>BODY</main></body>
</html>
"""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<div><span></div>", "line 4: end-tag-too-early"),
        ("<p>fish & chips &foo;</p>", "line 4: expected-named-entity"),
        ('<p class="a" class="b"></p>', "line 4: duplicate-attribute"),
        ('<p id="a"></p><p id="a"></p>', "id a is there 2 times"),
        ('<label for="name">Name</label>', "label for=name: no such id"),
        ('<a href="#times">Times</a>', "a link leads to #times: no such id"),
        ('<input name="email">', "input email has no label"),
        ("<h3>Morning</h3>", "h3 after h1"),
        ("<h1>Again</h1>", "2 elements h1"),
        ("<ul><p>Free</p></ul>", "p in ul"),
        ("<a href='/b/'><div>Free</div></a>", "div in a"),
        ('<p style="color: red"></p>', "p has the attribute style"),
        ("<script>alert(1)</script>", "script in the page"),
        ('<script src="//cdn.example.com/a.js"></script>', "another site"),
        ('<time datetime="30 November">30</time>', "not a date or time"),
    ],
)
def test_a_problem_of_a_page_is_found(body: str, problem: str) -> None:
    """The checks of the pages find what they are for."""
    assert markup_problems(PAGE.replace("BODY", "")) == []
    assert any(problem in found for found in markup_problems(PAGE.replace("BODY", body)))
