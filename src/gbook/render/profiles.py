"""Profiles as JSON documents and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.profiles.model import Group, Profile
    from gbook.render.console import Console

__all__ = [
    "group_document",
    "profile_document",
    "profile_with_link",
    "show_groups",
    "show_profile",
    "show_profiles",
]


def profile_with_link(profile: Profile, base_url: str | None) -> dict[str, Any]:
    """Return the document of a profile, with the address of its booking page if it has one."""
    link = profile.scheduler_link(base_url)
    return profile_document(profile) | ({"schedulerLink": link} if link else {})


def profile_document(profile: Profile) -> dict[str, Any]:
    """Return a profile by the keys of the API, with defaults filled in and account ids as in the file."""
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(profile)
    id_lists = [(document, "accounts"), (document, "optional")]
    id_lists += [(group, "accountIds") for group in document["groups"]]
    for holder, key in id_lists:
        holder[key] = [json_id(account_id) for account_id in holder[key]]
    if profile.owner is not None:
        document["owner"] = json_id(profile.owner)
    return document


def group_document(group: Group) -> dict[str, Any]:
    """Return a group by the keys of the API, with account ids as in the file."""
    import msgspec

    return {**msgspec.to_builtins(group), "accountIds": [json_id(each) for each in group.account_ids]}


def show_groups(console: Console, groups: Sequence[Group]) -> None:
    """Print a table of groups, or how to attach one."""
    from gbook.render.tables import WIDE, Column, print_list

    if not groups:
        console.print_words("No groups. Next: gbook profile attach-groups NAME EXTID=ID,ID")
        return
    rows = [[each.ext_id, str(each.required), ", ".join(each.account_ids)] for each in groups]
    print_list(console, (Column("group", heading=True), Column("required"), Column("accounts")), rows, WIDE)


def show_profiles(console: Console, profiles: Sequence[Profile]) -> None:
    """Print a table of profiles, or how to create one."""
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import WIDE, Column, print_list

    if not profiles:
        console.print_words("No profiles. Next: gbook profile create NAME --account ID")
        return
    rows = [
        [
            str(item.id if item.id is not None else ""),
            f"{item.name} ({item.title})" if item.title else item.name,
            f"{item.duration_minutes} min",
            f"{format_hours(item.work_hours.day_schedules)} {item.work_hours.timezone or ''}",
            ", ".join([*item.accounts, *(f"{group.ext_id} ({group.required})" for group in item.groups)]),
        ]
        for item in profiles
    ]
    columns = (
        Column("id", heading=True),
        Column("name", heading=True),
        Column("length"),
        Column("hours"),
        Column("members", label="with"),
    )
    print_list(console, columns, rows, WIDE)


def show_profile(console: Console, profile: Profile, base_url: str | None) -> None:
    """Print a profile, one key a line."""
    from gbook.profiles.hours import format_hours
    from gbook.render.tables import print_record

    shown = profile_with_link(profile, base_url)
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
