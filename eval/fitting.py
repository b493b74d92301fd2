"""Small convex fits in numpy: an order by listwise softmax, a probability by logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]

_STEPS = 60
_TOLERANCE = 1e-6


def fit_order(lists: Sequence[tuple[Rows, Flags]], penalty: float) -> NDArray[np.float64]:
    """Return linear weights under which relevant rows come first in their list.

    Maximises the log probability that a softmax over each list gives to its relevant rows (ListNet's top-one
    probability, Cao et al. 2007), with an L2 ``penalty`` on standardised features. Each item of ``lists`` is
    ``(rows (n, k), relevant (n,))``; lists without a relevant row are left out.
    """
    useful = [(rows, relevant) for rows, relevant in lists if relevant.any() and not relevant.all()]
    scale = np.concatenate([rows for rows, _ in useful]).std(axis=0) + 1e-9
    weights = np.zeros(len(scale))
    for _ in range(_STEPS):
        gradient, hessian = penalty * weights, penalty * np.eye(len(weights))
        for rows, relevant in useful:
            scaled = rows / scale
            p = _softmax(scaled @ weights)
            q = p * relevant / (p @ relevant)
            gradient -= scaled.T @ (q - p)
            mean = scaled.T @ p
            hessian += (scaled * p[:, None]).T @ scaled - np.outer(mean, mean)
        step = np.linalg.solve(hessian, gradient)
        weights -= step * min(1.0, 2 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < _TOLERANCE:
            break
    return np.asarray(weights / scale, np.float64)


def fit_probability(rows: Rows, labels: Flags, penalty: float) -> tuple[NDArray[np.float64], float]:
    """Return logistic weights (k,) and intercept; L2 ``penalty`` on standardised features, none on the intercept."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])
    ridge = penalty * np.eye(scaled.shape[1])
    ridge[-1, -1] = 0
    weights = np.zeros(scaled.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-(scaled @ weights)))
        hessian = (scaled * (p * (1 - p))[:, None]).T @ scaled + ridge
        step = np.linalg.solve(hessian, scaled.T @ (p - labels) + ridge @ weights)
        weights -= step
        if np.abs(step).max() < _TOLERANCE:
            break
    slopes = weights[:-1] / scale
    return slopes, float(weights[-1] - slopes @ mean)


def fit_sparse(
    rows: NDArray[np.int64], columns: NDArray[np.int64], labels: Flags, width: int, penalty: float, steps: int = 150
) -> tuple[NDArray[np.float64], float]:
    """Return logistic weights (width,) and intercept of rows that hold ones at ``(rows[i], columns[i])`` and zeros elsewhere.

    L2 ``penalty`` on the weights, none on the intercept. Accelerated gradient (Nesterov 1983), each weight's step by how many
    rows hold it: for some 10,000 columns, where a Hessian is too much.
    """
    weights, ahead = np.zeros(width), np.zeros(width)
    intercept = ahead_intercept = 0.0
    curvature = 1.5 * np.bincount(columns, minlength=width) + penalty
    speed = 1.0
    for _ in range(steps):
        logits = np.bincount(rows, weights=ahead[columns], minlength=len(labels)) + ahead_intercept
        error = 1 / (1 + np.exp(-logits)) - labels
        new = ahead - (np.bincount(columns, weights=error[rows], minlength=width) + penalty * ahead) / curvature
        new_intercept = ahead_intercept - float(error.sum()) / (1.5 * len(labels))
        next_speed = (1 + (1 + 4 * speed * speed) ** 0.5) / 2
        momentum = (speed - 1) / next_speed
        ahead = new + momentum * (new - weights)
        ahead_intercept = new_intercept + momentum * (new_intercept - intercept)
        weights, intercept, speed = new, new_intercept, next_speed
    return weights, intercept


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())
