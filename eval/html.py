"""A report, or a comparison of two, as one HTML file that needs nothing else; no text of it is markup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from pullquote.eval import plots, wording
from pullquote.eval.compare import Comparison, comparison_markdown
from pullquote.eval.plots import IntervalPlot, ReliabilityPlot, RiskPlot, interval_plot, reliability_plot, risk_plot
from pullquote.eval.report import failed as failed
from pullquote.eval.report import headline_metrics, lower_is_better, metrics_of
from pullquote.eval.report import kind_of as kind_of
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.qa.templating import page_environment, source_hash

MAX_FAILURES = 200
"""Of a task, written out; the rest is in the JSON."""
MAX_RIGHT = 50
"""Of a task: cases that did not fail, to compare with."""
MAX_KINDS = 12

_TEMPLATES = Path(__file__).with_name("templates")
_TO_ABSTAIN = "no answer: nothing in the store has it"
_RIGHT = "the other questions"
_OTHER = "other kinds"
_SHOWN = frozenset("question expected status answer citations gold kind confidence".split())


def report_html(report: EvalReport) -> str:
    """Return the report as a whole HTML page: no file, font or script from elsewhere, and none of its data is markup."""
    page = page_environment(_TEMPLATES)
    done, short = wording.bars_reached(report)
    return page.get_template("report.html").render(
        report=report,
        tasks=[_task_view(task, number) for number, task in enumerate(report.tasks, 1) if task.skipped is None],
        bars_done=done,
        bars_all=done + len(short),
        short=short,
        cases=sum(len(task.cases) for task in report.tasks),
        style_hash=source_hash(page.get_template("report.css").render()),
        script_hash=source_hash(page.get_template("report.js").render()),
        words=wording,
        plots=plots,
    )


def comparison_html(comparison: Comparison, before: str, after: str) -> str:
    """Return a comparison as a whole HTML page: what its Markdown says, under the names of the two reports."""
    written = comparison_markdown(comparison).removeprefix("# Comparison\n\n")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    tokens = reader.parse(written)
    for token in tokens:
        if token.attrs.pop("style", None):  # which the page's policy would not let pass
            token.attrSet("class", "number")
    body = Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704  (its text is escaped in the Markdown, and once more here)
    page = page_environment(_TEMPLATES)
    style_hash = source_hash(page.get_template("report.css").render())
    return page.get_template("comparison.html").render(body=body, before=before, after=after, style_hash=style_hash)


# -- what the template is given -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetricView:
    """A row of a table."""

    name: str
    low_is_good: bool
    metric: Metric
    plot: IntervalPlot | None
    bar: str
    verdict: str
    floors: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One question with what came of it."""

    result: CaseResult
    kind: str
    question: str
    expected: str | None
    status: str | None
    answer: tuple[Mapping[str, Any], ...]
    citations: tuple[Mapping[str, Any], ...]
    gold: tuple[Mapping[str, Any], ...]
    more: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Cases of one kind; ``n`` counts those that are not written out too."""

    title: str
    failed: bool
    n: int
    share: float
    """Of the largest kind of failure, in percent."""
    cases: tuple[CaseView, ...]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A chapter of the page."""

    task: TaskReport
    anchor: str
    rows: tuple[MetricView, ...]
    headline: tuple[MetricView, ...]
    risk: RiskPlot | None
    reliability: ReliabilityPlot | None
    groups: tuple[GroupView, ...]
    failures: int
    errors: int


def _task_view(task: TaskReport, number: int) -> TaskView:
    rows = {name: _metric_view(task, name, metric) for name, metric in metrics_of(task)}
    failures = [case for case in task.cases if failed(task, case)]
    return TaskView(
        task=task,
        anchor=f"task-{number}",
        rows=tuple(rows.values()),
        headline=tuple(rows[name] for name in headline_metrics(task)),
        risk=risk_plot(task.cases),
        reliability=reliability_plot(task.cases),
        groups=_groups(task, failures),
        failures=len(failures),
        errors=sum(case.error is not None for case in task.cases),
    )


def _metric_view(task: TaskReport, name: str, metric: Metric) -> MetricView:
    floors, bar = task.floors.get(name, {}), task.bars.get(name)
    return MetricView(
        name=name,
        low_is_good=lower_is_better(name),
        metric=metric,
        plot=interval_plot(metric, floors, bar),
        bar="" if bar is None else wording.bar_text(name, bar),
        verdict="" if bar is None else wording.verdict_text(name, metric.value, bar),
        floors=", ".join(f"{floor.replace('_', ' ')} {wording.number_text(m.value)}" for floor, m in sorted(floors.items())),
    )


# -- cases ----------------------------------------------------------------------------------------


def _groups(task: TaskReport, failures: Sequence[CaseResult]) -> tuple[GroupView, ...]:
    """Return the failures by kind, most frequent first, then some cases that did not fail."""
    kinds: dict[str, list[CaseResult]] = {}
    for case in failures:
        kinds.setdefault(kind_of(case), []).append(case)
    ordered = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    if rest := [case for _, cases in ordered[MAX_KINDS:] for case in cases]:
        ordered = [*ordered[:MAX_KINDS], (_OTHER, rest)]
    limits = _limits([len(cases) for _, cases in ordered])
    most = max((len(cases) for _, cases in ordered), default=1)
    groups = [_group(kind, cases, limit, most) for (kind, cases), limit in zip(ordered, limits, strict=True)]
    others = [case for case in task.cases if not failed(task, case)]
    return (*groups, *([_group(_RIGHT, others, MAX_RIGHT, 0)] if others else []))


def _limits(sizes: Sequence[int]) -> list[int]:
    """Return how many of each kind are written out: all of a rare kind, and of the others alike."""
    limits, left = [0] * len(sizes), MAX_FAILURES
    for done, place in enumerate(sorted(range(len(sizes)), key=lambda place: sizes[place])):
        limits[place] = min(sizes[place], left // (len(sizes) - done))
        left -= limits[place]
    return limits


def _group(title: str, cases: Sequence[CaseResult], limit: int, most: int) -> GroupView:
    share = round(100 * len(cases) / most, 1) if most else 0.0
    return GroupView(title, bool(most), len(cases), share, tuple(map(_case_view, cases[:limit])))


def _case_view(case: CaseResult) -> CaseView:
    detail = case.detail
    return CaseView(
        result=case,
        kind=kind_of(case),
        question=str(detail.get("question") or case.case_id),
        expected=_TO_ABSTAIN if _is_unanswerable(detail) else _said(detail.get("expected")),
        status=_said(detail.get("status")),
        answer=_items(detail.get("answer"), "text"),
        citations=_items(detail.get("citations"), "quote"),
        gold=_items(detail.get("gold"), "quote"),
        more=tuple((name.replace("_", " "), _said(detail[name]) or "none") for name in sorted(set(detail) - _SHOWN)),
    )


def _is_unanswerable(detail: Mapping[str, Any]) -> bool:
    """Whether it is known that no answer is expected: neither a text nor a gold sentence, and both were asked for."""
    return {"expected", "gold"} <= detail.keys() and detail["expected"] is None and not detail["gold"]


def _items(value: Any, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return a list of JSON values as mappings; a bare one stands under ``name``."""
    values = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return tuple(item if isinstance(item, Mapping) else {name: _said(item)} for item in values)


def _said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
