"""Questions on a terminal: a text, yes or no, one of a list, several of a list.

They are written to stderr, so that stdout has only the answer of the command. Ctrl-C, Ctrl-D and Esc end the
command. Only this module knows the library, which takes as long to import as a query takes to run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gbook.errors import GbookError, Interrupted
from gbook.render.text import clean
from gbook.render.wrapping import sentence_lines

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Question

__all__ = ["Offer", "ask", "can_ask", "choose", "choose_several", "confirm", "say"]

# Seconds until Esc counts as a key: arrow keys begin with the same byte.
ESCAPE_SECONDS = 0.1
USUAL_WIDTH = 80
YES, NO = ("y", "yes"), ("n", "no")
CHECKBOX_HINTS = ("(space to choose, Enter when done, or type to filter)", "(space, then Enter)", "(space)")
# Colours that can be read on light and dark terminals.
STYLE = [
    ("qmark", "fg:ansicyan"),
    ("question", "bold"),
    ("answer", ""),
    ("instruction", "fg:ansibrightblack"),
    ("placeholder", "fg:ansibrightblack"),
    ("pointer", "fg:ansicyan bold"),
    ("highlighted", "bold"),
    ("selected", "fg:ansicyan"),
    ("search_success", "noinherit bold"),
    ("search_none", "noinherit fg:ansired"),
    ("validation-toolbar", "noreverse bg:default fg:ansired"),
    ("bottom-toolbar", "noreverse"),
]

Value = TypeVar("Value")


class Offer(NamedTuple):
    """A line of a list, and its value."""

    title: str
    value: Any


def can_ask() -> bool:
    """Return whether a person can answer: stdin and stderr are terminals that can move the cursor."""
    terminals = sys.stdin.isatty() and sys.stderr.isatty()
    return terminals and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


def ask(question: str, default: str | None, read: Callable[[str], Value]) -> Value:
    """Ask until `read` accepts the answer, and return its result; no answer means the default.

    `read` raises GbookError or ValueError to refuse: the reason is shown, and the answer can be corrected.
    Raises Interrupted.
    """
    import questionary
    from prompt_toolkit.formatted_text import FormattedText

    hint = FormattedText([("class:placeholder", default or "")])
    typed = ""
    while True:
        asked = questionary.text(f"{question}:", default=typed, placeholder=hint, **_settings())
        typed = _answer(asked).strip()
        try:
            return read(typed or default or "")
        except (GbookError, ValueError) as error:
            say(f"  {getattr(error, 'message', None) or error}")


def say(line: str = "") -> None:
    """Write a line to stderr, between questions; a long one is broken between words."""
    sys.stderr.write("\n".join(sentence_lines(clean(line), _width())) + "\n")
    sys.stderr.flush()


def confirm(question: str, *, default: bool) -> bool:
    """Ask for yes or no, until the answer is one of them; Enter alone is the default. Raises Interrupted.

    A whole word is asked for: with single keys, the `y` of a mistyped word would be a yes.
    """
    import questionary

    while True:
        asked = questionary.text(f"{question} {'(Y/n)' if default else '(y/N)'}", **_settings())
        typed = _answer(asked).strip().lower()
        if typed in ("", *YES, *NO):
            return typed in YES or (default and not typed)
        say("  answer yes or no, then Enter")


def choose(question: str, offers: Sequence[Offer]) -> Any:
    """Ask for one of a list, with arrow keys or by typing a part of its title; return its value.

    Raises Interrupted.
    """
    import questionary

    # Values stay here: the library compares them with titles.
    choices = [questionary.Choice(clean(offer.title), str(i)) for i, offer in enumerate(offers)]
    asked = questionary.select(
        question,
        choices,
        use_jk_keys=False,
        use_search_filter=True,
        instruction=_hint(question, "(arrow keys, or type to filter)", "(type to filter)"),
        **_settings(),
    )
    return offers[int(_answer(asked, _filtering(asked)))].value


def choose_several(question: str, offers: Sequence[Offer]) -> list[Any]:
    """Ask for some of a list, at least one, with the space bar; return their values. Raises Interrupted."""
    import questionary

    choices = [questionary.Choice(clean(offer.title), str(i)) for i, offer in enumerate(offers)]
    while True:
        asked = questionary.checkbox(
            question,
            choices,
            use_jk_keys=False,
            use_search_filter=True,
            instruction=_hint(question, *CHECKBOX_HINTS),
            **_settings(),
        )
        if numbers := _answer(asked, _filtering(asked)):
            return [offers[int(number)].value for number in numbers]
        say("  choose at least one, with the space bar")


def _width() -> int:
    """Return the width of the terminal on stderr, or a usual one if it is unknown."""
    with suppress(OSError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or USUAL_WIDTH
    return USUAL_WIDTH


def _hint(question: str, *hints: str) -> str:
    """Return the first hint that fits beside a question; a space, which hides the library's own, if none."""
    room = _width() - len(f"? {question} ")
    return next((hint for hint in hints if len(hint) < room), " ")


def _settings() -> dict[str, Any]:
    """Return the settings of every question."""
    from prompt_toolkit.output import create_output
    from prompt_toolkit.styles import Style

    output = create_output(sys.stderr)
    # The answer to a request for the cursor's position could arrive as input of the next question.
    output.enable_cpr = False  # type: ignore[attr-defined]  # of the outputs for terminals
    return {"qmark": "?", "style": Style(STYLE), "output": output}


def _answer(question: Question, *more: KeyBindings) -> Any:
    """Ask, and return the answer. Raises Interrupted for Ctrl-C, Ctrl-D and Esc."""
    from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings

    application, keys = question.application, KeyBindings()
    for key in ("escape", "<sigint>"):
        keys.add(key)(lambda event: event.app.exit(exception=KeyboardInterrupt))
    application.key_bindings = merge_key_bindings([*filter(None, [application.key_bindings]), keys, *more])
    application.ttimeoutlen = application.timeoutlen = ESCAPE_SECONDS
    try:
        return question.unsafe_ask()
    except (KeyboardInterrupt, EOFError):
        raise Interrupted("cancelled; nothing was changed") from None


def _filtering(question: Question) -> KeyBindings:
    """Return a binding that makes Enter choose nothing while no title has the text that was typed.

    The list gets no higher than its titles, also when it is filtered.
    """
    from prompt_toolkit.filters import Always, Condition
    from prompt_toolkit.key_binding import KeyBindings
    from questionary.prompts.common import InquirerControl

    windows = question.application.layout.find_all_windows()
    controls = []
    for window in windows:
        if isinstance(window.content, InquirerControl):
            window.dont_extend_height = Always()
            controls.append(window.content)
    unmatched = Condition(lambda: any(item.search_filter and not item.found_in_search for item in controls))
    keys = KeyBindings()
    keys.add("enter", filter=unmatched, eager=True)(lambda event: None)
    return keys
