"""What is in the calendars: a table with a section for each day, lines on a narrow terminal, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.render.console import NARROW
from gbook.render.json_documents import warning_items
from gbook.render.tables import RULED, Column, print_rows
from gbook.render.text import Styled, cell_length, clean
from gbook.render.wrapping import wrap
from gbook.timeutil.format import count, day_name, period_name, time_range, zone_name
from gbook.timeutil.instants import each_day, format_instant, local
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.scheduling.agenda import Agenda, AgendaItem

__all__ = ["agenda_document", "show_agenda"]


class _Row(NamedTuple):
    """One event on one day, for every account that has it."""

    time: str
    event: str
    location: str
    style: str
    # Two events with equal texts are still two.
    identity: Any


# The events of a day, with the accounts of each.
Rows = dict[_Row, list[str]]


def agenda_document(agenda: Agenda) -> dict[str, Any]:
    """Return the JSON document of `gbook agenda`: an item for each event of each account."""
    return {
        "from": format_instant(agenda.window[0]),
        "to": format_instant(agenda.window[1]),
        "items": [
            {
                "accountId": json_id(item.account_id),
                "start": format_instant(item.start),
                "end": format_instant(item.end),
                "allDay": item.is_all_day,
                "subject": item.subject,
                "location": item.location,
                "status": item.status,
                "busy": item.is_busy,
                "calendar": item.calendar,
                **({"guests": item.guests} if item.session else {}),
            }
            for item in agenda.items
        ],
        "warnings": warning_items(agenda.warnings),
    }


def show_agenda(console: Console, agenda: Agenda, now: int) -> None:
    """Print the events day by day."""
    window, zone = agenda.window, agenda.zone
    console.print(Styled(f"Agenda, {period_name(window, zone)}", style="bold"))
    instants = [window[0], window[1] - 1, *(item.start for item in agenda.items if not item.is_all_day)]
    console.print(Styled(f"Times in {zone_name(zone, instants)}", style="dim"))
    console.print()
    today = local(now, zone).date()
    days = each_day(window, zone)
    # A single day is in the headline.
    labels = {day: day_name(day, today) if len(days) > 1 else "" for day, _, _ in days}
    sections = {
        labels[day]: rows
        for day, midnight, next_midnight in days
        if (rows := _rows(agenda, day, midnight, next_midnight))
    }
    if sections:
        _print_sections(console, sections)
    elif not agenda.unreadable:
        console.print(
            "No events." if agenda.accounts else "No accounts. Next: gbook account add ID --email E --create"
        )
    for name in agenda.unreadable:
        text = f"{clean(name)}: not all calendars can be read; all time counts as busy"
        console.print(Styled(text, style="yellow"))


def _rows(agenda: Agenda, day: date, midnight: int, next_midnight: int) -> Rows:
    """Return the events of a day: all-day events first, then by time."""
    low, high = max(midnight, agenda.window[0]), min(next_midnight, agenda.window[1])
    items = [
        (not _fills(item, midnight, next_midnight), max(item.start, midnight), index, item)
        for index, item in enumerate(agenda.items)
        if (item.dates[0] <= day <= item.dates[1] if item.dates else item.touches(low, high))
    ]
    rows: Rows = {}
    for _, _, _, item in sorted(items):
        row = _row(agenda, item, midnight, next_midnight)
        rows.setdefault(row, []).append(item.account_id)
    # In the order of the accounts; an account may have an event in two calendars.
    return {row: [clean(name) for name in agenda.accounts if name in names] for row, names in rows.items()}


def _fills(item: AgendaItem, midnight: int, next_midnight: int) -> bool:
    """Return whether an item takes a whole day."""
    return item.is_all_day or (item.start <= midnight and item.end >= next_midnight)


def _row(agenda: Agenda, item: AgendaItem, midnight: int, next_midnight: int) -> _Row:
    """Return the texts of an item on one day."""
    start, end = max(item.start, midnight), min(item.end, next_midnight)
    if _fills(item, midnight, next_midnight):
        time = "all day"
    else:
        time = time_range(start, end, agenda.zone)
        if start == end:
            time = time.partition("–")[0]
    marks = [count(item.guests, "guest")] if item.session else []
    marks += [item.status] if item.status != "confirmed" else []
    if not item.is_busy and item.status != "declined":
        marks.append("free")
    event = "private" if item.is_private else "busy" if item.subject is None else item.subject or "(no title)"
    return _Row(
        time,
        clean(f"{event} ({', '.join(marks)})" if marks else event),
        clean(item.location or ""),
        "" if item.is_busy else "dim",
        (item.uid, item.dates or item.start) if item.uid else (item.account_id, item.start),
    )


def _print_sections(console: Console, sections: Mapping[str, Rows]) -> None:
    """Print a table if it fits or the terminal is wide; else a few lines for each event."""
    has_location = any(row.location for rows in sections.values() for row in rows)
    columns = [Column("Time", whole=True), Column("Account"), Column("Event")]
    if has_location:
        columns.append(Column("Location"))
    table = [
        (day, [_cells(row, day)[: len(columns)] for row in rows.items()]) for day, rows in sections.items()
    ]
    cells = [row for _, rows in table for row in rows]
    width = sum(max(cell_length(row[index].text) for row in cells) for index in range(len(columns)))
    if console.width < min(NARROW, width + RULED.gap * (len(columns) - 1)):
        _print_lines(console, table)
    else:
        print_rows(console, columns, _table_rows(table), RULED)


def _cells(listed: tuple[_Row, Sequence[str]], day: str) -> list[Styled]:
    """Return the cells of a row and its accounts, indented below the name of a day."""
    row, accounts = listed
    texts = (f"  {row.time}" if day else row.time, ", ".join(accounts), row.event, row.location)
    return [Styled(text, row.style) for text in texts]


def _table_rows(table: Iterable[tuple[str, Sequence[Sequence[Styled]]]]) -> Iterator[Sequence[Styled]]:
    for day, rows in table:
        if day:
            yield [Styled(day, "bold")]
        yield from rows
        yield []


def _print_lines(console: Console, table: Sequence[tuple[str, Sequence[Sequence[Styled]]]]) -> None:
    """Print each event on a line if it fits, else its time and accounts with the event below them."""
    cells = [row for _, rows in table for row in rows]
    widths = [max(cell_length(row[0].text) for row in cells), _usual_width(console, cells)]
    for index, (day, rows) in enumerate(table):
        if index:
            console.print()
        if day:
            console.print(Styled(day, "bold"))
        for time, accounts, *texts in rows:
            first = "  ".join(map(_padded, (time.text, accounts.text), widths))
            details = [text.text for text in texts if text.text]
            line = f"{first}  {', '.join(details)}"
            if cell_length(line) <= console.width:
                console.print(Styled(line, time.style), soft_wrap=True)
                continue
            indent = "  " if day else ""
            _print_wrapped(console, Styled(first, time.style), indent)
            for detail in details:
                _print_wrapped(console, Styled(detail, time.style), f"{indent}  ")


def _usual_width(console: Console, cells: Sequence[Sequence[Styled]]) -> int:
    """Return the width of the names of accounts, without those that take more than a quarter of a line."""
    lengths = [cell_length(row[1].text) for row in cells]
    return max((length for length in lengths if length <= console.width // 4), default=0)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_length(text))


def _print_wrapped(console: Console, content: Styled, indent: str) -> None:
    """Print text with its first spaces, and continue it below with an indent."""
    text = content.text.lstrip()
    for line in wrap(text, max(console.width - len(indent), 1)):
        console.print(Styled(f"{indent}{line.rstrip()}", content.style), soft_wrap=True)
