"""Generated claims with one fault each, beside the true ones that they came from: cases, scores and metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pullquote.eval.datasets.grounding import ClaimCase
from pullquote.eval.datasets.swaps import swap_claims
from pullquote.eval.tasks.scoring import balanced
from pullquote.eval.types import CaseResult, EvalCase, Metric

SWAPS = "swaps"
"""Name of the set and tag of its cases."""
FAULTS = {"speaker_swapped": "swap", "number_changed": "number", "negated": "negation", "moved": "moved"}
"""Kinds of faults, with what their metrics are called by."""


def swap_sets(folder: Path, seed: int) -> list[tuple[ClaimCase, list[str]]]:
    """Return the claims made of PolNeAR's dev articles, with the faults each stands for: its own, or those made of it."""
    claims = swap_claims(folder, "dev", seed)
    made: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        if not claim.supported:
            made[_statement(claim)].append(claim.tags[0])
    return [(claim, made[_statement(claim)] if claim.supported else [claim.tags[0]]) for claim in claims]


def swap_scores(case: EvalCase, believed: bool) -> dict[str, float | None]:
    """Return whether a claim was judged rightly, for each kind of fault that it stands for; a true one counts in several."""
    supported = bool(case.extra["supported"])
    names = [_score(kind, supported) for kind in case.extra.get("faults", ())]
    scores: dict[str, float | None] = {name: float(believed == supported) for name in names}
    return scores | {f"{name}@believe": float(supported) for name in names}


def swap_metrics(results: Sequence[CaseResult]) -> tuple[dict[str, Metric], dict[str, dict[str, Metric]]]:
    """Return balanced accuracy over all kinds and of each, and what believing everything reaches.

    Of one kind it is the mean of two rates: true claims believed, of those that such faults were made of, and faults not
    believed. Over all, it is the mean of the four kinds.
    """
    scores = {f"{short}_bacc": [_score(kind, True), _score(kind, False)] for kind, short in FAULTS.items()}
    scores = {f"{SWAPS}_bacc": [name for pair in scores.values() for name in pair]} | scores
    trivial = {metric: {"believe": balanced(results, [f"{name}@believe" for name in names])} for metric, names in scores.items()}
    return {metric: balanced(results, names) for metric, names in scores.items()}, trivial


def _score(kind: str, supported: bool) -> str:
    return f"{FAULTS[kind]}_{'true' if supported else 'fault'}"


def _statement(claim: ClaimCase) -> str:
    return claim.id.removesuffix(f"-{claim.tags[0]}")
