"""Answering and abstaining, against values computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.metrics.refusals import AbstentionScore, abstention_score, false_answer, false_refusal, truthfulness

cases = st.lists(st.tuples(st.booleans(), st.booleans()))


@pytest.mark.parametrize(
    ("answerable", "abstained", "answered_wrongly", "refused_wrongly"),
    [(True, True, None, 1.0), (True, False, None, 0.0), (False, True, 0.0, None), (False, False, 1.0, None)],
)
def test_each_rate_is_scored_on_its_own_kind_of_question(
    answerable: bool, abstained: bool, answered_wrongly: float | None, refused_wrongly: float | None
) -> None:
    assert false_answer(answerable, abstained) == answered_wrongly
    assert false_refusal(answerable, abstained) == refused_wrongly


def test_a_wrong_answer_costs_what_a_right_one_gains() -> None:
    assert [truthfulness(outcome) for outcome in ("right", "acceptable", "missing", "wrong")] == [1.0, 0.5, 0.0, -1.0]


def test_abstaining_is_scored_as_finding_the_unanswerable() -> None:
    answerable = [True, True, True, False, False]
    abstained = [True, False, False, True, False]
    assert abstention_score(answerable, abstained) == AbstentionScore(0.5, 0.5, 0.5)
    assert abstention_score(answerable, [True] * 5) == AbstentionScore(2 / 5, 1.0, 4 / 7)


def test_who_never_abstains_has_no_precision() -> None:
    assert abstention_score([True, False], [False, False]) == AbstentionScore(None, 0.0, 0.0)
    assert abstention_score([True], [False]) == AbstentionScore(None, None, None)


@given(cases)
def test_abstention_scores_lie_between_0_and_1_in_any_order(rows: list[tuple[bool, bool]]) -> None:
    def score(table: list[tuple[bool, bool]]) -> AbstentionScore:
        return abstention_score([can for can, _ in table], [refused for _, refused in table])

    found = score(rows)
    assert all(value is None or 0 <= value <= 1 for value in (found.precision, found.recall, found.f1))
    assert score(sorted(rows)) == found
    if found.precision and found.recall:
        assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))
