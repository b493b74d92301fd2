"""A report as a JSON file and back; and how its numbers are to be read."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.index.errors import UsageError

FORMAT = 1
"""Of the JSON; a reader refuses a higher one."""
DIGITS = 6
HEADLINES = 4
"""Metrics of a task that a summary shows, where no bars say which matter."""

_LOW_IS_GOOD = frozenset("false wrong success poisoned cut harmed passed ece aurc risk".split())
_COSTS = frozenset("s seconds tokens chars bytes usd".split())
_ROUNDING = 0.5 * 10.0**-DIGITS

# -- how a number is to be read -------------------------------------------------------------------


def lower_is_better(metric: str) -> bool:
    """Return whether a metric of this name is meant to be low: some word in it says so, or its last is a unit of cost.

    ``poisoned_5_right`` is better high all the same, and so is ``coverage_at_risk_10``: what follows ``_at_`` is a condition.
    """
    words = re.split(r"[^a-z0-9]+", metric.partition("@")[0].lower().partition("_at_")[0])
    return words[-1] in _COSTS or not (_LOW_IS_GOOD.isdisjoint(words) or "right" in words)


def reached(metric: str, value: float | None, bar: float) -> bool:
    """Return whether a value is as good as its bar; "not scored" never is."""
    if value is None:
        return False
    distance = bar - value if lower_is_better(metric) else value - bar
    return distance >= -_ROUNDING


def metrics_of(task: TaskReport) -> list[tuple[str, Metric]]:
    """Return names and metrics in the order of their names; one that has a bar and is not there counts as not scored."""
    absent = {name: Metric(None, None, None, 0) for name in task.bars}
    return sorted({**absent, **task.metrics}.items())


def headline_metrics(task: TaskReport) -> tuple[str, ...]:
    """Return the names of the metrics that sum a task up: those with a bar, else those with floors, else the first few."""
    if task.bars:
        return tuple(sorted(task.bars))
    return tuple(sorted(set(task.metrics) & set(task.floors)) or sorted(task.metrics))[:HEADLINES]


def failed(task: TaskReport, case: CaseResult) -> bool:
    """Return whether a case is to be read as a failure.

    It is one with an error, with a ``kind`` (of failure) in its detail, not ``correct``, or, where that is not said, with a
    headline metric missed altogether.
    """
    if case.error is not None or case.detail.get("kind"):
        return True
    if case.scores.get("answerable") == 0:  # and without a kind: refused, rightly, though there was nothing "correct" to cite
        return False
    correct = case.scores.get("correct")
    if correct is not None:
        return correct < 1
    missed = {name: 1.0 if lower_is_better(name) else 0.0 for name in headline_metrics(task)}
    return any(case.scores.get(name) == worst for name, worst in missed.items())


def kind_of(case: CaseResult) -> str:
    """Return what kind of failure a case is: what its task says, else its first tag."""
    if case.error is not None:
        return "failed with an error"
    return str(case.detail.get("kind") or next(iter(case.tags), "not sorted into kinds"))


# -- to JSON --------------------------------------------------------------------------------------


def report_to_json(report: EvalReport) -> dict[str, Any]:
    """Return the report as JSON values: floats with six places, NaN and infinities as null, ``seconds`` of cases left out."""
    run = [task for task in report.tasks if task.skipped is None]
    values: dict[str, Any] = json_values(
        {
            "format": FORMAT,
            "results": {t.name: {name: _metric_dict(m) for name, m in t.metrics.items()} for t in run},
            "floors": {
                t.name: {name: {f: _metric_dict(m) for f, m in floors.items()} for name, floors in t.floors.items()} for t in run
            },
            "bars": {t.name: {name: float(bar) for name, bar in t.bars.items()} for t in report.tasks if t.bars},
            "notes": {t.name: t.notes for t in report.tasks if t.notes},
            "titles": {t.name: t.title for t in report.tasks},
            "skipped": {t.name: t.skipped for t in report.tasks if t.skipped is not None},
            "stamp": report.stamp,
            "timings": {task: {k: float(v) for k, v in timings.items()} for task, timings in report.timings.items()},
            "cases": {t.name: [_case_dict(case) for case in t.cases] for t in run},
        }
    )
    return values


def report_text(report: EvalReport) -> str:
    """Return the report as the text of a JSON file: keys sorted, one case a line, so that files can be compared by line."""
    sections = [f" {_dumps(key)}: {_section(key, value)}" for key, value in sorted(report_to_json(report).items())]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def summary_text(report: EvalReport) -> str:
    """Return the text of a JSON file with the numbers alone: it holds no text of any article, and may be published."""
    return report_text(replace(report, tasks=tuple(replace(task, cases=()) for task in report.tasks)))


def write_report(path: Path, report: EvalReport) -> None:
    """Write the report as JSON: whole or not at all."""
    write_text(path, report_text(report))


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file that is never seen half written; the folders above it are made. Raises ``UsageError``."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}; name a file in a folder you may write to") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _metric_dict(metric: Metric) -> dict[str, Any]:
    value, low, high = (None if number is None else float(number) for number in (metric.value, metric.low, metric.high))
    return {"value": value, "low": low, "high": high, "n": metric.n, "n_unscored": metric.n_unscored}


def _case_dict(case: CaseResult) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "cluster": case.cluster,
        "tags": case.tags,
        "scores": {name: None if score is None else float(score) for name, score in case.scores.items()},
        "detail": case.detail,
        "error": case.error,
    }


def json_values(value: Any) -> Any:
    """Return a value as JSON has it, numpy's numbers and lone surrogates made readable."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {json_values(str(key)): json_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_values(item) for item in value]
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return round(float(value), DIGITS) + 0.0 if math.isfinite(value) else None  # + 0.0: no -0.0
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _section(key: str, value: Any) -> str:
    if key != "cases" or not value:
        return _dumps(value, indent=1).replace("\n", "\n ")
    tasks = [f"  {_dumps(name)}: {_lines(cases)}" for name, cases in sorted(value.items())]
    return "{\n" + ",\n".join(tasks) + "\n }"


