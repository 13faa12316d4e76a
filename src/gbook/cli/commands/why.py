"""`gbook why`: for each member and account the rule or event that forbids a time, and what would help."""

from __future__ import annotations

from typing import Annotated

import typer

import gbook
from gbook.cli.help import App
from gbook.cli.options.dates import typed_time
from gbook.cli.options.guests import GuestAddress, guest_address
from gbook.cli.options.meeting import MeetingOptions
from gbook.cli.options.members import MemberOptions, ProfileName
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json
from gbook.cli.options.repeats import RepeatOptions
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.profiles.model import AD_HOC_WINDOW
from gbook.render.explain import show_why, why_document

__all__ = ["app"]

app = App()


@app.command(epilog="Example: gbook why tomorrow 9:30 --required all")
@with_option_groups
def why(
    ctx: typer.Context,
    time: Annotated[
        list[str], typer.Argument(metavar="TIME", help="When the meeting would start, such as tomorrow 9:30.")
    ],
    *,
    profile: ProfileName = None,
    meeting: MeetingOptions,
    members: MemberOptions,
    email: GuestAddress = None,
    repeat: RepeatOptions,
    tz: Zone = None,
    as_json: Json = False,
) -> None:
    """Explain why a time can or cannot be booked."""
    session: Session = ctx.obj
    chosen = meeting.without_profile(session, profile, members) or session.profile(profile)
    zone = shown_zone(tz, session.workspace, [chosen])
    start = typed_time(" ".join(time), zone, session.now, "TIME")
    high = None if chosen.name else max(session.now, start) + AD_HOC_WINDOW
    query = repeat.applied(members.query(chosen, session.now, high=high, guest=guest_address(email)))
    answer = gbook.ask(session.workspace, query, session.progress())
    explanation = gbook.explain(session.workspace, query, start, zone)
    suggestions = gbook.suggest(session.workspace, answer)
    ranked = _rank(answer, start) if explanation.available else None
    session.warn(answer.warnings)
    session.emit(
        lambda: why_document(explanation, suggestions, answer, ranked),
        as_json=as_json,
        show=lambda console: show_why(console, explanation, answer, ranked, suggestions, zone),
    )


def _rank(answer: gbook.Answer, start: int) -> gbook.RankedSlot | None:
    """Return the rank of the slot that starts at an instant; None if the answer does not have it."""
    return next((ranked for ranked in gbook.rank(answer) if ranked.slot.start == start), None)
