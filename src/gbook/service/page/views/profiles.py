"""What guests may know of a profile before they have booked: no accounts, no addresses, no links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple
from zoneinfo import ZoneInfo

import gbook
from gbook.errors import GbookError
from gbook.profiles.template import variables
from gbook.service.call import Call
from gbook.service.operations.scope import profile_in
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError, not_found
from gbook.text import one_line, printable
from gbook.timeutil.instants import MINUTE

__all__ = [
    "Facts",
    "embed_of",
    "facts_of",
    "known_profile",
    "page_facts",
    "profile_of",
    "public_profiles",
    "zone_of",
]


class Facts(NamedTuple):
    """What a meeting is about: `length` in seconds; `place` is empty if it is not known yet.

    `others` says whether the page of a profile leads to other public ones; `is_framed`, whether another site
    may show it in a frame.
    """

    name: str
    title: str
    description: str
    length: int
    is_video: bool
    place: str
    host: str | None
    others: bool = False
    is_framed: bool = False

    @property
    def summary(self) -> str:
        """The first paragraph of the description."""
        return self.description.partition("\n\n")[0].replace("\n", " ")


def profile_of(visit: Visit) -> gbook.Profile:
    """Return the profile that the path names: a public one, or that of the booking which `move` names.

    Raises ApiError for any other one, as if it did not exist.
    """
    call = visit.call
    try:
        return profile_in(call)
    except ApiError:
        if visit.moved is None:
            raise
    profile = known_profile(call, call.path["name"])
    if profile is None or visit.moved.profile != profile.name:
        raise not_found()
    return profile


def facts_of(visit: Visit, profile: gbook.Profile) -> Facts:
    """Return what guests may know of a profile."""
    return Facts(
        name=profile.name,
        title=_title(profile),
        description=_description(profile),
        length=profile.duration_minutes * MINUTE,
        is_video=_is_video(profile),
        place=one_line(_fixed(profile.location)),
        host=visit.team,
    )


def page_facts(visit: Visit, profile: gbook.Profile) -> Facts:
    """Return what the page of a profile says about it. Others are read until one is public."""
    others = any(other.name != profile.name for other in public_profiles(visit.call))
    return facts_of(visit, profile)._replace(others=others, is_framed=bool(profile.embed))


def zone_of(visit: Visit, profile: gbook.Profile) -> ZoneInfo:
    """Return the zone of the address, else that of the profile's hours."""
    return visit.zone or gbook.profile_zone(visit.call.workspace, profile)


def embed_of(call: Call) -> Sequence[str]:
    """Return the origins that may frame the pages of the profile in the path; none without a public one."""
    profile = known_profile(call, call.path["name"]) if "name" in call.path else None
    return profile.embed if profile is not None and profile.public else ()


def public_profiles(call: Call) -> Iterator[gbook.Profile]:
    """Return the profiles that anyone may book, by name; each is read when it is asked for."""
    return (profile for profile in call.profiles.valid() if profile.public)


def known_profile(call: Call, name: str) -> gbook.Profile | None:
    """Return a profile by its name; None if there is none, or it cannot be read."""
    with suppress(GbookError):
        return call.profiles.load(name) if name else None
    return None


def _title(profile: gbook.Profile) -> str:
    """Return the title, else the subject if it says more than that this is a meeting, else the name."""
    subject = one_line(_fixed(profile.subject))
    return (
        one_line(profile.title or "")
        or ("" if subject == gbook.Profile().subject else subject)
        or profile.name
    )


def _is_video(profile: gbook.Profile) -> bool:
    has_link = profile.open_meeting_url and "openMeetingUrl" in variables(profile.location)
    return profile.start_conference or bool(has_link)


def _description(profile: gbook.Profile) -> str:
    """Return the lines of the description that are the same for every guest."""
    lines = printable(profile.description).splitlines()
    return "\n".join(line.strip() for line in lines if not variables(line)).strip()


def _fixed(text: str) -> str:
    """Return a text, empty if it has variables."""
    return "" if variables(text) else text
