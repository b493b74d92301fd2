"""A task for tests: no data, no models, the same scores everywhere, and cases that go wrong when asked to."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Metric, TaskReport
from pullquote.index.store import Store


@dataclass(frozen=True, slots=True)
class FakeTask:
    """A task whose scores are drawn from the case ids. It notes in ``ran.log`` in the build folder which cases ran."""

    name: str = "fake"
    title: str = "Scores by chance, for tests"
    needs: tuple[str, ...] = ()
    version: int = 1
    n: int = 12
    seconds: float = 0.0
    """How long a case takes."""
    failing: tuple[str, ...] = ()
    """Cases that raise."""
    deadly: tuple[str, ...] = ()
    """Cases that kill their process whenever they run."""
    fragile: tuple[str, ...] = ()
    """Cases that kill their process the first time they run."""
    broken: str = ""
    """What goes wrong besides cases: ``prepare``, ``session`` (raise) or ``start`` (kills the process in the session)."""

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return ``case-00``, ``case-01``, ...; three in a row are of one cluster."""
        every = [EvalCase(f"case-{i:02}", f"Question {i}?", "yes", cluster=f"cluster-{i // 3}") for i in range(self.n)]
        return spread(every, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the build folder."""
        if self.broken == "prepare":
            raise ValueError("nothing to\nbuild from")
        setup.build.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that runs one case."""
        if self.broken == "session":
            raise LookupError("no such model")
        if self.broken == "start":
            _die()
        yield lambda case: self._run(case, setup)

    def _run(self, case: EvalCase, setup: Setup) -> CaseResult:
        log = setup.build / "ran.log"
        before = log.read_text(encoding="utf-8").split() if log.is_file() else []
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{case.id}\n")
        time.sleep(self.seconds)
        if case.id in self.deadly or (case.id in self.fragile and case.id not in before):
            _die()
        if case.id in self.failing:
            raise ValueError(f"nothing known of\n{case.question}")
        score = hashlib.sha256(f"{case.id} {setup.seed}".encode()).digest()[0] / 255
        return CaseResult(case.id, case.cluster, ("even",) if score < 0.5 else (), {"score": score, "score@half": 0.5})

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Return the mean score; the "interval" is its least and greatest value."""
        scores = [score for result in results if (score := result.scores.get("score")) is not None]
        unscored = len(results) - len(scores)
        mean = sum(scores) / len(scores) if scores else None
        metric = Metric(mean, min(scores, default=None), max(scores, default=None), len(scores), unscored)
        half = Metric(0.5, 0.5, 0.5, len(scores), unscored)
        return TaskReport(self.name, self.title, {"score": metric}, {"score": {"half": half}}, {"score": 0.4}, ("by chance",), ())


def fake_engine(store: Store, without: Collection[str]) -> AnswerFn:
    """Stand in for an engine: it is never asked."""
    raise NotImplementedError


def fake_setup(folder: Path, sample: int | None = None) -> Setup:
    """Return a setup with all its folders below ``folder``."""
    return Setup(folder / "data", folder / "build", fake_engine, sample)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


QUICK = FakeTask()
SHAKY = FakeTask("shaky", "A case of these raises", failing=("case-03",))
NEEDY = FakeTask("needy", "Needs data that nobody has", needs=("nowhere",))
