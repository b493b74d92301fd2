"""Run tasks: cases shared between processes, finished ones kept, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from pullquote.eval.journal import Journal, decode_result
from pullquote.eval.metrics.costs import Prices, cost_timings
from pullquote.eval.progress import Progress
from pullquote.eval.stamp import stamp, task_key
from pullquote.eval.tasks.base import Setup, Task, missing_data, shared_cases
from pullquote.eval.types import CaseResult, EvalCase, EvalReport, TaskReport
from pullquote.eval.workers import naming, run_here, run_in_processes
from pullquote.index.cores import available_cores


def run(
    tasks: Sequence[Task],
    setup: Setup,
    *,
    work: Path,
    workers: int | None = None,
    progress: Progress | None = None,
    fresh: bool = False,
    prices: Prices | None = None,
) -> EvalReport:
    """Run tasks one after the other, each with its cases shared between ``workers`` processes (default: one per core).

    Finished cases are kept below ``work``. The same call again goes on where the last one ended, whatever ended it; cases
    that failed run again. With ``fresh``, kept cases are dropped first. Results are the same for any number of workers.
    ``prices`` turn the tokens of answers into US dollars, beside the timings; they decide no result.

    Raises:
        TaskFailed, PullquoteError: a task cannot be run at all; what is done is kept.
    """
    progress = progress or Progress()
    stamped = stamp(setup, tasks)
    reports, timings = [], {}
    cleared: set[Path] = set()
    for task in tasks:
        lacking = missing_data(task, setup.data)
        if lacking:
            progress.say(f"{task.name}: skipped: {lacking}")
            reports.append(TaskReport(task.name, task.title, {}, {}, {}, (), (), skipped=lacking))
            continue
        asked = shared_cases(task)
        journal = Journal(work / task_key(stamped, asked) / f"{asked.name}.jsonl")
        if fresh and journal.path not in cleared:  # one task may sum up the cases of another
            journal.clear()
            cleared.add(journal.path)
        report, timing, ordered = _run_task(task, setup, journal, workers or available_cores(), progress)
        timings[task.name] = timing | cost_timings(ordered, prices)
        reports.append(report)
    return EvalReport(tuple(reports), stamped, timings)


def _run_task(
    task: Task, setup: Setup, journal: Journal, workers: int, progress: Progress
) -> tuple[TaskReport, dict[str, float], Sequence[CaseResult]]:
    began = time.monotonic()
    with naming(task):
        cases = _distinct(task.cases(setup))
    results, earlier_s = journal.read(cases)
    pending = [case for case in cases if case.id not in results]
    runs = run_here if workers == 1 else partial(run_in_processes, count=workers)
    try:
        if pending:
            with naming(task):
                task.prepare(setup)
        with closing(runs(task, setup, pending)) as finished:
            progress.begin(task.name, len(cases), len(results))
            for case, encoded in finished:
                journal.append(case, encoded, earlier_s + time.monotonic() - began)
                results[case.id] = decode_result(encoded)
                progress.step()
    except KeyboardInterrupt:
        progress.end()
        progress.say(f"{task.name}: {len(results):,} of {len(cases):,} cases are done and kept: the same command goes on there")
        raise
    finally:
        progress.end()
    ordered = [results[case.id] for case in cases]
    with naming(task):
        report = task.report(ordered)
    timing = {"seconds": round(earlier_s + time.monotonic() - began, 3)} | _percentiles(ordered)
    return replace(report, cases=report.cases or tuple(ordered)), timing, ordered


def _distinct(cases: Sequence[EvalCase]) -> Sequence[EvalCase]:
    """Return the cases if no two have the same id."""
    twice = [name for name, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise ValueError(f"two cases have the id {twice[0]!r}")
    return cases


def _percentiles(results: Sequence[CaseResult]) -> dict[str, float]:
    """Return the nearest-rank median and 95th percentile of the seconds that a case took; failed ones do not count."""
    times = sorted(result.seconds for result in results if result.error is None)
    if not times:
        return {}
    return {f"p{share}_s": times[math.ceil(share / 100 * len(times)) - 1] for share in (50, 95)}
