"""The profiles of a workspace: `profiles/NAME.yaml`, read, chosen and changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gbook.documents import load
from gbook.errors import InvalidFile, NotFound, Problem, UsageError, did_you_mean
from gbook.profiles.model import Profile
from gbook.workspace import Workspace

__all__ = ["ProfileStore"]

SUFFIXES = (".yaml", ".yml")


class ProfileStore:
    """The profiles of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def names(self) -> list[str]:
        """The names of all profiles, sorted."""
        return sorted(self._paths())

    def load(self, name: str) -> Profile:
        """The profile of a name. Raises NotFound with the nearest name, InvalidFile with all problems."""
        if (path := self._paths().get(name)) is None:
            raise NotFound(self._unknown(name), profile=name)
        profile = load(path, Profile, self.workspace.memory)
        if problems := [*self._misnamed(profile, name), *self._unknown_accounts(profile)]:
            raise InvalidFile(str(path), problems)
        return profile if profile.name else msgspec.structs.replace(profile, name=name)

    def all(self) -> list[Profile]:
        """Every profile, by name. Raises InvalidFile for the first that is invalid."""
        return [self.load(name) for name in self.names()]

    def find(self, wanted: str) -> Profile:
        """The profile of a name or of a number (the API's id). A name goes first."""
        names = self.names()
        if wanted in names or not wanted.isdecimal():
            return self.load(wanted)
        found = [profile for profile in self.all() if profile.id == int(wanted)]
        if len(found) > 1:
            both = ", ".join(profile.name for profile in found)
            raise InvalidFile(
                str(self.workspace.profiles_path), [f"profiles {both} have the same id, {wanted}"]
            )
        if not found:
            raise NotFound(self._unknown(wanted), profile=wanted)
        return found[0]

    def choose(self, wanted: str | None = None) -> Profile:
        """The profile meant: `wanted`, else $GBOOK_PROFILE, else defaultProfile, else the only one."""
        if named := wanted or os.environ.get("GBOOK_PROFILE") or self.workspace.config.default_profile:
            return self.find(named)
        match self.names():
            case []:
                raise NotFound(
                    f"no profiles in {self.workspace.profiles_path}; `gbook profile create` makes one"
                )
            case [only]:
                return self.load(only)
            case several:
                raise UsageError(f"which profile? name one with -p: {', '.join(several)}", profiles=several)

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

    def _misnamed(self, profile: Profile, stem: str) -> Iterable[Problem]:
        if profile.name and profile.name != stem:
            yield Problem(f"expected {stem!r}, the name of the file, found {profile.name!r}", key="name")

    def _unknown_accounts(self, profile: Profile) -> Iterable[Problem]:
        known = self.workspace.accounts
        named = [("accounts", profile.accounts), ("optional", profile.optional)]
        named += [(f"groups[{i}].accountIds", group.account_ids) for i, group in enumerate(profile.groups)]
        for key, account_ids in named:
            for i, account_id in enumerate(account_ids):
                if account_id not in known:
                    near = did_you_mean(account_id, known)
                    yield Problem(f"no account {account_id!r} in gbook.yaml{near}", key=f"{key}[{i}]")
