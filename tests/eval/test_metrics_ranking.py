"""Measures of ranked lists, against hand-computed values and against ir-measures."""

from __future__ import annotations

from math import log2

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from pullquote.eval.metrics.ranking import hits_at_k, ndcg_at_k, recall_at_k, reciprocal_rank

RANKED = ["a", "b", "c", "d", "e"]
items = st.sampled_from("abcdefghij")
rankings = st.lists(items, unique=True, max_size=10)
gains = st.dictionaries(items, st.integers(0, 3), max_size=8)
depths = st.integers(1, 12)


def test_recall_is_the_share_found_among_the_first_k() -> None:
    assert recall_at_k(RANKED, {"b", "e", "z"}, 2) == pytest.approx(1 / 3)
    assert recall_at_k(RANKED, {"b", "e", "z"}, 5) == pytest.approx(2 / 3)


def test_a_hit_is_any_relevant_item_among_the_first_k() -> None:
    assert hits_at_k(RANKED, {"c", "z"}, 2) == 0.0
    assert hits_at_k(RANKED, {"c", "z"}, 3) == 1.0


def test_the_reciprocal_rank_is_that_of_the_first_relevant_item() -> None:
    assert reciprocal_rank(RANKED, {"c", "e"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(RANKED, {"c", "e"}, k=2) == 0.0
    assert reciprocal_rank(RANKED, {"z"}) == 0.0


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    assert ndcg_at_k(RANKED, {"b", "e"}, 3) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))
    graded = {"a": 1, "c": 3, "z": 2}
    assert ndcg_at_k(RANKED, graded, 5) == pytest.approx((1 + 3 / log2(4)) / (3 + 2 / log2(3) + 1 / log2(4)))


def test_where_nothing_is_relevant_nothing_is_scored() -> None:
    assert recall_at_k(RANKED, set(), 3) is None
    assert hits_at_k(RANKED, set(), 3) is None
    assert reciprocal_rank(RANKED, set()) is None
    assert ndcg_at_k(RANKED, {"a": 0}, 3) is None


def test_an_empty_list_finds_nothing_and_that_is_a_score() -> None:
    assert recall_at_k([], {"a"}, 3) == hits_at_k([], {"a"}, 3) == reciprocal_rank([], {"a"}) == ndcg_at_k([], {"a"}, 3) == 0.0


def test_an_item_that_comes_again_gains_nothing() -> None:
    assert ndcg_at_k(["a", "a", "b"], {"a", "b"}, 3) == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))
    assert recall_at_k(["a", "a"], {"a", "b"}, 2) == 0.5


@pytest.mark.parametrize("k", [0, -1])
def test_a_list_cannot_be_cut_before_its_first_rank(k: int) -> None:
    with pytest.raises(ValueError, match="rank 1 or later"):
        recall_at_k(RANKED, {"a"}, k)


@given(rankings.filter(bool), gains.filter(lambda values: any(values.values())), depths)
def test_all_measures_are_those_of_ir_measures(ranked: list[str], relevance: dict[str, int], k: int) -> None:
    qrels = [ir_measures.Qrel("q", item, gain) for item, gain in relevance.items()]
    run = [ir_measures.ScoredDoc("q", item, -rank) for rank, item in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate([R @ k, RR, RR @ k, Success @ k, nDCG @ k, nDCG], qrels, run)
    relevant = {item for item, gain in relevance.items() if gain}
    assert recall_at_k(ranked, relevant, k) == pytest.approx(theirs[R @ k])
    assert hits_at_k(ranked, relevant, k) == theirs[Success @ k]
    assert reciprocal_rank(ranked, relevant) == pytest.approx(theirs[RR])
    assert reciprocal_rank(ranked, relevant, k) == pytest.approx(theirs[RR @ k])
    assert ndcg_at_k(ranked, relevance, k) == pytest.approx(theirs[nDCG @ k])
    assert ndcg_at_k(ranked, relevance) == pytest.approx(theirs[nDCG])


@given(st.lists(items, max_size=12), st.sets(items, min_size=1), depths)
def test_all_measures_lie_between_0_and_1(ranked: list[str], relevant: set[str], k: int) -> None:
    found = [recall_at_k(ranked, relevant, k), hits_at_k(ranked, relevant, k), reciprocal_rank(ranked, relevant, k)]
    assert all(value is not None and 0 <= value <= 1 for value in [*found, ndcg_at_k(ranked, relevant, k)])


@given(rankings, st.sets(items, min_size=1), depths)
def test_a_longer_list_never_finds_less(ranked: list[str], relevant: set[str], k: int) -> None:
    for measure in (recall_at_k, hits_at_k, reciprocal_rank):
        assert (measure(ranked, relevant, k + 1) or 0.0) >= (measure(ranked, relevant, k) or 0.0)
