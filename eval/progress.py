"""How far a run is, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

LINE_EVERY_S = 10.0


class Progress:
    """What a run tells while it goes on; this one tells nothing."""

    def say(self, line: str) -> None:
        """Tell something that is worth a line; not between ``begin`` and ``end``."""

    def begin(self, task: str, total: int, done: int) -> None:
        """Cases of a task run from now on; ``done`` of them are there from an earlier run."""

    def step(self) -> None:
        """One more case is done."""

    def end(self) -> None:
        """No more cases of this task run; a second call does no harm."""


class Lines(Progress):
    """A line every ten seconds or so, and one at the end of each task."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to a stream."""
        self._stream = stream
        self._clock = clock
        self._task = ""
        self._total = self._done = self._before = 0
        self._began = self._told = 0.0

    def say(self, line: str) -> None:
        """Write a line."""
        print(line, file=self._stream, flush=True)

    def begin(self, task: str, total: int, done: int) -> None:
        """Start counting."""
        self._task, self._total, self._done, self._before = task, total, done, done
        self._began = self._told = self._clock()

    def step(self) -> None:
        """Count a case, and write a line when the last one is long ago."""
        self._done += 1
        now = self._clock()
        if now - self._told >= LINE_EVERY_S and self._done < self._total:
            self._told = now
            left_s = (now - self._began) / (self._done - self._before) * (self._total - self._done)
            self.say(f"{self._task}: {self._done:,} of {self._total:,} cases, {_time_text(left_s)} left")

    def end(self) -> None:
        """Write how long the cases took."""
        if self._task:
            took = _time_text(self._clock() - self._began)
            self.say(f"{self._task}: {self._done:,} of {self._total:,} cases, {took}")
        self._task = ""


class Bar(Progress):
    """A progress bar per task with cases done and time left."""

    def __init__(self) -> None:
        """Draw on stderr."""
        self._progress: RichProgress | None = None

    def say(self, line: str) -> None:
        """Write a line."""
        print(line, file=sys.stderr, flush=True)

    def begin(self, task: str, total: int, done: int) -> None:
        """Draw a bar."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("cases"), TimeElapsedColumn())
        self._progress = RichProgress(*columns, TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True))
        self._progress.add_task(task, total=total, completed=done)
        self._progress.start()

    def step(self) -> None:
        """Move the bar."""
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0])

    def end(self) -> None:
        """Leave the bar as it is."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None


def progress_on_stderr() -> Progress:
    """Return a bar if stderr is a terminal, else lines."""
    return Bar() if sys.stderr.isatty() else Lines(sys.stderr)


def _time_text(seconds: float) -> str:
    """Return seconds as people say them: ``40 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
