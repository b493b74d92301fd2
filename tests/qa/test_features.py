"""The numbers that a ranking looks at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.types import Sentence, Span, Statement
from pullquote.qa.features import CHEAP, cheap_features, common_subsequence, ledger_features, longest_run
from pullquote.qa.retrieval import Candidate
from pullquote.qa.words import question_words


def candidate(text: str, *, bm25: float = 1.0, before: str = "") -> Candidate:
    return Candidate(Sentence("a", 1, 1, Span(0, len(text)), text), before, bm25, 0.7, 1)


def feature(question: str, text: str, name: str, **more: str) -> float:
    return float(cheap_features(question_words(question), [candidate(text, **more)])[0][CHEAP.index(name)])  # type: ignore[arg-type]


def test_words_in_order_count_more_than_words_in_disorder() -> None:
    question = "Who spoke about bridge repair costs?"
    assert feature(question, "The bridge repair costs too much.", "in_order") == 1.0
    assert feature(question, "The costs of the repair of the bridge.", "in_order") == pytest.approx(1 / 3)


def test_the_longest_run_is_counted_over_all_words() -> None:
    assert longest_run("a b c d".split(), "x b c d y a b".split()) == 3


def test_capitals_compare_with_case() -> None:
    assert feature("Who met Ann Pell?", "Ann Pell left.", "capitals") == 1.0
    assert feature("Who met Ann Pell?", "an ann left.", "capitals") == 0.0
    assert feature("who met ann pell?", "Ann Pell left.", "capitals") == 0.5


def test_coverage_may_use_the_sentence_before() -> None:
    assert feature("bridge repair", "It needs repair.", "coverage", before="The bridge is old.") == 0.5
    assert feature("bridge repair", "It needs repair.", "coverage_before", before="The bridge is old.") == 1.0


def test_bm25_is_seen_relative_to_the_best() -> None:
    rows = cheap_features(question_words("bridge"), [candidate("a", bm25=4.0), candidate("b", bm25=1.0)])
    assert list(rows[:, CHEAP.index("bm25_share")]) == [1.0, 0.25]


def test_no_candidates_make_an_empty_table() -> None:
    assert cheap_features(question_words("bridge"), []).shape == (0, len(CHEAP))


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_a_run_is_no_longer_than_a_subsequence_and_both_are_symmetric(left: list[str], right: list[str]) -> None:
    assert longest_run(left, right) <= common_subsequence(left, right) <= min(len(left), len(right))
    assert common_subsequence(left, right) == common_subsequence(right, left)
    assert longest_run(left, right) == longest_run(right, left)


def test_what_is_said_counts_and_not_of_whom_it_is_said() -> None:
    one = candidate("Ann Pell said the bridge costs too much.")
    told = Statement("a", 1, 1, "indirect", "affirmed", "Ann Pell", None, Span(0, 8), Span(9, 13), (Span(14, 39),))
    unnamed = Statement("a", 1, 1, "indirect", "affirmed", None, None, None, Span(9, 13), (Span(14, 39),))

    def row(question: str, *statements: Statement) -> list[float]:
        words = question_words(question)
        cheap = cheap_features(words, [one])
        return list(ledger_features(words, [one], cheap, lambda places: dict.fromkeys(places, statements))[0])

    assert row("Who spoke about bridge costs?", told) == [1.0, 1.0]
    assert row("Who spoke about Ann Pell?", told) == [0.0, 1.0]
    assert row("Who spoke about bridge costs?", unnamed) == [1.0, 0.0]
    assert row("Who spoke about bridge costs?") == [0.0, 0.0]


def test_where_nobody_looked_for_statements_the_sentence_itself_counts() -> None:
    words, one = question_words("Who spoke about Ann Pell?"), candidate("Ann Pell said the bridge costs too much.")
    cheap = cheap_features(words, [one])
    assert list(ledger_features(words, [one], cheap, None)[0]) == [1.0, 1.0]
    assert list(ledger_features(words, [one], cheap, lambda places: {})[0]) == [1.0, 1.0]
    assert ledger_features(words, [], cheap[:0], None).shape == (0, 2)
