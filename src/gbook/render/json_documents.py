"""The JSON documents, as docs/reference/json.md describes them: the API's names, times in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gbook.profiles.template import fields
from gbook.timeutil.instants import format_instant, local
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.bookings.attendees import Attendee
    from gbook.bookings.event_data import Series
    from gbook.bookings.record import Record
    from gbook.calendars.busy.own_series import SeriesDate
    from gbook.engine.quorum import Member, Slot
    from gbook.errors import Warn
    from gbook.scheduling.availability import Answer
    from gbook.scheduling.unavailable import SlotUnavailable
    from gbook.workspace.config import Config

__all__ = [
    "Document",
    "availability_document",
    "booking_document",
    "slot_items",
    "state_document",
    "unavailable_document",
    "warning_items",
]

Document = dict[str, Any]
# Account ids, and how JSON shows them.
JsonIds = dict[str, str | int]


def availability_document(
    answer: Answer,
    config: Config,
    shown: ZoneInfo,
    *,
    offset: int = 0,
    limit: int | None = None,
    first: int | None = None,
) -> Document:
    """Return the document of `gbook availability`, as the API's GET …/meeting.

    `offset` and `limit` page the members.
    """
    profile, total = answer.query.profile, len(answer.members)
    page = answer.members[offset : None if limit is None else offset + limit]
    slots = answer.slots if first is None else answer.slots[:first]
    low, high = answer.window
    return {
        "profile": profile.name or None,
        "required": answer.query.quorum,
        **_repeat(answer),
        "items": _with_dates(answer, slots, slot_items(slots, page)),
        "startTime": format_instant(low),
        "endTime": format_instant(max(low, high)),
        "timeAvailableFor": profile.time_available_for,
        "durationMinutes": profile.duration_minutes,
        "availabilityStep": profile.availability_step,
        "subject": profile.subject,
        "schedulerLink": profile.scheduler_link(config.serve.base_url),
        "primaryColor": config.primary_color,
        "secondaryColor": config.secondary_color,
        "additionalFields": fields(profile),
        "offset": offset,
        "limit": limit,
        "totalSize": total,
        "done": offset + len(page) >= total,
        "nextPageToken": _next_page_token(offset + len(page), limit, total),
        "nextFromDate": _next_from_date(answer, shown),
        "warnings": warning_items(answer.warnings),
    }


def _next_page_token(offset: int, limit: int | None, total: int) -> str | None:
    """Return the token of the page of members after the first `offset`; None if there are no more."""
    if limit is None or offset >= total:
        return None
    from gbook.render.page_position import PagePosition

    return PagePosition(offset, limit).token


def _repeat(answer: Answer) -> Document:
    """Return how a series repeats, as a key of its own; nothing for a single meeting."""
    query = answer.query
    if query.repeat is None:
        return {}
    repeat = {
        "rule": query.repeat.rule,
        "frequency": query.repeat.frequency,
        "interval": query.repeat.interval,
        "count": query.repeat.count,
        "timezone": answer.zone.key,
        "skipBusy": query.skip_busy,
    }
    return {"repeat": repeat}


def _with_dates(answer: Answer, slots: Sequence[Slot], items: list[Document]) -> list[Document]:
    """Return the items of slots, each with all dates of its series if there is one.

    `skipped` are those that the accounts which a booking chooses cannot take.
    """
    repeat = answer.query.repeat
    if repeat is None:
        return items
    dates = repeat.all_starts([slot.start for slot in slots], answer.zone)
    for item, starts in zip(items, dates, strict=True):
        item["dates"] = [format_instant(start) for start in starts]
    if answer.query.skip_busy:
        from gbook.scheduling.assignment import Assignment, repeat_of

        assignment = Assignment(answer)
        for slot, item in zip(slots, items, strict=True):
            booked = repeat_of(answer, slot, assignment.choose(slot))
            item["skipped"] = [item["dates"][position] for position in booked.skipped] if booked else []
    return items


def slot_items(slots: Iterable[Slot], members: Sequence[Member]) -> list[Document]:
    """Return slots as items, each with those of `members` that can take it."""
    # Looked up once for each account, not for each of thousands of slots.
    attached = {member.id: json_id(member.id) for member in members if member.group is None}
    groups = {
        member.group: {account: json_id(account) for account in member.accounts}
        for member in members
        if member.group is not None
    }
    return [_slot_item(slot, attached, groups) for slot in slots]


def _slot_item(slot: Slot, attached: JsonIds, groups: Mapping[str, JsonIds]) -> Document:
    accounts = {
        group: [ids[account] for account in slot.groups[group]]
        for group, ids in groups.items()
        if group in slot.groups
    }
    item: Document = {
        "start": format_instant(slot.start),
        "end": format_instant(slot.end),
        "groupXids": list(accounts),
        "accountIds": [attached[account] for account in slot.accounts if account in attached],
        "groups": accounts,
    }
    if slot.seats_left is not None:
        item["seatsLeft"] = slot.seats_left
    if slot.optional:
        item["optional"] = [json_id(account) for account in slot.optional]
    return item


def booking_document(
    record: Record,
    warnings: Iterable[Warn] = (),
    *,
    written: bool = True,
    manage_url: str | None = None,
) -> Document:
    """Return the document of `gbook book`, as the API's POST …/meeting.

    A reservation is not yet `created`. `manage_url` is the guest's link, if the workspace has links.
    """
    reserved = record.is_reservation
    document: Document = {
        "created": written and not reserved,
        "id": record.uid,
        "profile": record.profile or None,
        "start": format_instant(record.start),
        "end": format_instant(record.end),
        "host": json_id(record.host),
        "groupXid": record.group,
        "accountIds": [json_id(account) for account in record.accounts],
        "calendars": list(dict.fromkeys(copy.shown for copy in record.copies)),
        "conferenceUrl": record.conference,
        "reservationId": record.uid if reserved else None,
        "expires": None if record.expires is None else format_instant(record.expires),
        "warnings": warning_items(warnings),
    }
    if manage_url is not None:
        document["manageUrl"] = manage_url
    if record.seats is not None:
        document["seats"] = record.seats
        if record.seats_left is not None:
            document["seatsLeft"] = record.seats_left
    return document | _repetition(record.series) if record.series else document


def _repetition(series: Series) -> Document:
    """Return what the document of a booking that repeats has more: its rule and its dates."""
    return {
        "repeat": {"rule": series.rule, "timezone": series.zone},
        "dates": [_series_date(each) for each in series.dates],
        "skipped": [format_instant(start) for start in series.skipped],
    }


def _series_date(date: SeriesDate) -> Document:
    document: Document = {
        "recurrenceId": format_instant(date.recurrence),
        "start": format_instant(date.start),
        "end": format_instant(date.end),
        "status": date.status,
    }
    return document | {"declined": list(date.declined)} if date.declined else document


def state_document(record: Record, warnings: Iterable[Warn] = (), declined: Sequence[str] = ()) -> Document:
    """Return the document of `booking show` and of changes: that of the booking, with its status.

    `declined` are the accounts that have declined, shown if there are any.
    """
    document = {
        **booking_document(record, warnings),
        "status": record.status,
        "sequence": record.sequence,
        "guest": _guest(record),
        "attendees": [_attendee(attendee) for attendee in record.attendees],
    }
    return document | {"declined": [json_id(account) for account in declined]} if declined else document


def _guest(record: Record) -> Document:
    known = {"timezone": record.guest.zone} if record.guest.zone else {}
    return {
        "name": record.guest.name,
        "email": record.guest.email,
        "partstat": record.partstat,
        **known,
    }


def _attendee(attendee: Attendee) -> Document:
    return {
        "name": attendee.name,
        "email": attendee.email,
        "role": attendee.role,
        "partstat": attendee.partstat,
    }


def unavailable_document(error: SlotUnavailable) -> Document:
    """Return the document of a slot that cannot be booked: the error, and the nearest available slots."""
    nearest = error.alternatives
    return {
        "created": False,
        "error": {"code": error.code, "message": error.message, **error.details},
        "alternatives": slot_items(nearest.slots, nearest.members) if nearest else [],
    }


def warning_items(warnings: Iterable[Warn]) -> list[Document]:
    """Return warnings as items, each once."""
    return [
        {
            "code": warning.code,
            "message": warning.message,
            "accountId": None if warning.account_id is None else json_id(warning.account_id),
            "path": warning.path,
            "line": warning.line,
        }
        for warning in dict.fromkeys(warnings)
    ]


def _next_from_date(answer: Answer, shown: ZoneInfo) -> str | None:
    """Return the date from which to ask for more; None if the window reaches the end of the period."""
    asked = answer.query.high
    if asked is None or asked >= answer.period[1]:
        return None
    day = local(asked, shown)
    return str((day if day == day.replace(hour=0, minute=0, second=0) else day + timedelta(days=1)).date())
