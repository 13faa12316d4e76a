"""Completion for bash, zsh and fish, in the places where typer's own falls short.

bash splits words at `:`, `=` and `@`, which occur in times and ids. Here they are joined again, and an answer
omits the part that bash already has. zsh and fish get descriptions without importing rich, and only in plain
characters: zsh evaluates the text, and an event's subject may come from a stranger.

typer has no public API for the classes of shells; this is the only module that imports its private ones.
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

# The characters of COMP_WORDBREAKS that occur inside words of gbook's command lines.
BREAKS = frozenset(":=@")
_NOT_PLAIN = re.compile(r"[^\w .,;:?()@+=/–…·\u2019\u201d-]+")


def register() -> None:
    """Replace typer's classes for these shells."""
    add_completion_class(_Bash, "bash")
    add_completion_class(_Zsh, "zsh")
    add_completion_class(_Fish, "fish")


def join_words(parts: Iterable[str]) -> tuple[list[str], int]:
    """Return the words as typed, and how many characters of the last one bash holds in earlier parts.

    bash splits `--slot=2026-11-24T14:0` into five parts: `--slot`, `=`, `2026-11-24T14`, `:` and `0`.
    """
    words: list[str] = []
    prefix_length, continues = 0, False
    for part in parts:
        is_break = bool(part) and set(part) <= BREAKS
        if part == "=" and words and words[-1].startswith("--"):
            words.append("")  # the value of an option is a word of its own
            prefix_length = 0
        elif words and (is_break or continues):
            prefix_length = len(words[-1]) + (len(part) if is_break else 0)
            words[-1] += part
        else:
            words.append(part)
            prefix_length = 0
        continues = is_break
    return words, prefix_length


class _GlobalsAnywhere(ShellComplete):
    """Completion that accepts global options at any position, as commands do."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        if args and args[-1] == "--workspace":
            return []  # a folder, which the shell completes itself
        return super().get_completions(globals_first(args), incomplete)


class _Bash(_GlobalsAnywhere, BashComplete):
    def complete(self) -> str:
        parts = split_arg_string(os.environ["COMP_WORDS"])
        current = int(os.environ["COMP_CWORD"])
        words, prefix_length = join_words(parts[1 : current + 1])
        if current >= len(parts):
            # Splitting drops an empty word at the end.
            words, prefix_length = [*words, ""], 0
        items = self.get_completions(words[:-1], words[-1])
        return "\n".join(item.value[prefix_length:] for item in items)


class _Zsh(_GlobalsAnywhere, ZshComplete):
    def format_completion(self, item: CompletionItem) -> str:
        value, help = (text.replace(":", r"\\:") for text in (item.value, _plain(item.help)))
        return f'"{value}":"{help}"' if help else f'"{value}"'


class _Fish(_GlobalsAnywhere, FishComplete):
    def format_completion(self, item: CompletionItem) -> str:
        help = _plain(item.help)
        return f"{item.value}\t{help}" if help else str(item.value)


def _plain(help: str | None) -> str:
    """Return a short description without any character that a shell interprets."""
    text = _NOT_PLAIN.sub(" ", (help or "").replace("'", "\u2019").replace('"', "\u201d"))
    return " ".join(text.split())[:80]
