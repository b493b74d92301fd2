"""Two reports on the same cases: what got better, what got worse, and what of it is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from pullquote.eval.comparisons import BOOTSTRAP, RANDOMISATION, approximate_randomisation, compare_paired, holm
from pullquote.eval.markdown import markdown_item, markdown_name, markdown_table, markdown_text, metric_name
from pullquote.eval.pairing import Pair, Reader, other_data, paired, reader_of, stamp_changes, unpaired
from pullquote.eval.report import json_values, lower_is_better
from pullquote.eval.resampling import cluster_numbers
from pullquote.eval.types import EvalReport, TaskReport
from pullquote.eval.wording import chance_text, count_text, number_text, signed_text
from pullquote.index.errors import UsageError

ALPHA = 0.05
"""Below it, a p value adjusted after Holm counts as significant."""
MIN_CLUSTERS = 30
"""With fewer, the bootstrap promises too much, and p is that of approximate randomisation."""
COMPLETED = "completed"
"""Metric of a task in which other cases failed than before: 1 when a case ended without an error."""

Direction = Literal["better", "worse", "same"]
MAX_LISTED = 20
"""Cases of a task that the Markdown lists as better, and as worse; the JSON has all."""
_HEAD = ("task", "metric", "before", "after", "difference", "95 % interval", "p", "n", "")
_HOW_TO_READ = (
    "Means over the *n* cases that both reports scored (lost: scored before only). *p* is two-sided and adjusted for all these "
    f"comparisons together (Holm); what is below {ALPHA} is in bold. ↓ marks metrics that are better low."
)
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric on the cases that both reports scored; after minus before."""

    task: str
    metric: str
    before: float
    after: float
    low: float
    """95 % interval of the difference."""
    high: float
    p: float
    p_holm: float
    """Adjusted for everything that was compared."""
    test: str
    """Where ``p`` comes from."""
    n: int
    n_lost: int
    """Cases that only the report before scored."""

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def direction(self) -> Direction:
        """Whether the metric got better, by its name; chance or not."""
        return direction(self.metric, self.difference)

    @property
    def significant(self) -> bool:
        """Whether it is more than chance."""
        return self.p_holm < ALPHA and self.direction != "same"


