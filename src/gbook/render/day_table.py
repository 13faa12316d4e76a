"""The slots of each day as ranges of time, grouped by who is free, on as many lines as are visible.

What does not fit is shown with less detail: first without the optional accounts, then with fewer groups a
day, then with one line a day. Only then are days left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from gbook.render.commands import left_out
from gbook.render.free_members import free_members, other_members
from gbook.render.tables import RULED, Column, print_rows
from gbook.render.text import Styled, cell_length
from gbook.render.wrapping import wrap, wrap_words
from gbook.scheduling.ranges import Attendance, SlotDay, attendance, by_attendance, day_ranges
from gbook.timeutil.format import day_name, time_range
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from datetime import date

    from gbook.engine.intervals import Interval
    from gbook.engine.quorum import Slot
    from gbook.render.console import Console
    from gbook.scheduling.availability import Answer

__all__ = ["DayTable"]

MORE = "…"
Row = list[Styled]


class Detail(NamedTuple):
    """How much of a day is shown: whether optional accounts count, how many groups, or only one line."""

    optional: bool = False
    groups: int | None = None
    one_line: bool = False


DETAILS = (Detail(optional=True), Detail(), *(Detail(groups=number) for number in (3, 2, 1)))
LEAST = Detail(groups=1, one_line=True)


class Entry(NamedTuple):
    """Ranges of a day, and who is free then."""

    ranges: Sequence[str]
    who: Styled

    @property
    def line(self) -> str:
        """All ranges on one line."""
        return ", ".join(self.ranges)


class Form(NamedTuple):
    """The columns that fit: the day beside the ranges or above them, who is free beside or below them.

    `times`, `who` and `others` are widths. `who` is 0 if the names are below, or if there are none. `others`,
    the column of a day's other times, is 0 if it does not fit, or if a day may have more than one line.
    """

    indent: int
    times: int
    who: int
    others: int = 0

    @property
    def has_day_column(self) -> bool:
        return self.indent > INDENT


# Cells before ranges below a day, and before names below ranges; cells between columns.
INDENT, DEEPER, GAP = 2, 4, RULED.gap


class DayTable:
    """The lines that fit into a number of lines of a console."""

    def __init__(self, answer: Answer, days: Sequence[SlotDay], zone: ZoneInfo) -> None:
        self._answer = answer
        self._starts = answer.candidates.starts
        self._days = days
        self._zone = zone
        self._today = local(answer.query.now, zone).date()
        self._form = Form(0, 0, 0)
        self._entries: list[list[Entry]] = []
        self._blocks: list[list[Row]] = []
        self._detail = LEAST
        # The groups of each day, with the optional accounts and without them.
        self._kept: dict[tuple[date, bool], dict[Styled, list[Slot]]] = {}

    def fit(self, width: int, height: int) -> None:
        """Choose the most detail with which all days fit; if none is low enough, the days that fit."""
        is_short = len(self._days) <= height
        details = [detail for detail in DETAILS if is_short and self._least_height(detail) <= height]
        for detail in (*details, LEAST):
            self._lay_out(self._days[:height], detail, width)
            if self._height(width) <= height:
                return
        while len(self._blocks) > 1 and self._height(width) > height:
            self._blocks.pop()

    def notes(self) -> Iterator[str]:
        """Yield lines that say what is left out, and how to see it."""
        shown = self._entries[: len(self._blocks)]
        if self._detail.one_line and any(_is_cut(entries, self._form) for entries in shown):
            yield f"{MORE}: more times that day, see --view list"
        if hidden := self._days[len(self._blocks) :]:
            yield left_out(len(hidden), "day", hidden[0].day, hidden[-1].day)

    def print(self, console: Console) -> None:
        """Print the lines, and below them what is left out."""
        rows = [row for block in self._blocks for row in block]
        print_rows(console, [Column(title, whole=True) for title in self._titles()], rows, RULED)
        for note in self.notes():
            console.print(Styled(note, style="dim"))

    def _titles(self) -> list[str]:
        """Return the titles of the columns; a narrow table has none."""
        form = self._form
        if not form.has_day_column:
            return [""] * (1 + bool(form.who))
        return ["Day", "Times", *["Free"] * bool(form.who), *["Other times"] * bool(form.others)]

    def _least_height(self, detail: Detail) -> int:
        """Return the number of lines if no text needs two of them."""
        limit = len(self._answer.slots) if detail.groups is None else detail.groups + 1
        return sum(min(len(self._groups(day, detail.optional)), limit) for day in self._days)

    def _height(self, width: int) -> int:
        """Return the number of lines, with the header and the notes."""
        header = 2 if self._form.has_day_column else 0
        rows = (max(cell.text.count("\n") for cell in row) + 1 for block in self._blocks for row in block)
        return header + sum(rows) + sum(len(wrap(note, width)) for note in self.notes())

    def _lay_out(self, days: Sequence[SlotDay], detail: Detail, width: int) -> None:
        """Make the rows of these days."""
        self._detail = detail
        titles = [day_name(day.day, self._today) for day in days]
        self._entries = [list(self._day(day, detail)) for day in days]
        self._form = _form(self._entries, max(map(len, titles)), width, one_line=detail.one_line)
        rows = _one_row if detail.one_line else _rows
        self._blocks = [
            list(rows(title, each, self._form)) for title, each in zip(titles, self._entries, strict=True)
        ]

    def _day(self, day: SlotDay, detail: Detail) -> Iterator[Entry]:
        """Yield the entries of a day: one for each group of members, then one for the other times."""
        groups = self._groups(day, detail.optional)
        named = list(groups)
        if detail.groups and len(named) > detail.groups + (not detail.one_line):
            named = named[: detail.groups]
        follows = day.following and self._who(attendance(day.following, with_optional=detail.optional))
        for who in named:
            spans = day_ranges(day, groups[who], self._starts, goes_on=who == follows)
            yield Entry(self._texts(spans), who)
        if len(named) < len(groups):
            others = self._other_ranges(day, [groups[who] for who in named], goes_on=follows not in named)
            sizes = (
                attendance(slot).size for who, slots in groups.items() if who not in named for slot in slots
            )
            least = attendance(groups[named[-1]][0]).size
            yield Entry(self._texts(others), other_members(sizes, least, len(self._answer.members)))

    def _groups(self, day: SlotDay, with_optional: bool) -> dict[Styled, list[Slot]]:
        """Return the slots of a day by the words for who is free, those with the most members first."""
        if (kept := self._kept.get((day.day, with_optional))) is not None:
            return kept
        groups: dict[Styled, list[Slot]] = {}
        for who, slots in by_attendance(day.slots, with_optional=with_optional).items():
            groups.setdefault(self._who(who), []).extend(slots)
        # Different members may have the same words: `17 of 20`.
        groups = {words: sorted(slots, key=attrgetter("start")) for words, slots in groups.items()}
        self._kept[day.day, with_optional] = groups
        return groups

    def _other_ranges(
        self, day: SlotDay, named: Iterable[Iterable[Slot]], *, goes_on: bool
    ) -> Sequence[Interval]:
        """Return the ranges of a day without the slots of the groups that are named."""
        taken = {slot.start for slots in named for slot in slots}
        last = day.following.start if day.following else day.end
        span = slice(bisect_left(self._starts, day.slots[0].start), bisect_right(self._starts, last))
        starts = [start for start in self._starts[span] if start not in taken]
        return day_ranges(
            day, [slot for slot in day.slots if slot.start not in taken], starts, goes_on=goes_on
        )

    def _texts(self, spans: Sequence[Interval]) -> list[str]:
        return [time_range(start, end, self._zone) for start, end in spans]

    def _who(self, who: Attendance) -> Styled:
        return free_members(who, self._answer.members)


def _form(days: Sequence[Sequence[Entry]], day: int, width: int, *, one_line: bool) -> Form:
    """Return the first form in which no time and no word must be broken; `day` is the width of a date."""
    mark = len(f", {MORE}") if one_line else len(",")
    least = mark + max(len(text) for each in days for entry in each for text in entry.ranges)
    entries = [entry for each in days for entry in (each[:1] if one_line else each)]
    for indent in (day + GAP, INDENT):
        if columns := _columns(entries, width - indent, least):
            form = Form(indent, *columns)
            has_others = one_line and form.has_day_column and any(each[1:] for each in days)
            return _with_others(form, entries, least) if has_others else form
    return Form(INDENT, width - INDENT, 0)


def _with_others(form: Form, entries: Sequence[Entry], least: int) -> Form:
    """Return the form with a column for the other times, if the ranges leave a width of `least` for it."""
    times = min(form.times, max(least, *(len(entry.line) for entry in entries)))
    others = form.times - times - GAP
    return form._replace(times=times, others=others) if others >= least else form


def _columns(entries: Sequence[Entry], width: int, least: int) -> tuple[int, int] | None:
    """Return the widths of the ranges and of the names beside them; None if they do not fit.

    The ranges need a width of `least`.
    """
    who = max(cell_length(entry.who.text) for entry in entries)
    if not who:
        return (width, 0) if width >= least else None
    width -= GAP
    word = max(cell_length(word) for entry in entries for word in entry.who.text.split() or [""])
    whole = max(sum(len(text) + 2 for text in entry.ranges) for entry in entries)
    who = max(word, min(who, max(width - whole, (width + 1) // 2), width - least))
    return (width - who, who) if width - who >= least else None


def _rows(day: str, entries: Sequence[Entry], form: Form) -> Iterator[Row]:
    """Yield the rows of a day, each with a group of members."""
    for number, entry in enumerate(entries):
        yield from _row("" if number else day, entry, _lines(entry.ranges, form.times), form)


def _one_row(day: str, entries: Sequence[Entry], form: Form) -> Iterator[Row]:
    """Yield the row of a day with its first group, and its other times as far as they fit."""
    first, *others = entries
    *above, cells = _row(day, first, [_first_line(first, form.times, bool(others) and not form.others)], form)
    if form.others:
        cells.append(Styled(_first_line(others[0], form.others) if others else "", "dim"))
    yield from (*above, cells)


def _row(day: str, entry: Entry, times: Sequence[str], form: Form) -> Iterator[Row]:
    """Yield a row with these lines of times and who is free; if there is no column for the day, below it."""
    who = wrap_words(entry.who.text, form.who or form.times - INDENT)
    if form.has_day_column:
        cells = [Styled(day, "bold"), Styled("\n".join(times))]
    else:
        if day:
            yield [Styled(day, "bold")]
        below = [] if form.who else [" " * DEEPER + line for line in who if line]
        cells = [Styled("\n".join([*(" " * INDENT + line for line in times), *below]))]
    yield [*cells, Styled("\n".join(who), entry.who.style)] if form.who else cells


def _lines(texts: Sequence[str], width: int) -> list[str]:
    """Return ranges on lines of at most `width` cells."""
    lines = [""]
    for text in (*(f"{text}," for text in texts[:-1]), texts[-1]):
        if lines[-1] and len(lines[-1]) + 1 + len(text) > width:
            lines.append(text)
        else:
            lines[-1] = f"{lines[-1]} {text}".lstrip()
    return lines


def _is_cut(entries: Sequence[Entry], form: Form) -> bool:
    """Return whether the row of a day has not all its times."""
    first, *others = entries
    return len(first.line) > form.times or any(len(entry.line) > form.others for entry in others)


def _first_line(entry: Entry, width: int, has_more: bool = False) -> str:
    """Return the ranges that fit on one line; a mark at its end stands for others, of which it `has_more`."""
    if len(entry.line) <= width and not has_more:
        return entry.line
    line = entry.ranges[0]
    for text in entry.ranges[1:]:
        if len(f"{line}, {text}, {MORE}") > width:
            break
        line += f", {text}"
    return f"{line}, {MORE}"
