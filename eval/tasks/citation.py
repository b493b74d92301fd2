"""Whether the cited sentences are the ones that people chose, and whether they carry what they stand beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pullquote.eval.judge import Judge, judge_notes, judged_citations
from pullquote.eval.metrics.citations import alce_parts, alce_score, cited_chars, cited_places, gold_score
from pullquote.eval.statistics import f1_interval
from pullquote.eval.stores import reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.folds import ask_by_fold, clapnq_with_folds, prepare_folds
from pullquote.eval.tasks.scoring import (
    bm25_sentences,
    cluster_of,
    floors,
    gold_quotes,
    is_verbatim,
    lead_sentences,
    mean,
    scored,
)
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.verification import Verifier, built_in_verifier

_TOP = 3


@dataclass(frozen=True, slots=True)
class Citation:
    """Sentence citations on ClapNQ."""

    name: str = "citation"
    title: str = "Cited sentences against those that people chose (ClapNQ)"
    needs: tuple[str, ...] = ("clapnq", "realtimeqa")
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the answerable questions whose sentences were marked."""
        marked = [(case, fold) for case, fold in clapnq_with_folds(setup) if case.answerable and case.gold]
        cases = [
            EvalCase(
                case.id,
                case.question,
                None,
                tuple(Gold(case.article_id, span) for span in case.gold),
                cluster=case.article_id,
                extra={"fold": fold},
            )
            for case, fold in marked
        ]
        return spread(cases, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the stores and fit the weights of all folds."""
        prepare_folds(setup)

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(setup.build / "clapnq") as room:
            asks, verifier = ask_by_fold(setup, room.store), built_in_verifier()
            judge = setup.new_judge()
            yield lambda case: _run(case, room.store, asks[case.extra["fold"]], verifier, judge)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up the questions that were answered, and once more all of them."""
        names = ("precision", "recall", "alce_precision", "alce_recall", "exact_quote", "cited_chars", "answered")
        judged = [
            name for name in ("judge_citation_recall", "judge_citation_precision") if any(name in r.scores for r in results)
        ]
        metrics = {name: mean(results, name) for name in (*names, *judged)}
        metrics |= {"f1": _f1(results, "precision", "recall"), "f1_with_refusals": _f1(results, "precision", "recall_or_0")}
        kinds = sorted(floors(results, "precision"))
        trivial = {name: floors(results, name) for name in ("precision", "recall")}
        trivial["f1"] = {floor: _f1(results, f"precision@{floor}", f"recall@{floor}") for floor in kinds}
        notes = (
            "One store of all passages; each question is judged by weights fitted on the other four folds (and on RealTimeQA). "
            "f1 is of mean precision and mean recall over the questions that were answered, as ALCE leaves empty answers out; "
            "in f1_with_refusals a refusal has recall 0.",
            "alce_*: the built-in verifier judges whether the citations carry the answer sentence. An extractive answer is its "
            "own citation, so this is near 1 for whoever copies: read it beside f1.",
            f"Floors: bm25 cites BM25's {_TOP} best sentences, lead the first {_TOP} of the best one's article.",
            *judge_notes(results, "What its verdicts are worth: judge_wice_bacc of the task grounding, run with the same judge."),
        )
        return TaskReport(self.name, self.title, metrics, trivial, {"f1": 0.68, "exact_quote": 1.0}, notes, ())


def _f1(results: Sequence[CaseResult], precision: str, recall: str) -> Metric:
    rows = [(r.scores.get(precision), r.scores.get(recall), cluster_of(r)) for r in results]
    kept = [row for row in rows if row[0] is not None or row[1] is not None]
    if not kept:
        return Metric(None, None, None, 0, len(rows))
    found = f1_interval([p for p, _, _ in kept], [r for _, r, _ in kept], [cluster for *_, cluster in kept])
    return Metric(found.value, found.low, found.high, found.n, len(rows) - len(kept))


def _run(case: EvalCase, store: Store, ask: AnswerFn, verifier: Verifier, judge: Judge | None) -> CaseResult:
    answer = ask(case.question)
    cited = gold_score(cited_places(answer), case.gold)
    sentences, passages = alce_parts(answer)
    alce = alce_score(sentences, passages, lambda premise, claim: verifier.is_supported(claim, [premise]))
    answered = answer.status == "answered"
    scores: dict[str, float | None] = {"answered": float(answered), "recall_or_0": cited.recall if answered else 0.0}
    if answered:
        scores |= {
            "precision": cited.precision,
            "recall": cited.recall,
            "alce_precision": alce.precision if alce else None,
            "alce_recall": alce.recall if alce else None,
            "exact_quote": is_verbatim(store, answer),
            "cited_chars": cited_chars(cited_places(answer)),
        }
    if answered and judge:
        scores |= judged_citations(judge, sentences, passages)
    best = bm25_sentences(store, case.question, _TOP)
    for floor, shown in (("bm25", best), ("lead", lead_sentences(store, best, _TOP))):
        trivial = gold_score(_places(shown), case.gold)
        scores |= {f"precision@{floor}": trivial.precision, f"recall@{floor}": trivial.recall}
    kind = "refused" if not answered else "" if (cited.f1 or 0) >= 0.5 else "other sentences"
    more: dict[str, Any] = {"judge": judge.label} if judge else {}
    return scored(case, scores, answer, kind=kind, gold=gold_quotes(store, case.gold), **more)


def _places(sentences: Sequence[Sentence]) -> list[Gold]:
    return [Gold(s.article_id, s.span) for s in sentences]
