"""What a task is: which cases are asked, how one is run and scored, and what all of them come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pullquote.eval.judge import Judge, JudgeMaker
from pullquote.eval.types import CaseResult, Engine, EvalCase, TaskReport

RunCase = Callable[[EvalCase], CaseResult]
"""Runs and scores one case. What it raises becomes the case's error."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a task may use. It travels to other processes, so the engine is a function or class of a module."""

    data: Path
    """Folder of the data sets."""
    build: Path
    """Where stores are kept between runs."""
    engine: Engine
    """What is evaluated."""
    sample: int | None = None
    """At most so many cases, evenly spread; None: all."""
    seed: int = 1
    judge: JudgeMaker | None = None
    """Makes a language model's judge, which some tasks ask besides the built-in verifier; None: nobody is asked."""

    def new_judge(self) -> Judge | None:
        """Return a judge for this process, if there is to be one."""
        return self.judge() if self.judge else None


class Task(Protocol):
    """A measurement: the runner calls ``cases``, ``prepare``, ``session`` in each process, and ``report``, in this order.

    What a case comes to depends on the case, the setup and the files in ``needs`` only: not on which cases ran before it
    in the same session. So results are the same however many processes share the work, and a run can be taken up again.
    """

    @property
    def name(self) -> str:
        """One word, the key in reports and on the command line."""
        ...

    @property
    def title(self) -> str:
        """One line for people: what is measured, on what."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Files or folders below the data folder (or absolute ones) that must be there; else the task is skipped.

        What is in them decides the results: they are hashed, and results are not kept when they change.
        """
        ...

    @property
    def version(self) -> int:
        """Raised when the scoring changes."""
        ...

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the cases to run, sampled already (see ``spread``), each with an id of its own; cheap, no models."""
        ...

    def prepare(self, setup: Setup) -> None:
        """Build what the cases need, such as stores: once, in the main process, before any session.

        It may take minutes, and then says on stderr how far it is. Not called when all cases are done already.
        """
        ...

    def session(self, setup: Setup) -> AbstractContextManager[RunCase]:
        """Open stores (to read) and load models, once per process; give the function that runs one case."""
        ...

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up the results, which come in the order of the cases; a function of its arguments alone.

        The report's cases are these results, unless it comes with cases of its own.
        """
        ...


def shared_cases(task: Task) -> Task:
    """Return the task whose cases a task sums up: its ``asks`` if it has one, which is asked once for both; else itself."""
    return getattr(task, "asks", task)


def spread(cases: Sequence[T], n: int | None) -> list[T]:
    """Return at most ``n`` of the cases (None: all), evenly spread, in their order."""
    if n is None or n >= len(cases):
        return list(cases)
    return [cases[i * len(cases) // n] for i in range(n)]


def missing_data(task: Task, data: Path) -> str | None:
    """Return in one line what the task needs and lacks, or None."""
    lacking = [need for need in task.needs if not (data / need).exists()]
    return f"needs {' and '.join(lacking)} in the folder named with --data" if lacking else None
