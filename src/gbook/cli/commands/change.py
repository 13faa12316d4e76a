"""What the commands that change a booking have in common: plan, write or preview, notify, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

import gbook
from gbook.cli.delivery import Delivery, DeliveryOptions, changed
from gbook.cli.options.output import DryRun, Json
from gbook.cli.options.zones import Zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gbook.cli.options.series_dates import ChosenDate
    from gbook.cli.session import Session
    from gbook.render.console import Console
    from gbook.render.json_documents import Document

__all__ = ["Change", "ChangeOptions", "move_of", "run_change"]


class ChangeOptions(msgspec.Struct, kw_only=True):
    """The options of every change of a booking."""

    delivery: DeliveryOptions = msgspec.field(default_factory=DeliveryOptions)
    tz: Zone = None
    dry_run: DryRun = False
    as_json: Json = False

    def prepare(self, session: Session) -> Delivery:
        """Return the end of the command. Raises UsageError, InvalidFile."""
        return Delivery(session, self.delivery, as_json=self.as_json, dry_run=self.dry_run)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a booking, and how its result is shown."""

    # The booking before the change.
    before: gbook.Record
    plan: gbook.Plan
    hook: gbook.Hook
    show: Callable[[Console, gbook.Record], None]
    # What a dry run says about the booking as it would be.
    would: Callable[[gbook.Record], str]
    # The JSON answer, if it is not the state of the booking.
    answer: Document | None = None
    # Whether guests are notified of the difference to `before`.
    is_move: bool = False
    # Whether only those guests are notified whom the difference concerns.
    affected_only: bool = False
    # Whether the guests of all bookings that the plan changes are notified.
    is_session: bool = False


def move_of(booking: gbook.Record, plan: gbook.Plan, named: ChosenDate, zone: ZoneInfo) -> Change:
    """Return the change that moves a booking, or the date of it that is named; times are shown in `zone`."""

    def show(console: Console, record: gbook.Record) -> None:
        from gbook.render.bookings import moved_words, show_booking

        words = moved_words(booking, record)
        show_booking(console, named.of(record), zone, words, day=named.day(record, zone))

    def would(record: gbook.Record) -> str:
        from gbook.render.outlook import would_move

        return would_move(named.of(booking), named.of(record), zone)

    return Change(
        before=booking, plan=plan, hook=gbook.Hook.POST_RESCHEDULE, show=show, would=would, is_move=True
    )


def run_change(context: gbook.BookingContext, delivery: Delivery, change: Change) -> None:
    """Write the change, or preview it in a dry run, and finish the command. Raises what the plan raises."""
    warnings = gbook.out_of_reach(context, change.before)
    if delivery.dry_run:
        record, *others = gbook.preview_all(change.plan)
    else:
        record, *others = gbook.revise_all(context, change.plan)
    others = [other for other in others if change.is_session and not other.is_reservation]
    warnings += [warning for other in others for warning in gbook.out_of_reach(context, other)]
    outcome = changed(record, lambda console: change.show(console, record), change.hook, warnings, others)
    before = change.before if change.is_move or change.affected_only else None
    would = change.would(record) if delivery.dry_run else ""
    # A cancelled booking whose events are removed has been cancelled before.
    is_news = change.before.status != "cancelled"
    outcome = outcome._replace(
        before=before,
        answer=change.answer,
        would=would,
        is_news=is_news,
        affected_only=change.affected_only,
    )
    delivery.finish(context, outcome)
