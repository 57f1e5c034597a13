"""How long will it still take? Played through with the durations of the same jobs before, or of their like in this run.

Nothing is said where a kind of job remains that has never been timed.
"""

import heapq
import time
from collections.abc import Callable, Mapping
from statistics import median

from newsangle.runs.jobs import Job
from newsangle.runs.run_log import Past


class Forecast:
    """Told what starts and ends, it tells the seconds left. `slots`: how many jobs run side by side; None: not known,
    then no time is told. `after`: the title of what follows the last job; it counts where it was timed before."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        slots: int | None,
        past: Past,
        *,
        after: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = dict(jobs)
        self._slots, self._past, self._clock, self._after = slots, past, clock, after
        self._running: dict[str, float] = {}
        self._done: set[str] = set()
        self._seconds: dict[str, list[float]] = {}  # by stage, in this run
        self._ratios: list[float] = []  # now to before, of jobs that were timed before, too

    def started(self, job: Job) -> None:
        """A job runs from now on."""
        self._running[job.key] = self._clock()

    def done(self, job: Job, seconds: float | None) -> None:
        """A job is there: computed in so many seconds, or found (None)."""
        self._running.pop(job.key, None)
        self._done.add(job.key)
        if seconds is not None:
            self._seconds.setdefault(job.stage, []).append(seconds)
            if self._past.by_title.get(job.title):
                self._ratios.append(seconds / self._past.by_title[job.title])

    def seconds_of(self, job: Job) -> float | None:
        """How long will this job take, begun now? The same before (as fast as this run is beside earlier ones), else
        its stage in this run, else its stage before; None where its kind was never timed."""
        if job.title in self._past.by_title:
            return self._pace() * self._past.by_title[job.title]
        if job.stage in self._seconds:
            return median(self._seconds[job.stage])
        return self._pace() * self._past.by_stage[job.stage] if job.stage in self._past.by_stage else None

    def _pace(self) -> float:
        return median(self._ratios) if self._ratios else 1.0

    def left(self) -> float | None:
        """Seconds until the last job is done; None where that can't be said."""
        if self._slots is None:
            return None
        now = self._clock()
        remaining: dict[str, float] = {}
        for key, job in self._jobs.items():
            if key in self._done:
                continue
            seconds = self.seconds_of(job)
            if seconds is None:
                return None
            if key in self._running:
                gone = now - self._running[key]
                seconds = max(seconds - gone, gone / 10)  # one that is late is not done at once
            remaining[key] = seconds
        return self._played(remaining, self._slots) + self._pace() * self._past.by_title.get(self._after, 0.0)

    def _played(self, remaining: Mapping[str, float], slots: int) -> float:
        """When is the last one done, if a free slot always takes the first job that can start?"""
        missing = {k: {n.key for n in self._jobs[k].needs.values()} & remaining.keys() for k in remaining}
        waited_for: dict[str, list[str]] = {}
        for key, needs in missing.items():
            for needed in needs:
                waited_for.setdefault(needed, []).append(key)
        rank = {key: i for i, key in enumerate(remaining)}
        ends = [(seconds, rank[key], key) for key, seconds in remaining.items() if key in self._running]
        ready = [(rank[key], key) for key in remaining if not missing[key] and key not in self._running]
        heapq.heapify(ends)
        heapq.heapify(ready)
        now = 0.0
        while ends or ready:
            while ready and len(ends) < slots:
                _, key = heapq.heappop(ready)
                heapq.heappush(ends, (now + remaining[key], rank[key], key))
            now, _, finished = heapq.heappop(ends)
            for key in waited_for.get(finished, []):
                missing[key].discard(finished)
                if not missing[key] and key not in self._running:
                    heapq.heappush(ready, (rank[key], key))
        return now
