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
from gbook.render.text import cell_length, clean
from gbook.render.wrapping import cut, sentence_lines

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Choice, Question

__all__ = ["Offer", "ask", "can_ask", "choose", "choose_several", "confirm", "say"]

# Seconds until Esc counts as a key: arrow keys begin with the same byte.
ESCAPE_SECONDS = 0.1
USUAL_WIDTH = 80
# Cells before a title: the pointer, and in a list of several the circle. An answer needs some cells.
POINTER_CELLS, CHECKBOX_CELLS = 3, 5
LEAST_ROOM = 24
# The library's function that returns the text typed as a filter.
FILTER_LINE = "get_search_string_tokens"
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
        asked = questionary.text(_above(f"{question}:"), default=typed, placeholder=hint, **_settings())
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

    lines = sentence_lines(f"? {question} {'(Y/n)' if default else '(y/N)'}", _width() - len(" yes "))
    while True:
        asked = questionary.text("\n".join(lines).removeprefix("? "), **_settings())
        typed = _answer(asked).strip().lower()
        if typed in ("", *YES, *NO):
            return typed in YES or (default and not typed)
        say("  answer yes or no, then Enter")


def choose(question: str, offers: Sequence[Offer]) -> Any:
    """Ask for one of a list, with arrow keys or by typing a part of its title; return its value.

    Raises Interrupted.
    """
    import questionary

    asked = questionary.select(
        question,
        _choices(offers, POINTER_CELLS),
        use_jk_keys=False,
        use_search_filter=True,
        instruction=_hint(question, "(arrow keys, or type to filter)", "(type to filter)"),
        erase_when_done=True,
        **_settings(),
    )
    offer = offers[int(_answer(asked, _filtering(asked)))]
    _say_answer(question, [offer])
    return offer.value


def choose_several(question: str, offers: Sequence[Offer]) -> list[Any]:
    """Ask for some of a list, at least one, with the space bar; return their values. Raises Interrupted."""
    import questionary

    while True:
        asked = questionary.checkbox(
            question,
            _choices(offers, CHECKBOX_CELLS),
            use_jk_keys=False,
            use_search_filter=True,
            instruction=_hint(question, *CHECKBOX_HINTS),
            erase_when_done=True,
            **_settings(),
        )
        if numbers := _answer(asked, _filtering(asked)):
            chosen = [offers[int(number)] for number in numbers]
            _say_answer(question, chosen)
            return [offer.value for offer in chosen]
        say("  choose at least one, with the space bar")


def _choices(offers: Sequence[Offer], before: int) -> list[Choice]:
    """Return the lines of a list, of which `before` cells are taken; a long one ends with a `…` for words.

    Values stay here: the library compares them with titles.
    """
    from questionary import Choice

    room = _width() - before
    return [Choice(_shortened(clean(offer.title), room), str(i)) for i, offer in enumerate(offers)]


def _shortened(title: str, width: int) -> str:
    """Return a title of at most `width` cells, cut between words where possible."""
    if cell_length(title) <= width:
        return title
    words = title.split(" ")
    while len(words) > 1 and cell_length(" ".join(words)) >= width:
        words.pop()
    return cut(" ".join(words).rstrip(" ,") + "…", width)


def _say_answer(question: str, offers: Sequence[Offer]) -> None:
    """Write a question and what was chosen, in place of the list."""
    say(f"? {question} {', '.join(offer.title for offer in offers)}")


def _above(question: str) -> str:
    """Return a question with its answer below it if there is little room beside it."""
    return question if _width() - len(f"? {question} ") >= LEAST_ROOM else f"{question}\n"


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


def _with_note(filter_line: Callable[[], Any]) -> Callable[[], Any]:
    """Return the line of the filter with a note if no title matches."""

    def noted() -> Any:
        parts = filter_line()
        unmatched = any(style == "class:search_none" for style, _ in parts or ())
        return [*parts, ("class:instruction", " nothing matches")] if unmatched else parts

    return noted


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
        else:
            text = getattr(window.content, "text", None)
            if callable(text) and getattr(text, "__name__", "") == FILTER_LINE:
                window.content.text = _with_note(text)  # type: ignore[attr-defined]
    unmatched = Condition(lambda: any(item.search_filter and not item.found_in_search for item in controls))
    keys = KeyBindings()
    keys.add("enter", filter=unmatched, eager=True)(lambda event: None)
    return keys
