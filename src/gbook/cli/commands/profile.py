"""`gbook profile`: create, show, change and delete booking profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gbook.cli.commands import profile_lists, profile_members
from gbook.cli.commands.profile_members import Name, profile_store
from gbook.cli.commands.remaining import account_ids, confirm_removal, of_profile, of_removed_members
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.assignments import Assignments, parse_assignment
from gbook.cli.options.input_file import file_option
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json, OutputOptions, PageOptions, Records, Yes, emit_records
from gbook.cli.options.profile_input import (
    overlay,
    patch_error,
    read_input,
    read_mapping,
    source,
    without_nulls,
)
from gbook.cli.options.profile_options import (
    ProfileOptions,
    named_accounts,
    profile_patch,
    usage_error,
)
from gbook.cli.questions import can_ask
from gbook.errors import InvalidFile, UsageError
from gbook.render.profiles import profile_document, profile_with_link, show_profile, show_profiles
from gbook.timeutil.format import count

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore
    from gbook.render.console import Console
    from gbook.render.lines import Keys

__all__ = ["app"]

app = App(
    help="Manage booking profiles: what kind of meeting, when, with whom.",
    epilog="Example: gbook profile list",
)


@app.command(
    epilog='Example: gbook profile create intro --duration 45 --hours "mon-fri 09:00-17:00" --account alice'
)
@with_option_groups
def create(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Name of the profile.")] = None,
    *,
    file: Annotated[str | None, file_option("Read YAML, or the API's JSON unchanged.")] = None,
    as_json: Json = False,
    options: ProfileOptions,
) -> None:
    """Create a profile from options, from a file, or by answering questions."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    patch = profile_patch(options, _zone(ctx.obj, options.timezone))
    editing.require_accounts(store, named_accounts(patch))
    text = read_input(file) if file else None
    if text is None and not patch and can_ask():
        from gbook.cli.prompts import ask_profile

        patch = ask_profile(store, name)
    data = without_nulls(read_mapping(text, file or "")) if text is not None else {}
    overlay(data, patch | ({"name": name} if name else {}))
    if "name" not in data:
        raise UsageError("a new profile needs a name: gbook profile create NAME")
    try:
        created = editing.create(store, data, source(file), text)
    except InvalidFile as error:
        raise error if file else usage_error(error) from None
    ctx.obj.emit(
        lambda: profile_document(created),
        as_json=as_json,
        show=lambda console: _show_created(console, created),
    )


def _show_created(console: Console, profile: Profile) -> None:
    console.print_words(f"Created profile {profile.name} (id {profile.id}): profiles/{profile.name}.yaml")
    attached = profile.accounts or profile.groups
    step = f"availability -p {profile.name}" if attached else f"profile attach-accounts {profile.name} ID…"
    console.print_words(f"Next: gbook {step}")


@app.command("list", epilog="Example: gbook profile list --json")
@with_option_groups
def list_profiles(ctx: typer.Context, page: PageOptions, output: OutputOptions) -> None:
    """List all profiles."""
    profiles = ctx.obj.readable_profiles()
    emit_records(ctx.obj, output, page, Records(profiles, profile_document, _keys, show_profiles))


def _keys() -> Keys:
    from gbook.render.lines import profile_keys

    return profile_keys()


