"""Intervals and curves for reports, deterministic for a seed.

A case of cluster "" is a cluster of its own. Bootstrap intervals of few clusters (below about 30) are too narrow, and of a
single cluster they are no interval at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum, isnan, sqrt

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.resampling import (
    BOOTSTRAP_ROUNDS,
    cluster_numbers,
    cluster_sums,
    percentiles,
    resampled_sums,
    resampled_values,
    resampled_weights,
)
from pullquote.eval.types import Metric

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, or another statistic, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


# -- means and what is made of them ---------------------------------------------------------------


def mean_interval(values: Sequence[float], clusters: Sequence[Hashable], seed: int = 1) -> Estimate:
    """Return the mean and its percentile bootstrap interval; whole clusters (articles) are drawn, with replacement."""
    return ratio_interval(values, [1.0] * len(values), clusters, seed)


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], clusters: Sequence[Hashable], seed: int = 1
) -> Estimate:
    """Return the sum of the numerators over the sum of the denominators, with its cluster bootstrap interval."""
    table = cluster_sums([numerators, denominators], clusters)
    return _estimate(table, _ratio, len(numerators), seed)


def f1_interval(
    precisions: Sequence[float | None], recalls: Sequence[float | None], clusters: Sequence[Hashable], seed: int = 1
) -> Estimate:
    """Return F1 of the mean precision and the mean recall, with its cluster bootstrap interval.

    Unscored cases (None) are left out of the mean they are missing in; where nothing is found, F1 is 0 whatever the precision.
    ``n`` counts cases with either.
    """
    p, r = list(precisions), list(recalls)
    table = cluster_sums([*_sum_and_count(p), *_sum_and_count(r)], clusters)
    scored = sum(one is not None or other is not None for one, other in zip(p, r, strict=True))
    return _estimate(table, _f1, scored, seed)


def balanced_interval(columns: Sequence[Sequence[float | None]], clusters: Sequence[Hashable], seed: int = 1) -> Estimate:
    """Return the mean of the columns' means, such as hits and rejections, with its cluster bootstrap interval.

    Each column has a value per case, None where the case does not count in it. Draws that lack all of a column are left out.
    Where every column is all 0 or all 1, the ends are the means of the columns' own (``rate_interval``), which is rather too
    wide. ``n`` counts cases with any value. Raises ``ValueError`` when a column has none.
    """
    constant = [{value for value in column if value is not None} for column in columns]
    if all(values in ({0.0}, {1.0}) for values in constant):
        return _mean_of_rates(columns, clusters, seed)
    table = cluster_sums([part for column in columns for part in _sum_and_count(column)], clusters)
    return _estimate(table, _mean_of_ratios, _with_any(columns), seed)


def _mean_of_rates(columns: Sequence[Sequence[float | None]], clusters: Sequence[Hashable], seed: int) -> Estimate:
    rates = []
    for column in columns:
        kept = [(value, cluster) for value, cluster in zip(column, clusters, strict=True) if value is not None]
        rates.append(rate_interval([value for value, _ in kept], [cluster for _, cluster in kept], seed))
    value, low, high = (fsum(ends) / len(rates) for ends in zip(*((r.value, r.low, r.high) for r in rates), strict=True))
    return Estimate(value, low, high, _with_any(columns))


def _with_any(columns: Sequence[Sequence[float | None]]) -> int:
    return sum(any(value is not None for value in row) for row in zip(*columns, strict=True))


def rate_interval(values: Sequence[float], clusters: Sequence[Hashable], seed: int = 1) -> Estimate:
    """Return ``mean_interval``, but where all values are 0, or all 1, Wilson's interval with one trial per cluster.

    A bootstrap would have no width there: that none of 20 attacks worked does not show that none ever will.
    """
    if set(values) in ({0.0}, {1.0}):
        n_clusters = int(cluster_numbers(clusters).max()) + 1
        found = wilson_interval(n_clusters * int(values[0]), n_clusters)
        return Estimate(found.value, found.low, found.high, len(values))
    return mean_interval(values, clusters, seed)


def scored_metric(values: Sequence[float | None], clusters: Sequence[Hashable], seed: int = 1) -> Metric:
    """Return the mean of what was scored as a report has it, with ``rate_interval``; None is "not scored"."""
    kept = [(value, cluster) for value, cluster in zip(values, clusters, strict=True) if value is not None]
    if not kept:
        return Metric(None, None, None, 0, len(values))
    found = rate_interval([float(value) for value, _ in kept], [cluster for _, cluster in kept], seed)
    return Metric(found.value, found.low, found.high, len(kept), len(values) - len(kept))


def statistic_interval(
    statistic: Callable[[NDArray[np.intp]], float | None], clusters: Sequence[Hashable], seed: int = 1, rounds: int = 2000
) -> Estimate | None:
    """Return any statistic of the cases (given by their places) and its cluster bootstrap interval; None: not scored.

    For what is no mean, such as AURC; called ``rounds`` times. Draws without a value are left out.
    """
    value = statistic(np.arange(len(clusters)))
    if value is None:
        return None
    return _with_interval(value, resampled_values(statistic, clusters, seed, rounds), len(clusters))


def _estimate(
    table: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]], n: int, seed: int
) -> Estimate:
    value = float(statistic(table.sum(axis=0)[None])[0])
    if not n or isnan(value):
        raise ValueError("nothing was scored, so there is no mean")
    return _with_interval(value, statistic(resampled_sums(table, seed)), n)


def _with_interval(value: float, samples: NDArray[np.float64], n: int) -> Estimate:
    low, high = percentiles(samples)
    return Estimate(value, min(low, value), max(high, value), n)  # rounding must not put the value outside


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios: NDArray[np.float64] = np.where(sums[:, 1] == 0, np.nan, sums[:, 0] / sums[:, 1])
    return ratios


def _mean_of_ratios(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    ratios = np.stack([_ratio(sums[:, at : at + 2]) for at in range(0, sums.shape[1], 2)])
    means: NDArray[np.float64] = ratios.mean(axis=0)
    return means


def _f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    precision, recall = _ratio(sums[:, :2]), _ratio(sums[:, 2:])
    with np.errstate(invalid="ignore", divide="ignore"):
        f1: NDArray[np.float64] = np.where(recall == 0, 0.0, 2 * precision * recall / (precision + recall))
    return f1


def _sum_and_count(values: Sequence[float | None]) -> tuple[list[float], list[float]]:
    return [value or 0.0 for value in values], [float(value is not None) for value in values]


# -- without resampling ---------------------------------------------------------------------------


def wilson_interval(successes: int, n: int) -> Estimate:
    """Return a proportion of independent cases with its 95 % score interval (Wilson 1927)."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    share, spread = successes / n, Z95**2 / n
    centre, half = share + spread / 2, sqrt(spread * (share * (1 - share) + spread / 4))
    low, high = (centre - half) / (1 + spread), (centre + half) / (1 + spread)
    return Estimate(share, max(0.0, low) if successes else 0.0, min(1.0, high) if successes < n else 1.0, n)


