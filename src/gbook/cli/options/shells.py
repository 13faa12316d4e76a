"""Completion for bash, zsh and fish, in the places where typer's own falls short.

bash splits words at `:`, `=` and `@`, which occur in times and ids. Here they are joined again, and an answer
omits the part that bash already has. zsh and fish get descriptions without importing rich, and only in plain
characters: zsh evaluates the text, and an event's subject may come from a stranger.

typer has no public API for the classes of shells; this is the only module that imports its private ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from typer import _completion_shared as _shared
from typer._click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    split_arg_string,
)
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

from gbook.cli.parsing import globals_first
from gbook.errors import UsageError

__all__ = ["join_words", "register", "set_up"]

SHELLS = ("bash", "zsh", "fish")
# zsh loads the script from a folder of functions at the first tab of a session. typer's then only defines the
# function, so that the first tab does nothing; this one also calls it.
ZSH_SCRIPT = """
#compdef %(prog_name)s

%(complete_func)s() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" %(autocomplete_var)s=complete_zsh %(prog_name)s)
}

if [[ $funcstack[1] = _%(prog_name)s ]]; then
  %(complete_func)s
else
  compdef %(complete_func)s %(prog_name)s
fi
"""

# The characters of COMP_WORDBREAKS that occur inside words of gbook's command lines.
BREAKS = frozenset(":=@")
_NOT_PLAIN = re.compile(r"[^\w .,;:?()@+=/–…·\u2019\u201d-]+")


def register() -> None:
    """Replace typer's classes for these shells."""
    add_completion_class(_Bash, "bash")
    add_completion_class(_Zsh, "zsh")
    add_completion_class(_Fish, "fish")


def set_up(program: str, names: Sequence[str], *, install: bool) -> str:
    """Return the completion script of a shell, or install it and return what was done.

    The shell is the one of `names`, else the one that runs this program. Raises UsageError.
    """
    shell = names[0] if names else _shared._get_shell_name()
    if len(names) > 1 or shell not in SHELLS:
        found = " ".join(names) or shell or "no shell"
        raise UsageError(f"expected one of the shells {', '.join(SHELLS)}, found {found}")
    _shared._completion_scripts["zsh"] = ZSH_SCRIPT
    variable = f"_{program.upper()}_COMPLETE"
    if not install:
        return _shared.get_completion_script(prog_name=program, complete_var=variable, shell=shell)
    _, path = _shared.install(shell, program, variable)
    return f"Completion for {shell} is installed in {path}. Open a new terminal to use it."


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


class _WholeWords(_GlobalsAnywhere):
    """Completion for shells that replace the whole word: `--slot=2026-11-24T14:00Z`."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        items = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if option.startswith("--") and equals:
            for item in items:
                item.value = f"{option}={item.value}"
        return items


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


class _Zsh(_WholeWords, ZshComplete):
    def format_completion(self, item: CompletionItem) -> str:
        value, help = (text.replace(":", r"\\:") for text in (item.value, _plain(item.help)))
        return f'"{value}":"{help}"' if help else f'"{value}"'


class _Fish(_WholeWords, FishComplete):
    def format_completion(self, item: CompletionItem) -> str:
        help = _plain(item.help)
        return f"{item.value}\t{help}" if help else str(item.value)


def _plain(help: str | None) -> str:
    """Return a short description without any character that a shell interprets."""
    text = _NOT_PLAIN.sub(" ", (help or "").replace("'", "\u2019").replace('"', "\u201d"))
    return " ".join(text.split())[:80]
