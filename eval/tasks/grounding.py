"""Whether the built-in verifier tells supported claims from unsupported ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pullquote.eval.datasets.grounding import ClaimCase, attributionbench_claims, qags_claims, wice_claims
from pullquote.eval.fitting import fit_probability
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import area, cluster_of, mean, scored, with_tag
from pullquote.eval.types import CaseResult, EvalCase, Metric, TaskReport
from pullquote.qa.rerank import cross_encoder
from pullquote.qa.verification import feature_rows, shipped_support
from pullquote.qa.words import STOP_WORDS, stem, stems_of, words_of

FOLDS = 5
PENALTY = 6.0
_SHOWN = 12  # evidence sentences that are kept for readers of failures


@dataclass(frozen=True, slots=True)
class Grounding:
    """WiCE, AttributionBench and QAGS."""

    name: str = "grounding"
    title: str = "The built-in verifier: supported claims against unsupported ones"
    needs: tuple[str, ...] = ("wice", "attributionbench", "qags")
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the claims of the three sets."""
        sets = {"wice": wice_claims, "attributionbench": attributionbench_claims, "qags": qags_claims}
        every = [_case(name, claim) for name, load in sets.items() for claim in load(setup.data / name)]
        return spread(every, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Nothing: claims come with their evidence."""

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:  # noqa: ARG002
        """Give the function that judges one claim."""
        encoder = cross_encoder()

        def run(case: EvalCase) -> CaseResult:
            evidence = case.extra["evidence"]
            (row,) = feature_rows([(case.question, evidence)], encoder)
            support = shipped_support().probability(row) if row else 0.0
            supported = bool(case.extra["supported"])
            scores = {"support": support, "supported": float(supported), "lexical": _lexical(case.question, evidence)}
            right = (support >= shipped_support().threshold) == supported
            kind = "" if right else "supported, but not believed" if supported else "believed, but not supported"
            shown = [{"quote": text} for text in evidence[:_SHOWN]]
            features = [round(value, 6) for value in row]
            scores["correct"] = float(right)
            return scored(case, scores, kind=kind, confidence=round(support, 6), features=features, citations=shown)

        yield run

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by data set: AUROC, and accuracy on both kinds at the committed threshold."""
        metrics: dict[str, Metric] = {}
        trivial = {}
        for name in ("wice", "attributionbench", "qags"):
            some = with_tag(results, name)
            judged = _by_folds(some) if name == "wice" else some
            metrics[f"{name}_auroc"] = area(judged, "support", "supported")
            trivial[f"{name}_auroc"] = {"lexical": area(some, "lexical", "supported")}
            metrics[f"{name}_accuracy"] = mean(some, "correct")
        notes = (
            "wice_auroc: five folds of the claims by article, weights fitted on the other four; partly supported counts as not "
            "supported. The other numbers are of the shipped weights.",
            "Floor: lexical, the share of the claim's content words that stand in the evidence.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, {}, notes, ())


def _case(name: str, claim: ClaimCase) -> EvalCase:
    extra = {"evidence": list(claim.evidence), "supported": claim.supported}
    expected = "supported" if claim.supported else None
    return EvalCase(f"{name}/{claim.id}", claim.claim, expected, tags=(name, *claim.tags), cluster=claim.cluster, extra=extra)


def _lexical(claim: str, evidence: Sequence[str]) -> float:
    wanted = {stem(word) for word in words_of(claim) if word not in STOP_WORDS}
    there = set(stems_of(" ".join(evidence)))
    return len(wanted & there) / len(wanted) if wanted else 0.0


def _by_folds(results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return the results with the support that weights fitted on the other folds give."""
    judged = [r for r in results if r.error is None and r.detail.get("features")]
    clusters = list(dict.fromkeys(cluster_of(r) for r in judged))
    fold = np.array([clusters.index(cluster_of(r)) % FOLDS for r in judged])
    rows = np.array([r.detail["features"] for r in judged])
    labels = np.array([bool(r.scores["supported"]) for r in judged])
    support = np.zeros(len(judged))
    for number in range(FOLDS):
        rest = fold != number
        if len(set(labels[rest])) == 2 and (~rest).any():
            slopes, intercept = fit_probability(rows[rest], labels[rest], PENALTY)
            support[~rest] = rows[~rest] @ slopes + intercept
    scores = {r.case_id: float(value) for r, value in zip(judged, support, strict=True)}
    return [replace(r, scores={**r.scores, "support": scores.get(r.case_id, float(support.min(initial=0.0)))}) for r in results]
