"""The options of a booking, which `book` and `propose` share."""

from __future__ import annotations

import msgspec

import gbook
from gbook.cli.options.guests import GuestOptions, InvitationOptions
from gbook.cli.options.meeting import KeptMeetingOptions
from gbook.cli.options.members import MemberOptions, ProfileName, check_required
from gbook.cli.options.slots import TypedSlot
from gbook.cli.options.texts import TextOptions
from gbook.cli.parsing import read_required
from gbook.cli.session import Session
from gbook.profiles.model import Profile

__all__ = ["BookingOptions", "merge"]


class BookingOptions(msgspec.Struct, kw_only=True):
    """The profile or the meeting without one, the guest, the members and the texts of a booking."""

    profile: ProfileName = None
    meeting: KeptMeetingOptions = msgspec.field(default_factory=KeptMeetingOptions)
    guest: GuestOptions = msgspec.field(default_factory=GuestOptions)
    members: MemberOptions = msgspec.field(default_factory=MemberOptions)
    invitation: InvitationOptions = msgspec.field(default_factory=InvitationOptions)
    texts: TextOptions = msgspec.field(default_factory=TextOptions)

    def without_profile(self, session: Session) -> Profile | None:
        """Return the meeting of --with as a profile; None without --with. Raises UsageError, NotFound."""
        return self.meeting.without_profile(session, self.profile, self.members)

    def keep(self, session: Session, *, dry_run: bool) -> None:
        """Write the profile of --save, if it is given."""
        self.meeting.keep(session, self.members, self.texts.texts(), dry_run=dry_run)

    def request(self, profile: Profile, slot: TypedSlot, tz: str | None) -> gbook.BookingRequest:
        """Return the request to book a slot, whose own members are replaced by those of the options.

        Raises UsageError, NotFound for a member that the profile does not have.
        """
        slot = merge(slot, self.members)
        request = gbook.BookingRequest(
            profile=profile,
            start=slot.start,
            end=slot.end,
            best=slot.best,
            required=slot.required,
            accounts=slot.accounts,
            groups=slot.groups,
            people=self.members.people,
            guest=self.guest.guest(tz),
            invitees=self.invitation.invitees(),
            fields=self.invitation.fields(),
            texts=self.texts.texts(),
        )
        check_required(request.query(now=0))
        return request


def merge(document: TypedSlot, members: MemberOptions) -> TypedSlot:
    """Return the slot of a document, with --required and the members of the options instead of its own."""
    if members.required is not None:
        document = document._replace(required=read_required(members.required))
    if members.account or members.group:
        document = document._replace(accounts=tuple(members.account or ()), groups=tuple(members.group or ()))
    return document
