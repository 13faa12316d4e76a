"""The profiles of a workspace: `profiles/NAME.yaml`, found and read. `gbook.profiles.editing` writes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from gbook.errors import InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.profiles.model import Profile
from gbook.workspace.workspace import Workspace
from gbook.yamlfiles.reader import load

__all__ = ["ProfileStore"]

SUFFIXES = (".yaml", ".yml")
MAX_ID_DIGITS = 18


class ProfileStore:
    """The profiles of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def names(self) -> list[str]:
        """The names of all profiles, sorted."""
        return sorted(self._paths())

    def path(self, name: str) -> Path:
        """The file of a profile. Raises NotFound with the nearest name."""
        if (path := self._paths().get(name)) is None:
            raise NotFound(self._unknown(name), profile=name)
        return path

    def load(self, name: str) -> Profile:
        """The profile of a name. Raises NotFound with the nearest name, InvalidFile with all problems."""
        path = self.path(name)
        profile = load(path, Profile, self.workspace.cache, check=partial(self._problems, path=path))
        self.check(profile, path)
        return profile if profile.name else msgspec.structs.replace(profile, name=name)

    def all(self) -> list[Profile]:
        """Every profile, by name. Raises InvalidFile for the first that is invalid."""
        return [self.load(name) for name in self.names()]

    def find(self, wanted: str) -> Profile:
        """The profile of a name or of a number (the API's id). A name goes first."""
        return self.load(self.resolve(wanted))

    def resolve(self, wanted: str) -> str:
        """The name of the profile that a name or a number (the API's id) means. Raises NotFound."""
        names = self.names()
        if wanted in names or not wanted.isdecimal() or len(wanted) > MAX_ID_DIGITS:
            return wanted
        found = [name for name, profile_id in self.ids().items() if profile_id == int(wanted)]
        if len(found) > 1:
            raise InvalidFile(
                str(self.workspace.profiles_path),
                [f"profiles {' and '.join(found)} have the same id, {wanted}"],
            )
        if not found:
            raise NotFound(self._unknown(wanted), profile=wanted)
        return found[0]

    def choose(self, wanted: str | None = None) -> Profile:
        """The profile meant: `wanted`, else $GBOOK_PROFILE, else defaultProfile, else the only one."""
        if wanted is None:
            wanted = os.environ.get("GBOOK_PROFILE") or self.workspace.config.default_profile
        if wanted is not None:
            return self.find(wanted)
        match self.names():
            case []:
                raise NotFound(
                    f"no profiles in {self.workspace.profiles_path}; `gbook profile create` makes one"
                )
            case [only]:
                return self.load(only)
            case several:
                raise UsageError(f"which profile? name one with -p: {', '.join(several)}", profiles=several)

    def ids(self) -> dict[str, int]:
        """The numbers of the profiles, by name; one that cannot be read has none."""
        found = {}
        for name, path in sorted(self._paths().items()):
            try:
                profile = load(path, Profile, self.workspace.cache)
            except (InvalidFile, OSError):
                continue
            if profile.id is not None:
                found[name] = profile.id
        return found

    def naming(self, account_id: str) -> list[str]:
        """The profiles that name an account; one that cannot be read names none."""
        found = []
        for name, path in sorted(self._paths().items()):
            with suppress(InvalidFile):
                if account_id in load(path, Profile, self.workspace.cache).account_ids:
                    found.append(name)
        return found

    def conflicts(self) -> list[InvalidFile]:
        """What is wrong between files: a number given twice, a default profile that is not there."""
        found = []
        by_id: dict[int, str] = {}
        for name, profile_id in self.ids().items():
            if (other := by_id.setdefault(profile_id, name)) != name:
                problem = Problem(f"{profile_id} is the id of profile {other} already", key="id")
                found.append(InvalidFile(str(self.path(name)), [problem]))
        default, names = self.workspace.config.default_profile, self.names()
        if default and default not in names:
            problem = Problem(f"no profile {default!r}{did_you_mean(default, names)}", key="defaultProfile")
            found.append(InvalidFile(str(self.workspace.config_path), [problem]))
        return found

    def check(self, profile: Profile, path: Path) -> None:
        """What a profile must be in this workspace: of its file's name, with known accounts.

        Raises InvalidFile with all problems.
        """
        if problems := list(self._problems(profile, path)):
            raise InvalidFile(str(path), problems)

    def _problems(self, profile: Profile, path: Path) -> Iterator[Problem]:
        yield from _misnamed(profile, path)
        yield from self._unknown_accounts(profile)
        yield from self._without_host(profile)

    def _paths(self) -> dict[str, Path]:
        folder = self.workspace.profiles_path
        if not folder.is_dir():
            return {}
        return {
            path.stem: path
            for path in folder.iterdir()
            if path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()
        }

    def _unknown(self, name: str) -> str:
        return f"no profile {name!r} in {self.workspace.profiles_path}{did_you_mean(name, self.names())}"

    def _unknown_accounts(self, profile: Profile) -> Iterator[Problem]:
        known = self.workspace.accounts
        named = [("accounts", profile.accounts), ("optional", profile.optional)]
        named += [(f"groups[{i}].accountIds", group.account_ids) for i, group in enumerate(profile.groups)]
        for key, account_ids in named:
            for i, account_id in enumerate(account_ids):
                if account_id not in known:
                    near = did_you_mean(account_id, known)
                    yield Problem(f"no account {account_id!r} in gbook.yaml{near}", key=f"{key}[{i}]")

    def _without_host(self, profile: Profile) -> Iterator[Problem]:
        """Whether all members are rooms and resources, of which none can be the host of a meeting."""
        groups = [account_id for group in profile.groups for account_id in group.account_ids]
        members = [self.workspace.accounts.get(name) for name in (*profile.accounts, *groups)]
        if members and all(member is not None and member.kind != "person" for member in members):
            key = "accounts" if profile.accounts else "groups"
            yield Problem("expected a person, found only rooms and resources, which never host", key=key)


def _misnamed(profile: Profile, path: Path) -> Iterator[Problem]:
    if profile.name and profile.name != path.stem:
        yield Problem(f"expected {path.stem!r}, the name of the file, found {profile.name!r}", key="name")
