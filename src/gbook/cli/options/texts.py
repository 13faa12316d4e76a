"""The options for the texts of one event."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

import gbook

__all__ = ["TextOptions"]


class TextOptions(msgspec.Struct, kw_only=True):
    """The subject and location of one event, and a note below its description."""

    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="TEXT", help="Subject of this event; may contain {{variables}}."),
    ] = None
    location: Annotated[
        str | None,
        typer.Option("--location", metavar="TEXT", help="Location of this event; may contain {{variables}}."),
    ] = None
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Text below the description of this event.")
    ] = None

    def texts(self) -> dict[str, str]:
        """Return the texts that are given, by the keys of `with_texts`."""
        texts = {} if self.note is None else {"note": self.note}
        lines = {"subject": self.subject, "location": self.location}
        return {key: gbook.one_line(text) for key, text in lines.items() if text is not None} | texts
