"""How bash, zsh and fish ask for completions and are told them, where typer's own way falls short.

bash breaks words at `:`, `=` and `@`, which are in times and ids: here they are put together again, and an
answer leaves out what bash has before the break. zsh and fish are told explanations without loading rich; of
them only plain characters, for zsh evaluates what it is told, and a subject may be from a stranger.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from typer._click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

from gbook.cli.parsing import globals_first

__all__ = ["join_words", "register"]

# Of COMP_WORDBREAKS, those that can stand inside a word of gbook's.
BREAKS = frozenset(":=@")
_NOT_PLAIN = re.compile(r"[^\w .,;:?()@+=/–…·\u2019\u201d-]+")


def register() -> None:
    """Put these shells in the place of typer's."""
    add_completion_class(_Bash, "bash")
    add_completion_class(_Zsh, "zsh")
    add_completion_class(_Fish, "fish")


def join_words(words: Iterable[str]) -> tuple[list[str], int]:
    """Words as they were typed, from those that bash has made of them; and how much of the last one bash has
    in words of their own. `--slot=2026-11-24T14:0` comes as five words.
    """
    joined: list[str] = []
    held, is_open = 0, False
    for word in words:
        is_break = bool(word) and set(word) <= BREAKS
        if word == "=" and joined and joined[-1].startswith("--"):
            joined.append("")
            held = 0
        elif joined and (is_break or is_open):
            held = len(joined[-1]) + (len(word) if is_break else 0)
            joined[-1] += word
        else:
            joined.append(word)
            held = 0
        is_open = is_break
    return joined, held


class _Arranged(ShellComplete):
    """Completion in which global options may stand anywhere, as they may in a command."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        if args and args[-1] == "--workspace":
            return []  # a folder: shells know those
        return super().get_completions(globals_first(args), incomplete)


class _Bash(_Arranged, BashComplete):
    def complete(self) -> str:
        words = split_arg_string(os.environ["COMP_WORDS"])
        current = int(os.environ["COMP_CWORD"])
        joined, held = join_words(words[1 : current + 1])
        if current >= len(words):
            # An empty word is not among those that were split.
            joined, held = [*joined, ""], 0
        items = self.get_completions(joined[:-1], joined[-1])
        return "\n".join(item.value[held:] for item in items)


class _Zsh(_Arranged, ZshComplete):
    def format_completion(self, item: CompletionItem) -> str:
        value, help = (text.replace(":", r"\\:") for text in (item.value, _plain(item.help)))
        return f'"{value}":"{help}"' if help else f'"{value}"'


class _Fish(_Arranged, FishComplete):
    def format_completion(self, item: CompletionItem) -> str:
        help = _plain(item.help)
        return f"{item.value}\t{help}" if help else str(item.value)


def _plain(help: str | None) -> str:
    """An explanation of which no shell makes anything but text, in short."""
    text = _NOT_PLAIN.sub(" ", (help or "").replace("'", "\u2019").replace('"', "\u201d"))
    return " ".join(text.split())[:80]
