"""`gbook booking guest`: add, remove and correct guests of a booking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

import gbook
from gbook.cli.commands.change import Change, ChangeOptions, run_change
from gbook.cli.help import App
from gbook.cli.options.guests import GuestName, GuestOptions, Strict, read_address
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.records import Id, booking_context
from gbook.cli.options.zones import shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App(
    help="Add, remove and correct guests.",
    epilog="Example: gbook booking guest add 5a2f5c1e tom@example.com",
)
Person = Annotated[
    str,
    typer.Argument(
        metavar="EMAIL", help="Address of an invited person; a guest without one is found by name."
    ),
]


@app.command(epilog="Example: gbook booking guest add 5a2f5c1e tom@example.com --name Tom")
@with_option_groups
def add(
    ctx: typer.Context,
    record_id: Id,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Address of the new guest.")],
    *,
    name: GuestName = None,
    strict: Strict = False,
    options: ChangeOptions,
) -> None:
    """Invite one more person to a booking or reservation."""
    person = gbook.Guest(gbook.one_line(name) if name else None, read_address(email, "EMAIL"))
    _change(
        ctx,
        record_id,
        options,
        Action(
            f"Added {email} to",
            f"add {email} to",
            lambda on: gbook.adding_guest(on, record_id, person, strict=strict),
        ),
    )


@app.command(epilog="Example: gbook booking guest remove 5a2f5c1e tom@example.com")
@with_option_groups
def remove(ctx: typer.Context, record_id: Id, email: Person, *, options: ChangeOptions) -> None:
    """Take an invited person out of a booking or reservation."""
    _change(
        ctx,
        record_id,
        options,
        Action(
            f"Removed {email} from",
            f"remove {email} from",
            lambda on: gbook.removing_guest(on, record_id, email),
        ),
    )


@app.command(epilog="Example: gbook booking guest change 5a2f5c1e jane@example.com --name 'Jane Doe'")
@with_option_groups
def change(
    ctx: typer.Context, record_id: Id, person: Person, *, guest: GuestOptions, options: ChangeOptions
) -> None:
    """Correct the address, the name or the time zone of a guest.

    With the address of an invited person, that person becomes the guest.
    """
    if not (guest.name or guest.email or guest.guest_tz):
        raise UsageError("name what changes: --email, --name or --guest-tz")
    new = guest.guest()
    _change(
        ctx,
        record_id,
        options,
        Action(
            f"Changed {person} in",
            f"change {person} in",
            lambda on: gbook.changing_guest(on, record_id, person, new),
        ),
    )


class Action(NamedTuple):
    """A change of the people of a booking, in words."""

    # As in "Added tom@example.com to".
    done: str
    # As in "Would add tom@example.com to".
    verb: str
    plan: Callable[[gbook.BookingContext], gbook.Plan]


def _change(ctx: typer.Context, record_id: str, options: ChangeOptions, action: Action) -> None:
    """Carry out an action, and tell the people whom it concerns. Raises what its plan raises."""
    session: Session = ctx.obj
    delivery = options.prepare(session)
    context = booking_context(ctx)
    booking = gbook.find_either(context, record_id)
    if booking.is_reservation:
        options.delivery.refuse_for_reservation()
    zone = shown_zone(options.tz, session.workspace, [booking.profile])

    def show(console: Console, record: gbook.Record) -> None:
        from gbook.render.bookings import show_people

        done = "Unchanged:" if record.sequence == booking.sequence else action.done
        show_people(console, record, zone, done)

    def would(record: gbook.Record) -> str:
        from gbook.render import outlook

        unchanged = record.sequence == booking.sequence
        return outlook.would_leave(record, zone) if unchanged else outlook.would(action.verb, record, zone)

    change = Change(
        before=booking,
        plan=action.plan(context),
        hook=gbook.Hook.POST_RESCHEDULE,
        show=show,
        would=would,
        affected_only=True,
    )
    run_change(context, delivery, change)
