"""Whether the built-in verifier tells supported claims from unsupported ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pullquote.eval.datasets import folder_hash
from pullquote.eval.datasets.grounding import ClaimCase, attributionbench_claims, qags_claims, wice_claims
from pullquote.eval.fit_support import FOLDS, fold_scores
from pullquote.eval.judge import Judge, judge_notes
from pullquote.eval.stamp import code_hash
from pullquote.eval.stores import CachedEncoder
from pullquote.eval.support_cases import copied_claims
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import area, balanced, floors, mean, scored, with_tag
from pullquote.eval.tasks.swapped import FAULTS, SWAPS, swap_metrics, swap_scores, swap_sets
from pullquote.eval.types import CaseResult, EvalCase, TaskReport
from pullquote.index.errors import UsageError
from pullquote.qa.rerank import cross_encoder
from pullquote.qa.verification import Verifier, built_in_verifier
from pullquote.qa.words import content_stems, stems_of

_SETS = {"wice": wice_claims, "attributionbench": attributionbench_claims, "qags": qags_claims}
_SHOWN = 12  # evidence sentences that are kept for readers of failures
_FILE = "wice-folds.json"
_JUDGED = ("judge_true", "judge_false")
BARS = {"wice_auroc": 0.79}


@dataclass(frozen=True, slots=True)
class Grounding:
    """WiCE, AttributionBench, QAGS, and claims made of PolNeAR with one fault each."""

    name: str = "grounding"
    title: str = "The built-in verifier: supported claims against unsupported ones"
    needs: tuple[str, ...] = ("wice", "attributionbench", "qags", "entailment", "polnear")
    version: int = 2

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the claims of all sets."""
        every = [_case(name, claim) for name, load in _SETS.items() for claim in load(setup.data / name)]
        every += [_case(SWAPS, claim, faults=faults) for claim, faults in swap_sets(setup.data / "polnear", setup.seed)]
        return spread(every, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Judge WiCE's claims by weights of the other folds, unless that was done for this code and data."""
        if _kept(setup) is None:
            claims, copies = wice_claims(setup.data / "wice"), copied_claims(setup.data / "entailment")
            scores = fold_scores(claims, CachedEncoder(cross_encoder()), general=copies)
            judged = dict(zip((claim.id for claim in claims), scores, strict=True))
            setup.build.mkdir(parents=True, exist_ok=True)
            (setup.build / _FILE).write_text(json.dumps({"key": _key(setup), "scores": judged}), encoding="utf-8")

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that judges one claim."""
        verifier, by_fold = built_in_verifier(), _kept(setup)
        if by_fold is None:
            raise UsageError(
                "the scores by folds are of other code or data: run the task again, and leave the code alone meanwhile"
            )
        judge = setup.new_judge()
        yield lambda case: _run(case, verifier, by_fold, judge)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by data set: AUROC, and accuracy at the committed threshold; balanced where sets are generated."""
        swaps = with_tag(results, SWAPS)
        metrics, trivial = swap_metrics(swaps)
        metrics[f"{SWAPS}_auroc"] = area(swaps, "support", "supported")
        trivial[f"{SWAPS}_auroc"] = {"lexical": area(swaps, "lexical", "supported")}
        if any(score in result.scores for result in results for score in _JUDGED):
            metrics["judge_wice_bacc"] = balanced(with_tag(results, "wice"), _JUDGED)
        for name in _SETS:
            some = with_tag(results, name)
            metrics[f"{name}_auroc"] = area(some, "support", "supported")
            metrics[f"{name}_accuracy"] = mean(some, "correct")
            trivial[f"{name}_auroc"] = {"lexical": area(some, "lexical", "supported")}
            trivial[f"{name}_accuracy"] = floors(some, "correct")
        notes = (
            f"WiCE: {FOLDS} folds, each judged by weights of the others; partly supported counts as not supported. The other "
            "sets: the shipped weights, which were not fitted on them, though features were chosen with all of them in view.",
            "Floors: lexical, the share of the claim's content words that stand in the evidence; believe, which takes "
            "all as supported.",
            "swaps: PolNeAR's gold statements said again by templates, and once more with one fault: another speaker, another "
            "number, negated, or the sentence beside cited. *_bacc is the mean of the rate of believed true claims, of those the "
            "faults were made of, and the rate of faults not believed; swaps_bacc is the mean of the four kinds.",
            *judge_notes(results, "judge_wice_bacc is its balanced accuracy on WiCE."),
        )
        return TaskReport(self.name, self.title, metrics, trivial, BARS, notes, ())


def _run(case: EvalCase, verifier: Verifier, by_fold: Mapping[str, float], judge: Judge | None) -> CaseResult:
    evidence, supported = case.extra["evidence"], bool(case.extra["supported"])
    known = by_fold.get(case.extra["claim"]) if "wice" in case.tags else None
    support = verifier.support(case.question, evidence) if known is None else known
    believed = support >= verifier.threshold
    right = believed == supported
    scores: dict[str, float | None] = {
        "support": support,
        "supported": float(supported),
        "lexical": _lexical(case.question, evidence),
        "correct": float(right),
        "correct@believe": float(supported),
        **swap_scores(case, believed),
    }
    more: dict[str, Any] = {}
    if judge and "wice" in case.tags:
        verdict = judge.supports(case.question, evidence)
        scores[_JUDGED[not supported]] = None if verdict is None else float(verdict == supported)
        more["judge"] = judge.label
    shown = [{"quote": text} for text in evidence[:_SHOWN]]
    return scored(case, scores, kind="" if right else _kind(case), confidence=round(support, 6), citations=shown, **more)


def _kind(case: EvalCase) -> str:
    if case.extra["supported"]:
        return "supported, but not believed"
    fault = next((tag.replace("_", " ") for tag in case.tags if SWAPS in case.tags and tag in FAULTS), "")
    return "believed, but not supported" + (f": {fault}" if fault else "")


def _kept(setup: Setup) -> dict[str, float] | None:
    path = setup.build / _FILE
    report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return dict(report["scores"]) if report.get("key") == _key(setup) else None


def _key(setup: Setup) -> list[str]:
    return [code_hash(), folder_hash(setup.data / "wice"), folder_hash(setup.data / "entailment")]


def _case(name: str, claim: ClaimCase, **more: object) -> EvalCase:
    extra = {"evidence": list(claim.evidence), "supported": claim.supported, "claim": claim.id, **more}
    expected = "supported" if claim.supported else None
    return EvalCase(f"{name}/{claim.id}", claim.claim, expected, tags=(name, *claim.tags), cluster=claim.cluster, extra=extra)


def _lexical(claim: str, evidence: Sequence[str]) -> float:
    wanted = content_stems(claim)
    there = set(stems_of(" ".join(evidence)))
    return len(wanted & there) / len(wanted) if wanted else 0.0
