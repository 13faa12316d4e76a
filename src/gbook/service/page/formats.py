"""Dates and times as people of a locale write them (Unicode CLDR, by Babel)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.lists import format_list

from gbook.timeutil.instants import local

__all__ = ["Formats"]


class Formats(NamedTuple):
    """The formats of a locale; `f` in templates."""

    locale: Locale

    @property
    def tag(self) -> str:
        """The language tag of the page (BCP 47), such as en-GB."""
        return str(self.locale).replace("_", "-")

    def language_name(self, language: str) -> str:
        """Return the name of a language in itself."""
        return (Locale(language).get_display_name() or language).capitalize()

    def day(self, day: date) -> str:
        """Return a date without its year: Monday 30 November."""
        return format_skeleton("MMMMEEEEd", day, locale=self.locale)

    def full_day(self, day: date) -> str:
        """Return a date with its year: Monday 30 November 2026."""
        return format_skeleton("yMMMMEEEEd", day, locale=self.locale)

    def clock(self, instant: int, zone: ZoneInfo) -> str:
        """Return the time of an instant (UTC seconds) in a zone: 09:30, or 9:30 AM."""
        return format_time(local(instant, zone), "short", locale=self.locale)

    def and_(self, texts: Sequence[str]) -> str:
        """Return texts as a list in a sentence: a, b and c."""
        return format_list([*texts], locale=self.locale)
