"""From the form of a guest to the call of the operation that does what it asks for."""

from __future__ import annotations

from dataclasses import replace

from gbook.service.call import Call
from gbook.service.page.form.details import Details
from gbook.service.page.web.visit import Visit
from gbook.service.wire.meetings import CreateMeetingDto, MeetingQuery, SchedulerInfo, SelectedMeetingTime
from gbook.timeutil.instants import format_instant

__all__ = ["guest_call"]


def guest_call(visit: Visit, start: int, given: Details | None, nonce: str) -> Call:
    """Return the call that books the time from `start` on for a guest, or without details moves to it."""
    time = SelectedMeetingTime(start=format_instant(start))
    body = CreateMeetingDto(time=time)
    if given is not None:
        guest = SchedulerInfo(name=given.guest.name, email=given.guest.email)
        body = CreateMeetingDto(time=time, scheduler_info=guest, substitution_data=dict(given.fields))
    zone = visit.zone.key if visit.zone else None
    return replace(visit.call, body=body, query=MeetingQuery(), key=nonce, guest_zone=zone)
