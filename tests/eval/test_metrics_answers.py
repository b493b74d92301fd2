"""Right words and exact quotes, against values computed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.metrics.answers import contains_answer, exact_match, exact_quote, normalized, short_answer_recall, token_f1
from pullquote.index.types import Span

texts = st.text("abthe 5.-'A", max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  U.S. president", "us president"),
        ("An apple, a day!", "apple day"),
        ("theatre", "theatre"),
        ("well-known", "wellknown"),
        ("Macy’s", "macy’s"),
        ("The", ""),
    ],
)
def test_text_is_compared_as_squad_does(text: str, expected: str) -> None:
    assert normalized(text) == expected


def test_an_answer_matches_when_any_alias_does() -> None:
    assert exact_match("the United Nations.", ["UN", "United Nations"]) == 1.0
    assert exact_match("United Nations envoy", ["UN", "United Nations"]) == 0.0


def test_token_f1_counts_shared_words_as_often_as_they_come() -> None:
    # said: two two mills; wanted: two mills burned: shared two and mills, F1 = 2 * 2 / (3 + 3)
    assert token_f1("two two mills", ["Two mills burned"]) == pytest.approx(2 / 3)
    assert token_f1("two two mills", ["nine", "two two mills burned"]) == pytest.approx(6 / 7)
    assert token_f1("a harbour", ["the quay"]) == 0.0


def test_an_empty_reference_wants_nothing_said() -> None:
    assert token_f1("", [""]) == exact_match("", [""]) == 1.0
    assert token_f1("something", [""]) == exact_match("something", [""]) == 0.0


def test_without_a_reference_nothing_is_scored() -> None:
    assert exact_match("x", []) is None
    assert token_f1("x", []) is None
    assert contains_answer("x", []) is None
    assert short_answer_recall("x", []) is None


def test_an_answer_is_contained_as_whole_words() -> None:
    assert contains_answer("It opened in 1954, she said.", ["5"]) == 0.0
    assert contains_answer("It opened in 1954, she said.", ["5"], whole_words=False) == 1.0
    assert contains_answer("It opened in 1954, she said.", ["1899", "in 1954"]) == 1.0


def test_an_alias_without_words_is_in_no_text() -> None:
    assert contains_answer("The end", ["the", "!"]) == 0.0
    assert contains_answer("", ["!"], whole_words=False) == 0.0


def test_short_answer_recall_is_the_share_of_answers_of_which_an_alias_is_found() -> None:
    text = "Lena Ostrow and the mayors of Osk met on 4 May."
    assert short_answer_recall(text, [["Ostrow", "Lena O."], ["June"], ["mayor of Osk", "mayor"]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("quote", "span", "expected"),
    [
        ("the quay", Span(4, 12), 1.0),
        ("The quay", Span(4, 12), 0.0),
        ("the quay", Span(5, 13), 0.0),
        ("the quay ", Span(4, 12), 0.0),
        ("", Span(4, 4), 0.0),
        ("", Span(9, 4), 0.0),
        ("fire", Span(-4, 0), 0.0),
        ("fire.", Span(16, 99), 0.0),
        ("fire.", Span(16, 21), 1.0),
    ],
)
def test_a_quote_is_exact_or_it_is_not(quote: str, span: Span, expected: float) -> None:
    text = "At: the quay on fire."
    assert exact_quote(quote, text, span) == expected


@given(st.text(min_size=1), st.data())
def test_what_is_cut_from_a_text_is_an_exact_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    assert exact_quote(text[span.start : span.end], text, span) == 1.0
    assert exact_quote(text[span.start : span.end] + "x", text, span) == 0.0


@given(texts, st.lists(texts, min_size=1))
def test_scores_lie_between_0_and_1_and_a_match_is_the_best_f1(said: str, references: list[str]) -> None:
    f1, match = token_f1(said, references), exact_match(said, references)
    assert f1 is not None
    assert 0 <= f1 <= 1
    assert match in (0.0, 1.0)
    assert not match or f1 == 1.0
    assert token_f1(said, references[::-1]) == f1


@given(texts, texts)
def test_token_f1_is_symmetric(one: str, other: str) -> None:
    assert token_f1(one, [other]) == token_f1(other, [one])


@given(texts, st.lists(texts, min_size=1))
def test_whole_words_are_harder_to_find_than_substrings(text: str, aliases: list[str]) -> None:
    assert (contains_answer(text, aliases) or 0.0) <= (contains_answer(text, aliases, whole_words=False) or 0.0)
