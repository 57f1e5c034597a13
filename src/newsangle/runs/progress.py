"""How far is it? A bar on a terminal, plain lines in a pipe; on standard error, so that results can be piped."""

import sys
from types import TracebackType
from typing import Self


class Progress:
    """Tells what is being done: `say` a line, `expect` a number of steps, `step` when one is done."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar = None
        self._done, self._total = 0, 0
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as RichProgress

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
            self._bar_task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, line: str) -> None:
        """Show a line that stays."""
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        elif not self._quiet:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 (the one place that speaks)

    def expect(self, total: int) -> None:
        """There will be this many steps."""
        self._total = total
        if self._bar is not None:
            self._bar.update(self._bar_task, total=total, completed=0)

    def step(self, title: str, how: str) -> None:
        """One step is done: which, and how (`computed`, `found`)."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._bar_task, advance=1, description=title)
        else:
            self.say(f"[{self._done}/{self._total}] {title}: {how}")
