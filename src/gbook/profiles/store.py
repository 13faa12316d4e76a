"""The profiles of a workspace: finding and reading `profiles/NAME.yaml`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from gbook.errors import InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.profiles.model import Profile
from gbook.profiles.rooms import accounts_in
from gbook.workspace.workspace import Workspace
from gbook.yamlfiles.reader import load

__all__ = ["ProfileStore"]

SUFFIXES = (".yaml", ".yml")
MAX_ID_DIGITS = 18
# Paths below /b/ of `gbook serve` that are not pages of profiles.
RESERVED_NAMES = ("booking", "confirm", "offer", "page")
RESERVED_SUFFIXES = (".css", ".ics", ".js")


class ProfileStore:
    """The profiles of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def names(self) -> list[str]:
        """Return the names of all profiles, sorted."""
        return [*self._files()]

    def path(self, name: str) -> Path:
        """Return the file of a profile. Raises NotFound with the nearest name."""
        if (file := self._files().get(name)) is None:
            raise NotFound(self._unknown(name), profile=name)
        return self.workspace.profiles_path / file

    def load(self, name: str) -> Profile:
        """Return a profile by name. Raises NotFound with the nearest name, InvalidFile with all problems."""
        return self._load(name, self.path(name))

    def _load(self, name: str, path: Path) -> Profile:
        profile = load(path, Profile, self.workspace.cache, check=partial(self._problems, path=path))
        self.check(profile, path)
        return profile if profile.name else msgspec.structs.replace(profile, name=name)

    def read(self, name: str) -> Profile:
        """Return a profile whose accounts may be unknown. Raises NotFound, InvalidFile."""
        return load(self.path(name), Profile, self.workspace.cache)

    def all(self) -> list[Profile]:
        """Return every profile, sorted by name. Raises InvalidFile for the first invalid one."""
        return [self._load(name, path) for name, path in self._paths()]

    def valid(self) -> Iterator[Profile]:
        """Yield every profile that `load` returns, sorted by name; each is read when it is asked for."""
        for name, path in self._paths():
            try:
                profile = self._load(name, path)
            except (InvalidFile, NotFound):
                continue
            yield profile

    def find(self, name_or_id: str) -> Profile:
        """Return a profile by name or by the API's id; a name takes precedence."""
        return self.load(self.resolve(name_or_id))

    def resolve(self, name_or_id: str) -> str:
        """Return the name of the profile with a name, the API's id or a title, in this order.

        What fits none of them is returned as it is. Raises NotFound for an id, InvalidFile for an id or a
        title of several profiles.
        """
        if name_or_id in self.names():
            return name_or_id
        is_number = name_or_id.isdecimal() and len(name_or_id) <= MAX_ID_DIGITS
        if is_number and (numbered := self._numbered(int(name_or_id))):
            return self._only(numbered, f"id, {name_or_id}")
        if (titled := self.named(name_or_id)) is not None:
            return titled
        if is_number:
            raise NotFound(self._unknown(name_or_id), profile=name_or_id)
        return name_or_id

    def _numbered(self, number: int) -> list[str]:
        return [name for name, profile_id in self.ids().items() if profile_id == number]

    def named(self, text: str) -> str | None:
        """Return the name of the profile that has this name or title; None if there is none.

        Raises InvalidFile for a title of several profiles.
        """
        if text in self.names():
            return text
        matches = [name for name, title in self.titles().items() if title == text]
        return self._only(matches, f"title, {text!r}") if matches else None

    def _only(self, matches: list[str], what: str) -> str:
        if len(matches) > 1:
            problem = f"profiles {' and '.join(matches)} have the same {what}"
            raise InvalidFile(str(self.workspace.profiles_path), [problem])
        return matches[0]

    def choose(self, name_or_id: str | None = None) -> Profile:
        """Return the given profile, else that of $GBOOK_PROFILE, else defaultProfile, else the only one.

        Raises NotFound, UsageError if there are several, InvalidFile.
        """
        if name_or_id is None:
            name_or_id = os.environ.get("GBOOK_PROFILE") or None
        if name_or_id is not None:
            return self.find(name_or_id)
        if default := self.workspace.config.default_profile:
            return self._default(default)
        match self.names():
            case [] if not self.workspace.accounts:
                raise NotFound(
                    f"no accounts in {self.workspace.config_path}: add one with: "
                    "gbook account add ID --email E --create"
                )
            case []:
                raise NotFound(
                    f"no profiles in {self.workspace.profiles_path}; `gbook profile create` creates one, "
                    "and a meeting of --with ID,ID needs none"
                )
            case [only]:
                return self.load(only)
            case several:
                raise UsageError(
                    f"several profiles; choose one with -p: {', '.join(several)}", profiles=several
                )

    def _default(self, name: str) -> Profile:
        """Return the profile that gbook.yaml names as defaultProfile. Raises NotFound, InvalidFile."""
        names = self.names()
        if names and not name.isdecimal() and self.named(name) is None:
            raise NotFound(
                f"defaultProfile in {self.workspace.config_path} is {name!r}, but there is no such profile"
                f"{did_you_mean(name, names)}; change it there, or choose one with -p: {', '.join(names)}",
                profile=name,
            )
        return self.find(name)

    def ids(self) -> dict[str, int]:
        """Return the ids of the profiles by name; an unreadable profile has none."""
        return {name: each.id for name, each in self._readable().items() if each.id is not None}

    def titles(self) -> dict[str, str]:
        """Return the titles of the readable profiles that have one, by name."""
        return {name: each.title for name, each in self._readable().items() if each.title is not None}

    def naming(self, account_id: str) -> list[str]:
        """Return the readable profiles that use an account."""
        return [
            name
            for name, profile in self._readable().items()
            if account_id in profile.account_ids or account_id == profile.owner
        ]

    def _readable(self) -> dict[str, Profile]:
        readable = {}
        for name, path in self._paths():
            with suppress(InvalidFile, OSError):
                readable[name] = load(path, Profile, self.workspace.cache)
        return readable

    def conflicts(self) -> list[InvalidFile]:
        """Return the conflicts between files: an id or a title used twice, an unknown default profile."""
        conflicts = []
        earlier: dict[str, Profile] = {}
        for name, profile in self._readable().items():
            if problems := list(self._clashes(name, profile, earlier)):
                conflicts.append(InvalidFile(str(self.path(name)), problems))
            earlier[name] = profile
        default, names = self.workspace.config.default_profile, self.names()
        if default and default not in (*names, *self.titles().values()):
            problem = Problem(f"no profile {default!r}{did_you_mean(default, names)}", key="defaultProfile")
            conflicts.append(InvalidFile(str(self.workspace.config_path), [problem]))
        return conflicts

    def clashes(self, name: str, profile: Profile) -> list[Problem]:
        """Return a problem for an id, and for a title, that another profile has already."""
        others = {other: each for other, each in self._readable().items() if other != name}
        return list(self._clashes(name, profile, others))

    def _clashes(self, name: str, profile: Profile, others: Mapping[str, Profile]) -> Iterator[Problem]:
        for other, each in others.items():
            if profile.id is not None and profile.id == each.id:
                yield Problem(f"id {profile.id} is already used by profile {other}", key="id")
            if profile.title is not None and profile.title == each.title:
                yield Problem(f"{profile.title!r} is already the title of profile {other}", key="title")
        if profile.title != name and profile.title in self.names():
            yield Problem(f"{profile.title!r} is already the name of a profile", key="title")

    def check(self, profile: Profile, path: Path) -> None:
        """Raise InvalidFile with all problems of a profile in this workspace.

        It must have the name of its file, known accounts, a person as a possible host and, if it is public, a
        name that its booking page can have.
        """
        if problems := list(self._problems(profile, path)):
            raise InvalidFile(str(path), problems)

    def _problems(self, profile: Profile, path: Path) -> Iterator[Problem]:
        yield from _misnamed(profile, path)
        yield from _without_page(profile, path.stem)
        yield from self._unknown_accounts(profile)
        yield from self._without_host(profile)

    def _paths(self) -> Iterator[tuple[str, Path]]:
        """Yield the names of all profiles, sorted, and their files."""
        folder = self.workspace.profiles_path
        for name, file in self._files().items():
            yield name, folder / file

    def _files(self) -> dict[str, str]:
        """Return the names of the files of all profiles, by the names of the profiles, sorted."""
        folder = self.workspace.profiles_path
        if not folder.is_dir():
            return {}
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries if _is_profile(entry)]
        return dict(sorted((file.rpartition(".")[0], file) for file in files))

    def _unknown(self, name: str) -> str:
        near = did_you_mean(name, [*self.names(), *self.titles().values()])
        return f"no profile {name!r} in {self.workspace.profiles_path}{near}"

    def _unknown_accounts(self, profile: Profile) -> Iterator[Problem]:
        known = self.workspace.accounts
        if profile.owner is not None and profile.owner not in known:
            near = did_you_mean(profile.owner, known)
            yield Problem(f"no account {profile.owner!r} in gbook.yaml{near}", key="owner")
        named = [("accounts", profile.accounts), ("optional", profile.optional)]
        named += [(f"groups[{i}].accountIds", group.account_ids) for i, group in enumerate(profile.groups)]
        for key, account_ids in named:
            for i, account_id in enumerate(account_ids):
                if account_id not in known:
                    near = did_you_mean(account_id, known)
                    yield Problem(f"no account {account_id!r} in gbook.yaml{near}", key=f"{key}[{i}]")

    def _without_host(self, profile: Profile) -> Iterator[Problem]:
        """Yield a problem if all members are rooms and resources, which cannot host a meeting."""
        groups = [account_id for group in profile.groups for account_id in group.account_ids]
        known = self.workspace.accounts
        members = (*profile.accounts, *groups)
        present = accounts_in(profile, (known[name] for name in members if name in known))
        is_complete = len(present) == len(members) > 0
        if is_complete and all(member.kind != "person" for member in present):
            key = "accounts" if profile.accounts else "groups"
            yield Problem("expected a person, found only rooms and resources, which cannot host", key=key)


def _is_profile(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry of the folder is the file of a profile."""
    if entry.name.startswith(".") or not entry.name.endswith(SUFFIXES):
        return False
    # The folder itself says which entries are files; only the others are looked at.
    return entry.is_file(follow_symlinks=False) or Path(entry.path).is_file()


def _misnamed(profile: Profile, path: Path) -> Iterator[Problem]:
    if profile.name and profile.name != path.stem:
        yield Problem(f"expected {path.stem!r}, the name of the file, found {profile.name!r}", key="name")


def _without_page(profile: Profile, name: str) -> Iterator[Problem]:
    """Yield a problem if the address of the profile's booking page means something else."""
    if profile.public and (name in RESERVED_NAMES or name.endswith(RESERVED_SUFFIXES)):
        message = f"its booking page, /b/{name}, would be another page of the service; rename the profile"
        yield Problem(message, key="public")
