"""The profiles that a caller may see; any other one does not exist for it."""

from __future__ import annotations

from contextlib import suppress

from gbook.clients.file import CredentialsFile
from gbook.errors import InvalidFile, NotFound
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.service.call import Call, Scope
from gbook.service.problems import not_found

__all__ = ["is_in_scope", "profile_in", "profile_of_number", "profiles_in"]

# No id has more: such a text is not read as a number.
MAX_DIGITS = 18


def profile_in(call: Call) -> Profile:
    """Return the profile that the path names. Raises ApiError for one outside the scope, InvalidFile."""
    if call.scope is Scope.PUBLIC:
        return _public_profile(call)
    text = call.path["id"]
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    profile = profile_of_number(call.profiles, int(text)) if is_number else None
    if profile is None or not is_in_scope(call, profile):
        raise not_found()
    return profile


def is_in_scope(call: Call, profile: Profile) -> bool:
    """Return whether a profile exists for the caller."""
    account = call.caller.account
    if call.scope is Scope.GROUP:
        return profile.owner is None
    if call.scope is Scope.PUBLIC:
        return profile.public
    return profile.owner is not None if account is None else profile.owner == account.id


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


def profiles_in(call: Call) -> list[Profile]:
    """Return the profiles of the scope, by name; an invalid one is left out, as is one without an id."""
    return [
        profile for profile in call.profiles.valid() if is_in_scope(call, profile) and profile.id is not None
    ]


def _public_profile(call: Call) -> Profile:
    """Return the public profile with the name, or title, of the path. Raises ApiError for any other one.

    The id of a client in the path, if it has one, must be that of a client, whichever: removing it ends its
    addresses.
    """
    if (client_id := call.path.get("clientId")) is not None:
        credentials = CredentialsFile(call.workspace.root).read()
        if client_id not in {client.id for client in credentials.clients}:
            raise not_found()
    profile = _found(call, call.path["name"])
    if profile is not None and is_in_scope(call, profile):
        return profile
    if profile is not None:
        # As much work as for a name of none: the time does not tell that there is a private profile.
        _found(call, "")
    raise not_found()


def _found(call: Call, name: str) -> Profile | None:
    with suppress(InvalidFile, NotFound):
        return call.profiles.find(name)
    return None
