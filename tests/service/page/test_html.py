"""The HTML of every page: without errors of syntax, and with its ties whole."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.markup import markup_problems
from support.page_states import STATES, State, visit_states
from support.running import PATIENCE
from support.studio import running_studio

import gbook

STYLE = Path(gbook.__file__).parent / "service/page/static/page.css"
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


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, State]]:
    """The states of the page, as a real service answers them."""
    with running_studio(tmp_path_factory.mktemp("states")) as service:
        yield visit_states(service)


def test_every_state_is_sound_html(states: dict[str, State]) -> None:
    """No state has an error of syntax, a broken tie, or what its policy forbids."""
    problems = {name: found for name in STATES if (found := markup_problems(states[name].html))}
    assert problems == {}


@pytest.mark.skipif(
    "GBOOK_NU" not in os.environ, reason="GBOOK_NU is not the path of the Nu checker's vnu.jar"
)
def test_the_nu_checker_accepts_every_state(states: dict[str, State], tmp_path: Path) -> None:
    """The checker of the W3C has no message about any state, nor about the style sheet."""
    for name, state in states.items():
        (tmp_path / f"{name}.html").write_text(state.html)
    checked = [str(path) for path in (*tmp_path.glob("*.html"), STYLE)]
    command = ["java", "-jar", os.environ["GBOOK_NU"], "--also-check-css", *checked]
    done = subprocess.run(command, capture_output=True, timeout=4 * PATIENCE, check=False, text=True)
    assert done.stdout + done.stderr == ""
