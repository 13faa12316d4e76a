"""The option --sort: slots by time, or the best first."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["Order", "Sort"]


class Order(StrEnum):
    """The order of slots."""

    TIME = "time"
    BEST = "best"


Sort = Annotated[
    Order,
    typer.Option(
        "--sort",
        metavar="|".join(Order),
        help="best: first the slots that suit the people best, with the reasons.",
        show_default=False,
    ),
]