@dataclass(frozen=True, slots=True)
class Untested:
    """A metric that is no mean over cases, or has none to pair: both values are given, without a test."""

    task: str
    metric: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """A case that scored differently."""

    task: str
    case_id: str
    question: str
    metric: str
    before: float
    after: float

    @property
    def direction(self) -> Direction:
        """Whether the case got better."""
        return direction(self.metric, self.after - self.before)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second of two reports against the first."""

    differences: tuple[Difference, ...]
    untested: tuple[Untested, ...]
    changes: tuple[Change, ...]
    lost_tasks: tuple[str, ...]
    """Tasks that the first report ran and the second did not: nothing is known of them."""
    stamp: tuple[tuple[str, str, str], ...]
    """What was recorded differently: name, before, after."""
    notes: tuple[str, ...]
    """What could not be compared, and why."""

    @property
    def significant_regressions(self) -> tuple[Difference, ...]:
        """What got worse by more than chance."""
        return tuple(found for found in self.differences if found.significant and found.direction == "worse")

    @property
    def regressed(self) -> bool:
        """Whether anything got worse by more than chance."""
        return bool(self.significant_regressions)

    @property
    def significant_gains(self) -> tuple[Difference, ...]:
        """What got better by more than chance."""
        return tuple(found for found in self.differences if found.significant and found.direction == "better")


def direction(metric: str, difference: float) -> Direction:
    """Return whether a metric that moved by ``difference`` got better."""
    if abs(difference) <= _SAME:
        return "same"
    return "better" if (difference < 0) == lower_is_better(metric) else "worse"


def compare_reports(first: EvalReport, second: EvalReport, *, force: bool = False, seed: int = 1) -> Comparison:
    """Compare two reports case by case: same task, same case id; every reported metric that is a mean over cases is tested.

    Raises ``UsageError`` when no case is in both, or when they were made on different data or with different scoring, which
    ``force`` turns into a note.
    """
    other = other_data(first, second)
    if other and not force:
        raise UsageError(f"the reports cannot be compared: {other}; run both anew on the same data, or force it")
    tasks = {task.name: task for task in second.tasks if task.skipped is None}
    read = [_shared(task, tasks[task.name]) for task in first.tasks if task.skipped is None and task.name in tasks]
    if not any(one.pairs for one in read):
        raise UsageError("no case is in both reports: give two reports, with their cases, of the same tasks on the same data")
    return Comparison(
        differences=_adjusted([difference for one in read for difference in _differences(one, seed)]),
        untested=tuple(found for one in read for found in _untested(one)),
        changes=tuple(change for one in read for change in _changes(one)),
        lost_tasks=tuple(task.name for task in first.tasks if task.skipped is None and task.name not in tasks),
        stamp=stamp_changes(first, second),
        notes=(*([f"Compared all the same: {other}."] if other else []), *unpaired(first, second)),
    )


# -- pairs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shared:
    """A task that both reports have run."""

    first: TaskReport
    second: TaskReport
    pairs: Sequence[Pair]
    readers: Mapping[str, Reader]
    """By metric."""


def _shared(first: TaskReport, second: TaskReport) -> _Shared:
    """Return what can be compared: the reported metrics that are means over cases, and ``correct``."""
    pairs, reported = paired(first, second), {*first.metrics, *second.metrics}
    scores = {name for pair in pairs for case in pair for name in case.scores if "@" not in name}
    names = sorted(reported | ({"correct"} & scores) if reported else scores)
    readers = {name: reader for name in names if (reader := reader_of(name, first)) is not None}
    if any((one.error is None) != (two.error is None) for one, two in pairs):
        readers[COMPLETED] = lambda case: float(case.error is None)
    return _Shared(first, second, pairs, readers)


def _differences(shared: _Shared, seed: int) -> Iterator[Difference]:
    for metric, score in shared.readers.items():
        scores = [(score(one), score(two), one.cluster) for one, two in shared.pairs]
        scored = [(before, after, cluster) for before, after, cluster in scores if before is not None and after is not None]
        if not scored:
            continue
        before, after, clusters = [row[0] for row in scored], [row[1] for row in scored], [row[2] for row in scored]
        p, test, low, high = _tested(before, after, clusters, seed)
        n, lost = len(scored), sum(before is not None and after is None for before, after, _ in scores)
        yield Difference(shared.first.name, metric, sum(before) / n, sum(after) / n, low, high, p, p, test, n, lost)


def _tested(before: list[float], after: list[float], clusters: list[str], seed: int) -> tuple[float, str, float, float]:
    """Return p, where it comes from, and the interval of the difference."""
    found = compare_paired(before, after, clusters, seed)
    if found is None:
        raise ValueError("no pairs to compare")
    if found.test == BOOTSTRAP and int(cluster_numbers(clusters).max()) + 1 < MIN_CLUSTERS:
        return approximate_randomisation(before, after, clusters, seed), RANDOMISATION, found.low, found.high
    return found.p, found.test, found.low, found.high


def _adjusted(found: Sequence[Difference]) -> tuple[Difference, ...]:
    adjusted = holm([one.p for one in found])
    return tuple(replace(one, p_holm=p) for one, p in zip(found, adjusted, strict=True))


def _changes(shared: _Shared) -> Iterator[Change]:
    for metric, score in shared.readers.items():
        for one, two in shared.pairs:
            before, after = score(one), score(two)
            if before is not None and after is not None and direction(metric, after - before) != "same":
                question = str(two.detail.get("question") or one.detail.get("question") or "")
                yield Change(shared.first.name, one.case_id, question, metric, before, after)


def _untested(shared: _Shared) -> Iterator[Untested]:
    for name in sorted(set(shared.first.metrics) & set(shared.second.metrics) - set(shared.readers)):
        before, after = shared.first.metrics[name].value, shared.second.metrics[name].value
        if before is not None and after is not None:
            yield Untested(shared.first.name, name, before, after)


# -- for people and programs ----------------------------------------------------------------------


def comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON values, floats with six places."""
    values: dict[str, Any] = json_values(
        {
            "significant_regressions": [[found.task, found.metric] for found in comparison.significant_regressions],
            "significant_gains": [[found.task, found.metric] for found in comparison.significant_gains],
            "differences": [
                {**asdict(d), "difference": d.difference, "direction": d.direction, "significant": d.significant}
                for d in comparison.differences
            ],
            "untested": [asdict(found) for found in comparison.untested],
            "changes": [{**asdict(change), "direction": change.direction} for change in comparison.changes],
            "lost_tasks": comparison.lost_tasks,
            "stamp": {name: {"before": before, "after": after} for name, before, after in comparison.stamp},
            "notes": comparison.notes,
        }
    )
    return values


