"""Clusters drawn with replacement."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.resampling import (
    cluster_numbers,
    cluster_sums,
    percentiles,
    resampled_sums,
    resampled_values,
    resampled_weights,
)

rows = st.lists(st.tuples(st.floats(-5, 5), st.sampled_from(["a", "b", "c", ""])), min_size=1, max_size=20)


def test_a_case_without_a_cluster_is_one_of_its_own() -> None:
    assert cluster_numbers(["x", "", "y", "", "x"]).tolist() == [0, 1, 2, 3, 0]


def test_each_cluster_has_its_sums() -> None:
    assert cluster_sums([[1, 2, 4, 8], [1, 1, 1, 1]], ["b", "a", "b", "c"]).tolist() == [[2, 1], [8, 1], [5, 2]]


def test_there_is_a_value_for_every_case() -> None:
    with pytest.raises(ValueError, match="1 values for 2 cases"):
        cluster_sums([[1.0]], ["a", "b"])


@given(rows)
def test_sums_are_the_same_to_the_last_bit_in_any_order(table: list[tuple[float, str]]) -> None:
    def sums(cases: list[tuple[float, str]]) -> list[list[float]]:
        return cluster_sums([[value for value, _ in cases]], [cluster for _, cluster in cases]).tolist()

    assert sums(table) == sums(table[::-1]) == sums(sorted(table))


@pytest.mark.parametrize("kinds", [2, 400])
def test_drawn_sums_vary_as_theory_says(kinds: int) -> None:
    """Few kinds of rows are drawn by their counts, many one by one: the same distribution."""
    table = np.stack([np.arange(400) % kinds / kinds, np.ones(400)], axis=1)
    sums = resampled_sums(table, seed=3)
    assert sums.shape == (10_000, 2)
    assert (sums[:, 1] == 400).all()
    assert sums[:, 0].mean() == pytest.approx(table[:, 0].sum(), rel=0.005)
    assert sums[:, 0].std() == pytest.approx(table[:, 0].std() * 20, rel=0.05)


def test_drawn_sums_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    table = np.arange(30.0)[:, None]
    assert (resampled_sums(table, 1) == resampled_sums(table, 1)).all()
    assert (resampled_sums(table, 1) != resampled_sums(table, 2)).any()


def test_four_thousand_clusters_fit_into_little_memory() -> None:
    table = np.random.default_rng(0).random((4000, 2))
    tracemalloc.start()
    try:
        resampled_sums(table, 1)
        list(map(len, resampled_weights(4000, np.random.default_rng(0), 10_000)))
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_weights_say_how_often_each_cluster_is_drawn() -> None:
    weights = np.concatenate(list(resampled_weights(5, np.random.default_rng(0), 1000)))
    assert weights.shape == (1000, 5)
    assert (weights.sum(axis=1) == 5).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(5), abs=0.1)


def test_any_statistic_is_given_whole_clusters() -> None:
    clusters = ["a", "b", "a", "c", "", ""]
    seen = []

    def statistic(places: np.ndarray) -> float | None:
        seen.append(sorted(places.tolist()))
        return None if 4 in places else float(len(places))

    values = resampled_values(statistic, clusters, seed=1, rounds=200)
    assert all(drawn.count(0) == drawn.count(2) for drawn in seen)
    assert len(values) == sum(4 not in drawn for drawn in seen) < 200
    assert {place for drawn in seen for place in drawn} == set(range(6))


def test_percentiles_leave_out_what_could_not_be_computed() -> None:
    assert percentiles(np.array([*range(201), float("nan")], dtype=float)) == (5.0, 195.0)
