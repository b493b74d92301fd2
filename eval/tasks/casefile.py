"""Questions that somebody wrote by hand, over a store of their own; other tasks with such questions score them the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pullquote.eval.cases import read_cases
from pullquote.eval.metrics.answers import contains_answer, token_f1
from pullquote.eval.metrics.citations import cited_places, gold_score
from pullquote.eval.metrics.refusals import false_answer, false_refusal
from pullquote.eval.stores import reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import gold_quotes, is_verbatim, mean, scored, with_tag
from pullquote.eval.types import CaseResult, EvalCase, TaskReport
from pullquote.index.store import Store

_SCORES = (
    "answer_contains", "token_f1", "citation_precision", "citation_recall", "false_answer", "false_refusal", "exact_quote",
)  # fmt: skip
_NOTE = "answer_contains: the reference answer's words stand in the answer. citation_*: cited places against gold ones."


@dataclass(frozen=True, slots=True)
class CaseFileTask:
    """The cases of a file, asked of a store."""

    path: Path
    """Absolute, as is the store's: both are found by joining them to the data folder."""
    store: Path
    name: str = "cases"
    version: int = 1

    @property
    def title(self) -> str:
        """What is asked."""
        return f"The questions in {self.path.name}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The file and the store's catalog."""
        return (str(self.path), str(self.store / "catalog.sqlite"))

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Read the file."""
        return spread(read_cases(self.path), setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Nothing: the store is there."""

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(self.store) as room:
            yield lambda case: run_case(case, room.store, setup)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up all scores, and apart by tag."""
        return case_report(self.name, self.title, results, (), {"exact_quote": 1.0})


def case_report(
    name: str, title: str, results: Sequence[CaseResult], notes: tuple[str, ...], bars: Mapping[str, float]
) -> TaskReport:
    """Return the means of what ``run_case`` scored, over all cases and, as ``score_tag``, over those with a tag."""
    metrics = {score: mean(results, score) for score in _SCORES if any(score in r.scores for r in results)}
    for tag in sorted({tag for result in results for tag in result.tags}):
        some = with_tag(results, tag)
        metrics |= {f"{score}_{tag}": mean(some, score) for score in _SCORES if any(score in r.scores for r in some)}
    return TaskReport(name, title, metrics, {}, bars, (_NOTE, *notes), ())


def run_case(case: EvalCase, store: Store, setup: Setup) -> CaseResult:
    """Ask a case's question, without the articles later than its ``as_of``, and score what is known of the right answer."""
    answer = setup.engine(store, _later(store, case.as_of))(case.question)
    text, abstained = " ".join(s.text for s in answer.sentences), answer.status == "abstained"
    scores: dict[str, float | None] = {}
    if case.answerable:
        scores["false_refusal"] = false_refusal(case.answerable, abstained)
    else:
        scores["false_answer"] = false_answer(case.answerable, abstained)
    if case.reference_answer:
        scores["answer_contains"] = contains_answer(text, [case.reference_answer])
        scores["token_f1"] = token_f1(text, [case.reference_answer])
    if case.gold:
        found = gold_score(cited_places(answer), case.gold)
        scores |= {"citation_precision": found.precision, "citation_recall": found.recall}
    if not abstained:
        scores["exact_quote"] = is_verbatim(store, answer)
    return scored(case, scores, answer, kind=_kind(scores), gold=gold_quotes(store, case.gold))


def _later(store: Store, as_of: datetime | None) -> list[str]:
    """Return the articles published after a time; what has no date is kept."""
    if as_of is None:
        return []
    return [meta.id for meta in store.catalog.metas() if meta.published_at is not None and meta.published_at > as_of]


def _kind(scores: dict[str, float | None]) -> str:
    if scores.get("false_refusal"):
        return "refused, though answerable"
    if scores.get("false_answer"):
        return "answered, though nothing answers"
    if scores.get("citation_recall") == 0:
        return "other sentences"
    return "another answer" if scores.get("answer_contains") == 0 else ""
