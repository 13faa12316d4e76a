"""Items as lines for programs: NDJSON, or the text that --format asks for.

A format is text with keys in braces: `{start} {accounts}`. docs/reference/json.md lists the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from gbook.errors import UsageError, did_you_mean
from gbook.render.text import clean
from gbook.timeutil.format import slot_value
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.bookings.record import Record
    from gbook.engine.quorum import Slot
    from gbook.profiles.model import Group, Profile
    from gbook.scheduling.agenda import AgendaItem
    from gbook.workspace.config import Account

__all__ = [
    "account_keys",
    "agenda_keys",
    "format_lines",
    "group_keys",
    "json_lines",
    "profile_keys",
    "record_keys",
    "slot_keys",
]


class Moment(NamedTuple):
    """An instant in the zone shown; a specification after the key is one of strftime."""

    instant: int
    zone: ZoneInfo

    def __format__(self, specification: str) -> str:
        if specification:
            return local(self.instant, self.zone).strftime(specification)
        return slot_value(self.instant, self.zone)


class _Field(NamedTuple):
    """The text before a key, the key (None after the last one) and its specification."""

    before: str
    key: str | None
    specification: str


Keys = Mapping[str, Callable[[Any], Any]]

ESCAPES = {"\\t": "\t", "\\n": "\n", "\\\\": "\\"}
# Specifications of text: an alignment and a width.
WIDTH = r"[<>^]?[0-9]{0,3}"


def slot_keys(zone: ZoneInfo) -> Keys:
    """Return the keys of slots, with times in `zone`."""
    keys: dict[str, Callable[[Slot], Any]] = {
        "start": lambda slot: Moment(slot.start, zone),
        "end": lambda slot: Moment(slot.end, zone),
        "accounts": lambda slot: slot.accounts,
        "groups": lambda slot: list(slot.groups),
        "optional": lambda slot: slot.optional,
        "seatsLeft": lambda slot: slot.seats_left,
    }
    return keys


def record_keys(zone: ZoneInfo) -> Keys:
    """Return the keys of bookings and reservations, with times in `zone`."""
    keys: dict[str, Callable[[Record], Any]] = {
        "id": lambda record: record.uid,
        "profile": lambda record: record.profile,
        "start": lambda record: Moment(record.start, zone),
        "end": lambda record: Moment(record.end, zone),
        "subject": lambda record: record.subject,
        "accounts": lambda record: record.accounts,
        "host": lambda record: record.host,
        "group": lambda record: record.group,
        "name": lambda record: record.guest.name,
        "email": lambda record: record.guest.email,
        "answer": lambda record: record.partstat,
        "status": lambda record: record.status,
        "expires": lambda record: None if record.expires is None else Moment(record.expires, zone),
        "location": lambda record: record.location,
        "conference": lambda record: record.conference,
        "calendars": lambda record: list(dict.fromkeys(copy.shown for copy in record.copies)),
    }
    return keys


def agenda_keys(zone: ZoneInfo) -> Keys:
    """Return the keys of the items of an agenda, with times in `zone`; a private event has no subject."""
    keys: dict[str, Callable[[AgendaItem], Any]] = {
        "account": lambda item: item.account_id,
        "start": lambda item: Moment(item.start, zone),
        "end": lambda item: Moment(item.end, zone),
        "subject": lambda item: item.subject,
        "location": lambda item: item.location,
        "status": lambda item: item.status,
        "busy": lambda item: "busy" if item.is_busy else "free",
        "calendar": lambda item: item.calendar,
        "guests": lambda item: item.guests or None,
    }
    return keys


def account_keys() -> Keys:
    """Return the keys of accounts."""
    keys: dict[str, Callable[[Account], Any]] = {
        "id": lambda account: account.id,
        "number": lambda account: account.number,
        "name": lambda account: account.name,
        "email": lambda account: account.email,
        "kind": lambda account: account.kind,
        "timezone": lambda account: account.timezone,
        "calendars": lambda account: [calendar.shown for calendar in account.calendars],
    }
    return keys


def profile_keys() -> Keys:
    """Return the keys of profiles."""
    keys: dict[str, Callable[[Profile], Any]] = {
        "id": lambda profile: profile.id,
        "name": lambda profile: profile.name,
        "title": lambda profile: profile.display_name,
        "duration": lambda profile: profile.duration_minutes,
        "step": lambda profile: profile.availability_step,
        "subject": lambda profile: profile.subject,
        "location": lambda profile: profile.location,
        "timezone": lambda profile: profile.work_hours.timezone,
        "accounts": lambda profile: profile.accounts,
        "groups": lambda profile: [group.ext_id for group in profile.groups],
        "optional": lambda profile: profile.optional,
        "required": lambda profile: profile.required,
    }
    return keys


def group_keys() -> Keys:
    """Return the keys of groups."""
    keys: dict[str, Callable[[Group], Any]] = {
        "extId": lambda group: group.ext_id,
        "accounts": lambda group: group.account_ids,
        "required": lambda group: group.required,
    }
    return keys


def json_lines(items: Sequence[Any]) -> bytes:
    """Return NDJSON: one JSON object a line, in UTF-8."""
    import msgspec

    try:
        return msgspec.json.Encoder().encode_lines(items)
    except UnicodeEncodeError:
        # A path may not be UTF-8: its other bytes are escaped as lone surrogates.
        import json

        return b"".join(json.dumps(msgspec.to_builtins(item)).encode("ascii") + b"\n" for item in items)


def format_lines(template: str, keys: Keys, items: Iterable[Any]) -> Iterator[str]:
    """Return a line for each item, made by a format. Raises UsageError at once for a wrong format."""
    fields = _read(template, keys)
    return (_line(fields, keys, item) for item in items)


def _line(fields: Sequence[_Field], keys: Keys, item: Any) -> str:
    """Return the line of an item; an empty value or a width leaves no blanks at its end."""
    return "".join(
        f"{before}{_text(keys[key](item), specification) if key else ''}"
        for before, key, specification in fields
    ).rstrip(" ")


def _text(value: Any, specification: str) -> str:
    """Return a value as part of a line: nothing for None, and a list joined by commas."""
    if isinstance(value, Moment):
        return clean(format(value, specification))
    if isinstance(value, list | tuple):
        value = ",".join(value)
    return format("" if value is None else clean(str(value)), specification)


def _read(template: str, keys: Keys) -> list[_Field]:
    """Return the parts of a format. Raises UsageError for unknown keys and wrong braces."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError:
        message = f"--format: unbalanced brace in {template!r}; write '{{{{' for a brace itself"
        raise UsageError(message) from None
    fields = []
    for before, key, specification, conversion in parsed:
        plain = re.sub(r"\\[tn\\]", lambda match: ESCAPES[match[0]], before)
        fields.append(_Field(plain, key, specification or ""))
        if key is not None:
            _check(key, specification or "", conversion, keys)
    return fields


def _check(key: str, specification: str, conversion: str | None, keys: Keys) -> None:
    if key not in keys:
        hint = did_you_mean(key, keys) or f"; the keys are {', '.join(keys)}"
        raise UsageError(f"--format: no key {key!r}{hint}")
    is_time = key in ("start", "end", "expires")
    if conversion or "{" in specification or not (is_time or re.fullmatch(WIDTH, specification)):
        form = f"{{{key}:%H:%M}}" if is_time else f"{{{key}:<20}}"
        raise UsageError(f"--format: expected {{{key}}} or a form such as {form}")
