"""The body of the API's POST …/meeting as input of `gbook book`: the time, the members and the guest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

import gbook
from gbook.cli.options.bodies import read_body
from gbook.cli.options.profile_input import source
from gbook.cli.options.slots import TypedSlot
from gbook.errors import Problem, UsageError, did_you_mean
from gbook.profiles.model import Moment
from gbook.profiles.template import fields
from gbook.timeutil.instants import parse_instant
from gbook.yamlfiles.field_types import AccountId, Email

if TYPE_CHECKING:
    from gbook.cli.options.guests import GuestOptions
    from gbook.cli.session import Session

__all__ = ["MeetingInput", "read_meeting"]


class _Time(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    start: Moment
    end: Moment | None = None


class _Person(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str | None = None
    email: Email | None = None


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body, by the API's keys."""

    time: _Time | None = None
    group_xids: tuple[str, ...] = ()
    account_ids: tuple[AccountId, ...] = ()
    scheduler_info: _Person = _Person()
    # The older place of the guest.
    name: str | None = None
    email: Email | None = None
    invitees: tuple[_Person, ...] = ()
    substitution_data: dict[str, str] = {}
    reschedule_token: str | None = None

    def check(self) -> Iterable[Problem]:
        """Yield a problem for the token of a booking to move, and for an end that is not after the start."""
        if self.reschedule_token is not None:
            message = "a booking is moved by its id: gbook booking reschedule ID --slot S"
            yield Problem(message, key="rescheduleToken")
        if self.time and self.time.end and _instant(self.time.end) <= _instant(self.time.start):
            yield Problem(f"expected a time after {self.time.start}, found {self.time.end!r}", key="time.end")


class MeetingInput:
    """A body that was read, for the options of `gbook book` beside it, which take precedence."""

    def __init__(self, session: Session, file: str, body: _Body) -> None:
        self._session = session
        self._source = source(file)
        self._body = body

    def slot(self) -> TypedSlot:
        """Return the time. Raises UsageError if there is none."""
        if (time := self._body.time) is None:
            raise UsageError(f"{self._source} has no time: give --slot")
        return TypedSlot(_instant(time.start), _instant(time.end) if time.end else None)

    def with_members(self, slot: TypedSlot) -> TypedSlot:
        """Return a slot with the members of the body."""
        return slot._replace(accounts=self._body.account_ids, groups=self._body.group_xids)

    def with_guest(self, options: GuestOptions) -> GuestOptions:
        """Return the options of the guest, completed by the body."""
        info = self._body.scheduler_info
        return msgspec.structs.replace(
            options,
            name=options.name or info.name or self._body.name,
            email=options.email or info.email or self._body.email,
        )

    def completed(self, request: gbook.BookingRequest) -> gbook.BookingRequest:
        """Return a request of the options with the invitees and fields of the body too."""
        invitees = (gbook.Guest(person.name, person.email) for person in self._body.invitees)
        return replace(
            request,
            invitees=(*invitees, *request.invitees),
            fields={**self._fields(request), **request.fields},
        )

    def _fields(self, request: gbook.BookingRequest) -> Mapping[str, str]:
        """Return the values of the profile's variables; a note names the others, which are ignored."""
        names = [field.name for field in fields(request.event_profile)]
        given = self._body.substitution_data
        for name in given:
            if name not in names:
                near = did_you_mean(name, names)
                self._session.note(
                    f"{self._source}: the profile has no field {name!r}, so it is ignored{near}"
                )
        return {name: text for name, text in given.items() if name in names}


def read_meeting(session: Session, file: str) -> MeetingInput:
    """Return the body in a file, or on stdin for `-`. Raises NotFound, InvalidFile."""
    return MeetingInput(session, file, read_body(session, file, _Body))


def _instant(moment: str) -> int:
    return parse_instant(moment, UTC)