@app.command(epilog="Example: gbook profile show demo")
def show(ctx: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show a profile, with defaults filled in."""
    _emit_profile(ctx.obj, profile_store(ctx.obj).find(name), as_json)


def _emit_profile(session: Session, profile: Profile, as_json: bool) -> None:
    base_url = session.workspace.config.serve.base_url
    session.emit(
        lambda: profile_with_link(profile, base_url),
        as_json=as_json,
        show=lambda console: show_profile(console, profile, base_url),
    )


@app.command(epilog="Example: gbook profile update demo --duration 30 --set location=null")
@with_option_groups
def update(
    ctx: typer.Context,
    name: Name,
    *,
    file: Annotated[
        str | None, file_option("Read a merge patch (YAML or JSON); null removes.", "PATCH|-")
    ] = None,
    assignments: Assignments = None,
    as_json: Json = False,
    options: ProfileOptions,
) -> None:
    """Change a profile and keep the comments in its file."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    resolved = store.resolve(name)
    patch: dict[str, Any] = read_mapping(read_input(file), file) if file else {}
    has_id = _without_id(ctx.obj, store, resolved, patch, source(file))
    from_options = profile_patch(options, _zone(ctx.obj, options.timezone, resolved))
    editing.require_accounts(store, named_accounts(from_options))
    overlay(patch, from_options)
    for text in assignments or ():
        overlay(patch, parse_assignment(text))
    if not (patch or has_id):
        raise UsageError("nothing to change: give an option, --set or --file")
    before = account_ids(store, resolved)
    try:
        changed = editing.update(store, resolved, patch)
    except InvalidFile as error:
        store.load(resolved)  # raises for a file that was invalid before
        raise patch_error(error, file) from None
    ctx.obj.warn(of_removed_members(store, before, changed, ctx.obj.now))
    _emit_profile(ctx.obj, changed, as_json)


def _without_id(session: Session, store: ProfileStore, name: str, patch: dict[str, Any], origin: str) -> bool:
    """Take the id out of a patch, as the API does, and return whether it had one; a note names another id."""
    profile_id = patch.pop("id", None)
    known = store.ids().get(name)
    if profile_id is not None and profile_id != known:
        session.note(f"{origin}: the id is ignored; that of profile {name} is {known}")
    return profile_id is not None


@app.command(epilog="Example: gbook profile delete review")
def delete(ctx: typer.Context, name: Name, yes: Yes = False, as_json: Json = False) -> None:
    """Delete a profile; its bookings stay in the calendars. On a terminal, it asks first."""
    from gbook.profiles import editing

    store = profile_store(ctx.obj)
    resolved = store.resolve(name)
    remaining = of_profile(store, resolved, ctx.obj.now)
    if not yes:
        confirm_removal(ctx.obj, f"Delete profile {resolved}?", remaining)
    editing.delete(store, resolved)
    if store.workspace.config.default_profile == resolved:
        ctx.obj.note(f"gbook.yaml still names {resolved} as its defaultProfile")
    ctx.obj.acknowledge(f"Deleted profile {resolved}.", as_json=as_json, warnings=remaining)


@app.command(epilog="Example: gbook profile validate")
def validate(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Only this profile.",
            autocompletion=completion.profile_names,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check profiles and report all their problems (exit 5 if there are any)."""
    store = profile_store(ctx.obj)
    names = [store.resolve(name)] if name else store.names()
    broken: list[InvalidFile] = []
    for item in names:
        try:
            store.load(item)
        except InvalidFile as error:
            broken.append(error)
    if not name:
        broken += store.conflicts()
    if len(broken) == 1:
        raise broken[0]
    if broken:
        lines = [f"{error.path}: {problem}" for error in broken for problem in error.problems]
        raise InvalidFile(str(store.workspace.root), lines)
    ctx.obj.emit(
        lambda: {"problems": []},
        as_json=as_json,
        show=lambda console: console.print_words(f"{count(len(names), 'profile')}: no problems."),
    )


@app.command(epilog="Example: gbook profile schema > profile.schema.json")
def schema(as_json: Json = False) -> None:
    """Print the JSON Schema of a profile, for completion in editors."""
    from gbook.cli.session import write_json
    from gbook.profiles.schema import profile_schema

    write_json(profile_schema())


profile_members.register(app)
profile_lists.register(app)


def _zone(session: Session, timezone: str | None, name: str | None = None) -> Callable[[], ZoneInfo]:
    """Return a function for the zone of times without an offset.

    It is that of --timezone, else the profile's, else the workspace's.
    """

    def zone() -> ZoneInfo:
        from gbook.timeutil.zones import UnknownZone, find_zone

        key = timezone or (profile_store(session).load(name).work_hours.timezone if name else None)
        try:
            return find_zone(key) if key else session.workspace.zone
        except UnknownZone as error:
            raise UsageError(f"--timezone: {error}") from None

    return zone
