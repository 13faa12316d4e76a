"""A visit: one request of a guest, in the guest's language and zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale

import gbook
from gbook.errors import GbookError
from gbook.service.call import Call
from gbook.service.operations.moves import record_of_token
from gbook.service.page.web.forms import NO_FORM, Form
from gbook.timeutil.zones import find_zone

__all__ = ["KEPT", "Visit", "address"]

# What links to other screens keep of a visit, if it is set.
KEPT = ("tz", "lang", "mine", "move")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request: `call` has the workspace and the path, `query` the parameters of the address.

    `clock` is the real time in UTC seconds, for what must not stand still with GBOOK_NOW.
    """

    call: Call
    locale: Locale
    clock: float
    query: Mapping[str, str]
    form: Form = NO_FORM

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The zone of the guest, None if the address names none that is known."""
        try:
            return find_zone(self.query["tz"])
        except (KeyError, GbookError, ValueError):
            return None

    @cached_property
    def moved(self) -> gbook.Record | None:
        """The booking whose token is `move` in the address, None without one; it is looked up once.

        Raises ApiError, 404, for a token of none.
        """
        token = self.query.get("move")
        return record_of_token(self.call, token) if token else None

    @property
    def is_sent(self) -> bool:
        """Whether a form was sent."""
        return self.form is not NO_FORM

    @property
    def team(self) -> str | None:
        """The name of those whom a guest meets, as gbook.yaml gives it to guests."""
        return self.call.workspace.config.serve.name

    def link(self, path: str = "", **changes: str | None) -> str:
        """Return a relative address with the parameters that all screens keep, and `changes`.

        None leaves a parameter out; `from_` is the parameter `from`.
        """
        return address(path, {name: self.query[name] for name in KEPT if self.query.get(name)}, changes)

    def elsewhere(self, path: str = "", **changes: str | None) -> str:
        """Return a link to what the guest's calendar, and the booking that moves, do not belong to."""
        return self.link(path, **{"mine": None, "move": None, **changes})

    def here(self, **changes: str | None) -> str:
        """Return the relative address of this page, with `changes` as of `link`."""
        return address("", self.query, changes)


def address(path: str, values: Mapping[str, str], changes: Mapping[str, str | None]) -> str:
    """Return an address with these parameters; see `Visit.link`."""
    named = {name.rstrip("_"): value for name, value in changes.items()}
    query = urlencode(
        {name: value for name, value in {**values, **named}.items() if value is not None}, safe="/:,"
    )
    return f"{path}?{query}" if query else path or "?"
