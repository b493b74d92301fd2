"""What a system's confidence is worth: risk against coverage, and calibration; one number per case goes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What answering only the most confident cases comes to."""

    coverage: float
    """Share of the cases that are answered, above 0, at most 1."""
    risk: float
    """Mean error among them."""
    threshold: float
    """Confidence of the least confident of them."""


def risk_coverage(confidences: Floats, correct: Floats) -> tuple[RiskPoint, ...]:
    """Return the risk-coverage curve: one point per threshold that tells cases apart, most confident first.

    El-Yaniv & Wiener 2010. ``correct`` is 1 right, 0 wrong, or a grade between; a question that cannot be answered is wrong
    whenever it is answered. Cases of one confidence are answered together.
    """
    ends, risks, values = _thresholds(confidences, correct)
    n = len(confidences)
    return tuple(RiskPoint(float(end / n), float(r), float(v)) for end, r, v in zip(ends, risks, values, strict=True))


def aurc(confidences: Floats, correct: Floats) -> float | None:
    """Return the area under the risk-coverage curve: the mean of ``risk(c)`` over c = 1 … n cases answered; lower is better.

    Geifman et al. 2019 (arXiv 1805.08206). Among cases of one confidence, the mean over all orders is taken. Confidence that
    says nothing gives the error rate. None: no case.
    """
    risks = _risk_by_count(confidences, correct)
    return float(risks.mean()) if len(risks) else None


def accuracy_at_coverage(confidences: Floats, correct: Floats, coverage: float) -> float | None:
    """Return the accuracy among the ``coverage`` (above 0, at most 1) most confident cases, rounded up; None: no case.

    Where the cut goes through cases of one confidence, the mean over all choices among them is taken.
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"a coverage lies above 0 and up to 1, not at {coverage}")
    risks = _risk_by_count(confidences, correct)
    return 1 - float(risks[ceil(round(coverage * len(risks), 9)) - 1]) if len(risks) else None


def coverage_at_risk(confidences: Floats, correct: Floats, max_risk: float = 0.1) -> float | None:
    """Return the largest coverage that some threshold gives at a risk of at most ``max_risk``; 0 when none does.

    Geifman & El-Yaniv 2017 (arXiv 1705.08500). The threshold is chosen on these very cases: a description, not a promise.
    None: no case.
    """
    n = len(confidences)
    if not n:
        return None
    ends, risks, _ = _thresholds(confidences, correct)
    return float(ends[risks <= max_risk + 1e-12].max(initial=0) / n)


def _thresholds(confidences: Floats, correct: Floats) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Return, per distinct confidence, highest first: cases at or above it, their mean error, the confidence."""
    values, sizes, errors = _groups(confidences, correct)
    ends = np.cumsum(sizes)
    return ends, np.clip(np.cumsum(errors) / ends, 0.0, 1.0), values


def _risk_by_count(confidences: Floats, correct: Floats) -> NDArray[np.float64]:
    """Return the mean error of the c most confident cases, c = 1 … n, shape ``(n,)``; equals in confidence share theirs."""
    _, sizes, errors = _groups(confidences, correct)
    shared = np.repeat(errors / sizes, sizes)
    return np.clip(np.cumsum(shared) / np.arange(1, len(shared) + 1), 0.0, 1.0)


def _groups(confidences: Floats, correct: Floats) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Return the distinct confidences, highest first, with their numbers of cases and their summed errors."""
    scores, grades = _checked(confidences, correct)
    values, place = np.unique(-scores, return_inverse=True)
    ordered = np.sort(grades)[::-1]  # sums must not depend on the order in which cases come
    place = place[np.argsort(grades)[::-1]]
    sizes = np.bincount(place, minlength=len(values))
    errors: NDArray[np.float64] = np.bincount(place, 1 - ordered, minlength=len(values)).astype(np.float64)
    return -values, sizes, errors


def _checked(confidences: Floats, correct: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores, grades = np.asarray(confidences, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if scores.shape != grades.shape:
        raise ValueError(f"{len(scores)} confidences for {len(grades)} cases")
    if np.isnan(scores).any() or not ((grades >= 0) & (grades <= 1)).all():
        raise ValueError("a confidence is a number, and correctness lies between 0 and 1")
    return scores, grades


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases of like confidence: a calibrated system is right as often as it says."""

    low: float
    """Confidences above this (the first bin: 0 too) …"""
    high: float
    """… and up to this."""
    confidence: float
    """Mean in the bin."""
    accuracy: float
    n: int


def reliability_bins(confidences: Floats, correct: Floats, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Return the cases in ``bins`` equal ranges of confidence (0 to 1), those without cases left out (Guo et al. 2017)."""
    scores, grades = _checked(confidences, correct)
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("a confidence that is to be calibrated lies between 0 and 1")
    edges = np.arange(bins + 1) / bins
    place = np.maximum(np.searchsorted(edges, scores, side="left") - 1, 0)
    rows = []
    for number in np.unique(place):
        inside = place == number
        low, high, n = float(edges[number]), float(edges[number + 1]), int(inside.sum())
        rows.append(ReliabilityBin(low, high, float(np.sort(scores[inside]).mean()), float(np.sort(grades[inside]).mean()), n))
    return tuple(rows)


def calibration_error(confidences: Floats, correct: Floats, bins: int = 10) -> float | None:
    """Return the expected calibration error: mean distance of confidence and accuracy, by bin (Guo et al. 2017).

    ``ECE = sum of n_b / n * |accuracy_b - confidence_b|`` (arXiv 1706.04599). None: no case.
    """
    rows = reliability_bins(confidences, correct, bins)
    total = sum(row.n for row in rows)
    return sum(row.n * abs(row.accuracy - row.confidence) for row in rows) / total if total else None
