"""Creating, changing and deleting profiles; comments, order and quotes in their files stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gbook.committed import note
from gbook.errors import InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.filesystem.atomic import clear_temporaries, create_file
from gbook.filesystem.directories import make_folder
from gbook.profiles.model import Profile, requires_too_many
from gbook.profiles.store import ProfileStore
from gbook.profiles.title import read_title, slug
from gbook.yamlfiles.editor import dump_new, edit, locked, merge_patch
from gbook.yamlfiles.field_types import json_id, read_name
from gbook.yamlfiles.reader import convert, load
from gbook.yamlfiles.round_trip import as_yaml

__all__ = [
    "attach_accounts",
    "attach_groups",
    "create",
    "delete",
    "detach_accounts",
    "detach_from_groups",
    "detach_groups",
    "require_accounts",
    "update",
]


def create(store: ProfileStore, data: Mapping[str, Any], source: str, text: str | None = None) -> Profile:
    """Create the file of a profile from `data` (by the API's keys, with a name) and return the profile.

    Without an id it gets the next free one. A name with spaces or other signs becomes the title, beside a
    name that is made of it. Errors name `source` as the origin of the data; `text` is the
    user's own YAML of it, whose comments are kept. Raises UsageError for a name in use, InvalidFile with all
    problems.
    """
    folder = store.workspace.profiles_path
    make_folder(str(folder))
    with locked(folder / "profiles"):
        numbered = _named(store, {"id": max(store.ids().values(), default=0) + 1, **data})
        profile = convert(numbered, Profile, source, text)
        _require_new(store, profile, source)
        path = folder / f"{profile.name}.yaml"
        _check(store, profile, path, source, [*_too_many_required(profile)])
        first = {key: numbered.pop(key) for key in ("id", "name", "title") if key in numbered}
        clear_temporaries(str(path))
        try:
            create_file(str(path), dump_new(first | numbered, text).encode())
        except FileExistsError:
            raise UsageError(f"{path} already exists; remove it or choose another name") from None
    note(f"profile {profile.name} is written")
    return store.load(profile.name)


def update(store: ProfileStore, name: str, patch: Mapping[str, Any]) -> Profile:
    """Apply a merge patch (RFC 7386: null removes a key) and return the profile.

    Another `name` becomes the title, since bookings and links keep the name of the file; the name itself
    removes the title. Raises UsageError for a change of id, InvalidFile; then nothing is written.
    """
    number = store.ids().get(name)
    if number is not None and patch.get("id", number) != number:
        raise UsageError(f"profile {name}: the id, {number}, cannot change, since clients use it")
    renamed = _with_title(name, patch)
    return _edit(
        store,
        name,
        lambda target: merge_patch(target, renamed),
        # Other changes must stay possible in a profile that requires too many.
        _too_many_required if patch.keys() & {"required", "accounts", "groups"} else _no_problem,
    )


def _with_title(name: str, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a patch of a profile with a change of its name as a change of its title. Raises UsageError."""
    changed = dict(patch)
    new = changed.pop("name", name)
    if new is None:
        raise UsageError(f"profile {name}: the name cannot be removed")
    if new != name and "title" in patch:
        raise UsageError(f"profile {name}: another name is the title; give one of the two")
    if "name" in patch and "title" not in patch:
        changed["title"] = None if new == name else new
    return changed


def delete(store: ProfileStore, name: str) -> None:
    """Delete the file of a profile. Its bookings stay in the calendars."""
    path = store.path(name)
    with locked(path):
        path.unlink()
    note(f"profile {name} is deleted")


def attach_accounts(store: ProfileStore, name: str, account_ids: Sequence[str]) -> Profile:
    """Append accounts to those of a profile; accounts already attached keep their position."""
    require_accounts(store, account_ids)

    def change(target: Any) -> None:
        attached = _list(target, "accounts")
        known = {str(item) for item in attached}
        attached.extend(json_id(item) for item in dict.fromkeys(account_ids) if item not in known)

    return _edit(store, name, change)


def detach_accounts(store: ProfileStore, name: str, account_ids: Sequence[str]) -> Profile:
    """Remove accounts from those of a profile. Raises NotFound for one that is not attached."""
    attached = load(store.path(name), Profile).accounts
    _refuse_unknown(
        [item for item in account_ids if item not in attached], attached, f"{name} has no account"
    )
    return _edit(store, name, lambda target: _drop(_list(target, "accounts"), account_ids, str))


def attach_groups(store: ProfileStore, name: str, groups: Sequence[Mapping[str, Any]]) -> Profile:
    """Append groups, by the API's keys; each replaces the attached group with the same extId."""

    def change(target: Any) -> None:
        attached = _list(target, "groups")
        for group in groups:
            indexes = [i for i, item in enumerate(attached) if item["extId"] == group.get("extId")]
            if not indexes:
                attached.append(as_yaml(group))
            elif attached[indexes[0]] != group:
                attached[indexes[0]] = as_yaml(group)

    return _edit(store, name, change)


def detach_groups(store: ProfileStore, name: str, ext_ids: Sequence[str]) -> Profile:
    """Remove groups from a profile. Raises NotFound for one that is not attached."""
    return detach_from_groups(store, name, dict.fromkeys(ext_ids, ()))


def detach_from_groups(store: ProfileStore, name: str, leaving: Mapping[str, Sequence[str]]) -> Profile:
    """Take accounts out of groups (their ids by extId); no ids mean the whole group.

    A group without accounts is removed. One that requires more accounts than it keeps requires all of these:
    that is the nearest to what was asked for, and the only way for a client to take out an account that is
    gone. Raises NotFound for a group that is not attached, and for an account that is not in it.
    """
    groups = {group.ext_id: group.account_ids for group in load(store.path(name), Profile).groups}
    _refuse_unknown([item for item in leaving if item not in groups], groups, f"{name} has no group")
    for ext_id, account_ids in leaving.items():
        known = groups[ext_id]
        _refuse_unknown(
            [item for item in account_ids if item not in known], known, f"{ext_id} has no account"
        )

    def change(target: Any) -> None:
        attached = _list(target, "groups")
        for group in [item for item in attached if leaving.get(item["extId"])]:
            _drop(group["accountIds"], leaving[group["extId"]], str)
            kept = len(group["accountIds"])
            if requires_too_many(group.get("required", "one"), kept):
                group["required"] = kept
        empty = [item["extId"] for item in attached if not item["accountIds"]]
        whole = [ext_id for ext_id, account_ids in leaving.items() if not account_ids]
        _drop(attached, [*empty, *whole], lambda item: item["extId"])

    return _edit(store, name, change)


def require_accounts(store: ProfileStore, account_ids: Sequence[str]) -> None:
    """Raise NotFound, with the nearest ids, for accounts that are not in gbook.yaml."""
    known = store.workspace.accounts
    _refuse_unknown([item for item in account_ids if item not in known], known, "no account")


def _no_problem(profile: Profile) -> Iterator[Problem]:
    return iter(())


def _too_many_required(profile: Profile) -> Iterator[Problem]:
    """Yield a problem if a profile requires more members than it has; one without members may get some."""
    members = len(profile.accounts) + len(profile.groups)
    if requires_too_many(profile.required, members):
        message = f"expected at most {members}, the number of members, found {profile.required}"
        yield Problem(message, key="required")


def _edit(
    store: ProfileStore,
    name: str,
    change: Any,
    more: Callable[[Profile], Iterator[Problem]] = _no_problem,
) -> Profile:
    path = store.path(name)

    def check(profile: Profile) -> None:
        _check(store, profile, path, str(path), [*more(profile)])

    edit(path, Profile, change, check=check)
    note(f"profile {name} is written")
    return store.load(name)


def _named(store: ProfileStore, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a new profile with a name that can be that of a file.

    One that cannot, such as `Aurinko Demo`, becomes the title.
    """
    name = data.get("name")
    if not isinstance(name, str) or "title" in data:
        return dict(data)
    with suppress(ValueError):
        read_name(name)
        return dict(data)
    try:
        title = read_title(name)
    except ValueError:
        return dict(data)  # The conversion reports the name.
    plain = slug(title) or f"profile-{data['id']}"
    names = [plain, *(f"{plain}-{number}" for number in range(2, len(store.names()) + 3))]
    return {**data, "name": next(each for each in names if store.named(each) is None), "title": title}


def _require_new(store: ProfileStore, profile: Profile, source: str) -> None:
    """Raise UsageError if the name or title of a new profile is in use, InvalidFile if it has no name."""
    if not profile.name:
        raise InvalidFile(source, [Problem("'name' is missing")])
    for text in (profile.name, profile.display_name):
        if (known := store.named(text)) is not None:
            raise UsageError(
                f"profile {text} already exists; use `gbook profile update {known}` to change it",
                profile=known,
            )


def _check(store: ProfileStore, profile: Profile, path: Path, source: str, problems: list[Problem]) -> None:
    """Raise InvalidFile about `source` for `problems`, and if a profile does not fit its workspace.

    Its id and its title must not be in use.
    """
    try:
        store.check(profile, path)
    except InvalidFile as error:
        problems += error.problems
    for clash in store.clashes(path.stem, profile):
        hint = "; leave it out to get the next free id" if clash.key == "id" else ""
        problems.append(clash._replace(message=clash.message + hint))
    if problems:
        raise InvalidFile(source, problems)


def _list(target: Any, key: str) -> Any:
    """Return the list of a key; a missing or empty one is created in block style."""
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
