"""Risk against coverage, and calibration, against values computed by hand."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.metrics.confidence import (
    RiskPoint,
    accuracy_at_coverage,
    aurc,
    calibration_error,
    coverage_at_risk,
    reliability_bins,
    risk_coverage,
)

CONFIDENCES = [0.9, 0.8, 0.7, 0.6]
CORRECT = [1, 1, 0, 1]
pairs = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 1.0]), st.booleans()), min_size=1, max_size=30)


def split(rows: list[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    return [confidence for confidence, _ in rows], [float(right) for _, right in rows]


def test_risk_is_the_error_among_the_most_confident() -> None:
    assert risk_coverage(CONFIDENCES, CORRECT) == (
        RiskPoint(0.25, 0.0, 0.9),
        RiskPoint(0.5, 0.0, 0.8),
        RiskPoint(0.75, pytest.approx(1 / 3), 0.7),
        RiskPoint(1.0, 0.25, 0.6),
    )
    assert aurc(CONFIDENCES, CORRECT) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)


def test_accuracy_is_told_at_a_coverage_and_coverage_at_a_risk() -> None:
    assert accuracy_at_coverage(CONFIDENCES, CORRECT, 0.5) == 1.0
    assert accuracy_at_coverage(CONFIDENCES, CORRECT, 0.8) == pytest.approx(3 / 4)
    assert accuracy_at_coverage(CONFIDENCES, CORRECT, 1.0) == pytest.approx(3 / 4)
    assert coverage_at_risk(CONFIDENCES, CORRECT, 0.1) == 0.5
    assert coverage_at_risk(CONFIDENCES, CORRECT, 0.25) == 1.0
    assert coverage_at_risk([0.9, 0.8], [0, 1], 0.1) == 0.0


def test_a_coverage_is_rounded_up_to_whole_cases_and_not_further() -> None:
    assert accuracy_at_coverage([0.9 - i / 100 for i in range(10)], [1] * 8 + [0, 0], 0.8) == 1.0
    assert accuracy_at_coverage([0.9 - i / 100 for i in range(10)], [1] * 8 + [0, 0], 0.81) == pytest.approx(8 / 9)


def test_among_equals_the_mean_over_all_orders_is_taken() -> None:
    correct = [1, 0, 0, 1]
    by_order = [aurc([0.9, 0.51, 0.5, 0.49], [1, *order]) or 0.0 for order in permutations(correct[1:])]
    assert aurc([0.9, 0.5, 0.5, 0.5], correct) == pytest.approx(sum(by_order) / len(by_order))


def test_equals_are_answered_together() -> None:
    assert [point.coverage for point in risk_coverage([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0])] == [0.25, 1.0]
    assert coverage_at_risk([0.5, 0.5], [1, 0], 0.1) == 0.0


def test_grades_between_right_and_wrong_are_errors_in_part() -> None:
    assert aurc([0.9, 0.8], [0.75, 0.25]) == pytest.approx((0.25 + 0.5) / 2)


def test_without_cases_there_is_nothing_to_score() -> None:
    assert risk_coverage([], []) == ()
    assert reliability_bins([], []) == ()
    for value in (aurc([], []), accuracy_at_coverage([], [], 0.5), coverage_at_risk([], []), calibration_error([], [])):
        assert value is None


@pytest.mark.parametrize("coverage", [0.0, 1.01])
def test_a_coverage_is_a_share_of_the_cases(coverage: float) -> None:
    with pytest.raises(ValueError, match="coverage"):
        accuracy_at_coverage(CONFIDENCES, CORRECT, coverage)


def test_numbers_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="2 confidences for 1 cases"):
        aurc([0.1, 0.2], [1])
    with pytest.raises(ValueError, match="correctness"):
        aurc([float("nan")], [1])
    with pytest.raises(ValueError, match="between 0 and 1"):
        aurc([0.1], [2])
    with pytest.raises(ValueError, match="calibrated"):
        reliability_bins([1.2], [1])


@given(pairs)
def test_the_area_lies_between_the_best_and_the_worst_order(rows: list[tuple[float, bool]]) -> None:
    confidences, correct = split(rows)
    ranks = list(range(len(rows), 0, -1))
    best, worst = aurc(ranks, sorted(correct, reverse=True)), aurc(ranks, sorted(correct))
    area = aurc(confidences, correct)
    assert area is not None
    assert best is not None
    assert worst is not None
    assert 0 <= best <= area + 1e-12
    assert area <= worst + 1e-12 <= 1 + 1e-12


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(rows: list[tuple[float, bool]], random: object) -> None:
    other = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    for measure in (aurc, coverage_at_risk, calibration_error, risk_coverage, reliability_bins):
        assert measure(*split(rows)) == measure(*split(other))
    assert accuracy_at_coverage(*split(rows), 0.5) == accuracy_at_coverage(*split(other), 0.5)


@given(pairs)
def test_confidence_that_says_nothing_gives_the_error_rate(rows: list[tuple[float, bool]]) -> None:
    _, correct = split(rows)
    assert aurc([0.5] * len(rows), correct) == pytest.approx(1 - sum(correct) / len(correct))


@given(pairs)
def test_full_coverage_is_the_accuracy_of_all(rows: list[tuple[float, bool]]) -> None:
    confidences, correct = split(rows)
    accuracy = sum(correct) / len(correct)
    assert accuracy_at_coverage(confidences, correct, 1.0) == pytest.approx(accuracy)
    assert risk_coverage(confidences, correct)[-1].risk == pytest.approx(1 - accuracy)
    assert coverage_at_risk(confidences, correct, 1.0) == 1.0


def test_bins_are_open_below_and_closed_above() -> None:
    rows = reliability_bins([0.0, 0.1, 0.7, 0.71, 1.0], [0, 0, 1, 0, 1], bins=10)
    assert [(row.low, row.high, row.n) for row in rows] == [(0.0, 0.1, 2), (0.6, 0.7, 1), (0.7, 0.8, 1), (0.9, 1.0, 1)]
    assert rows[0].confidence == pytest.approx(0.05)
    assert [row.accuracy for row in rows] == [0.0, 1.0, 0.0, 1.0]


def test_the_calibration_error_is_the_mean_distance_by_bin() -> None:
    # bins (0.2, 0.4]: confidence 0.3, accuracy 1/2; (0.8, 1]: confidence 0.9, accuracy 1
    assert calibration_error([0.3, 0.3, 0.9, 0.9], [1, 0, 1, 1], bins=5) == pytest.approx(0.5 * 0.2 + 0.5 * 0.1)


@given(pairs, st.integers(1, 20))
def test_the_calibration_error_lies_between_0_and_1_and_no_case_is_lost(rows: list[tuple[float, bool]], bins: int) -> None:
    error = calibration_error(*split(rows), bins)
    assert error is not None
    assert 0 <= error <= 1
    found = reliability_bins(*split(rows), bins)
    assert sum(row.n for row in found) == len(rows)
    assert all(row.low <= row.confidence <= row.high + 1e-12 for row in found)
