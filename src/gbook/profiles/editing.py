"""Creating, changing and deleting profiles. The user's comments, order and quotes in their files stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gbook.committed import note
from gbook.errors import InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.filesystem.atomic import clear_temporaries, create_file
from gbook.filesystem.directories import make_folder
from gbook.profiles.model import Profile
from gbook.profiles.store import ProfileStore
from gbook.yamlfiles.editor import as_yaml, dump_new, edit, locked, merge_patch
from gbook.yamlfiles.field_types import json_id, read_name
from gbook.yamlfiles.reader import convert, load

__all__ = [
    "attach_accounts",
    "attach_groups",
    "create",
    "delete",
    "detach_accounts",
    "detach_groups",
    "require_accounts",
    "update",
]


def create(store: ProfileStore, data: Mapping[str, Any], source: str, text: str | None = None) -> Profile:
    """Makes the file of a new profile: `data` by the API's keys, with a name; without an id it gets the next.

    `source` names where the data is from in errors; `text` is the user's own YAML of it, whose comments stay.
    Raises UsageError for a name that is taken, InvalidFile with all problems.
    """
    folder = store.workspace.profiles_path
    make_folder(str(folder))
    with locked(folder / "profiles"):
        ids = store.ids()
        numbered = {"id": max(ids.values(), default=0) + 1, **data}
        profile = convert(numbered, Profile, source, text)
        path = folder / f"{_new_name(store, profile)}.yaml"
        _check(store, profile, path, source)
        ordered = {"id": numbered.pop("id"), "name": numbered.pop("name"), **numbered}
        clear_temporaries(str(path))
        try:
            create_file(str(path), dump_new(ordered, text).encode())
        except FileExistsError:
            raise UsageError(f"{path} exists already; remove it, or choose another name") from None
    note(f"profile {profile.name} is written")
    return store.load(profile.name)


def update(store: ProfileStore, name: str, patch: Mapping[str, Any]) -> Profile:
    """Apply a merge patch (RFC 7386: null removes a key).

    Raises UsageError for another name or id, which are given once, and InvalidFile; nothing is written then.
    """
    if patch.get("name", name) != name:
        raise UsageError(
            f"profile {name} keeps its name, which its bookings carry; create {patch['name']} instead"
        )
    number = store.ids().get(name)
    if number is not None and patch.get("id", number) != number:
        raise UsageError(f"profile {name} keeps its id, {number}, which clients know it by")
    return _edit(store, name, lambda target: merge_patch(target, patch))


def delete(store: ProfileStore, name: str) -> None:
    """Removes the profile's file. Its bookings stay in the calendars."""
    path = store.path(name)
    with locked(path):
        path.unlink()
    note(f"profile {name} is deleted")


def attach_accounts(store: ProfileStore, name: str, account_ids: Sequence[str]) -> Profile:
    """Adds accounts at the end of the profile's; those that are there already keep their place."""
    require_accounts(store, account_ids)

    def change(target: Any) -> None:
        attached = _list(target, "accounts")
        there = {str(item) for item in attached}
        attached.extend(json_id(item) for item in dict.fromkeys(account_ids) if item not in there)

    return _edit(store, name, change)


def detach_accounts(store: ProfileStore, name: str, account_ids: Sequence[str]) -> Profile:
    """Takes accounts out of the profile's. Raises NotFound for one that is not attached."""
    attached = load(store.path(name), Profile).accounts
    _refuse_unknown(
        [item for item in account_ids if item not in attached], attached, f"{name} has no account"
    )
    return _edit(store, name, lambda target: _drop(_list(target, "accounts"), account_ids, str))


def attach_groups(store: ProfileStore, name: str, groups: Sequence[Mapping[str, Any]]) -> Profile:
    """Adds groups, each by the API's keys; one whose extId is attached replaces that group."""

    def change(target: Any) -> None:
        attached = _list(target, "groups")
        for group in groups:
            places = [i for i, item in enumerate(attached) if item["extId"] == group.get("extId")]
            if not places:
                attached.append(as_yaml(group))
            elif attached[places[0]] != group:
                attached[places[0]] = as_yaml(group)

    return _edit(store, name, change)


def detach_groups(store: ProfileStore, name: str, ext_ids: Sequence[str]) -> Profile:
    """Takes groups out of the profile's. Raises NotFound for one that is not attached."""
    attached = [group.ext_id for group in load(store.path(name), Profile).groups]
    _refuse_unknown([item for item in ext_ids if item not in attached], attached, f"{name} has no group")
    return _edit(
        store, name, lambda target: _drop(_list(target, "groups"), ext_ids, lambda item: item["extId"])
    )


def require_accounts(store: ProfileStore, account_ids: Sequence[str]) -> None:
    """Raises NotFound, with the nearest names, for accounts that gbook.yaml does not have."""
    known = store.workspace.accounts
    _refuse_unknown([item for item in account_ids if item not in known], known, "no account")


def _edit(store: ProfileStore, name: str, change: Any) -> Profile:
    path = store.path(name)
    edit(path, Profile, change, check=lambda profile: _check(store, profile, path, str(path)))
    note(f"profile {name} is written")
    return store.load(name)


def _new_name(store: ProfileStore, profile: Profile) -> str:
    name = read_name(profile.name)
    if name in store.names():
        raise UsageError(
            f"profile {name} exists already; `gbook profile update {name}` changes it", profile=name
        )
    return name


def _check(store: ProfileStore, profile: Profile, path: Path, source: str) -> None:
    """The profile in its workspace, its number included. Raises InvalidFile about `source`."""
    problems: list[Problem] = []
    try:
        store.check(profile, path)
    except InvalidFile as error:
        problems += error.problems
    for name, profile_id in store.ids().items():
        if profile_id == profile.id and name != path.stem:
            message = f"{profile_id} is the id of profile {name} already; without an id the next is given"
            problems.append(Problem(message, key="id"))
    if problems:
        raise InvalidFile(source, problems)


def _list(target: Any, key: str) -> Any:
    """The list of a key, made where there is none. One that is empty (`[]`) is written in block style."""
    if not target.get(key):
        target[key] = as_yaml([])
    return target[key]


def _drop(items: Any, unwanted: Sequence[str], id_of: Any) -> None:
    for i in reversed(range(len(items))):
        if id_of(items[i]) in unwanted:
            del items[i]


def _refuse_unknown(unknown: Sequence[str], known: Any, lack: str) -> None:
    if unknown:
        raise NotFound("; ".join(f"{lack} {item!r}{did_you_mean(item, known)}" for item in unknown))
