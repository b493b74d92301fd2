"""Intervals and curves, against values computed by hand and against scipy."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pullquote.eval.metrics.confidence import aurc
from pullquote.eval.statistics import (
    Estimate,
    auroc,
    auroc_interval,
    balanced_interval,
    clustered_error,
    f1_interval,
    mean_interval,
    quantile,
    rate_interval,
    ratio_interval,
    scored_metric,
    statistic_interval,
    wilson_interval,
)
from pullquote.eval.types import Metric

scored = st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abc")), min_size=1, max_size=15)
judged = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.sampled_from("abc")), max_size=12).map(
    lambda rows: [(True, 3, "a"), (False, 2, "b"), *rows]
)
few = settings(max_examples=25)


# -- balanced means -------------------------------------------------------------------------------


def test_columns_count_alike_however_many_cases_they_have() -> None:
    found = balanced_interval([[1.0, None, None, 0.0], [None, 1.0, 1.0, None]], "abcd")
    assert (found.value, found.n) == (0.75, 4)
    assert 0.5 <= found.low < 0.75 < found.high <= 1.0


def test_one_column_is_a_mean() -> None:
    values, clusters = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0], [1, 1, 2, 3, 4, 5]
    found, plain = balanced_interval([values], clusters), mean_interval(values, clusters)
    assert (found.value, found.low, found.high) == (plain.value, plain.low, plain.high)


def test_columns_without_a_miss_still_have_an_interval() -> None:
    found = balanced_interval([[1.0] * 20, [1.0] * 20], range(20))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == wilson_interval(20, 20).low


def test_a_column_without_values_has_no_mean() -> None:
    with pytest.raises(ValueError, match="nothing was scored"):
        balanced_interval([[1.0, 0.0], [None, None]], "ab")


# -- means ----------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("digits", [1, 17])
def test_the_interval_of_independent_cases_is_scipys(digits: int) -> None:
    values = np.round(np.random.default_rng(5).beta(2, 1, 300), digits)
    ours = mean_interval(values.tolist(), range(300))
    theirs = stats.bootstrap((values,), np.mean, n_resamples=9999, method="percentile", rng=1).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)


@few
@given(scored)
def test_an_interval_does_not_depend_on_the_order_of_the_cases(rows: list[tuple[float, str]]) -> None:
    def interval(table: list[tuple[float, str]]) -> Estimate:
        return mean_interval([value for value, _ in table], [cluster for _, cluster in table])

    found = interval(rows)
    assert found == interval(rows[::-1]) == interval(sorted(rows))
    assert -1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="nothing was scored"):
        mean_interval([], [])


def test_a_ratio_weighs_cases_by_their_denominators() -> None:
    found = ratio_interval([1, 0, 3], [2, 1, 4], ["a", "b", "c"])
    assert found.value == pytest.approx(4 / 7)
    assert found.low == 0.0
    assert found.high == pytest.approx(3 / 4)


def test_f1_is_of_the_mean_precision_and_the_mean_recall() -> None:
    found = f1_interval([1.0, None, 0.5], [0.5, 0.0, 1.0], ["a", "b", "c"])
    assert found.value == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    assert found.low <= found.value <= found.high
    assert found.n == 3


def test_f1_moves_as_a_resampled_f1_does() -> None:
    rng = np.random.default_rng(2)
    precisions, recalls = rng.random(200), rng.random(200) ** 2
    ours = f1_interval(precisions.tolist(), recalls.tolist(), range(200))

    def f1(p: np.ndarray, r: np.ndarray, axis: int = -1) -> np.ndarray:
        return stats.hmean([p.mean(axis=axis), r.mean(axis=axis)], axis=0)

    theirs = stats.bootstrap((precisions, recalls), f1, paired=True, n_resamples=5000, method="percentile", rng=1)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.006)


def test_f1_is_0_where_nothing_is_found_and_no_number_where_nothing_is_scored() -> None:
    assert f1_interval([None, 0.0], [0.0, 0.0], ["a", "b"]) == Estimate(0.0, 0.0, 0.0, 2)
    assert f1_interval([None], [0.0], ["a"]).value == 0.0
    with pytest.raises(ValueError, match="nothing was scored"):
        f1_interval([None], [None], ["a"])


def test_a_rate_of_0_or_1_keeps_some_doubt_by_the_number_of_articles() -> None:
    assert rate_interval([0.0] * 20, range(20)) == Estimate(0.0, 0.0, wilson_interval(0, 20).high, 20)
    assert rate_interval([1.0] * 40, [i // 2 for i in range(40)]) == Estimate(1.0, wilson_interval(20, 20).low, 1.0, 40)
    assert rate_interval([1.0, 0.0, 1.0], "abc") == mean_interval([1.0, 0.0, 1.0], "abc")
    assert rate_interval([0.5, 0.5], "ab") == Estimate(0.5, 0.5, 0.5, 2)


def test_what_was_not_scored_is_counted_and_left_out() -> None:
    found = scored_metric([1.0, None, 0.0, 1.0], ["a", "b", "c", "d"])
    mean = mean_interval([1.0, 0.0, 1.0], ["a", "c", "d"])
    assert found == Metric(mean.value, mean.low, mean.high, 3, 1)
    assert scored_metric([None, None], ["a", "b"]) == Metric(None, None, None, 0, 2)


# -- other statistics -----------------------------------------------------------------------------


def test_any_statistic_has_an_interval() -> None:
    rng = np.random.default_rng(0)
    confidences = rng.random(200)
    correct = (rng.random(200) < confidences).astype(float)
    found = statistic_interval(lambda places: aurc(confidences[places], correct[places]), range(200), rounds=300)
    assert found is not None
    assert found.value == aurc(confidences, correct)
    assert found.low < found.value < found.high
    assert statistic_interval(lambda places: None, range(3)) is None


def test_a_mean_by_any_statistic_is_the_mean() -> None:
    values, clusters = np.random.default_rng(1).random(120), [i // 3 for i in range(120)]
    slow = statistic_interval(lambda places: float(values[places].mean()), clusters, rounds=4000)
    fast = mean_interval(values.tolist(), clusters)
    assert slow is not None
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high), abs=0.01)


# -- proportions and standard errors --------------------------------------------------------------


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_is_scipys(case: tuple[int, int]) -> None:
    found = wilson_interval(*case)
    theirs = stats.binomtest(*case).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_half_of_ten_by_wilson() -> None:
    found = wilson_interval(5, 10)
    assert (found.low, found.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_proportion_has_no_interval(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, n)


def test_the_error_of_independent_cases_is_the_usual_one() -> None:
    values = [0.0, 1.0, 1.0, 0.5, 0.25]
    assert clustered_error(values, range(5)) == pytest.approx(stats.sem(values))
    assert clustered_error(values, [""] * 5) == pytest.approx(stats.sem(values))


def test_the_error_of_cases_in_clusters_adds_what_they_share() -> None:
    # mean 1/2, deviations ±1/2: 4 * 1/4 / 12, and 1/16 * two pairs each way in each of two clusters, each 1/4
    assert clustered_error([1, 1, 0, 0], ["a", "a", "b", "b"]) == pytest.approx(sqrt(1 / 12 + (4 * 1 / 4) / 16))
    assert clustered_error([1, 0, 1, 0], ["a", "a", "b", "b"]) == pytest.approx(sqrt(1 / 12 - (4 * 1 / 4) / 16))


def test_one_case_has_no_error() -> None:
    assert clustered_error([1.0], ["a"]) is None


def test_bootstrap_and_formula_agree() -> None:
    rng = np.random.default_rng(7)
    level, clusters = np.repeat(rng.normal(size=150), 4), np.repeat(np.arange(150), 4).tolist()
    values = (level + rng.normal(size=600)).tolist()
    found, error = mean_interval(values, clusters), clustered_error(values, clusters)
    assert error is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_a_quantile_lies_between_numbers() -> None:
    assert quantile([1.0, 2.0, 4.0], 0.75) == 3.0


# -- AUROC ----------------------------------------------------------------------------------------


def test_auroc_counts_pairs_won_and_ties_half() -> None:
    assert auroc([True, False, True, False], [0.9, 0.1, 0.4, 0.4]) == pytest.approx(3.5 / 4)


def test_auroc_of_a_perfect_order_is_one_and_of_its_reverse_zero() -> None:
    assert auroc([True, True, False], [3, 2, 1]) == 1.0
    assert auroc([True, True, False], [1, 2, 3]) == 0.0


@given(judged)
def test_auroc_is_mann_whitneys_u(rows: list[tuple[bool, int, str]]) -> None:
    labels, scores = [label for label, _, _ in rows], [score for _, score, _ in rows]
    positive = [score for label, score, _ in rows if label]
    negative = [score for label, score, _ in rows if not label]
    u = stats.mannwhitneyu(positive, negative, method="asymptotic").statistic
    assert auroc(labels, scores) == pytest.approx(u / (len(positive) * len(negative)))


@pytest.mark.parametrize("labels", [[True, True], [False, False], [True]])
def test_an_auroc_needs_both_kinds(labels: list[bool]) -> None:
    with pytest.raises(ValueError, match="both kinds"):
        auroc(labels, [0.1, 0.2])


def test_an_auroc_interval_holds_its_value() -> None:
    estimate = auroc_interval([True] * 20 + [False] * 20, [*range(10, 30), *range(20)])
    assert estimate.low < estimate.value < estimate.high


def test_an_auroc_interval_is_as_wide_as_a_resampled_one() -> None:
    rng = np.random.default_rng(3)
    labels = rng.random(200) < 0.4
    scores = np.round(rng.normal(size=200) + labels, 1)
    ours = auroc_interval(labels.tolist(), scores.tolist())

    def area(positive: np.ndarray, negative: np.ndarray) -> float:
        return auroc([True] * len(positive) + [False] * len(negative), [*positive, *negative])

    samples = (scores[labels], scores[~labels])
    theirs = stats.bootstrap(samples, area, vectorized=False, n_resamples=1500, method="percentile", rng=1).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.012)
    drawn_whole = auroc_interval(labels.tolist(), scores.tolist(), clusters=range(200))
    assert (drawn_whole.low, drawn_whole.high) == pytest.approx((ours.low, ours.high), abs=0.012)


def test_an_auroc_of_few_articles_is_less_sure() -> None:
    rng = np.random.default_rng(4)
    level = np.repeat(rng.normal(size=20), 15)
    labels, scores = rng.random(300) < 1 / (1 + np.exp(-2 * level)), level + rng.normal(size=300) / 2
    apart = auroc_interval(labels.tolist(), scores.tolist(), clusters=[""] * 300)
    together = auroc_interval(labels.tolist(), scores.tolist(), clusters=np.repeat(np.arange(20), 15).tolist())
    assert together.value == apart.value
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


@few
@given(judged)
def test_a_clustered_auroc_interval_is_the_same_in_any_order(rows: list[tuple[bool, int, str]]) -> None:
    def interval(table: list[tuple[bool, int, str]]) -> Estimate:
        labels, scores, clusters = zip(*table, strict=True)
        return auroc_interval(labels, scores, clusters=clusters)

    found = interval(rows)
    assert found == interval(rows[::-1]) == interval(sorted(rows))
    assert 0 <= found.low <= found.value <= found.high <= 1
