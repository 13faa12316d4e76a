"""`gbook profile`: create, show, change and delete booking profiles."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gbook.cli.done import done
from gbook.cli.options import completion
from gbook.cli.options.profile_input import (
    overlay,
    patch_error,
    read_groups,
    read_input,
    read_mapping,
    source,
)
from gbook.cli.options.profile_options import (
    GROUP_FORM,
    named_accounts,
    parse_assignment,
    parse_group,
    profile_patch,
    usage_error,
    with_profile_options,
)
from gbook.cli.profile_bookings import account_ids, left_behind, of_profile
from gbook.cli.profile_view import profile_document, show_list, show_profile
from gbook.errors import InvalidFile, UsageError, Warn
from gbook.render.listing import listing

if TYPE_CHECKING:
    from rich.console import Console

    from gbook.cli.session import Session
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Booking profiles: what kind of meeting, when, with whom.",
    epilog="Example: gbook profile list",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Named = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Name or number of the profile.",
        autocompletion=completion.profile_names,
    ),
]


def _store(session: Session) -> ProfileStore:
    from gbook.profiles.store import ProfileStore

    return ProfileStore(session.workspace)


@app.command(
    epilog='Example: gbook profile create demo --duration 45 --hours "mon-fri 09:00-17:00" --account alice'
)
@with_profile_options
def create(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Name of the profile.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE|-", help="YAML, or the API's JSON as it is.")
    ] = None,
    as_json: Json = False,
    **options: Any,
) -> None:
    """Make a profile: from options, a file, or by asking."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    patch = profile_patch(options, _zone(ctx.obj, options))
    changes.require_accounts(store, named_accounts(patch))
    text = read_input(file) if file else None
    if text is None and not patch and sys.stdin.isatty():
        from gbook.cli.prompts import ask_profile

        patch = ask_profile(store, name)
    data = read_mapping(text, file or "") if text is not None else {}
    overlay(data, patch | ({"name": name} if name else {}))
    if "name" not in data:
        raise UsageError("a new profile needs a name: gbook profile create NAME")
    try:
        made = changes.create(store, data, source(file), text)
    except InvalidFile as error:
        raise error if file else usage_error(error) from None
    ctx.obj.emit(
        lambda: profile_document(made), as_json=as_json, show=lambda console: _created(console, made)
    )


def _created(console: Console, profile: Profile) -> None:
    console.print(f"Created profile {profile.name} (id {profile.id}): profiles/{profile.name}.yaml")
    attached = profile.accounts or profile.groups
    step = f"availability -p {profile.name}" if attached else f"profile attach-accounts {profile.name} ID…"
    console.print(f"Next: gbook {step}")


@app.command("list", epilog="Example: gbook profile list --json")
def list_profiles(ctx: typer.Context, as_json: Json = False) -> None:
    """All profiles."""
    store = _store(ctx.obj)
    found: list[Profile] = []
    for name in store.names():
        try:
            found.append(store.load(name))
        except InvalidFile as error:
            ctx.obj.warn(
                [Warn("invalid_profile", str(problem), path=error.path) for problem in error.problems]
            )
    ctx.obj.emit(
        lambda: listing([profile_document(profile) for profile in found]),
        as_json=as_json,
        show=lambda console: show_list(console, found),
    )


@app.command(epilog="Example: gbook profile show demo")
def show(ctx: typer.Context, name: Named, as_json: Json = False) -> None:
    """One profile, with defaults filled in."""
    _emit_profile(ctx.obj, _store(ctx.obj).find(name), as_json)


def _emit_profile(session: Session, profile: Profile, as_json: bool) -> None:
    session.emit(
        lambda: profile_document(profile),
        as_json=as_json,
        show=lambda console: show_profile(console, profile),
    )


@app.command(epilog="Example: gbook profile update demo --duration 30 --set location=null")
@with_profile_options
def update(
    ctx: typer.Context,
    name: Named,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="PATCH|-", help="A merge patch: YAML or JSON, null removes a key."),
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any key; repeatable.")
    ] = None,
    as_json: Json = False,
    **options: Any,
) -> None:
    """Change a profile; comments in its file stay."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    resolved = store.resolve(name)
    patch: dict[str, Any] = read_mapping(read_input(file), file) if file else {}
    said = profile_patch(options, _zone(ctx.obj, options, resolved))
    changes.require_accounts(store, named_accounts(said))
    overlay(patch, said)
    for text in assignments or ():
        overlay(patch, parse_assignment(text))
    if not patch:
        raise UsageError("nothing to change: give an option, --set or --file")
    before = account_ids(store, resolved)
    try:
        changed = changes.update(store, resolved, patch)
    except InvalidFile as error:
        store.load(resolved)  # a file that was invalid before is told as such
        raise patch_error(error, file) from None
    ctx.obj.warn(left_behind(store, before, changed, ctx.obj.now))
    _emit_profile(ctx.obj, changed, as_json)


@app.command(epilog="Example: gbook profile delete demo")
def delete(ctx: typer.Context, name: Named, as_json: Json = False) -> None:
    """Delete a profile. Its bookings stay in the calendars."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    resolved = store.resolve(name)
    left = of_profile(store, resolved, ctx.obj.now)
    changes.delete(store, resolved)
    done(ctx.obj, as_json, f"Deleted profile {resolved}.", warnings=left)


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
    """Check profiles; exit code 5 with all problems of all of them."""
    store = _store(ctx.obj)
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
    counted = f"{len(names)} profile{'' if len(names) == 1 else 's'}"
    ctx.obj.emit(
        lambda: {"problems": []},
        as_json=as_json,
        show=lambda console: console.print(f"{counted}: no problems."),
    )


