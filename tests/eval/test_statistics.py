"""Intervals and curves, against values computed by hand."""

from __future__ import annotations

import pytest

from pullquote.eval.statistics import auroc, auroc_interval, mean_interval


def test_auroc_counts_pairs_won_and_ties_half() -> None:
    assert auroc([True, False, True, False], [0.9, 0.1, 0.4, 0.4]) == pytest.approx(3.5 / 4)


def test_auroc_of_a_perfect_order_is_one_and_of_its_reverse_zero() -> None:
    assert auroc([True, True, False], [3, 2, 1]) == 1.0
    assert auroc([True, True, False], [1, 2, 3]) == 0.0


def test_the_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    values, clusters = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0], [1, 1, 2, 3, 4, 5]
    first = mean_interval(values, clusters)
    assert first == mean_interval(values, clusters)
    assert first.value == pytest.approx(4 / 6)
    assert first.low <= first.value <= first.high
    assert first.n == 6


def test_cases_of_one_article_move_together() -> None:
    values = [1.0] * 50 + [0.0] * 50
    together = mean_interval(values, [0] * 25 + [1] * 25 + [2] * 25 + [3] * 25)
    apart = mean_interval(values, list(range(100)))
    assert together.high - together.low > apart.high - apart.low


def test_an_auroc_interval_holds_its_value() -> None:
    estimate = auroc_interval([True] * 20 + [False] * 20, [*range(10, 30), *range(20)])
    assert estimate.low < estimate.value < estimate.high
