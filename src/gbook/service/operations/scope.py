"""The profiles that a caller may see; any other one does not exist for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gbook.clients.file import CredentialsFile
from gbook.errors import InvalidFile, NotFound
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.service.call import Call
from gbook.service.problems import not_found

__all__ = [
    "Scope",
    "group_scope",
    "personal_scope",
    "profile_in",
    "profile_of_number",
    "profiles_in",
    "public_profile",
]

# No id has more: such a text is not read as a number.
MAX_DIGITS = 18
# Whether a caller may see a profile.
Scope = Callable[[Profile], bool]


def group_scope(call: Call) -> Scope:
    """Return the scope of the group operations: the profiles that belong to no account."""
    return lambda profile: profile.owner is None


def personal_scope(call: Call) -> Scope:
    """Return the scope of the account operations: the profiles of the account; for a client those of all."""
    account = call.caller.account
    if account is None:
        return lambda profile: profile.owner is not None
    return lambda profile: profile.owner == account.id


def profile_in(call: Call, scope: Scope) -> Profile:
    """Return the profile with the id of the path. Raises ApiError for one outside the scope, InvalidFile."""
    text = call.path["id"]
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    profile = profile_of_number(call.profiles, int(text)) if is_number else None
    if profile is None or not scope(profile):
        raise not_found()
    return profile


def profile_of_number(store: ProfileStore, number: int) -> Profile | None:
    """Return the profile with this id.

    Raises InvalidFile if several have it, or if none has it and a file that cannot be read may be its own.
    """
    names = [name for name, profile_id in store.ids().items() if profile_id == number]
    if len(names) > 1:
        raise InvalidFile(str(store.workspace.profiles_path), [f"several profiles have the id {number}"])
    if names:
        return store.load(names[0])
    for name in store.names():
        store.read(name)
    return None


def profiles_in(call: Call, scope: Scope) -> list[Profile]:
    """Return the profiles of a scope, sorted by name; an invalid one is left out, as is one without an id."""
    return [profile for profile in _readable(call.profiles) if scope(profile) and profile.id is not None]


def _readable(store: ProfileStore) -> Iterator[Profile]:
    for name in store.names():
        try:
            yield store.load(name)
        except (InvalidFile, NotFound):
            continue


def public_profile(call: Call) -> Profile:
    """Return the public profile with the name, or title, of the path. Raises ApiError for any other one.

    The id of a client in the path must be that of a client, whichever: removing it ends its addresses.
    """
    credentials = CredentialsFile(call.workspace.root).read()
    if call.path["clientId"] not in {client.id for client in credentials.clients}:
        raise not_found()
    try:
        profile = call.profiles.find(call.path["name"])
    except (InvalidFile, NotFound):
        raise not_found() from None
    if not profile.public:
        raise not_found()
    return profile
