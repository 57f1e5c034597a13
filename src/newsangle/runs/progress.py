"""How far is it? A bar on a terminal, plain lines in a pipe; on standard error, so that results can be piped."""

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

SILENT = 30.0  # seconds without a line in a pipe, after which what runs is told
LINES = 4  # running jobs that are shown below the bar


class Progress:
    """Tells what is being done: `say` a line, `expect` a number of steps, `started`, and `step` when one is done.

    On a terminal: a bar with count, time gone, time left and the jobs that run. In a pipe: a line a step, and one that
    names the running jobs after each half minute of silence.
    """

    def __init__(
        self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic, silent: float = SILENT
    ) -> None:
        self._quiet, self._clock, self._silent = quiet, clock, silent
        self._done, self._total = 0, 0
        self._running: list[tuple[str, float, str]] = []
        self._left: Callable[[], float | None] = lambda: None
        self._known: tuple[float, float | None] | None = None  # when the time left was asked for, and what it was
        self._start = clock()
        self._told_at = self._start
        self._over = threading.Event()
        self._watch: threading.Thread | None = None
        self._bar: Any = None
        if not quiet and sys.stderr.isatty():
            self._bar = _bar(self)

    def __enter__(self) -> Self:
        self._start = self._told_at = self._clock()
        self._over.clear()
        if self._bar is not None:
            self._bar.start()
        elif not self._quiet:
            self._watch = threading.Thread(target=self._watching, name="newsangle-progress", daemon=True)
            self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._bar is not None:
            self._bar.stop()
        if self._watch is not None:
            self._watch.join()
            self._watch = None

    def say(self, line: str) -> None:
        """Show a line that stays."""
        self._told_at = self._clock()
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        elif not self._quiet:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 (the one place that speaks)

    def expect(self, total: int, left: Callable[[], float | None] = lambda: None) -> None:
        """There will be this many steps. `left`: how many seconds it will still take, None where nobody knows."""
        self._done, self._total, self._left, self._known = 0, total, left, None
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], total=total, completed=0)

    def started(self, title: str, note: str = "") -> None:
        """A step is being taken from now on; `note` stands behind its title."""
        self._running.append((title, self._clock(), note))

    def step(self, title: str, how: str, *, steps: int = 1, stays: bool = False) -> None:
        """One step is done, or several: which, and how (`computed in 3 s`, `found in the store`). `stays`: a line
        tells it on a terminal, too."""
        self._done += steps
        first = next((entry for entry in self._running if entry[0] == title), None)
        if first is not None:
            self._running.remove(first)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=steps)
        if self._bar is None or stays:
            self.say(f"[{self._done}/{self._total}] {title}: {how} ({self.times()})")

    def times(self) -> str:
        """Time gone and, where it can be said, time left: "1:05, about 2 min left"."""
        now = self._clock()
        if self._known is None or now - self._known[0] > 1:
            self._known = (now, self._left())
        asked, left = self._known
        gone = clock_time(now - self._start)
        return (
            gone
            if left is None or self._done == self._total
            else f"{gone}, {about(max(0.0, left - (now - asked)))} left"
        )

    def running(self) -> list[str]:
        """The jobs that run, the longest first, with their time."""
        now = self._clock()
        shown = [f"{title}{note} ({clock_time(now - start)})" for title, start, note in list(self._running)]
        return shown if len(shown) <= LINES else [*shown[: LINES - 1], f"and {len(shown) - LINES + 1} more"]

    def _watching(self) -> None:
        while not self._over.wait(min(1.0, self._silent / 4)):
            if self._clock() - self._told_at >= self._silent and self._running:
                self.say(f"[{self._done}/{self._total}] running: {'; '.join(self.running())} ({self.times()})")


def clock_time(seconds: float) -> str:
    """Seconds as a clock shows them.

    >>> clock_time(65.2), clock_time(3725)
    ('1:05', '1:02:05')
    """
    hours, rest = divmod(int(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{int(seconds):02d}" if hours else f"{minutes}:{int(seconds):02d}"


def about(seconds: float) -> str:
    """A guess, no finer than it is worth.

    >>> about(3), about(42), about(100), about(4000), about(9000)
    ('a few seconds', 'about 40 s', 'about 2 min', 'about 67 min', 'about 2.5 h')
    """
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {10 * round(seconds / 10)} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _bar(progress: Progress) -> Any:
    """The bar and, below it, the running jobs. rich is loaded only where there is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class Times(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(progress.times())

    class Bar(RichProgress):
        def get_renderables(self) -> Any:
            yield self.make_tasks_table(self.tasks)
            for line in progress.running():
                yield Text(f"  {line}", style="dim", overflow="ellipsis", no_wrap=True)

    bar = Bar(BarColumn(), MofNCompleteColumn(), Times(), console=Console(stderr=True), transient=True)
    bar.add_task("", total=None)
    return bar
