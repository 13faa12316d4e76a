"""Counter-proposals as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gbook.render.json_documents import slot_items
from gbook.render.series import repeat_words
from gbook.render.text import clean
from gbook.timeutil.format import slot_value, zoned_range
from gbook.timeutil.instants import format_instant, local

if TYPE_CHECKING:
    from gbook.bookings.counter import CounterProposal
    from gbook.render.console import Console

__all__ = ["counter_document", "move_command", "show_counter"]


def show_counter(console: Console, proposal: CounterProposal, zone: ZoneInfo, file: str) -> None:
    """Print a proposal: who, what, whether it is free, and the commands to accept and decline it.

    `file` is the file that it is in, as the user named it.
    """
    for line in _lines(proposal, zone):
        console.print_words(clean(line))
    if proposal.is_free is False and proposal.refusal and proposal.refusal.alternatives:
        from gbook.render.commands import other_slots

        for line in other_slots(proposal.refusal.alternatives):
            console.print_words(clean(line))
    if proposal.is_free:
        console.print_words("Accept it:")
        console.print_words(clean(f"  {move_command(proposal, zone)}"))
    console.print_words("Decline it:")
    console.print_words(clean(f"  gbook booking reply {file} --decline --mail"))


def _lines(proposal: CounterProposal, zone: ZoneInfo) -> list[str]:
    record, person = proposal.record, proposal.person
    what = "another time" if proposal.span else "a change"
    verb = "declined, and proposes" if person.partstat.upper() == "DECLINED" else "proposes"
    repeat = repeat_words(record) if proposal.recurrence is None else ""
    lines = [f"{person.name or person.email} {verb} {what}: {record.subject}"]
    lines.append(f"  now:      {zoned_range(*proposal.before, zone)}{repeat}")
    if proposal.span:
        state = f"not free: {proposal.refusal.message}" if proposal.refusal else "free"
        lines.append(f"  proposed: {zoned_range(*proposal.span, zone)}{repeat}, {state}")
    for label, before, text in (
        ("place", record.location, proposal.location),
        ("subject", record.subject, proposal.subject),
    ):
        if text:
            lines.append(f"  {label}: {text}, instead of {before or 'none'}")
    return [*lines, f"  comment: {proposal.comment}"] if proposal.comment else lines


def move_command(proposal: CounterProposal, zone: ZoneInfo) -> str:
    """Return the command that moves the booking to the proposed time."""
    assert proposal.span
    start, end = (slot_value(instant, zone) for instant in proposal.span)
    slot = start if proposal.as_long_as_before else f"{start}/{end}"
    date = "" if proposal.recurrence is None else f" --date {local(proposal.before[0], zone).date()}"
    return f"gbook booking reschedule {proposal.record.uid}{date} --slot {slot}"


def counter_document(proposal: CounterProposal) -> dict[str, Any]:
    """Return the member `counter` of the document of `booking reply`."""
    refusal = proposal.refusal
    nearest = refusal.alternatives if refusal else None
    return {
        "name": proposal.person.name,
        "email": proposal.person.email,
        "start": None if proposal.span is None else format_instant(proposal.span[0]),
        "end": None if proposal.span is None else format_instant(proposal.span[1]),
        "recurrenceId": None if proposal.recurrence is None else format_instant(proposal.recurrence),
        "location": proposal.location,
        "subject": proposal.subject,
        "comment": proposal.comment or None,
        "free": proposal.is_free,
        "reason": None if refusal is None else refusal.message,
        "alternatives": slot_items(nearest.slots, nearest.members) if nearest else [],
    }
