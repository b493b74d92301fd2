"""Tokens and dollars per question, against values computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.metrics.costs import Prices, Tokens, cost_timings, cost_usd, mean_tokens
from pullquote.eval.types import CaseResult


def case(answers: int, prompt: int, completion: int, error: str | None = None) -> CaseResult:
    return CaseResult("c", "", (), {}, error=error, answers=answers, prompt_tokens=prompt, completion_tokens=completion)


def test_tokens_are_per_question_not_per_case() -> None:
    assert mean_tokens([case(1, 100, 10), case(3, 500, 70)]) == Tokens(150.0, 20.0, 4)
    assert Tokens(150.0, 20.0, 4).total == 170.0


def test_cases_that_ask_nothing_do_not_count_and_failed_ones_do() -> None:
    assert mean_tokens([case(1, 100, 10), case(0, 0, 0), case(1, 300, 0, "ValueError: no")]) == Tokens(200.0, 5.0, 2)
    assert mean_tokens([case(0, 0, 0)]) is None
    assert mean_tokens([]) is None


def test_a_million_tokens_cost_their_price() -> None:
    assert cost_usd(Tokens(1_000_000, 0, 1), Prices(0.15, 0.60)) == pytest.approx(0.15)
    assert cost_usd(Tokens(2000, 500, 1), Prices(0.15, 0.60)) == pytest.approx(0.0006)  # (300 + 300) / a million


def test_what_has_no_price_is_not_scored_and_not_free() -> None:
    assert cost_usd(Tokens(2000, 500, 1), None) is None
    assert cost_usd(None, Prices(0.15, 0.60)) is None
    assert cost_usd(Tokens(2000, 500, 1), Prices(0, 0)) == 0


def test_costs_stand_beside_the_timings_where_tokens_were_spent() -> None:
    spent = [case(1, 2000, 500)]
    assert cost_timings(spent, None) == {"prompt_tokens": 2000.0, "completion_tokens": 500.0}
    assert cost_timings(spent, Prices(0.15, 0.60))["usd"] == pytest.approx(0.0006)
    assert cost_timings([case(5, 0, 0)], Prices(0.15, 0.60)) == {}
    assert cost_timings([], Prices(0.15, 0.60)) == {}


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9000), st.integers(0, 900)), min_size=1))
def test_means_times_questions_are_what_was_spent(rows: list[tuple[int, int, int]]) -> None:
    found = mean_tokens([case(*row) for row in rows])
    assert found is not None
    assert found.prompt * found.n == pytest.approx(sum(row[1] for row in rows))
    assert found.completion * found.n == pytest.approx(sum(row[2] for row in rows))