def _lines(cases: list[Any]) -> str:
    return "[\n" + ",\n".join(f"   {_dumps(case)}" for case in cases) + "\n  ]" if cases else "[]"


def _dumps(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, allow_nan=False)


# -- from JSON ------------------------------------------------------------------------------------


def report_from_json(data: Any, name: str = "this") -> EvalReport:
    """Return the report that JSON values describe, tasks in the order of their names.

    Raises ``UsageError`` for anything that is no report, or one of a newer format; ``name`` is what it calls the source.
    """
    if not isinstance(data, dict) or not isinstance(data.get("format"), int) or not {"results", "stamp"} <= data.keys():
        raise UsageError(f"{name} is no report: give a JSON file that pullquote eval run wrote")
    if data["format"] > FORMAT:
        raise UsageError(f"{name} was written by a newer pullquote (format {data['format']}): update pullquote, or run it anew")
    try:
        return EvalReport(tuple(_tasks(data)), dict(data["stamp"]), {k: _numbers(v) for k, v in data.get("timings", {}).items()})
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise UsageError(f"{name} is a damaged report: write it anew with pullquote eval run") from None


def read_report(path: Path) -> EvalReport:
    """Return the report in a JSON file. Raises ``UsageError`` where there is none."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}; give a file that pullquote eval run wrote") from None
    return report_from_text(text, str(path))


def report_from_text(text: bytes, name: str) -> EvalReport:
    """Return the report in the text of a JSON file that is called ``name``. Raises ``UsageError`` where it is none."""
    try:
        data = json.loads(text.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UsageError(f"{name} is no report: give a JSON file that pullquote eval run wrote") from None
    return report_from_json(data, name)


def _tasks(data: Mapping[str, Any]) -> Iterator[TaskReport]:
    titles, skipped = data.get("titles", {}), data.get("skipped", {})
    for name in sorted({*titles, *skipped, *data["results"]}):
        reason = skipped.get(name)
        yield TaskReport(
            name=name,
            title=str(titles.get(name, name)),
            metrics=_metrics(data["results"].get(name, {})),
            floors={metric: _metrics(floors) for metric, floors in data.get("floors", {}).get(name, {}).items()},
            bars=_numbers(data.get("bars", {}).get(name, {})),
            notes=tuple(map(str, data.get("notes", {}).get(name, []))),
            cases=tuple(map(_case, data.get("cases", {}).get(name, []))),
            skipped=None if reason is None else str(reason),
        )


def _metrics(values: Mapping[str, Any]) -> dict[str, Metric]:
    return {
        name: Metric(_number(m["value"]), _number(m["low"]), _number(m["high"]), int(m["n"]), int(m.get("n_unscored", 0)))
        for name, m in sorted(values.items())
    }


def _case(values: Mapping[str, Any]) -> CaseResult:
    error = values.get("error")
    return CaseResult(
        case_id=str(values["case_id"]),
        cluster=str(values.get("cluster", "")),
        tags=tuple(map(str, values.get("tags", []))),
        scores={name: _number(score) for name, score in values["scores"].items()},
        detail=dict(values.get("detail", {})),
        error=None if error is None else str(error),
    )


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in sorted(values.items())}


def _number(value: Any) -> float | None:
    if value is not None and not math.isfinite(float(value)):
        raise ValueError("not finite")
    return None if value is None else float(value)


def _refuse(constant: str) -> float:
    raise ValueError(f"JSON has no {constant}")
