"""What two reports have in common: cases to pair, data, and what is in one of them only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pullquote.eval.types import CaseResult, EvalReport, TaskReport
from pullquote.eval.wording import count_text, flat

Pair = tuple[CaseResult, CaseResult]
"""A case as the first report has it, and as the second has it."""
Reader = Callable[[CaseResult], float | None]
"""What a case adds to a metric; None: nothing."""
_ROUNDING = 2e-6


def paired(first: TaskReport, second: TaskReport) -> list[Pair]:
    """Return the cases of the first report that the second has too."""
    after = {case.case_id: case for case in second.cases}
    return [(case, after[case.case_id]) for case in first.cases if case.case_id in after]


def reader_of(metric: str, task: TaskReport) -> Reader | None:
    """Return how a metric is read off a case, or None where it is no mean of a score.

    ``joint_question`` is the score of that name; or ``joint`` of the cases tagged ``question``, and so is ``question_joint``.
    Where several would do, it is the one that comes to the value reported.
    """
    readers = [_reader(score, tag) for score, tag in _meanings(metric, task)]
    return next((reader for reader in readers if _comes_to(task, metric, reader)), readers[0] if readers else None)


def _meanings(metric: str, task: TaskReport) -> Iterator[tuple[str, str | None]]:
    """Yield scores, each with the tag that a case must have."""
    scores = {name for case in task.cases for name in case.scores}
    tags = sorted({tag for case in task.cases for tag in case.tags})
    if metric in scores:
        yield metric, None
    for tag in tags:
        for score in (metric.removesuffix(f"_{tag}"), metric.removeprefix(f"{tag}_")):
            if score != metric and score in scores:
                yield score, tag
    if metric in scores:
        yield from ((metric, tag) for tag in tags)


def _reader(score: str, tag: str | None) -> Reader:
    return lambda case: case.scores.get(score) if tag is None or tag in case.tags else None


def _comes_to(task: TaskReport, metric: str, reader: Reader) -> bool:
    reported = task.metrics.get(metric)
    values = [value for case in task.cases if (value := reader(case)) is not None]
    if reported is None or reported.value is None or len(values) != reported.n or not values:
        return False
    return abs(sum(values) / len(values) - reported.value) < _ROUNDING


def other_data(first: EvalReport, second: EvalReport) -> str:
    """Return in words which data or scoring both reports have, and not the same."""
    parts = []
    for key, what in (("data", "data"), ("tasks", "scoring")):
        one, two = (_mapping(report.stamp.get(key), key) for report in (first, second))
        if names := [name for name in sorted(set(one) & set(two)) if one[name] != two[name]]:
            parts.append(f"the {what} of {', '.join(names)} is not the same")
    return " and ".join(parts)


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {} if value is None else {key: value}


def stamp_changes(first: EvalReport, second: EvalReport) -> tuple[tuple[str, str, str], ...]:
    """Return what was recorded differently: name, before, after."""
    before, after = dict(flat(first.stamp)), dict(flat(second.stamp))
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return tuple((name, before.get(name, "none"), after.get(name, "none")) for name in names)


def unpaired(first: EvalReport, second: EvalReport) -> Iterator[str]:
    """Yield, in sentences, what is in one of the reports only."""
    one, two = ({task.name: task for task in report.tasks} for report in (first, second))
    for name in sorted({*one, *two}):
        before, after = one.get(name), two.get(name)
        for task, other, which in ((before, after, "second"), (after, before, "first")):
            if task is not None and task.skipped is None and (other is None or other.skipped is not None):
                reason = f": {other.skipped}" if other is not None else ""
                yield f"{name} was not run for the {which} report{reason}."
        if before is None or after is None or before.skipped is not None or after.skipped is not None:
            continue
        ids, others = ({case.case_id for case in task.cases} for task in (before, after))
        if ids != others:
            both, alone = count_text(len(ids & others), "case"), (len(ids - others), len(others - ids))
            yield f"{name}: {both} in both reports, {alone[0]:,} only in the first, {alone[1]:,} only in the second."
