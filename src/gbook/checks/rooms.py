"""Checks of what a profile needs of rooms and resources: whether any of them has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gbook.checks.report import Finding, error, warning
from gbook.engine.quorum import at_least, available, needed
from gbook.errors import did_you_mean
from gbook.profiles.model import Profile
from gbook.profiles.needs import Needs
from gbook.profiles.rooms import accounts_in, fits
from gbook.scheduling.availability import profile_members
from gbook.timeutil.format import count
from gbook.workspace.config import Account

__all__ = ["check_rooms"]


def check_rooms(profile: Profile, accounts: Mapping[str, Account]) -> Iterator[tuple[Finding, str]]:
    """Yield a finding, and its key, for each kind of which no account has what the profile needs.

    `accounts` are those of gbook.yaml.
    """
    members = accounts_in(profile, (accounts[name] for name in profile.account_ids if name in accounts))
    for key, kind, needs in (("rooms", "room", profile.rooms), ("resources", "resource", profile.resources)):
        if needs is None:
            continue
        those = [account for account in members if account.kind == kind]
        suitable = [account for account in those if fits(account, profile, None)]
        if not those:
            message = f"the profile has no {kind} (kind: {kind} in gbook.yaml), so `{key}` has no effect"
            yield warning("no_room", message), key
        elif not _can_meet(profile, members):
            number = f"too few {kind}s of the profile have" if suitable else f"no {kind} of the profile has"
            message = f"{number} {_in_words(needs, accounts)}"
            yield error("never_offers", f"{message}, so no slot is ever offered"), key
        elif not suitable:
            message = f"no {kind} of the profile has {_in_words(needs, accounts)}, so none is ever booked"
            yield warning("no_room", message), key


def _can_meet(profile: Profile, accounts: list[Account]) -> bool:
    """Return whether enough members could meet if all suitable accounts were free."""
    free = dict.fromkeys(profile.account_ids, 1)
    free |= {account.id: int(fits(account, profile, None)) for account in accounts}
    masks = [available(member, free, 1) for member in profile_members(profile)]
    return bool(at_least(masks, needed(profile.required, len(masks)), 1))


def _in_words(needs: Needs, accounts: Mapping[str, Account]) -> str:
    """Return what is needed as `8 seats and screen`, with the near miss of an unknown feature."""
    known = {feature.casefold() for account in accounts.values() for feature in account.features}
    unknown = [feature for feature in needs.features if feature.casefold() not in known]
    near = "".join(did_you_mean(feature.casefold(), known) for feature in unknown)
    seats = [count(needs.capacity, "seat")] if needs.capacity else []
    return f"{' and '.join([*seats, *needs.features])}{near}"
