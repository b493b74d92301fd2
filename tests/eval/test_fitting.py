"""The small fits behind weights.json."""

from __future__ import annotations

import numpy as np
import pytest

from pullquote.eval.fitting import fit_order, fit_probability


def test_an_order_is_learned_from_lists() -> None:
    rng = np.random.default_rng(0)
    lists = []
    for _ in range(60):
        rows = rng.normal(size=(6, 3))
        relevant = np.zeros(6, bool)
        relevant[np.argmax(2 * rows[:, 0] - rows[:, 1])] = True
        lists.append((rows, relevant))
    weights = fit_order(lists, penalty=0.1)
    assert weights[0] > 0 > weights[1]
    assert abs(weights[2]) < 0.2 * weights[0]
    hits = [relevant[np.argmax(rows @ weights)] for rows, relevant in lists]
    assert np.mean(hits) > 0.95


def test_lists_without_a_relevant_row_say_nothing() -> None:
    rows = np.array([[1.0], [0.0]])
    good = (rows, np.array([True, False]))
    nothing = (rows * 100, np.array([False, False]))
    assert fit_order([good, nothing], 1.0) == pytest.approx(fit_order([good], 1.0))


def test_a_probability_matches_the_rate_of_its_group() -> None:
    rows = np.repeat([[0.0], [1.0]], 100, axis=0)
    labels = np.array([True] * 20 + [False] * 80 + [True] * 90 + [False] * 10)
    slopes, intercept = fit_probability(rows, labels, penalty=1e-6)
    assert 1 / (1 + np.exp(-intercept)) == pytest.approx(0.2, abs=1e-3)
    assert 1 / (1 + np.exp(-(intercept + slopes[0]))) == pytest.approx(0.9, abs=1e-3)
