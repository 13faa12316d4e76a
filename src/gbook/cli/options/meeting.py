"""The options of a meeting without a profile: --with names who meets, others say what a profile would say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from gbook.cli.options import completion
from gbook.cli.options.meeting_shape import MeetingShape
from gbook.errors import InvalidFile, NotFound, UsageError, did_you_mean

if TYPE_CHECKING:
    from gbook.cli.options.members import MemberOptions
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile

__all__ = ["KeptMeetingOptions", "MeetingOptions"]


class MeetingOptions(msgspec.Struct, kw_only=True):
    """A meeting without a profile."""

    together: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="ID,ID",
            help="Without a profile: all of these accounts meet, as --duration to --notice say.",
            autocompletion=completion.accounts_together,
        ),
    ] = None
    shape: MeetingShape = msgspec.field(default_factory=MeetingShape)

    def without_profile(self, session: Session, name: str | None, members: MemberOptions) -> Profile | None:
        """Return the meeting of --with as a profile without a name; None without --with.

        `name` is that of -p. Raises UsageError, NotFound for an unknown account.
        """
        if not self.together:
            self._refuse_rest()
            return None
        if name is not None:
            raise UsageError("--with and -p cannot both be given: --with is a meeting without a profile")
        if members.account or members.group:
            raise UsageError("--account and --group choose members of a profile: name the accounts in --with")
        return self.profile(session, members)

    def profile(self, session: Session, members: MemberOptions) -> Profile:
        """Return the meeting of --with as a profile without a name. Raises as `without_profile`."""
        from gbook.profiles.model import AD_HOC_PERIOD

        return _profile(session, {"timeAvailableFor": AD_HOC_PERIOD, **self.data(session, members)})

    def data(self, session: Session, members: MemberOptions) -> dict[str, Any]:
        """Return the options by the keys of a profile. Raises UsageError, NotFound for an unknown account."""
        from gbook.cli.options.profile_options import profile_patch
        from gbook.cli.parsing import read_required
        from gbook.yamlfiles.field_types import json_id

        ids = [part.strip() for text in self.together or () for part in text.split(",")]
        accounts = [*dict.fromkeys(filter(None, ids))]
        if not accounts:
            raise UsageError("--with: expected accounts such as alice,bob")
        _check_accounts(session, accounts)
        patch = profile_patch(self.shape, lambda: session.workspace.zone)
        required = read_required(members.required) or "all"
        return {**patch, "accounts": [json_id(item) for item in accounts], "required": required}

    def _refuse_rest(self) -> None:
        """Raise UsageError for an option that only describes a meeting without a profile."""
        shape = msgspec.structs.asdict(self.shape)
        flags = [f"--{name.replace('_', '-')}" for name, value in shape.items() if value not in (None, [])]
        if flags:
            raise UsageError(
                f"{', '.join(flags)}: only for a meeting without a profile (--with ID,ID);"
                f" `gbook profile update` changes a profile"
            )


class KeptMeetingOptions(MeetingOptions, kw_only=True):
    """A meeting without a profile that can be kept as one."""

    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME", help="Keep --with and its options as a profile."),
    ] = None

    def without_profile(self, session: Session, name: str | None, members: MemberOptions) -> Profile | None:
        """Return the meeting of --with as a profile, which has a name only if it is to be kept.

        `name` is that of -p. Raises UsageError, NotFound for an unknown account.
        """
        profile = super().without_profile(session, name, members)
        if profile is None and self.save is not None:
            raise UsageError("--save: there is nothing to keep without --with ID,ID")
        return profile

    def profile(self, session: Session, members: MemberOptions) -> Profile:
        """Return the meeting of --with as a profile with the name of --save. Raises as `without_profile`."""
        if self.save is None:
            return super().profile(session, members)
        data = self.data(session, members)
        return _profile(session, {"name": _new_name(session, self.save), **data})

    def keep(
        self,
        session: Session,
        members: MemberOptions,
        texts: Mapping[str, str] | None = None,
        *,
        dry_run: bool = False,
        quiet: bool = False,
    ) -> None:
        """Write the profile of --save, with a note unless `quiet`; do nothing without --save."""
        if self.save is None:
            return
        if dry_run:
            session.note(f"profile {self.save} would be written")
            return
        from gbook.profiles import editing
        from gbook.profiles.store import ProfileStore

        own = {key: text for key, text in (texts or {}).items() if key != "note"}
        data = {"name": self.save, **self.data(session, members), **own}
        created = editing.create(ProfileStore(session.workspace), data, "--save")
        if not quiet:
            session.note(f"profile {created.name} is written: profiles/{created.name}.yaml")


def _new_name(session: Session, name: str) -> str:
    """Return the name of --save. Raises UsageError if it is no name, or that of a profile."""
    from gbook.profiles.store import ProfileStore
    from gbook.yamlfiles.field_types import read_name

    try:
        kept = read_name(name)
    except ValueError as error:
        raise UsageError(f"--save: {error}") from None
    if ProfileStore(session.workspace).named(kept) is not None:
        raise UsageError(f"--save: profile {kept} already exists; choose another name")
    return kept


def _profile(session: Session, data: Mapping[str, Any]) -> Profile:
    """Return a profile that is in no file. Raises UsageError for what the model or the workspace refuses."""
    from pathlib import Path

    from gbook.cli.options.profile_options import usage_error
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore
    from gbook.yamlfiles.reader import convert

    try:
        profile = convert(dict(data), Profile, "options")
        ProfileStore(session.workspace).check(profile, Path(f"{profile.name}.yaml"))
    except InvalidFile as error:
        raise usage_error(error, accounts="--with") from None
    return profile


def _check_accounts(session: Session, accounts: list[str]) -> None:
    """Raise NotFound for an unknown account; a group is one of a profile, and the message says of which."""
    known = session.workspace.accounts
    for name in accounts:
        if name in known:
            continue
        if profiles := _with_group(session, name):
            raise NotFound(
                f"--with: {name!r} is a group of profile {profiles[0]}, not an account:"
                f" use -p {profiles[0]} --group {name}, or name its accounts"
            )
        raise NotFound(f"--with: no account {name!r} in gbook.yaml{did_you_mean(name, known)}")


def _with_group(session: Session, ext_id: str) -> list[str]:
    """Return the names of the valid profiles that have a group."""
    from gbook.profiles.store import ProfileStore

    profiles = ProfileStore(session.workspace).valid()
    return [each.name for each in profiles if any(group.ext_id == ext_id for group in each.groups)]
