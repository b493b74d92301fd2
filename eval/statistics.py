"""Intervals and curves for reports, deterministic for a seed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

BOOTSTRAP_ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float], clusters: Sequence[Hashable], seed: int = 1) -> Estimate:
    """Return the mean and its percentile bootstrap interval; whole clusters (articles) are drawn, with replacement."""
    totals: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        entry = totals.setdefault(cluster, [0.0, 0.0])
        entry[0] += value
        entry[1] += 1
    table = np.array(list(totals.values()))
    draws = np.random.default_rng(seed).integers(0, len(table), (BOOTSTRAP_ROUNDS, len(table)))
    sums = table[draws].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    return Estimate(float(table[:, 0].sum() / table[:, 1].sum()), float(low), float(high), len(values))


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative; ties count half (Mann-Whitney U)."""
    positive = np.array([s for s, label in zip(scores, labels, strict=True) if label])
    negative = np.array([s for s, label in zip(scores, labels, strict=True) if not label])
    wins = (positive[:, None] > negative).sum() + 0.5 * (positive[:, None] == negative).sum()
    return float(wins / (len(positive) * len(negative)))


def auroc_interval(labels: Sequence[bool], scores: Sequence[float], seed: int = 1) -> Estimate:
    """Return the AUROC and its percentile bootstrap interval over cases, drawn within each class."""
    rng = np.random.default_rng(seed)
    positive = np.array([s for s, label in zip(scores, labels, strict=True) if label])
    negative = np.array([s for s, label in zip(scores, labels, strict=True) if not label])
    rounds = []
    for _ in range(BOOTSTRAP_ROUNDS // 2):
        p, n = rng.choice(positive, len(positive)), rng.choice(negative, len(negative))
        rounds.append(auroc([True] * len(p) + [False] * len(n), [*p, *n]))
    low, high = np.quantile(rounds, [0.025, 0.975])
    return Estimate(auroc(labels, scores), float(low), float(high), len(labels))


def quantile(values: Sequence[float], q: float) -> float:
    """Return the ``q`` quantile of some numbers."""
    return float(np.quantile(np.array(values), q))
