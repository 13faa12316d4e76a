"""The series that is explained: which of its dates cannot be booked, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cached_property

from gbook.engine.candidates import Candidates
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import Answer, account_times
from gbook.scheduling.masks import free_slots
from gbook.scheduling.reason import Reason
from gbook.scheduling.reasons import account_reasons, rules
from gbook.scheduling.slot_case import SlotCase
from gbook.timeutil.format import count, day_name
from gbook.timeutil.instants import DAY, END_OF_TIME, parse_instant

__all__ = ["SeriesCase"]

# Of each account, at most this many dates are explained: every one reads its calendars.
EXPLAINED = 12


class SeriesCase:
    """The dates of a series that begins with a slot, `first`; `answer` is that of the query for this slot."""

    def __init__(self, answer: Answer, first: SlotCase) -> None:
        assert answer.query.repeat is not None
        self.answer = answer
        self.repeat = answer.query.repeat
        self.starts = self.repeat.starts(first.start, answer.zone)
        end = answer.query.profile.end_time
        later = first.period[0], parse_instant(end, UTC) if end else END_OF_TIME
        length = first.end - first.start
        self.first = first
        # The dates that take place.
        self.cases = [
            first._replace(
                start=start, end=start + length, period=later if position else first.period, position=position
            )
            for position, start in enumerate(self.starts)
            if position not in self.repeat.skipped
        ]

    def matters(self, reason: Reason) -> bool:
        """Return whether a reason forbids the series: with `skip_busy`, only those of the first date do."""
        return not self.answer.query.skip_busy or reason.date in (None, self.starts[0])

    def broken(self) -> list[Reason]:
        """Return the profile's rules that its dates break, whether or not members are free."""
        reasons = [reason for broken in self._rules.values() for reason in broken]
        if self.starts[0] != self.first.start and self.answer.query.agreed is None:
            text = "a series cannot begin at the second of two equal times: its dates are at the first"
            reasons.append(Reason("off_grid", text))
        return reasons

    def account_reasons(self, name: str) -> list[Reason]:
        """Return why an account cannot take some of the dates, apart from the profile's rules."""
        # A later date that is no slot is not free for other reasons too, but they do not matter.
        possible = [case for case in self.cases if case.position == 0 or not self._rules[case.position]]
        busy = [case for case in possible if not self._is_free(name, case)]
        reasons = [
            _dated(case, reason)
            for case in busy[:EXPLAINED]
            for reason in account_reasons(case, self.times[name])
        ]
        if not reasons:
            reasons = [*self._own_dates(name)]
        if (more := len(busy) - EXPLAINED) > 0:
            reasons.append(Reason("more_dates", f"not free on {count(more, 'more date')}"))
        return reasons

    @cached_property
    def _rules(self) -> Mapping[int, list[Reason]]:
        """The rules that each date breaks, by its position."""
        return {case.position: [_dated(case, reason) for reason in rules(case)] for case in self.cases}

    @cached_property
    def times(self) -> Mapping[str, AccountBusy]:
        """The busy time of each account on all dates; an answer without the slot does not have it."""
        answer, last = self.answer, self.cases[-1]
        if answer.candidates:
            return answer.times
        accounts = [time.account for time in answer.times.values()]
        window = self.first.around[0] - 2 * DAY, last.around[1] + 2 * DAY
        return account_times(self.first.workspace, answer.query, accounts, window)

    def _is_free(self, name: str, case: SlotCase) -> bool:
        answer = self.answer
        candidate = Candidates([case.start], answer.candidates.meeting)
        return name not in answer.readonly and bool(
            free_slots(answer.query, candidate, answer.zone, self.times[name])
        )

    def _own_dates(self, name: str) -> Iterator[Reason]:
        """Yield the dates that an account cannot take because of earlier dates of the series itself."""
        if not self.answer.candidates:
            return
        meeting = self.answer.candidates.meeting
        reach = meeting.duration + max(meeting.before, meeting.after)
        for case in self.cases:
            if self.answer.by_date[case.position][name] or self._rules[case.position]:
                continue
            near = any(
                abs(case.start - other.start) < reach
                for other in self.cases
                if other.position < case.position
            )
            text = (
                "too close to an earlier date of the series"
                if near
                else "with the earlier dates of the series, a limit of bookings is reached"
            )
            yield _dated(case, Reason("own_dates", text, case.start, case.end))


def _dated(case: SlotCase, reason: Reason) -> Reason:
    """Return a reason with its date, which the message names unless it is the first one."""
    day = day_name(case.day)
    named = case.position == 0 or day in reason.message
    return reason._replace(message=reason.message if named else f"{day}: {reason.message}", date=case.start)
