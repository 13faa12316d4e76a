"""The JSON documents, as docs/json.md describes them: the API's names, times in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gbook.availability.members import Member, Slot
from gbook.errors import Warn
from gbook.instants import format_instant, local
from gbook.profiles.template import fields
from gbook.query import Answer
from gbook.workspace import Config

__all__ = ["availability_document", "listing", "slot_item", "warning_items"]

Document = dict[str, Any]


def availability_document(
    answer: Answer,
    config: Config,
    shown: ZoneInfo,
    *,
    offset: int = 0,
    limit: int | None = None,
    first: int | None = None,
) -> Document:
    """The answer of `gbook availability`: the API's GET …/meeting. `offset` and `limit` page the members."""
    profile, total = answer.query.profile, len(answer.members)
    page = answer.members[offset : None if limit is None else offset + limit]
    slots = answer.slots if first is None else answer.slots[:first]
    low, high = answer.window
    return {
        "profile": profile.name,
        "required": answer.query.required,
        "items": [slot_item(slot, page) for slot in slots],
        "startTime": format_instant(low),
        "endTime": format_instant(max(low, high)),
        "timeAvailableFor": profile.time_available_for,
        "durationMinutes": profile.duration_minutes,
        "availabilityStep": profile.availability_step,
        "subject": profile.subject,
        "primaryColor": config.primary_color,
        "secondaryColor": config.secondary_color,
        "additionalFields": fields(profile),
        "offset": offset,
        "limit": limit,
        "totalSize": total,
        "done": offset + len(page) >= total,
        "nextFromDate": _next_from_date(answer, shown),
        "warnings": warning_items(answer.warnings),
    }


def slot_item(slot: Slot, members: Sequence[Member]) -> Document:
    """One slot, with those of `members` that can take it."""
    accounts = {member.id for member in members if member.group is None}
    groups = {m.group: slot.groups[m.group] for m in members if m.group and m.group in slot.groups}
    item: Document = {
        "start": format_instant(slot.start),
        "end": format_instant(slot.end),
        "groupXids": list(groups),
        "accountIds": [account for account in slot.accounts if account in accounts],
        "groups": groups,
    }
    if slot.optional:
        item["optional"] = slot.optional
    return item


def warning_items(warnings: Iterable[Warn]) -> list[Document]:
    """Warnings, each once."""
    return [
        {
            "code": warning.code,
            "message": warning.message,
            "accountId": warning.account_id,
            "path": warning.path,
            "line": warning.line,
        }
        for warning in dict.fromkeys(warnings)
    ]


def listing(records: Sequence[Any]) -> Document:
    """The API's answer to a list operation, whole."""
    return {"offset": 0, "totalSize": len(records), "done": True, "records": records}


def _next_from_date(answer: Answer, shown: ZoneInfo) -> str | None:
    """The date to go on from, while the profile's period goes on after the window that was asked for."""
    asked = answer.query.high
    if asked is None or asked >= answer.period[1]:
        return None
    day = local(asked, shown)
    return str((day if day == day.replace(hour=0, minute=0, second=0) else day + timedelta(days=1)).date())
