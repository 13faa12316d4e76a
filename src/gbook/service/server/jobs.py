"""What comes after an answer: mails to guests and the programs of `hooks`, one job after the other.

The change that a job is about is in the calendars. If a job fails, the log says so, without naming anyone.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Condition, Thread

from gbook.errors import GbookError
from gbook.service import log
from gbook.service.call import Job, OpenWorkspace

__all__ = ["JobQueue"]

# More jobs wait only if a mail server hangs. Answers must not wait with them.
MAX_WAITING = 1000


class JobQueue:
    """A thread that runs jobs in their order, each with a workspace of its own."""

    def __init__(self, open_workspace: OpenWorkspace) -> None:
        self._open_workspace = open_workspace
        self._changed = Condition()
        # The first one is being run.
        self._jobs: deque[Job] = deque()

    def start(self) -> None:
        """Begin to run jobs."""
        Thread(target=self._run, name="jobs", daemon=True).start()

    def later(self, job: Job) -> None:
        """Run a job soon; drop it if too many wait."""
        with self._changed:
            if len(self._jobs) < MAX_WAITING:
                self._jobs.append(job)
                self._changed.notify_all()
                return
        log.notice(f"mails and hooks of a booking are left out: {MAX_WAITING} others wait")

    def drain(self, deadline: float) -> None:
        """Wait until all jobs are done, or until `deadline`, a time.monotonic() value."""
        with self._changed:
            while self._jobs and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._jobs:
                log.notice(f"stopped; mails and hooks of {len(self._jobs)} bookings are left out")

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs:
                    self._changed.wait()
                job = self._jobs[0]
            self._do(job)
            with self._changed:
                self._jobs.popleft()
                self._changed.notify_all()

    def _do(self, job: Job) -> None:
        try:
            with self._open_workspace() as workspace:
                for warning in job(workspace):
                    log.notice(f"after a booking: {warning.code}")
        except GbookError as error:
            log.notice(f"after a booking: {error.code}")
        except Exception as error:
            log.bug(error)