@app.command(epilog="Example: gbook profile schema > profile.schema.json")
def schema(as_json: Json = False) -> None:
    """The JSON Schema of a profile, for editors to complete from."""
    from gbook.cli.session import write_json
    from gbook.profiles.schema import profile_schema

    write_json(profile_schema())


@app.command("attach-accounts", epilog="Example: gbook profile attach-accounts demo alice bob")
def attach_accounts(
    ctx: typer.Context,
    name: Named,
    accounts: Annotated[
        list[str],
        typer.Argument(
            metavar="ID…",
            help="Accounts of gbook.yaml.",
            autocompletion=completion.other_accounts,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Attach accounts to a profile."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    changed = changes.attach_accounts(store, store.resolve(name), accounts)
    done(ctx.obj, as_json, f"Accounts of {changed.name}: {', '.join(changed.accounts)}", _ask(changed))


@app.command("detach-accounts", epilog="Example: gbook profile detach-accounts demo bob")
def detach_accounts(
    ctx: typer.Context,
    name: Named,
    accounts: Annotated[
        list[str],
        typer.Argument(
            metavar="ID…",
            help="Attached accounts.",
            autocompletion=completion.attached_accounts,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Detach accounts from a profile."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    changed = changes.detach_accounts(store, resolved, accounts)
    left = left_behind(store, before, changed, ctx.obj.now)
    listed = ", ".join(changed.accounts) or "none"
    done(ctx.obj, as_json, f"Accounts of {changed.name}: {listed}", warnings=left)


@app.command("attach-groups", epilog="Example: gbook profile attach-groups demo sales=alice,bob:one")
def attach_groups(
    ctx: typer.Context,
    name: Named,
    groups: Annotated[list[str] | None, typer.Argument(metavar=f"{GROUP_FORM}…", help="Groups.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE|-", help='The API\'s JSON, {"groups": [...]}.')
    ] = None,
    as_json: Json = False,
) -> None:
    """Attach groups of accounts; an extId that is attached is replaced."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    wanted = [parse_group(text) for text in groups or ()]
    changes.require_accounts(store, named_accounts({"groups": wanted}))
    if file:
        wanted += read_groups(read_input(file), file)
    if not wanted:
        raise UsageError(f"which groups? give {GROUP_FORM} or --file")
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    try:
        changed = changes.attach_groups(store, resolved, wanted)
    except InvalidFile as error:
        store.load(resolved)
        raise (patch_error(error, file) if file else usage_error(error, groups="group")) from None
    names = ", ".join(group.ext_id for group in changed.groups)
    left = left_behind(store, before, changed, ctx.obj.now)
    done(ctx.obj, as_json, f"Groups of {changed.name}: {names}", _ask(changed), warnings=left)


@app.command("detach-groups", epilog="Example: gbook profile detach-groups demo sales")
def detach_groups(
    ctx: typer.Context,
    name: Named,
    groups: Annotated[
        list[str],
        typer.Argument(
            metavar="EXTID…",
            help="Attached groups.",
            autocompletion=completion.attached_groups,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Detach groups from a profile."""
    from gbook.profiles import editing as changes

    store = _store(ctx.obj)
    resolved = store.resolve(name)
    before = account_ids(store, resolved)
    changed = changes.detach_groups(store, resolved, groups)
    left = left_behind(store, before, changed, ctx.obj.now)
    listed = ", ".join(group.ext_id for group in changed.groups) or "none"
    done(ctx.obj, as_json, f"Groups of {changed.name}: {listed}", warnings=left)


def _ask(profile: Profile) -> str:
    return f"Next: gbook availability -p {profile.name}"


def _zone(session: Session, options: dict[str, Any], name: str | None = None) -> Callable[[], tzinfo]:
    """The zone of times typed without one: that of --timezone, else the profile's, else the workspace's."""

    def zone() -> tzinfo:
        from gbook.timeutil.zones import UnknownZone, find_zone

        named = options["timezone"] or (_store(session).load(name).work_hours.timezone if name else None)
        try:
            return find_zone(named) if named else session.workspace.zone
        except UnknownZone as error:
            raise UsageError(f"--timezone: {error}") from None

    return zone
