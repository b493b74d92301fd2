"""Whether two systems differ on the same cases, and on how many tests at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.resampling import BOOTSTRAP_ROUNDS, cluster_numbers, cluster_sums, percentiles, resampled_sums

MCNEMAR = "McNemar, exact"
BOOTSTRAP = "paired cluster bootstrap"
RANDOMISATION = "approximate randomisation by clusters"
_EXACT_CLUSTERS = 13
_SAME = 1e-12
"""Differences of sums below this are rounding."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second of two systems against the first, on the same cases."""

    difference: float
    """Mean of second minus first."""
    low: float
    """95 % interval of the difference, from the paired cluster bootstrap."""
    high: float
    p: float
    """Two-sided, of no difference."""
    n: int
    """Pairs that both systems scored."""
    test: str
    """Where ``p`` comes from."""
    n_unscored: int = 0
    """Pairs left out, one side or both not scored."""

    def significant(self, alpha: float = 0.05) -> bool:
        """Whether the test rejects "no difference" at this level, taken alone (for several see ``holm``)."""
        return self.p <= alpha


def compare_paired(
    first: Sequence[float | None], second: Sequence[float | None], clusters: Sequence[Hashable], seed: int = 1
) -> Comparison | None:
    """Return the comparison of two systems, case by case; None: no case was scored for both.

    Values that are all 0 or 1, of independent cases: McNemar. Graded ones, or cases that share clusters, which McNemar takes
    for independent: the paired cluster bootstrap.
    """
    pairs = [(a, b, c) for a, b, c in zip(first, second, clusters, strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    one, two, groups = [float(a) for a, _, _ in pairs], [float(b) for _, b, _ in pairs], [c for _, _, c in pairs]
    found = paired_bootstrap(one, two, groups, seed)
    apart = int(cluster_numbers(groups).max()) + 1 == len(groups)
    p, test = (mcnemar(one, two), MCNEMAR) if apart and {*one, *two} <= {0.0, 1.0} else (found.p, BOOTSTRAP)
    return Comparison(found.difference, found.low, found.high, p, found.n, test, len(first) - len(pairs))


def mcnemar(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of McNemar's exact test for values of 0 and 1 (McNemar 1947): binomial on the pairs that differ.

    ``min(1, 2 * P(X <= min(b, c)))`` with X ~ Binomial(b + c, 1/2); 1 when no pair differs.
    """
    if not {*first, *second} <= {0, 1}:
        raise ValueError("McNemar compares values of 0 and 1")
    lost = sum(int(a > b) for a, b in zip(first, second, strict=True))
    won = sum(int(a < b) for a, b in zip(first, second, strict=True))
    return min(1.0, 2 * _fewer(min(won, lost), won + lost) / (1 << won + lost))


def _fewer(most: int, n: int) -> int:
    """Return in how many ways at most ``most`` of ``n`` coins show heads."""
    ways = total = 1
    for k in range(most):
        ways = ways * (n - k) // (k + 1)
        total += ways
    return total


def paired_bootstrap(first: Sequence[float], second: Sequence[float], clusters: Sequence[Hashable], seed: int = 1) -> Comparison:
    """Return the mean difference, its percentile interval and p; whole clusters of pairs are drawn, with replacement.

    ``p = (1 + #{|d* - d| >= |d|}) / (rounds + 1)``: how often a draw strays from the difference as far as the difference is
    from none (Efron & Tibshirani 1993, ch. 16; Berg-Kirkpatrick et al. 2012).
    """
    differences = _differences(first, second)
    table = cluster_sums([differences, [1.0] * len(differences)], clusters)
    value = float(table[:, 0].sum() / table[:, 1].sum())
    sums = resampled_sums(table, seed)
    draws = sums[:, 0] / sums[:, 1]
    low, high = percentiles(draws)
    strayed = int((np.abs(draws - value) >= abs(value) - _SAME).sum())
    p = (1 + strayed) / (len(draws) + 1)
    return Comparison(value, min(low, value), max(high, value), p, len(differences), BOOTSTRAP)


def approximate_randomisation(
    first: Sequence[float],
    second: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 1,
    rounds: int = BOOTSTRAP_ROUNDS,
) -> float:
    """Return the two-sided p of "the systems could be swapped", whole clusters being swapped at random (Noreen 1989).

    ``(1 + #{|swapped| >= |observed|}) / (rounds + 1)``; with up to 13 clusters all swaps are tried, and p is exact.
    """
    sums = cluster_sums([_differences(first, second)], clusters)[:, 0]
    observed = abs(float(sums.sum())) - _SAME * max(1.0, float(np.abs(sums).sum()))
    if len(sums) <= _EXACT_CLUSTERS:
        signs = 1 - 2 * (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1)
        return float((np.abs(signs @ sums) >= observed).mean())
    reached = sum(int((np.abs(swapped) >= observed).sum()) for swapped in _swapped(sums, seed, rounds))
    return (1 + reached) / (rounds + 1)


def _swapped(sums: NDArray[np.float64], seed: int, rounds: int) -> Iterator[NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    for begin in range(0, rounds, 100):
        yield (1 - 2 * rng.integers(0, 2, (min(100, rounds - begin), len(sums)), dtype=np.int8)) @ sums


def _differences(first: Sequence[float], second: Sequence[float]) -> list[float]:
    if len(first) == 0:
        raise ValueError("no pairs to compare")
    return [b - a for a, b in zip(first, second, strict=True)]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for being several, in the order given (Holm 1979); below 0.05 still means significant.

    The k-th smallest of m becomes the largest ``(m - j + 1) * p_j`` over j <= k, at most 1.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    raised = accumulate(((len(order) - rank) * p_values[place] for rank, place in enumerate(order)), max)
    adjusted = dict(zip(order, raised, strict=True))
    return [min(1.0, adjusted[place]) for place in range(len(p_values))]
