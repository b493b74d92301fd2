"""The numbers of a report in words: the same in Markdown, in HTML and in comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pullquote.eval.report import DIGITS, lower_is_better, reached
from pullquote.eval.types import EvalReport, Metric, TaskReport

NOT_SCORED = "not scored"
COST_HEAD = ("tokens a question", "US dollars a question")
"""What ``cost_cells`` are of."""
_FEW_CHARS = 12


def number_text(value: float | None) -> str:
    """Return a number with about three digits that say something: ``0.683``, ``12.4``, ``1,830``, ``0.000012``."""
    if value is None:
        return NOT_SCORED
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    text = f"{value:.3f}"
    rounds_away = float(text) in (0, 1, -1) and float(text) != value  # 0.9996 is not 1
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".") if rounds_away else text


def signed_text(value: float) -> str:
    """Return a difference: ``+0.012``, ``-0.3``."""
    text = number_text(value)
    return text if value < 0 or not any(digit in text for digit in "123456789") else f"+{text}"


def chance_text(p: float) -> str:
    """Return ``p = 0.012`` or ``p < 0.001``."""
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def percent_text(share: float) -> str:
    """Return ``82 %``."""
    return f"{100 * share:.0f} %"


def interval_text(metric: Metric) -> str:
    """Return ``0.651 – 0.712``, or nothing where there is no interval."""
    return "" if metric.low is None or metric.high is None else f"{number_text(metric.low)} – {number_text(metric.high)}"


def bar_text(metric: str, bar: float) -> str:
    """Return ``≥ 0.680`` or ``≤ 0.150``."""
    return f"{'≤' if lower_is_better(metric) else '≥'} {number_text(bar)}"


def verdict_text(metric: str, value: float | None, bar: float) -> str:
    """Return ``reached`` or ``short``."""
    return "reached" if reached(metric, value, bar) else "short"


def bars_reached(report: EvalReport) -> tuple[int, list[tuple[TaskReport, str]]]:
    """Return how many bars were reached, and task and metric of those that were not; tasks that were not run do not count."""
    asked = [(task, name) for task in report.tasks if task.skipped is None for name in sorted(task.bars)]
    short = [(task, name) for task, name in asked if not reached(name, _value(task, name), task.bars[name])]
    return len(asked) - len(short), short


def count_text(number: int, noun: str) -> str:
    """Return ``1 case`` or ``1,204 cases``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration_text(seconds: float) -> str:
    """Return ``0.24 s``, ``38 s``, ``12 min`` or ``1 h 05 min``."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def cost_cells(timings: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[str, str]]:
    """Return tokens (prompt + completion) and US dollars of each task's questions; empty when no task spent any tokens."""
    costs = {task: _cost(values) for task, values in timings.items() if values.keys() >= {"prompt_tokens", "completion_tokens"}}
    return {task: costs.get(task, ("", "")) for task in timings} if costs else {}


def _cost(values: Mapping[str, float]) -> tuple[str, str]:
    tokens = f"{number_text(values['prompt_tokens'])} + {number_text(values['completion_tokens'])}"
    return tokens, number_text(values.get("usd"))


def flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts of nested values, names joined with dots."""
    for key, value in sorted(values.items()):
        if isinstance(value, Mapping):
            yield from flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", _text(value)


def stamp_brief(report: EvalReport) -> str:
    """Return the stamp's own short entries on one line, hashes cut to what tells them apart."""
    own = {key: value for key, value in report.stamp.items() if not isinstance(value, (Mapping, list, tuple))}
    return " · ".join(f"{name.replace('_', ' ')} {text[:_FEW_CHARS]}" for name, text in flat(own) if text != _text(None))


def _value(task: TaskReport, name: str) -> float | None:
    return task.metrics[name].value if name in task.metrics else None


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return "none" if value is None else str(value)
