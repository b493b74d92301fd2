"""Tests of two systems on the same cases, against scipy and against values computed by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pullquote.eval.comparisons import (
    BOOTSTRAP,
    MCNEMAR,
    Comparison,
    approximate_randomisation,
    compare_paired,
    holm,
    mcnemar,
    paired_bootstrap,
)

bits = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=40)
graded = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from("abcd")), min_size=1, max_size=12)
few = settings(max_examples=25)


# -- McNemar --------------------------------------------------------------------------------------


def test_mcnemar_looks_at_the_pairs_that_differ() -> None:
    first, second = [1, 0, 0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 1, 1, 1, 0]  # lost 1, won 5
    assert mcnemar(first, second) == pytest.approx(2 * (1 + 6) / 64)


@given(bits)
def test_mcnemar_is_a_binomial_test(pairs: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    won, lost = pairs.count((0, 1)), pairs.count((1, 0))
    expected = stats.binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert mcnemar(first, second) == pytest.approx(expected)
    assert mcnemar(second, first) == mcnemar(first, second)


def test_mcnemar_takes_thousands_of_pairs_and_numpys_numbers() -> None:
    first, second = np.repeat([0.0, 1.0], [2600, 2400]), np.repeat([1.0, 0.0], [2600, 2400])
    assert mcnemar(first.tolist(), second.tolist()) == pytest.approx(stats.binomtest(2600, 5000).pvalue)
    assert mcnemar(list(first), list(second)) == mcnemar(first.tolist(), second.tolist())


def test_mcnemar_is_not_for_grades() -> None:
    with pytest.raises(ValueError, match="0 and 1"):
        mcnemar([0.5], [1.0])


# -- paired bootstrap -----------------------------------------------------------------------------


def test_a_difference_has_an_interval_and_the_sign_of_second_minus_first() -> None:
    rng = np.random.default_rng(0)
    first = rng.random(300)
    second = first + 0.1 + rng.normal(size=300) / 5
    found = paired_bootstrap(first.tolist(), second.tolist(), range(300))
    assert found.difference == pytest.approx((second - first).mean())
    theirs = stats.bootstrap((second - first,), np.mean, n_resamples=9999, method="percentile", rng=1).confidence_interval
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)
    assert found.p < 0.001
    assert found.significant()


def test_a_p_of_the_bootstrap_is_near_that_of_a_t_test() -> None:
    rng = np.random.default_rng(8)
    first = rng.random(400)
    second = first + rng.normal(0.02, 0.25, size=400)
    expected = stats.ttest_rel(second, first).pvalue
    assert paired_bootstrap(first.tolist(), second.tolist(), range(400)).p == pytest.approx(expected, abs=0.03)
    assert approximate_randomisation(first.tolist(), second.tolist(), range(400)) == pytest.approx(expected, abs=0.03)


def test_pairs_of_one_article_are_less_sure_together() -> None:
    first, second = [0.0] * 60, [1.0] * 20 + [0.0] * 35 + [-1.0] * 5
    apart = paired_bootstrap(first, second, range(60))
    together = paired_bootstrap(first, second, [i // 10 for i in range(60)])
    assert together.difference == apart.difference == pytest.approx(0.25)
    assert together.high - together.low > apart.high - apart.low
    assert together.p > apart.p


def test_equal_systems_do_not_differ() -> None:
    values = [0.2, 0.4, 0.9]
    assert paired_bootstrap(values, values, "abc") == Comparison(0.0, 0.0, 0.0, 1.0, 3, BOOTSTRAP)
    assert approximate_randomisation(values, values, "abc") == 1.0


@few
@given(graded)
def test_a_comparison_is_the_same_in_any_order_and_the_other_way_round(rows: list[tuple[float, float, str]]) -> None:
    def compared(table: list[tuple[float, float, str]]) -> Comparison:
        return paired_bootstrap([a for a, _, _ in table], [b for _, b, _ in table], [c for _, _, c in table])

    found = compared(rows)
    assert found == compared(rows[::-1])
    assert 0 < found.p <= 1
    assert found.low <= found.difference <= found.high
    assert compared([(b, a, c) for a, b, c in rows]).difference == pytest.approx(-found.difference)


# -- approximate randomisation --------------------------------------------------------------------


def test_few_clusters_are_swapped_in_all_ways() -> None:
    first, second, clusters = [0.0] * 6, [0.5, 0.25, 1.0, 1.0, -0.5, 0.75], ["a", "a", "b", "c", "d", "e"]
    sums = [0.75, 1.0, 1.0, -0.5, 0.75]
    swaps = [abs(sum(s * x for s, x in zip(signs, sums, strict=True))) for signs in product((1, -1), repeat=5)]
    assert approximate_randomisation(first, second, clusters) == sum(swap >= sum(sums) for swap in swaps) / 32


def test_independent_pairs_are_swapped_as_in_a_permutation_test() -> None:
    rng = np.random.default_rng(1)
    first = rng.random(60)
    second = first + rng.normal(0.05, 0.2, 60)
    theirs = stats.permutation_test(
        (second, first), lambda a, b: (a - b).mean(), permutation_type="samples", vectorized=False, n_resamples=5000, rng=1
    )
    assert approximate_randomisation(first.tolist(), second.tolist(), range(60)) == pytest.approx(theirs.pvalue, abs=0.02)


def test_no_p_is_smaller_than_the_rounds_can_show() -> None:
    first, second = [0.0] * 60, [0.5, 1.0] * 30
    assert approximate_randomisation(first, second, range(60), rounds=250) == 1 / 251
    assert paired_bootstrap(first, second, range(60)).p == 1 / 10_001


@few
@given(graded)
def test_a_randomised_p_lies_between_0_and_1_and_does_not_take_sides(rows: list[tuple[float, float, str]]) -> None:
    first, second, clusters = [a for a, _, _ in rows], [b for _, b, _ in rows], [c for _, _, c in rows]
    p = approximate_randomisation(first, second, clusters)
    assert 0 < p <= 1
    assert approximate_randomisation(second, first, clusters) == p


# -- which test -----------------------------------------------------------------------------------


def test_right_and_wrong_of_independent_cases_goes_to_mcnemar() -> None:
    first, second = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    found = compare_paired(first, second, [""] * 6)
    assert found is not None
    assert (found.test, found.p, found.n) == (MCNEMAR, mcnemar(first, second), 6)
    assert found.difference == pytest.approx(5 / 6)


def test_grades_and_cases_that_share_articles_go_to_the_bootstrap() -> None:
    for first, second, clusters in (([0.5, 0.0], [1.0, 1.0], "ab"), ([0.0, 0.0], [1.0, 0.0], "aa")):
        found = compare_paired(first, second, clusters)
        assert found is not None
        assert found.test == BOOTSTRAP
        assert found.p == paired_bootstrap(first, second, clusters).p


def test_pairs_that_were_not_scored_are_counted_and_left_out() -> None:
    found = compare_paired([1.0, None, 0.0, None], [0.0, 1.0, None, None], "abcd")
    assert found is not None
    assert (found.n, found.n_unscored, found.difference) == (1, 3, -1.0)
    assert compare_paired([None], [1.0], "a") is None


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        paired_bootstrap([], [], [])


# -- several tests --------------------------------------------------------------------------------


def test_holm_raises_the_smallest_most() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_lowers_nothing_and_is_never_stricter_than_bonferroni(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for p, q in zip(p_values, adjusted, strict=True):
        assert p <= q <= min(1.0, p * len(p_values))
    by_p = [q for _, q in sorted(zip(p_values, adjusted, strict=True))]
    assert by_p == sorted(by_p)
    assert holm(p_values[::-1]) == adjusted[::-1]
