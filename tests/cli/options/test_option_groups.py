"""Option groups: options declared once, and how `book` merges them with a document."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from gbook.cli.options.bookings import merge
from gbook.cli.options.members import MemberOptions
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.slots import TypedSlot
from gbook.errors import UsageError


class Inner(msgspec.Struct, kw_only=True):
    color: Annotated[str | None, typer.Option("--color")] = None
    size: Annotated[int, typer.Option("--size")]


class Outer(msgspec.Struct, kw_only=True):
    shape: Annotated[str, typer.Option("--shape")] = "round"
    inner: Inner


app = typer.Typer(add_completion=False)


@app.command()
@with_option_groups
def draw(name: str, *, first: bool = False, outer: Outer, last: bool = False) -> None:
    """Draw."""
    print(name, first, outer.shape, outer.inner.color, outer.inner.size, last)


def test_a_command_receives_its_groups() -> None:
    """A group inside a group too, with defaults and required options."""
    result = CliRunner().invoke(app, ["box", "--size", "3", "--color", "red", "--last"])
    assert result.output == "box False round red 3 True\n"
    assert CliRunner().invoke(app, ["box"]).exit_code == 2


def test_help_lists_the_options_of_a_group_in_its_place() -> None:
    """The options have the order of the fields."""
    text = CliRunner().invoke(app, ["--help"]).output
    places = [text.index(option) for option in ("--first", "--shape", "--color", "--size", "--last")]
    assert places == sorted(places)


DOCUMENT = TypedSlot(0, 1800, required=2, accounts=("alice",), groups=("sales",))


@pytest.mark.parametrize(
    ("options", "required", "accounts", "groups"),
    [
        (MemberOptions(), 2, ("alice",), ("sales",)),
        (MemberOptions(required="all"), "all", ("alice",), ("sales",)),
        (MemberOptions(account=["bob"]), 2, ("bob",), ()),
        (MemberOptions(group=["support"]), 2, (), ("support",)),
        (MemberOptions(required="one", account=["bob"]), "one", ("bob",), ()),
    ],
)
def test_options_take_precedence_over_a_document(
    options: MemberOptions, required: object, accounts: tuple[str, ...], groups: tuple[str, ...]
) -> None:
    """--required replaces its number; one named account or group replaces all its members."""
    merged = merge(DOCUMENT, options)
    assert (merged.required, merged.accounts, merged.groups) == (required, accounts, groups)
    assert (merged.start, merged.end) == (0, 1800)


def test_required_is_checked() -> None:
    """A number of members, or a word that is known."""
    with pytest.raises(UsageError, match="--required: expected one, all or a number"):
        merge(DOCUMENT, MemberOptions(required="some"))
