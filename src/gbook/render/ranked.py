"""Slots by their rank: the table of `--sort best`, and the keys that it adds to JSON and to lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gbook.render.frame import best_booking, foot_lines, print_foot
from gbook.render.lines import Keys, slot_keys
from gbook.render.slots import print_head
from gbook.render.tables import WIDE, Column, print_list
from gbook.render.text import Styled
from gbook.scheduling.rank_reasons import rank_reason
from gbook.timeutil.format import day_range
from gbook.timeutil.instants import local
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.render.json_documents import Document
    from gbook.scheduling.availability import Answer
    from gbook.scheduling.preferences import RankedSlot

__all__ = ["rank_item", "ranked_document", "ranked_keys", "show_best", "show_ranked"]


def rank_item(answer: Answer, ranked: RankedSlot) -> Document:
    """Return the rank of a slot, its cost and the reasons as JSON; minutes of all reasons make the cost."""
    return {
        "rank": ranked.position,
        "cost": ranked.cost,
        "reasons": [
            {
                "code": factor.code,
                "message": rank_reason(answer, ranked, factor),
                "accountId": None if factor.account_id is None else json_id(factor.account_id),
                "minutes": factor.minutes,
            }
            for factor in ranked.factors
        ],
    }


def ranked_document(document: Document, answer: Answer, ranking: Sequence[RankedSlot]) -> Document:
    """Return a document of slots with the rank of each; its items are in the order of `ranking`."""
    items = zip(document["items"], ranking, strict=True)
    return document | {"items": [item | rank_item(answer, ranked) for item, ranked in items]}


def ranked_keys(answer: Answer, zone: ZoneInfo) -> Keys:
    """Return the keys of ranked slots: those of slots, with rank, cost and reasons."""

    def of_slot(key: str) -> Any:
        value = slot_keys(zone)[key]
        return lambda ranked: value(ranked.slot)

    return {
        **{key: of_slot(key) for key in slot_keys(zone)},
        "rank": lambda ranked: ranked.position,
        "cost": lambda ranked: ranked.cost,
        "reasons": lambda ranked: [rank_reason(answer, ranked, one) for one in ranked.factors],
    }


def show_ranked(console: Console, answer: Answer, ranking: Sequence[RankedSlot], zone: ZoneInfo) -> None:
    """Print a row a slot, the best first, with what counts against it."""
    slots = [ranked.slot for ranked in ranking]
    columns = print_head(console, answer, slots, zone)
    today = local(answer.query.now, zone).date()
    reasons = ["; ".join(rank_reason(answer, one, factor) for factor in one.factors) for one in ranking]
    if any(reasons):
        columns["Costs"] = reasons
    titles = [Column("#", is_number=True), Column("Time", whole=True), *map(Column, columns)]
    rows = [
        [
            str(ranked.position),
            day_range(ranked.slot.start, ranked.slot.end, zone, today),
            *(cells[number] for cells in columns.values()),
        ]
        for number, ranked in enumerate(ranking)
    ]
    print_list(console, titles, rows, WIDE)
    console.print()
    days = len({local(slot.start, zone).date() for slot in slots})
    print_foot(console, foot_lines(answer, slots, days, zone, best_booking(answer, ranking[0].slot, zone)))


def show_best(console: Console, answer: Answer, best: RankedSlot, zone: ZoneInfo) -> None:
    """Print the command that books the best slot, below a view in order of time."""
    console.print(Styled("Book the best:", style="dim"))
    console.print(best_booking(answer, best.slot, zone), soft_wrap=True)
