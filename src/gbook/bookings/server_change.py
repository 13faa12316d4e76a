"""Changes of bookings in calendars on servers, alone or together with files.

    hold the time ─► judge again ─► confirm copies ─► commit the files ─► confirm the host's event: the commit

A change that takes no time, such as a cancellation, needs no hold: there the host's event is changed first.
Until the host's event is confirmed everything is undone after a failure. A process that is killed leaves
holds, which expire, or copies without the host's event, which `gbook check` names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import Generic, NoReturn, TypeVar

from msgspec.structs import replace

from gbook.bookings.context import BookingContext
from gbook.bookings.planned import Change, PlannedChange, Prepared, commit_files, note_records
from gbook.bookings.server_events import essence, without_scheduling
from gbook.bookings.server_holds import ServerHolds
from gbook.calendars.commit import confirm
from gbook.calendars.commit.confirm import Commit, Failed, Place, Unresolved
from gbook.calendars.commit.holds import Hold
from gbook.calendars.commit.operations import Steps, drive
from gbook.calendars.commit.servers import Servers
from gbook.calendars.commit.transaction import Changed, FileChange, commit
from gbook.calendars.ics.content_lines import normalize
from gbook.calendars.ics.edit import Edit, Put, apply, find_events, inverse
from gbook.calendars.stores.base import Store
from gbook.calendars.stores.caldav import CaldavStore
from gbook.calendars.stores.file import LocalStore
from gbook.domains import canonical_address
from gbook.errors import GbookError, InvalidFile, Locked, Unreachable, Warn

__all__ = ["ServerChange", "UnknownResult"]

T = TypeVar("T")
R = TypeVar("R")


class UnknownResult(GbookError):
    """It is not known whether a change was made: the server of the host's event does not answer."""

    code = "unknown_result"
    exit_code = 6


