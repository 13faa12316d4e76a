"""The record of a booking or reservation: made from its draft, or read from its event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gbook.bookings.attendees import attendees, guest_among, written_attendees
from gbook.bookings.event import Draft, Guest
from gbook.bookings.event_data import DateChange, EventData, Series
from gbook.calendars.busy.own_series import SeriesDate
from gbook.calendars.ics.gbook_properties import known_zone
from gbook.calendars.ics.ownership import OwnEvent
from gbook.calendars.stores.base import Item, Store
from gbook.text import one_line
from gbook.workspace.config import Account

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["Copy", "Record", "in_account_order", "record_of_data", "record_of_draft"]


class Copy(NamedTuple):
    """A copy of a booking: its account, its resource, and the calendar as gbook.yaml names it."""

    account: Account
    item: Item
    shown: str

    @property
    def calendar(self) -> Store:
        """The calendar that holds it."""
        return self.item.store

    @property
    def is_writable(self) -> bool:
        """Whether gbook may change it."""
        return not self.account.is_invited_by_mail and not any(
            reference.readonly for reference in self.account.calendars if reference.shown == self.shown
        )


class Record(EventData, frozen=True, kw_only=True, array_like=True):
    """A booking or reservation, with its copies in the calendars."""

    copies: Sequence[Copy] = ()
    # How many guests can still join its session, if that has been counted.
    seats_left: int | None = None
    # Whether an earlier request with the same key has made it.
    repeated: bool = False
    # The record of each copy by itself, if it was read from the calendars.
    versions: Sequence[Record] = ()
    # The event (OwnEvent, or icalendar's Event if it is new); None if it is in the calendar only.
    source: Any = None
    # The changed dates that a message about a series is about; none: all of it (see series_message).
    about: Sequence[DateChange] = ()
    # The original start if it is one date of a series by itself.
    recurrence: int | None = None

    @property
    def event(self) -> Event:
        """The event, with all its properties; it is parsed each time. Raises GbookError if it has changed."""
        from gbook.bookings.event_reader import parse_event

        source = self.stored
        return parse_event(source.event) if isinstance(source, OwnEvent) else source

    @property
    def overrides(self) -> list[Event]:
        """The overrides of a series: its dates that were moved or cancelled. Raises as `event` does."""
        from gbook.bookings.event_reader import parse_event

        source = self.stored
        return [parse_event(each) for each in source.overrides] if isinstance(source, OwnEvent) else []

    @property
    def stored(self) -> OwnEvent | Event:
        """The event as in `source`, or as its calendar has it. Raises GbookError if it has changed."""
        from gbook.bookings.event_reader import stored_event

        return stored_event(self, self.copies[0].item) if self.source is None else self.source


def record_of_data(data: EventData, copies: Iterable[Copy], source: OwnEvent | None) -> Record:
    """Return the record of an event that was read, with copies in account order."""
    values = {name: getattr(data, name) for name in EventData.__struct_fields__}
    return Record(**values, copies=in_account_order(copies, data.accounts), source=source)


def record_of_draft(draft: Draft, event: Event, copies: Sequence[Copy] = ()) -> Record:
    """Return the record of a new event, which `build_event` has made from `draft`; nothing is parsed.

    It equals the record that is read once the event is in the calendars.
    """
    accounts = tuple(account.id for account in draft.accounts)
    name, email = one_line(draft.guest.name or "") or None, draft.guest.email or None
    guest, partstat = guest_among(written_attendees(event), Guest(name, email, known_zone(draft.guest.zone)))
    return Record(
        uid=draft.uid,
        profile=draft.profile.name,
        start=draft.start,
        end=draft.end,
        status="confirmed" if draft.expires is None else "tentative",
        sequence=draft.sequence,
        subject=str(event.get("SUMMARY", "")),
        host=draft.host.id,
        group=draft.group,
        accounts=accounts,
        guest=guest,
        partstat=partstat,
        conference=draft.conference or None,
        expires=draft.expires,
        hold=None,
        proposal=draft.proposal,
        asked=draft.asked,
        moved_from=draft.moved_from,
        fields=dict(draft.fields),
        needs=list(draft.needs),
        attendees=attendees(event),
        organizer=str(event.get("ORGANIZER", "")),
        location=str(event.get("LOCATION", "")),
        description=str(event.get("DESCRIPTION", "")),
        comments=[],
        buffers=draft.buffers,
        texts=dict(draft.texts_given),
        replies_from=draft.replies_from,
        people=draft.people,
        seats=draft.profile.seats,
        series=series_of_draft(draft),
        copies=in_account_order(copies, accounts),
        source=event,
    )


def series_of_draft(draft: Draft) -> Series | None:
    """Return the dates of a new booking; None if it does not repeat."""
    if (repeat := draft.repeat) is None:
        return None
    length = draft.end - draft.start
    status: Literal["confirmed", "tentative"] = "confirmed" if draft.expires is None else "tentative"
    starts = draft.starts
    return Series(
        rule=repeat.rule,
        zone=draft.zone.key,
        dates=[SeriesDate(starts[k], starts[k], starts[k] + length, status) for k in repeat.kept],
        skipped=[starts[k] for k in repeat.skipped],
    )


def in_account_order(copies: Iterable[Copy], accounts: Sequence[str]) -> list[Copy]:
    """Return the copies in the order of the accounts that take part, then those of other accounts."""
    ranks = {account: rank for rank, account in enumerate(accounts)}
    return sorted(copies, key=lambda copy: ranks.get(copy.account.id, len(ranks)))
