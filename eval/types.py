"""What an evaluation is made of: cases go in, one result per case comes out, a report sums them up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pullquote.index.store import Store
from pullquote.index.types import Span
from pullquote.qa.types import Answer

AnswerFn = Callable[[str], Answer]
"""What is evaluated: a question goes in, an answer comes out."""
Engine = Callable[[Store, Collection[str]], AnswerFn]
"""Makes an answering function over a store; the articles with the given ids are to be treated as not there."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that a right answer cites."""

    article_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class EvalCase:
    """One question to be asked, with what is right."""

    id: str
    question: str
    reference_answer: str | None
    """None: nothing in the store answers, the right thing is to abstain; unless ``gold`` is given."""
    gold: tuple[Gold, ...] = ()
    as_of: datetime | None = None
    """Articles published later than this are to be treated as not there."""
    tags: tuple[str, ...] = ()
    """Kinds that are reported apart, such as the form of the question."""
    cluster: str = ""
    """Cases of one cluster (an article) are not independent; empty: the case is a cluster of its own."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What only this task knows of its cases: choices, claims, planted texts. JSON values."""

    @property
    def answerable(self) -> bool:
        """Whether an answer is expected."""
        return self.reference_answer is not None or bool(self.gold)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case."""

    case_id: str
    cluster: str
    tags: tuple[str, ...]
    scores: Mapping[str, float | None]
    """By metric; None is "not scored", never 0. ``metric@floor`` is what a trivial system reached on the same case."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """For whoever reads failures: question, answer, citations, expected. JSON values, the same on every run."""
    error: str | None = None
    """Why the case failed; then it has no scores, and counts as unscored everywhere."""
    seconds: float = field(default=0.0, compare=False)
    answers: int = field(default=0, compare=False)
    """Questions that the engine was asked for this case; what they cost is not part of ``results``, either."""
    prompt_tokens: int = field(default=0, compare=False)
    completion_tokens: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Metric:
    """A number of a report with its 95 % interval."""

    value: float | None
    """None when no case was scored."""
    low: float | None
    high: float | None
    n: int
    """Scored cases."""
    n_unscored: int = 0


@dataclass(frozen=True, slots=True)
class TaskReport:
    """What one task came to."""

    name: str
    title: str
    metrics: Mapping[str, Metric]
    floors: Mapping[str, Mapping[str, Metric]]
    """``floors[metric][floor]``: what trivial systems reach."""
    bars: Mapping[str, float]
    """What a metric is meant to reach, where somebody said so; for rates that should be low, at most."""
    notes: tuple[str, ...]
    """What a reader must know to read the numbers: samples, folds, what was fitted where."""
    cases: tuple[CaseResult, ...]
    skipped: str | None = None
    """Why the task was not run; then there are no metrics."""


@dataclass(frozen=True, slots=True)
class EvalReport:
    """A whole run."""

    tasks: tuple[TaskReport, ...]
    stamp: Mapping[str, Any]
    """What decides the numbers: data hashes, commit, model and weight hashes, settings hash, seed."""
    timings: Mapping[str, Mapping[str, float]]
    """Per task: seconds, p50_s and p95_s of a case; prompt_tokens and completion_tokens per question, where any were spent, and
    usd per question, where prices were given. Not part of ``results``: they differ from run to run."""
