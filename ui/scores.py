"""Reports of ``pullquote eval`` in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from pullquote.eval.report import failed, kind_of, lower_is_better, metrics_of
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.eval.wording import bar_text, count_text, interval_text, number_text, stamp_brief, verdict_text
from pullquote.index.errors import UsageError
from pullquote.qa.render import display_text, wrapped_text
from pullquote.ui.tables import table

_HEAD = ("METRIC", "VALUE", "95 % INTERVAL", "CASES", "BAR", "TRIVIAL SYSTEMS")


def only_task(report: EvalReport, name: str | None) -> EvalReport:
    """Return the report with one of its tasks alone (None: as it is).

    Raises:
        UsageError: it has no such task.
    """
    if name is None:
        return report
    names = [task.name for task in report.tasks]
    if name not in names:
        raise UsageError(f"the report has no task {name!r}: it has {', '.join(names) or 'none at all'}")
    timings = {task: values for task, values in report.timings.items() if task == name}
    return replace(report, tasks=tuple(task for task in report.tasks if task.name == name), timings=timings)


def report_lines(report: EvalReport, width: int, failures: int = 0) -> list[str]:
    """Return a report as lines: a table per task, and at most so many failed cases of each."""
    lines: list[str] = []
    for task in report.tasks:
        lines += [wrapped_text(display_text(f"{task.name}: {task.title}"), width), *_task_lines(task, width), ""]
        if failures:
            shown = islice((case for case in task.cases if failed(task, case)), failures)
            lines += [line for case in shown for line in (*_case_lines(case, width), "")]
    return [*lines, wrapped_text(display_text(stamp_brief(report)), width)]


def _task_lines(task: TaskReport, width: int) -> Iterator[str]:
    if task.skipped is not None:
        yield wrapped_text(display_text(f"not run: {task.skipped}"), width, "  ")
        return
    rows = [_row(task, name, metric) for name, metric in metrics_of(task)]
    yield from (f"  {line}" for line in table([_HEAD, *rows]))
    if errors := [case.error for case in task.cases if case.error is not None]:
        yield wrapped_text(
            display_text(f"{count_text(len(errors), 'case')} failed with an error, such as {errors[0]}"), width, "  ! "
        )
    for note in task.notes:
        yield wrapped_text(display_text(note), width, "  · ")


def _row(task: TaskReport, name: str, metric: Metric) -> tuple[str, ...]:
    bar = task.bars.get(name)
    floors = task.floors.get(name, {})
    return (
        f"{name} ↓" if lower_is_better(name) else name,
        number_text(metric.value),
        interval_text(metric),
        f"{metric.n:,}" + (f", {metric.n_unscored:,} not scored" if metric.n_unscored else ""),
        "" if bar is None else f"{bar_text(name, bar)} {verdict_text(name, metric.value, bar)}",
        ", ".join(f"{floor.replace('_', ' ')} {number_text(m.value)}" for floor, m in sorted(floors.items())),
    )


def _case_lines(case: CaseResult, width: int) -> Iterator[str]:
    """Yield what went wrong: the case, what was asked and expected, what came."""
    yield f"  {display_text(case.case_id)} ({display_text(kind_of(case))})"
    scores = ", ".join(f"{name} {number_text(score)}" for name, score in sorted(case.scores.items()))
    facts = {
        **{name: case.detail.get(name) for name in ("question", "expected", "answer")},
        "scores": scores,
        "error": case.error,
    }
    for name, value in facts.items():
        if value:
            yield wrapped_text(display_text(_text(value)), width, f"    {name:<9} ")


def _text(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(item, dict) and "text" in item for item in value):
        return " ".join(str(item["text"]) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
