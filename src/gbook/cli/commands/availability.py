"""`gbook availability`: the slots in which a profile's members can meet."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import typer

import gbook
from gbook.cli.help import App
from gbook.cli.options.guests import GuestAddress, guest_address
from gbook.cli.options.meeting import KeptMeetingOptions
from gbook.cli.options.members import MemberOptions, ProfileName
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.order import Order, Sort
from gbook.cli.options.output import Items, OutputOptions, emit_items
from gbook.cli.options.repeats import RepeatOptions
from gbook.cli.options.windows import From, Length, To, note_period, read_window
from gbook.cli.options.zones import Zone, shown_zone
from gbook.cli.session import Session
from gbook.errors import UsageError, did_you_mean
from gbook.profiles.model import AD_HOC_WINDOW
from gbook.render.json_documents import Document, availability_document

if TYPE_CHECKING:
    from gbook.render.console import Console
    from gbook.render.lines import Keys

__all__ = ["app"]

app = App()


class View(StrEnum):
    """How slots are shown."""

    DAYS = "days"
    LIST = "list"
    GRID = "grid"
    PEOPLE = "people"
    TEXT = "text"


# Names that `did_you_mean` would not find.
OTHER_NAMES = {"table": View.LIST}


def read_view(text: str) -> View:
    """Return the view of this name. Raises UsageError with the nearest name."""
    try:
        return View(text)
    except ValueError:
        *names, last = View
        near = f"; did you mean {OTHER_NAMES[text]}?" if text in OTHER_NAMES else did_you_mean(text, View)
        raise UsageError(f"--view: expected {', '.join(names)} or {last}, found {text!r}{near}") from None


def view_names() -> list[str]:
    """Return the views that a shell offers."""
    return list(View)


class SlotPage(NamedTuple):
    """The maximum number of slots, and the page of the members that JSON names in each."""

    slots: int | None
    offset: int = 0
    limit: int | None = None


class SlotPageOptions(msgspec.Struct, kw_only=True):
    """The part of the answer that is shown."""

    limit: Annotated[
        int | None, typer.Option("--limit", "-L", min=1, metavar="N", help="At most N slots.")
    ] = None
    members_limit: Annotated[
        int | None,
        typer.Option("--members-limit", min=1, metavar="N", help="Name at most N members (paging of JSON)."),
    ] = None
    members_offset: Annotated[
        int,
        typer.Option("--members-offset", min=0, metavar="N", help="Leave out the first N members (paging)."),
    ] = 0
    page_token: Annotated[
        str | None,
        typer.Option("--page-token", metavar="T", help="The `nextPageToken` of an answer: its next members."),
    ] = None
    # The names of version 0.1: `--limit` beside `--offset` was a number of members.
    first: Annotated[int | None, typer.Option("--first", min=1, hidden=True)] = None
    offset: Annotated[int | None, typer.Option("--offset", min=0, hidden=True)] = None

    def page(self, session: Session) -> SlotPage:
        """Return the page; a note names old options. Raises UsageError for options that contradict."""
        if self.page_token is not None:
            return self._page_of_token(self.page_token)
        if self.first is None and self.offset is None:
            return SlotPage(self.limit, self.members_offset, self.members_limit)
        if self.members_offset or self.members_limit or (self.offset is None and self.limit):
            raise UsageError("--first and --offset are old names; use --limit and --members-offset")
        if self.first is not None:
            session.note("--first is now --limit, or -L; this version still reads it")
        if self.offset is None:
            return SlotPage(self.first)
        session.note("--offset, and --limit beside it, are now --members-offset and --members-limit")
        return SlotPage(self.first, self.offset, self.limit)

    def _page_of_token(self, token: str) -> SlotPage:
        old = (self.first, self.offset) != (None, None)
        if self.members_offset or self.members_limit or old:
            raise UsageError("--page-token says which members: leave out the other options of their pages")
        from gbook.render.page_position import PagePosition

        try:
            position = PagePosition.of_token(token)
        except ValueError as error:
            raise UsageError(f"--page-token: {error}, found {token!r}") from None
        return SlotPage(self.limit, position.offset, position.limit)


class ScriptOptions(msgspec.Struct, kw_only=True):
    """What a script asks for beside the slots."""

    fail_empty: Annotated[bool, typer.Option("--fail-empty", help="Exit with 3 if there is no slot.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False


@app.command(epilog="Example: gbook availability --required all --from tomorrow --for 1w")
@with_option_groups
def availability(
    ctx: typer.Context,
    *,
    profile: ProfileName = None,
    meeting: KeptMeetingOptions,
    members: MemberOptions,
    email: GuestAddress = None,
    repeat: RepeatOptions,
    start: From = None,
    end: To = None,
    length: Length = None,
    tz: Zone = None,
    page: SlotPageOptions,
    view: Annotated[
        View | None,
        typer.Option(
            "--view",
            metavar="|".join(View),
            parser=read_view,
            autocompletion=view_names,
            help="How to show the slots. (default: days; with --sort best: list)",
            show_default=False,
        ),
    ] = None,
    order: Sort = Order.TIME,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors (exit 5).")] = False,
    script: ScriptOptions,
    output: OutputOptions,
) -> None:
    """Show when the members of a profile, or the accounts of --with, can meet."""
    session: Session = ctx.obj
    chosen = meeting.without_profile(session, profile, members) or session.profile(profile)
    zone = shown_zone(tz, session.workspace, [chosen])
    low, high = read_window(start, end, length, zone, session.now)
    if high is None and not chosen.name:
        high = (session.now if low is None else low) + AD_HOC_WINDOW
    query = repeat.applied(members.query(chosen, session.now, low, high, guest_address(email)))
    shown = page.page(session)
    answer = gbook.ask(session.workspace, query, session.progress())
    meeting.keep(session, members, quiet=script.quiet)
    if strict or not script.quiet:
        session.warn(answer.warnings, strict=strict)
    if not script.quiet:
        note_period(session, answer, zone)
        if order is Order.BEST and answer.slots:
            _emit_ranked(session, output, view, answer, shown, zone)
        else:
            _emit(session, output, view or View.DAYS, answer, shown, zone)
    if script.fail_empty and not answer.slots:
        raise typer.Exit(gbook.SlotUnavailable.exit_code)


def _emit(
    session: Session, output: OutputOptions, view: View, answer: gbook.Answer, page: SlotPage, zone: ZoneInfo
) -> None:
    """Write the answer in the form of the options."""
    items = Items(
        document=lambda: availability_document(
            answer, session.workspace.config, zone, offset=page.offset, limit=page.limit, first=page.slots
        ),
        name="items",
        keys=lambda: _keys(zone),
        values=answer.slots[: page.slots],
        show=lambda console: _show(session, console, view, answer, zone, page.slots),
    )
    emit_items(session, output, items)


def _emit_ranked(
    session: Session,
    output: OutputOptions,
    view: View | None,
    answer: gbook.Answer,
    page: SlotPage,
    zone: ZoneInfo,
) -> None:
    """Write the best slots in the form of the options: by rank, or in a view by time."""
    from gbook.render import ranked

    ranking = gbook.rank(answer)
    best = ranking[: page.slots]

    def document() -> Document:
        by_rank = msgspec.structs.replace(answer, slots=[one.slot for one in best])
        config = session.workspace.config
        plain = availability_document(by_rank, config, zone, offset=page.offset, limit=page.limit)
        return ranked.ranked_document(plain, answer, best)

    def show(console: Console) -> None:
        if view in (None, View.LIST):
            ranked.show_ranked(console, answer, best, zone)
            return
        slots = sorted((one.slot for one in best), key=lambda slot: slot.start)
        by_time = msgspec.structs.replace(answer, slots=slots)
        _show(session, console, view, by_time, zone, None)
        ranked.show_best(console, answer, best[0], zone)

    keys = ranked.ranked_keys(answer, zone)
    emit_items(session, output, Items(document, "items", lambda: keys, best, show))


def _keys(zone: ZoneInfo) -> Keys:
    from gbook.render.lines import slot_keys

    return slot_keys(zone)


def _show(
    session: Session, console: Console, view: View, answer: gbook.Answer, zone: ZoneInfo, first: int | None
) -> None:
    from gbook.render import slots

    views = {
        View.DAYS: slots.show_days,
        View.LIST: slots.show_list,
        View.GRID: slots.show_grid,
        View.PEOPLE: _show_people,
        View.TEXT: slots.show_text,
    }
    views[view](console, answer, zone, first)
    link = answer.query.profile.scheduler_link(session.workspace.config.serve.base_url)
    if view is View.TEXT and answer.slots and link and not answer.query.repeat:
        console.print(f"Book one here: {link}", soft_wrap=True)
    if not answer.slots:
        _show_obstacles(session, console, answer, zone)


def _show_people(console: Console, answer: gbook.Answer, zone: ZoneInfo, limit: int | None) -> None:
    from gbook.render.people import show_people

    show_people(console, answer, zone, limit)


def _show_obstacles(session: Session, console: Console, answer: gbook.Answer, zone: ZoneInfo) -> None:
    from gbook.render.explain import show_obstacles

    if obstacles := gbook.find_obstacles(answer):
        show_obstacles(console, answer.query, obstacles, gbook.suggest(session.workspace, answer), zone)
