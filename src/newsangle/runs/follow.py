"""Who is told while a run is computed? The person at the screen and the log, of each job when it starts and ends."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from newsangle.errors import MachineError, NewsangleError
from newsangle.runs.digests import package_versions
from newsangle.runs.forecast import Forecast
from newsangle.runs.jobs import Job
from newsangle.runs.progress import Progress, clock_time
from newsangle.runs.run_log import RunLog, error_told, past_timings
from newsangle.runs.spent import Meter, Spent

REPORT = "figures and report"
_NUMBER = re.compile(r"\d+")


class Follow:
    """Follows one run: `expect` its jobs, then `started`, `done` or `failed` for each, then `report`.

    As a context it notes in the log how the run ended, and on an error tells the person where the log is.
    """

    def __init__(
        self,
        progress: Progress,
        home: Path,
        experiment: str,
        identity: str,
        overrides: Mapping[str, Any],
        processes: str,
    ) -> None:
        self._progress = progress
        self._past = past_timings(home / "logs", experiment)
        self.log = RunLog(home / "logs" / f"{experiment}-{identity}.log")
        self._forecast: Forecast | None = None
        self._elsewhere: Callable[[str], bool] = lambda key: False
        self._meter = Meter()
        self._reasons: set[str] = set()
        self.log.begin(f"{experiment} {identity}", package_versions(), overrides, processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gone = f"after {clock_time(self._meter.stop().seconds)}"
        if error is None:
            self.log.write("end", f"published {gone}")
            return
        with contextlib.suppress(MachineError):  # the first error is the one to tell
            self.log.write("end", f"failed {gone}: {error_told(error)}" if _is_fault(error) else f"stopped {gone}")
        if _is_fault(error):
            self._progress.say(f"log of this run: {self.log.path}")

    def expect(
        self, jobs: Mapping[str, Job], slots: int | None, elsewhere: Callable[[str], bool] = lambda key: False
    ) -> None:
        """These jobs are wanted, so many of them side by side (None: not known), and then the report. `elsewhere`: has
        another run begun the job of this key?"""
        self._elsewhere = elsewhere
        self._forecast = Forecast(jobs, slots, self._past, after=REPORT)
        self.log.write("jobs", f"{len(jobs)} wanted")
        self._progress.expect(len(jobs) + 1, self._forecast.left)

    def note(self, line: str) -> None:
        """What else happens, as that a process was killed: told to both."""
        with contextlib.suppress(MachineError):
            self.log.write("note", line)
        self._progress.say(line)

    def started(self, job: Job) -> None:
        """A job is handed to whoever computes it, or waits there for another run that computes it already."""
        note = ", begun by another run" if self._elsewhere(job.key) else ""
        self.log.write("started", f"{job.key[:12]} {job.stage} {job.title}{note}")
        if self._forecast is not None:
            self._forecast.started(job)
        self._progress.started(job.title, note)

    def done(self, job: Job, spent: Spent | None) -> None:
        """A job's result is there: computed at this price, or found in the store (None)."""
        if spent is None:
            self.log.write("found", f"{job.key[:12]} {job.stage} {job.title}")
        else:
            self.log.computed(job.key, job.stage, job.title, spent)
        if self._forecast is not None:
            self._forecast.done(job, None if spent is None else spent.seconds)
        how = "found in the store" if spent is None else f"computed in {_short(spent.seconds)}"
        self._progress.step(job.title, how)

    def failed(self, job: Job, error: BaseException, skipped: Sequence[Job] = ()) -> None:
        """A job can't be computed, nor can those `skipped`, which need it. A reason is told once:
        the fits of one point fail alike, with other numbers of articles; the log has them all."""
        with contextlib.suppress(MachineError):
            self.log.write("failed", f"{job.key[:12]} {job.stage} {job.title}: {error_told(error)}")
            for other in skipped:
                self.log.write("skipped", f"{other.key[:12]} {other.stage} {other.title}")
        if self._forecast is not None:
            for lost in (job, *skipped):
                self._forecast.done(lost, None)
        known = isinstance(error, NewsangleError)
        reason = str(error) if known else ": ".join([type(error).__name__, *str(error).splitlines()[:1]])
        again = (alike := _NUMBER.sub("0", reason)) in self._reasons
        self._reasons.add(alike)
        self._progress.step(job.title, "failed in the same way" if again else f"failed: {reason}", stays=not again)
        if skipped:
            those = "1 job that needs it" if len(skipped) == 1 else f"{len(skipped)} jobs that need it"
            self._progress.step(those, "skipped", steps=len(skipped), stays=True)

    def stopped(self, job: Job, error: BaseException) -> None:
        """The run ends while this job is under way. The log tells at which job; the person is told the error alone."""
        with contextlib.suppress(MachineError):
            self.log.write("stopped", f"{job.key[:12]} {job.stage} {job.title}: {error_told(error)}")

    @contextlib.contextmanager
    def report(self) -> Iterator[None]:
        """Around what follows the last job: figures, report, publishing."""
        meter = Meter()
        self._progress.started(REPORT)
        yield
        self.log.computed("0" * 12, "report", REPORT, meter.stop())
        self._progress.step(REPORT, "written")


def _is_fault(error: BaseException) -> bool:
    return isinstance(error, Exception)  # Ctrl-C is none


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s" if seconds < 90 else clock_time(seconds)