class ServerChange(Generic[T]):
    """One attempt at a change; the locks of the files among `calendars` are held meanwhile."""

    def __init__(
        self, context: BookingContext, calendars: Set[Store], plan: Callable[[], PlannedChange[T]]
    ) -> None:
        self.context = context
        self.stores = {store.key: store for store in calendars if isinstance(store, CaldavStore)}
        self.remotes = next(iter(self.stores.values())).remotes
        self.servers = Servers(self.stores, self.remotes.asking.timeout)
        self.holds = ServerHolds(context, calendars, plan, self.stores, self.servers)

    def carry_out(self) -> T:
        """Make the change, and return its result. Raises what the plan raises, Changed, and UnknownResult."""
        try:
            held = self.holds.hold()
            prepared = held.plan.value
            if prepared.changes:
                commit = Commit(held.holds, held.since if held.holds else None)
                if prepared.taking:
                    self._confirm(prepared, commit, held.holds)
                else:
                    self._amend(prepared, commit)
        finally:
            self.remotes.own_holds = {}
            self.remotes.forget()
        return prepared.result

    def _run(self, steps: Steps[R]) -> R:
        return drive(steps, self.servers)

    def _confirm(self, prepared: Prepared[T], commit: Commit, holds: Sequence[Hold]) -> None:
        """Make a change that takes time: copies, files, and last the host's event."""
        hosts, copies = self._sorted(prepared)
        if failed := self._run(commit.copies([self._remote(change, holds) for change in copies])):
            self._refuse(failed)
        try:
            commit_files(self.context, prepared.changes)
        except BaseException:
            self._run(commit.undo())
            raise
        try:
            outcome = self._run(commit.host([self._remote(change, holds) for change in hosts]))
        except BaseException:
            self._undo_files(prepared.changes)
            raise
        if isinstance(outcome, Unresolved):
            self._give_up(prepared, outcome)
        if outcome:
            self._undo_files(prepared.changes)
            self._refuse(outcome)
        note_records(prepared)
        self._clean_up(prepared, commit, [])

    def _amend(self, prepared: Prepared[T], commit: Commit) -> None:
        """Make a change that takes no time: the host's event first, then files and copies."""
        hosts, copies = self._sorted(prepared)
        outcome = self._run(commit.host([self._remote(change) for change in hosts]))
        if isinstance(outcome, Unresolved):
            self._give_up(prepared, outcome)
        if outcome:
            self._refuse(outcome)
        try:
            commit_files(self.context, prepared.changes)
        except GbookError as error:
            if not hosts:
                raise
            self._warn(error.message)
        note_records(prepared)
        self._clean_up(prepared, commit, [self._remote(change) for change in copies])

    def _undo_files(self, changes: Sequence[Change]) -> None:
        undone = []
        for (store, name), edits, before in changes:
            if not isinstance(store, LocalStore):
                continue
            path = store.item_path(name)
            after = apply(before, edits, str(path), vdir_item=bool(name))
            undo = tuple(inverse(before, after, edits, str(path)))
            undone.append(FileChange(store.path, path, undo, after))
        commit(undone)

    def _clean_up(self, prepared: Prepared[T], commit: Commit, copies: Sequence[confirm.Change]) -> None:
        """Make the changes after the commit: their failure is a warning."""
        expired = [
            self._remote(change) for change in prepared.cleanup if change.item.store.key in self.stores
        ]
        of_copies = {change.place for change in copies} - {change.place for change in expired}
        for place in self._run(commit.finish([*copies, *expired])):
            if place in of_copies:
                self._warn(f"{self._shown(place)}: {self._reason(place)}")
        commit_files(self.context, prepared.cleanup)

    def _sorted(self, prepared: Prepared[T]) -> tuple[list[Change], list[Change]]:
        """Return the changes of events on servers: those of hosts, which are the commit, and of copies."""
        hosts: dict[str, Store | None] = {}
        for record in prepared.records:
            account = self.context.workspace.accounts.get(record.host)
            primary = account.primary if account else None
            hosts[record.uid] = self.context.workspace.store(primary) if primary else None
        of_hosts: list[Change] = []
        of_copies: list[Change] = []
        for change in prepared.changes:
            if change.item.store.key in self.stores:
                is_host = hosts.get(change.edits[0].uid) == change.item.store
                (of_hosts if is_host else of_copies).append(change)
        return of_hosts, of_copies

    def _remote(self, change: Change, holds: Sequence[Hold] = ()) -> confirm.Change:
        """Return a change of one resource as the protocol makes it."""
        key, uid, path = change.item.store.key, change.edits[0].uid, str(change.item)
        edits = [*map(self._as_sent, change.edits)]
        after = apply(change.before, edits, path, vdir_item=True)
        expected = None if after is None else essence(after, uid)

        def is_result(present: bytes) -> bool:
            return expected is not None and essence(present, uid) == expected

        if change.before is None:
            assert after is not None
            return confirm.Change.of_hold(self.holds.of(change, holds), after, is_result)
        judged = _events(change.before, uid, path)

        def edit(present: bytes) -> bytes | None:
            if _events(present, uid, path) != judged:
                raise Changed(f"{path}: another program is changing it", path=path)
            return apply(present, edits, path, vdir_item=True)

        return confirm.Change(Place(key, change.item.name), edit, is_result)

    def _as_sent(self, edit: Edit) -> Edit:
        """Return an edit as the server gets it: the server invites none of those whom gbook informs."""
        workspace = self.context.workspace
        if not isinstance(edit, Put):
            return edit
        if workspace.config.deliver == "copies":
            return replace(edit, component=without_scheduling(edit.component))
        mailed = {
            canonical_address(each.email) for each in workspace.accounts.values() if each.is_invited_by_mail
        }
        return replace(edit, component=without_scheduling(edit.component, mailed)) if mailed else edit

    def _refuse(self, failed: Failed) -> NoReturn:
        """Raise the error for a change that was not made."""
        shown = self._shown(failed.place)
        state = self._state_after(failed)
        if failed.reason in ("changed", "missing"):
            raise Changed(f"{shown}: another program is changing it", path=shown)
        if failed.reason == "late":
            raise Locked(f"{shown}: the servers took too long, so {state}: try again")
        if failed.reason == "refused":
            problem = f"the calendar cannot be written: {self._reason(failed.place)}; {state}"
            raise InvalidFile(shown, [problem])
        raise Unreachable(shown, f"{self._reason(failed.place)}; {state}")

    def _state_after(self, failed: Failed) -> str:
        """Return what a change that was not made has left: holds expire, copies do not."""
        left = dict.fromkeys(map(self._shown, failed.leftovers))
        if not left:
            return "nothing is changed"
        return f"it is not made, but copies may be left in {', '.join(left)}, which `gbook check` names"

    def _give_up(self, prepared: Prepared[T], unresolved: Unresolved) -> NoReturn:
        record = prepared.records[0]
        shown, reason = self._shown(unresolved.place), self._reason(unresolved.place)
        raise UnknownResult(
            f"{shown}: not known whether the change was made: {reason}; run the same command again with the "
            f"same --key, or see `gbook booking show {record.uid}`",
            id=record.uid,
        )

    def _warn(self, message: str) -> None:
        remedy = "`gbook booking repair --all` makes the copies the same"
        self.context.collected_warnings.append(Warn("unfinished_write", f"{message}; {remedy}"))

    def _shown(self, place: Place) -> str:
        return self.stores[place.calendar].shown

    def _reason(self, place: Place) -> str:
        return self.servers.failures.get(place.calendar, "the server does not answer")


def _events(content: bytes, uid: str, path: str) -> list[list[bytes]]:
    """Return the sorted lines of each event with a UID. Raises InvalidFile.

    Servers give line breaks of either kind, and fold and sort the lines in their own way.
    """
    return [sorted(normalize(event).splitlines()) for event in find_events(content, uid, path)]