def comparison_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown: what is more than chance first, then all metrics, then the cases."""
    parts = ["# Comparison", *_headline(comparison), _table(comparison.differences), _HOW_TO_READ]
    if comparison.untested:
        rows = [[*_named(found), number_text(found.before), number_text(found.after)] for found in comparison.untested]
        parts += ["## Not tested: no means over cases", markdown_table(["task", "metric", "before", "after"], rows, (2, 3))]
    for title, wanted in (("## Cases that got worse", "worse"), ("## Cases that got better", "better")):
        if changes := [change for change in comparison.changes if change.direction == wanted]:
            parts += [title, *_listed(changes)]
    if comparison.notes:
        parts += ["## What could not be compared", "\n".join(map(markdown_item, comparison.notes))]
    if comparison.stamp:
        rows = [[markdown_name(name), markdown_text(before), markdown_text(after)] for name, before, after in comparison.stamp]
        parts += ["## What was different", markdown_table(["what", "before", "after"], rows)]
    return "\n\n".join(parts) + "\n"


def _headline(comparison: Comparison) -> Iterator[str]:
    for found, noun in ((comparison.significant_regressions, "regression"), (comparison.significant_gains, "gain")):
        if not found:
            yield f"**No significant {noun}.**"
            continue
        lines = [f"- {' '.join(_named(d))}: {_moved(d)} ({signed_text(d.difference)}, {chance_text(d.p_holm)})" for d in found]
        yield "\n".join([f"**{count_text(len(found), f'significant {noun}')}:**", "", *lines])


def _named(found: Difference | Untested) -> list[str]:
    return [markdown_name(found.task), metric_name(found.metric)]


def _moved(found: Difference | Change) -> str:
    return f"{number_text(found.before)} → {number_text(found.after)}"


def _table(differences: Sequence[Difference]) -> str:
    rows = [[*_named(found), *_numbers(found), _verdict(found)] for found in differences]
    return markdown_table(_HEAD, rows, range(2, 8))


def _numbers(found: Difference) -> list[str]:
    interval = f"{signed_text(found.low)} to {signed_text(found.high)}"
    chance = chance_text(found.p_holm).removeprefix("p ").removeprefix("= ")
    count = f"{found.n:,} ({found.n_lost:,} lost)" if found.n_lost else f"{found.n:,}"
    return [number_text(found.before), number_text(found.after), signed_text(found.difference), interval, chance, count]


def _verdict(found: Difference) -> str:
    if found.direction == "same":
        return ""
    return f"**{found.direction}**" if found.significant else found.direction


def _listed(changes: Sequence[Change]) -> Iterator[str]:
    for task in dict.fromkeys(change.task for change in changes):
        cases: dict[str, list[Change]] = {}
        for change in changes:
            if change.task == task:
                cases.setdefault(change.case_id, []).append(change)
        ordered = sorted(cases.values(), key=lambda moved: (-max(abs(c.after - c.before) for c in moved), moved[0].case_id))
        yield f"{markdown_name(task)}, {count_text(len(cases), 'case')}:"
        lines = [_case_line(moved) for moved in ordered[:MAX_LISTED]]
        yield "\n".join([*lines, *([f"- and {len(cases) - MAX_LISTED:,} more, in the JSON"] if len(cases) > MAX_LISTED else [])])


def _case_line(moved: Sequence[Change]) -> str:
    scores = ", ".join(f"{metric_name(c.metric)} {_moved(c)}" for c in moved)
    return f"- {markdown_name(moved[0].case_id)} {markdown_text(moved[0].question)} ({scores})"
