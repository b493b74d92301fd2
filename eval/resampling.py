"""Whole clusters (articles) drawn with replacement, in little memory, the same for the same seed and the same cases."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BOOTSTRAP_ROUNDS = 10_000
_CHUNK_CELLS = 1_000_000
# A multinomial draw of one kind of row costs about as much as drawing this many rows one by one.
_KIND_COST = 16


def cluster_numbers(clusters: Sequence[Hashable]) -> NDArray[np.intp]:
    """Return the number of each case's cluster, from 0 by first appearance; a case of cluster "" is one of its own."""
    numbers: dict[Hashable, int] = {}
    keys = (("", place) if cluster == "" else (cluster,) for place, cluster in enumerate(clusters))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


def cluster_sums(columns: Sequence[Sequence[float]], clusters: Sequence[Hashable]) -> NDArray[np.float64]:
    """Return each cluster's sum of every column, shape ``(clusters, columns)``, independent of the order of the cases."""
    numbers = cluster_numbers(clusters)
    table = np.empty((int(numbers.max(initial=-1)) + 1, len(columns)))
    for place, column in enumerate(columns):
        values = np.asarray(column, dtype=np.float64)
        if values.shape != numbers.shape:
            raise ValueError(f"{len(values)} values for {len(numbers)} cases")
        order = np.argsort(values)  # rounding must not depend on the order in which cases come
        table[:, place] = np.bincount(numbers[order], values[order], minlength=len(table))
    return table[np.lexsort(table.T)]


def resampled_sums(table: NDArray[np.float64], seed: int, rounds: int = BOOTSTRAP_ROUNDS) -> NDArray[np.float64]:
    """Return column sums of as many rows as there are, drawn with replacement, shape ``(rounds, columns)``."""
    rng = np.random.default_rng(seed)
    kinds, counts = np.unique(table, axis=0, return_counts=True)
    if len(kinds) * _KIND_COST <= len(table):  # clusters that are alike need not be told apart
        chances = counts / len(table)
        parts = [rng.multinomial(len(table), chances, size) @ kinds for size in _chunks(rounds, len(kinds))]
    else:
        parts = [_summed(table, rng.integers(0, len(table), (size, len(table)))) for size in _chunks(rounds, len(table))]
    return np.concatenate(parts)


def _summed(table: NDArray[np.float64], draws: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.stack([column[draws].sum(axis=1) for column in np.ascontiguousarray(table.T)], axis=1)


def resampled_weights(n_clusters: int, rng: np.random.Generator, rounds: int) -> Iterator[NDArray[np.intp]]:
    """Yield how often each cluster is drawn, in pieces of shape ``(some rounds, n_clusters)``."""
    for size in _chunks(rounds, n_clusters):
        draws = rng.integers(0, n_clusters, (size, n_clusters)) + np.arange(size)[:, None] * n_clusters
        yield np.bincount(draws.ravel(), minlength=size * n_clusters).reshape(size, n_clusters)


def resampled_values(
    statistic: Callable[[NDArray[np.intp]], float | None], clusters: Sequence[Hashable], seed: int, rounds: int
) -> NDArray[np.float64]:
    """Return any statistic of drawn cases: it is given their places, whole clusters at a time; None values are left out."""
    numbers = cluster_numbers(clusters)
    members, sizes = np.argsort(numbers, kind="stable"), np.bincount(numbers)
    starts = np.cumsum(sizes) - sizes
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(sizes), len(sizes))
        lengths = sizes[drawn]
        offsets = np.repeat(starts[drawn] - (np.cumsum(lengths) - lengths), lengths)
        values.append(statistic(members[offsets + np.arange(len(offsets))]))
    return np.array([value for value in values if value is not None], dtype=np.float64)


def percentiles(samples: NDArray[Any]) -> tuple[float, float]:
    """Return the percentile 95 % interval of resampled values (Efron 1979); those that could not be computed are left out."""
    low, high = np.nanquantile(samples, [0.025, 0.975])
    return float(low), float(high)


def _chunks(rounds: int, width: int) -> Iterator[int]:
    size = max(1, _CHUNK_CELLS // max(1, width))
    for begin in range(0, rounds, size):
        yield min(size, rounds - begin)
