"""A report as Markdown that reads well raw and rendered; no text of it can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pullquote.eval.report import headline_metrics, lower_is_better, metrics_of
from pullquote.eval.types import EvalReport, Metric, TaskReport
from pullquote.eval.wording import (
    COST_HEAD,
    bar_text,
    bars_reached,
    cost_cells,
    count_text,
    duration_text,
    flat,
    interval_text,
    number_text,
    verdict_text,
)
from pullquote.qa.render import display_text

_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&#])")
_LINE_START = re.compile(r"^(\d*)([-+=.)])")
_LINK = re.compile(r"(?i)(\w:/)(?=/)|\b(www)(?=\.)")
_PLAIN_NAME = re.compile(r"[\w.@/+-]+")
_HEAD = ("metric", "value", "95 % interval", "n", "unscored", "bar", "floors")
_NUMBERS = (1, 2, 3, 4)
_HOW_TO_READ = (
    "Intervals are 95 %; *n* counts scored cases, cases that could not be scored are counted apart and never as 0. "
    "A bar is what a metric was meant to reach, a floor what a trivial system reaches on the same cases; ↓ marks metrics "
    "that are better low."
)


def report_markdown(report: EvalReport) -> str:
    """Return the report as one Markdown document, cases left out."""
    run = [task for task in report.tasks if task.skipped is None]
    parts = ["# Evaluation", _opening(report), _HOW_TO_READ, "## At a glance", _summary(run)]
    for task in run:
        parts += _task(task)
    if skipped := [[markdown_name(task.name), markdown_text(task.skipped)] for task in report.tasks if task.skipped is not None]:
        parts += ["## Not run", markdown_table(["task", "reason"], skipped)]
    parts += ["## What decided the numbers", _stamp(report)]
    if report.timings:
        parts += ["## How long it took", _timings(report)]
    return "\n\n".join(filter(None, parts)) + "\n"


def markdown_text(text: str | None) -> str:
    """Return a text for Markdown, on one line, that shows as it is: nothing in it is a table cell, a link or a tag."""
    return _LINK.sub(lambda match: f"{match[0]}\\", _MARKUP.sub(r"\\\1", display_text(text or "")))


def markdown_item(text: str) -> str:
    """Return a text as an item of a list."""
    return "- " + _LINE_START.sub(r"\1\\\2", markdown_text(text))


def markdown_name(name: str) -> str:
    """Return a name in code type, where it is an ordinary one."""
    return f"`{name}`" if _PLAIN_NAME.fullmatch(name) and name.isascii() else markdown_text(name)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table with padded columns; ``right`` are the columns of numbers. Cells are Markdown already."""
    columns = [list(column) for column in zip(head, *rows, strict=True)]
    lines = zip(*(_padded(column, i in tuple(right)) for i, column in enumerate(columns)), strict=True)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def metric_name(metric: str) -> str:
    """Return a metric's name, with ↓ where low is good."""
    return f"{markdown_name(metric)} ↓" if lower_is_better(metric) else markdown_name(metric)


def _padded(cells: Sequence[str], right: bool) -> list[str]:
    """Return the cells of a column in one width, the line between head and rows put in."""
    width = max(3, *map(len, cells))
    line = f"{'-' * (width - 1)}{':' if right else '-'}"
    head, *rest = (cell.rjust(width) if right else cell.ljust(width) for cell in cells)
    return [head, line, *rest]


def _opening(report: EvalReport) -> str:
    run = sum(task.skipped is None for task in report.tasks)
    cases = sum(len(task.cases) for task in report.tasks)
    done, short = bars_reached(report)
    text = f"{count_text(run, 'task')}, {count_text(cases, 'case')}." if cases else f"{count_text(run, 'task')}."
    if done or short:
        text += f" Bars reached: {done} of {done + len(short)}."
    if short:
        named = ", ".join(f"{markdown_name(task.name)} {metric_name(name)}" for task, name in short)
        text += f" Short: {named}."
    return text


def _summary(tasks: Sequence[TaskReport]) -> str:
    rows = []
    for task in tasks:
        known = dict(metrics_of(task))
        for i, name in enumerate(headline_metrics(task)):
            metric = known[name]
            title = "" if i else markdown_text(task.title)
            rows.append([title, metric_name(name), number_text(metric.value), interval_text(metric), _bar(task, name, metric)])
    return markdown_table(["task", "metric", "value", "95 % interval", "bar"], rows, right=(2, 3)) if rows else ""


def _task(task: TaskReport) -> Iterator[str]:
    yield f"## {markdown_text(task.title)}"
    errors = sum(case.error is not None for case in task.cases)
    facts = [f"Task {markdown_name(task.name)}", count_text(len(task.cases), "case") if task.cases else ""]
    yield " · ".join(filter(None, [*facts, f"{errors:,} failed with an error" if errors else ""]))
    yield _metrics(task)
    yield "\n".join(map(markdown_item, task.notes))


def _metrics(task: TaskReport) -> str:
    rows = [_row(task, name, metric) for name, metric in metrics_of(task)]
    used = [i for i in range(len(_HEAD)) if i < 4 or any(row[i] not in ("", "0") for row in rows)]
    right = [place for place, i in enumerate(used) if i in _NUMBERS]
    return markdown_table([_HEAD[i] for i in used], [[row[i] for i in used] for row in rows], right) if rows else ""


def _row(task: TaskReport, name: str, metric: Metric) -> list[str]:
    beside = sorted(task.floors.get(name, {}).items())
    floors = ", ".join(f"{markdown_text(floor.replace('_', ' '))} {number_text(m.value)}" for floor, m in beside)
    counts = [f"{metric.n:,}", f"{metric.n_unscored:,}"]
    return [metric_name(name), number_text(metric.value), interval_text(metric), *counts, _bar(task, name, metric), floors]


def _bar(task: TaskReport, name: str, metric: Metric) -> str:
    if name not in task.bars:
        return ""
    verdict = verdict_text(name, metric.value, task.bars[name])
    return f"{bar_text(name, task.bars[name])} {verdict if verdict == 'reached' else f'**{verdict}**'}"


def _stamp(report: EvalReport) -> str:
    rows = [[markdown_name(name), markdown_text(text)] for name, text in flat(report.stamp)]
    return markdown_table(["what", "value"], rows) if rows else "Nothing was recorded."


def _timings(report: EvalReport) -> str:
    rows = []
    costs = cost_cells(report.timings)
    for task, timings in sorted(report.timings.items()):
        cells = [duration_text(timings[name]) if name in timings else "" for name in ("seconds", "p50_s", "p95_s")]
        rows.append([markdown_name(task), *cells, *costs.get(task, ())])
    head = ["task", "whole task", "a case, median", "a case, 95th percentile", *(COST_HEAD if costs else ())]
    return markdown_table(head, rows, right=range(1, len(head)))
