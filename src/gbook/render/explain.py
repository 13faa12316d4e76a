"""Explanations as text and as JSON: why one time, or a whole window, has no slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.commands import booking_command, repeat_words, why_command
from gbook.render.ranked import rank_item
from gbook.render.tables import print_indented
from gbook.render.text import Styled, clean
from gbook.scheduling.rank_reasons import rank_sentence
from gbook.timeutil.format import count, day_range, period_name, zone_name
from gbook.timeutil.instants import format_instant
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.render.json_documents import Document
    from gbook.scheduling.availability import Answer, Query
    from gbook.scheduling.explain import AccountWhy, MemberWhy, Why
    from gbook.scheduling.obstacles import Obstacles
    from gbook.scheduling.preferences import RankedSlot
    from gbook.scheduling.reason import Reason
    from gbook.scheduling.suggestions import Suggestion

    Row = tuple[str | Styled, str | Styled]

__all__ = ["show_obstacles", "show_why", "why_document"]

# At most this many accounts are listed for a window.
WORST = 5


def why_document(
    why: Why, suggestions: Sequence[Suggestion], answer: Answer, ranked: RankedSlot | None
) -> Document:
    """Return the JSON document of `gbook why`; the slots of `answer` are those that are ranked."""
    document = {
        "start": format_instant(why.start),
        "end": format_instant(why.end),
        "available": why.available,
        "members": [_member_item(member) for member in why.members],
        "suggestions": [{"change": item.change, "slots": item.slots} for item in suggestions],
    }
    return document | {"of": len(answer.slots), **rank_item(answer, ranked)} if ranked else document


def show_why(
    console: Console,
    why: Why,
    answer: Answer,
    ranked: RankedSlot | None,
    suggestions: Sequence[Suggestion],
    zone: ZoneInfo,
) -> None:
    """Print every reason, account by account; then the command to book the time, or what would help.

    The rank and the suggestions are for the whole window of `answer`.
    """
    time = day_range(why.start, why.end, zone)
    heading = ", ".join(filter(None, (time, repeat_words(answer.query), zone_name(zone, [why.start]))))
    console.print_words(Styled(heading, style="bold"))
    verdict = "Available" if why.available else "Not available"
    members = count(len(why.members), "member")
    console.print_words(Styled(f"{verdict} (needs {why.needed} of {members})"))
    for rule in why.rules:
        console.print_words(clean(_sentence(rule.message)))
    if ranked:
        console.print_words(clean(f"Rank: {rank_sentence(answer, ranked)}"))
    console.print()
    print_indented(console, _member_rows(why))
    if why.available:
        console.print()
        console.print(Styled("Book it:", style="dim"))
        console.print(Styled(f"  {booking_command(answer.query, why.start, zone)}"), soft_wrap=True)
    elif suggestions:
        console.print()
        dates = period_name(answer.window, zone)
        console.print_words(Styled(f"What would help, {dates}:", style="dim"))
        print_indented(console, _suggestions(suggestions, why.start))


def show_obstacles(
    console: Console,
    query: Query,
    obstacles: Obstacles,
    suggestions: Sequence[Suggestion],
    zone: ZoneInfo,
) -> None:
    """Print, below "No slots", how often each account is free, and what would help; times in `zone`."""
    console.print()
    times = count(obstacles.candidates, "possible time")
    console.print_words(Styled(f"Of {times}, each member is free at:", style="dim"))
    print_indented(console, _counts(obstacles))
    if suggestions:
        console.print(Styled("What would help:", style="dim"))
        print_indented(console, _suggestions(suggestions, None))
    console.print(Styled("See what blocks the best time:", style="dim"))
    console.print(Styled(f"  {why_command(query, obstacles.best_start, zone)}"), soft_wrap=True)


def _member_item(member: MemberWhy) -> Document:
    is_account, name = member.member.group is None, member.member.id
    return {
        **({"accountId": json_id(name)} if is_account else {"groupXid": name}),
        "available": member.available,
        "accounts": [
            {
                "accountId": json_id(account.account_id),
                "available": account.available,
                "reasons": [_reason_item(reason) for reason in account.reasons],
            }
            for account in member.accounts
        ],
    }


def _reason_item(reason: Reason) -> Document:
    return {
        "code": reason.code,
        "message": reason.message,
        "start": None if reason.start is None else format_instant(reason.start),
        "end": None if reason.end is None else format_instant(reason.end),
        "subject": reason.subject,
        "calendar": reason.calendar,
        **({} if reason.date is None else {"date": format_instant(reason.date)}),
    }


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."


def _member_rows(why: Why) -> Iterator[Row]:
    """Return the rows of each member: its accounts with their reasons, below its name if it is a group."""
    for member in why.members:
        indent = ""
        if member.member.group is not None:
            verdict = "available" if member.available else "not available"
            yield (
                Styled(clean(member.member.id), style="bold"),
                f"{verdict}; needs {member.needed} of {len(member.accounts)}",
            )
            indent = "  "
        for account in member.accounts:
            own = list(_own(account, why))
            for number, message in enumerate(own or [_free(why)]):
                name = "" if number else f"{indent}{account.account_id}"
                yield name, Styled(clean(message), style="" if own else "green")


def _own(account: AccountWhy, why: Why) -> Iterator[str]:
    """Return an account's own reasons, without the profile's rules, which are printed above."""
    return (reason.message for reason in account.reasons if reason not in why.rules)


def _free(why: Why) -> str:
    return "no conflict" if why.rules else "free"


def _counts(obstacles: Obstacles) -> Iterator[Row]:
    """Return a row for each account that is least often free."""
    for account_id, free in obstacles.accounts[:WORST]:
        yield account_id, "unknown (calendar unreadable), treated as busy" if free is None else str(free)
    if (rest := len(obstacles.accounts) - WORST) > 0:
        yield "…", f"and {rest} more that are free more often"


def _suggestions(suggestions: Sequence[Suggestion], start: int | None) -> Iterator[Row]:
    """Return a row for each suggestion; it says whether `start` becomes available."""
    for suggestion in suggestions:
        this = ", including this time" if start in suggestion.starts else ""
        yield (
            suggestion.change,
            f"{suggestion.slots} more {'slot' if suggestion.slots == 1 else 'slots'}{this}",
        )
