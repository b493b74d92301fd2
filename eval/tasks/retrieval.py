"""How far up the right sentences stand among the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pullquote.eval.datasets import FORMS
from pullquote.eval.metrics.ranking import ndcg_at_k, recall_at_k, reciprocal_rank
from pullquote.eval.tasks.attribution import answering, build_stores, polnear_questions, wikinews_questions
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import bm25_sentences, floors, mean, scored, with_tag
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Sentence, Span

K = 10
_MEASURES = ("recall_at_10", "mrr", "ndcg_at_10")


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Ranked evidence against gold sentences."""

    name: str = "retrieval"
    title: str = "The right sentences among the ten best"
    needs: tuple[str, ...] = ("polnear", "gum_wikinews")
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the dev questions of PolNeAR in three forms, and those of Wikinews."""
        polnear = polnear_questions(setup.data / "polnear", split="dev")
        return spread([*polnear, *wikinews_questions(setup.data / "gum_wikinews")], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the stores."""
        build_stores(setup)

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that ranks evidence for one question."""
        with answering(setup) as (stores, ask):
            yield lambda case: _run(case, stores["wikinews" in case.tags], ask["wikinews" in case.tags])

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by form of the question."""
        metrics: dict[str, Metric] = {}
        trivial = {}
        for form in (*FORMS, "wikinews"):
            some = with_tag(results, form)
            for measure in _MEASURES:
                metrics[f"{measure}_{form}"] = mean(some, measure)
                trivial[f"{measure}_{form}"] = floors(some, measure)
        notes = (
            "PolNeAR: the self-contained dev questions over all 924 articles. A relevant sentence overlaps a gold place; the "
            "same sentence in a copy of the article does not count. Floor: BM25 over sentences.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, {}, notes, ())


def _run(case: EvalCase, store: Store, ask: AnswerFn) -> CaseResult:
    answer = ask(case.question)
    ranked = [e.sentence for e in answer.evidence[:K]]
    plain = bm25_sentences(store, case.question, K)
    gold = _gold_sentences(store, case.gold)
    scores = _measured(ranked, gold)
    scores |= {f"{name}@bm25": value for name, value in _measured(plain, gold).items()}
    shown = [{"article_id": s.article_id, "quote": s.text, "gold": s.place in gold} for s in ranked]
    kind = "" if scores["recall_at_10"] else "none of the ten"
    return scored(case, scores, kind=kind, citations=shown)


def _measured(ranked: Sequence[Sentence], gold: frozenset[tuple[str, int]]) -> dict[str, float | None]:
    places = [s.place for s in ranked]
    values = recall_at_k(places, gold, K), reciprocal_rank(places, gold, K), ndcg_at_k(places, dict.fromkeys(gold, 1.0), K)
    return dict(zip(_MEASURES, values, strict=True))


def _gold_sentences(store: Store, gold: Sequence[Gold]) -> frozenset[tuple[str, int]]:
    return frozenset(
        s.place for g in gold for s in store.catalog.sentences_of(g.article_id) if s.span.overlaps(Span(g.span.start, g.span.end))
    )
