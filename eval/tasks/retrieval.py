"""How far up the right sentences stand among the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from pullquote.eval.datasets import FORMS
from pullquote.eval.tasks.attribution import WIKINEWS, Attribution
from pullquote.eval.tasks.base import RunCase, Setup
from pullquote.eval.tasks.scoring import floors, mean, with_tag
from pullquote.eval.types import CaseResult, EvalCase, Metric, TaskReport

_MEASURES = ("recall_at_10", "mrr", "ndcg_at_10")


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Ranked evidence against gold sentences: the questions of the attribution task, asked once for both."""

    name: str = "retrieval"
    title: str = "The right sentences among the ten best"
    needs: tuple[str, ...] = ("polnear", "gum_wikinews")
    version: int = 2
    asks: Attribution = field(default_factory=Attribution)

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the attribution questions."""
        return self.asks.cases(setup)

    def prepare(self, setup: Setup) -> None:
        """Make the stores."""
        self.asks.prepare(setup)

    def session(self, setup: Setup) -> AbstractContextManager[RunCase]:
        """Give the function that asks one question."""
        return self.asks.session(setup)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by form of the question."""
        metrics: dict[str, Metric] = {}
        trivial = {}
        for form in (*FORMS, WIKINEWS):
            some = with_tag(results, form)
            for measure in _MEASURES:
                metrics[f"{measure}_{form}"] = mean(some, measure)
                trivial[f"{measure}_{form}"] = floors(some, measure)
        notes = (
            "A relevant sentence overlaps a gold place; the same sentence in a copy of the article does not count. Floor: "
            "BM25 over sentences.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, {}, notes, tuple(map(_own, results)))


def _own(result: CaseResult) -> CaseResult:
    """Return a result with the scores, and the kind of failure, that are of retrieval."""
    scores = {name: value for name, value in result.scores.items() if name.partition("@")[0] in _MEASURES}
    kind = {"kind": "none of the ten"} if scores.get("recall_at_10") == 0 else {}
    return replace(result, scores=scores, detail={k: v for k, v in result.detail.items() if k != "kind"} | kind)
