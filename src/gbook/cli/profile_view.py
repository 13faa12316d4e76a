"""Profiles as documents and as a terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from rich.console import Console

    from gbook.profiles.model import Profile

__all__ = ["profile_document", "show_list", "show_profile"]


def profile_document(profile: Profile) -> dict[str, Any]:
    """The record by the API's keys, defaults filled in; account ids as the file has them."""
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(profile)
    for holder, key in (
        (document, "accounts"),
        (document, "optional"),
        *((g, "accountIds") for g in document["groups"]),
    ):
        holder[key] = [json_id(account_id) for account_id in holder[key]]
    return document


def show_list(console: Console, profiles: list[Profile]) -> None:
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import print_table

    if not profiles:
        console.print("No profiles. Next: gbook profile create NAME --account ID")
        return
    rows = [
        [
            str(item.id if item.id is not None else ""),
            item.name,
            f"{item.duration_minutes} min",
            f"{format_hours(item.work_hours.day_schedules)} {item.work_hours.timezone or ''}",
            ", ".join([*item.accounts, *(f"{group.ext_id} ({group.required})" for group in item.groups)]),
        ]
        for item in profiles
    ]
    print_table(console, ["id", "name", "length", "hours", "members"], rows)


def show_profile(console: Console, profile: Profile) -> None:
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import print_record

    shown = profile_document(profile)
    hours = shown.pop("workHours")
    shown["hours"] = f"{format_hours(profile.work_hours.day_schedules)} {hours['timezone'] or ''}"
    shown["groups"] = [f"{g.ext_id}={','.join(g.account_ids)}:{g.required}" for g in profile.groups]
    shown["availabilityIntervals"] = [
        f"{item.date_start_inclusive} to {item.date_end_inclusive} "
        + (", ".join(f"{hour.start}-{hour.end}" for hour in item.hours) or "closed")
        for item in profile.availability_intervals.intervals
    ]
    shown["additionalFields"] = [field.name for field in profile.additional_fields]
    print_record(console, shown)