def clustered_error(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Return the standard error of a mean of cases in clusters (Miller 2024, arXiv 2411.00640); None: fewer than two cases.

    ``sqrt(sum (s - m)^2 / (n (n - 1)) + (1 / n^2) * sum over clusters of sum over i != j of (s_i - m)(s_j - m))``; cases that
    are all clusters of their own leave the first term alone.
    """
    scores = np.asarray(values, dtype=np.float64)
    n = len(scores)
    if n < 2:
        return None
    deviations = scores - scores.mean()
    own = float((deviations**2).sum())
    together = float((cluster_sums([list(deviations)], clusters) ** 2).sum())
    return sqrt(max(0.0, own / (n * (n - 1)) + (together - own) / n**2))


def quantile(values: Sequence[float], q: float) -> float:
    """Return the ``q`` quantile of some numbers."""
    return float(np.quantile(np.array(values), q))


# -- AUROC ----------------------------------------------------------------------------------------


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative; ties count half (Mann-Whitney U)."""
    order = _Order.of(labels, scores)
    return float(order.areas(np.ones((1, len(order.positive))))[0])


def auroc_interval(
    labels: Sequence[bool], scores: Sequence[float], seed: int = 1, clusters: Sequence[Hashable] | None = None
) -> Estimate:
    """Return the AUROC and its percentile bootstrap interval.

    With ``clusters`` whole clusters are drawn, whatever their labels, and draws that lack a class are left out; without,
    cases are drawn within each class.
    """
    order = _Order.of(labels, scores)
    rng = np.random.default_rng(seed)
    weights = _class_weights(order, rng) if clusters is None else _cluster_weights(order, clusters, rng)
    areas = np.concatenate([order.areas(part) for part in weights])
    return _with_interval(auroc(labels, scores), areas, len(labels))


def _class_weights(order: _Order, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield how often each case counts, positives and negatives drawn apart, in pieces ``(rounds, cases)``."""
    n, per_round = len(order.positive), max(1, 1_000_000 // len(order.positive))
    for begin in range(0, BOOTSTRAP_ROUNDS, per_round):
        rounds = min(per_round, BOOTSTRAP_ROUNDS - begin)
        weights = np.empty((rounds, n))
        for group in (order.positive, ~order.positive):
            weights[:, group] = np.concatenate(list(resampled_weights(int(group.sum()), rng, rounds)))
        yield weights


def _cluster_weights(order: _Order, clusters: Sequence[Hashable], rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    numbers = order.ranked_clusters(cluster_numbers(clusters))
    for drawn in resampled_weights(int(numbers.max()) + 1, rng, BOOTSTRAP_ROUNDS):
        for begin in range(0, len(drawn), step := max(1, 1_000_000 // len(numbers))):
            yield drawn[begin : begin + step][:, numbers].astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Order:
    """Cases by score, lowest first, so that an area is one pass over them."""

    places: NDArray[np.intp]
    positive: NDArray[np.bool_]
    starts: NDArray[np.intp]
    """Where each group of one score begins."""

    @classmethod
    def of(cls, labels: Sequence[bool], scores: Sequence[float]) -> _Order:
        flags, values = np.asarray(labels, dtype=bool), np.asarray(scores, dtype=np.float64)
        if flags.shape != values.shape or flags.all() or not flags.any():
            raise ValueError("an AUROC needs a score per label, and labels of both kinds")
        places = np.lexsort((flags, values))
        ordered = values[places]
        return cls(places, flags[places], np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]))

    def areas(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the AUROC of each row of weights ``(rounds, cases)``; NaN where a class has none."""
        won = np.add.reduceat(weights * self.positive, self.starts, axis=1)
        lost = np.add.reduceat(weights * ~self.positive, self.starts, axis=1)
        wins = (won * (np.cumsum(lost, axis=1) - lost / 2)).sum(axis=1)
        return _ratio(np.stack([wins, won.sum(axis=1) * lost.sum(axis=1)], axis=1))

    def ranked_clusters(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return each case's cluster, numbered by what is in it, so that the order of the cases does not matter."""
        groups = np.cumsum(np.isin(np.arange(len(self.places)), self.starts))
        kinds = 2 * groups + self.positive
        content: dict[int, list[int]] = {}
        for number, kind in zip(numbers[self.places].tolist(), kinds.tolist(), strict=True):
            content.setdefault(number, []).append(kind)
        rank = {number: place for place, number in enumerate(sorted(content, key=lambda number: content[number]))}
        return np.array([rank[number] for number in numbers[self.places].tolist()], dtype=np.intp)
