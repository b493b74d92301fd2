"""Citation quality, against cases worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.metrics.citations import (
    AlceScore,
    CitedSentence,
    Judge,
    alce_parts,
    alce_passage,
    alce_score,
    cited_chars,
    cited_places,
    gold_score,
    harmonic_mean,
    parsed_sentence,
    weighted_support,
)
from pullquote.eval.types import Gold
from pullquote.index.types import Span
from pullquote.qa.newsroom import Newsroom

PASSAGES = ("red", "blue", "green", "red blue")


def words_are_there(premise: str, hypothesis: str) -> bool:
    """Judge by words: every word of the hypothesis stands in the premise."""
    return set(hypothesis.split()) <= set(premise.split())


def score(*sentences: tuple[str, tuple[int, ...]], judge: Judge = words_are_there) -> AlceScore:
    found = alce_score([CitedSentence(*sentence) for sentence in sentences], PASSAGES, judge)
    assert found is not None
    return found


# -- ALCE -----------------------------------------------------------------------------------------


def test_a_sentence_is_entailed_by_its_citations_together() -> None:
    found = score(("red blue", (1, 2)), ("green", (3,)), ("green", (1,)))
    assert found.entailed == (True, True, False)
    assert found.recall == pytest.approx(2 / 3)
    assert found.precision == pytest.approx(3 / 4)


def test_a_citation_is_irrelevant_when_it_entails_nothing_alone_and_is_not_missed() -> None:
    assert score(("red", (1, 3))).precision == pytest.approx(1 / 2)
    assert score(("red blue", (1, 2, 3))).precision == pytest.approx(2 / 3)


def test_a_citation_that_entails_alone_counts_though_others_would_do() -> None:
    assert score(("red", (1, 4))).precision == 1.0


def test_a_passage_cited_twice_is_not_missed_when_one_of_the_two_is_left_out() -> None:
    # red blue from [1, 2, 2]: without one of the two 2s the other remains, and 2 alone does not entail
    assert score(("red blue", (1, 2, 2))).precision == pytest.approx(1 / 3)


def test_citations_of_a_sentence_that_is_not_entailed_all_count_against_precision() -> None:
    found = score(("green", (1, 2)), ("red", (1,)))
    assert found.precision == pytest.approx(1 / 3)


@pytest.mark.parametrize("numbers", [(5,), (1, 5), (0,), (1, 0)])
def test_a_number_out_of_range_spoils_the_sentence_and_its_citations_are_not_counted(numbers: tuple[int, ...]) -> None:
    found = score(("red", numbers), ("blue", (2,)))
    assert found.recall == 0.5
    assert found.precision == 1.0


def test_a_sentence_without_citations_is_not_entailed() -> None:
    assert score(("red", ())) == AlceScore(0.0, 0.0, (False,))


def test_only_the_first_three_citations_are_read_but_all_have_to_exist() -> None:
    assert score(("green", (1, 2, 4, 3))).recall == 0.0
    assert score(("red", (1, 2, 4, 9))).recall == 0.0
    found = alce_score([CitedSentence("green", (1, 2, 4, 3))], PASSAGES, words_are_there, max_citations=None)
    assert found is not None
    assert found.recall == 1.0


def test_with_one_citation_each_precision_is_recall() -> None:
    found = score(("red", (1,)), ("blue", (3,)), ("green", (3,)))
    assert found.precision == found.recall == pytest.approx(2 / 3)


def test_an_empty_answer_is_not_scored() -> None:
    assert alce_score([], PASSAGES, words_are_there) is None


def test_the_judge_reads_passages_in_the_order_of_the_citations() -> None:
    asked: list[tuple[str, str]] = []

    def judge(premise: str, hypothesis: str) -> bool:
        asked.append((premise, hypothesis))
        return "\n" in premise

    score(("anything", (3, 1, 2)), judge=judge)
    assert ("green\nred\nblue", "anything") in asked
    assert ("red\nblue", "anything") in asked
    assert len(asked) == len(set(asked))


@given(
    st.lists(
        st.tuples(st.sampled_from(["red", "blue", "red blue", "black"]), st.lists(st.integers(0, 6), max_size=5)), min_size=1
    )
)
def test_alce_scores_lie_between_0_and_1_whatever_the_order_of_sentences(rows: list[tuple[str, list[int]]]) -> None:
    sentences = [CitedSentence(text, tuple(numbers)) for text, numbers in rows]
    forth, back = (alce_score(order, PASSAGES, words_are_there) for order in (sentences, sentences[::-1]))
    assert forth is not None
    assert back is not None
    assert 0 <= forth.recall <= 1
    assert 0 <= forth.precision <= 1
    assert (forth.recall, forth.precision) == (back.recall, back.precision)


@pytest.mark.parametrize(
    ("sentence", "text", "numbers"),
    [
        ("Prices rose [1][12].", "Prices rose.", (1, 12)),
        ("Prices rose [1, said Ada.", "Prices rose, said Ada.", (1,)),
        ("Prices [sic] rose.", "Prices [sic rose.", ()),
        ("No marks.", "No marks.", ()),
        ("Rain | sun [2]", "Rain sun", (2,)),
    ],
)
def test_marks_are_read_as_alce_reads_them(sentence: str, text: str, numbers: tuple[int, ...]) -> None:
    assert parsed_sentence(sentence) == CitedSentence(text, numbers)


def test_a_passage_is_shown_with_its_title() -> None:
    assert alce_passage("Storm Ilka", "It rained.") == "Title: Storm Ilka\nIt rained."
    assert alce_passage(None, "It rained.") == "It rained."


def test_an_extractive_answer_is_right_by_alce_whatever_was_asked(sample_room: Newsroom) -> None:
    answer = sample_room.ask("Who called for restraint?")
    sentences, passages = alce_parts(answer)
    found = alce_score(sentences, passages, lambda premise, hypothesis: hypothesis in premise)
    assert found is not None
    assert found.recall == 1.0
    assert [place.span for place in cited_places(answer)] == [citation.span for citation in answer.citations]
    assert (cited_chars(cited_places(answer)) or 0) <= sum(len(citation.quote) for citation in answer.citations)


def test_copies_that_a_citation_names_are_cited_places_too(sample_room: Newsroom) -> None:
    answer = sample_room.ask("Who accused Torvania of sending an armed patrol across the river?")
    (citation,) = (c for c in answer.citations if "Radka Solen" in c.quote)
    (copy,) = citation.also
    assert copy.article.id != citation.article.id
    assert {(place.article_id, place.span) for place in cited_places(answer)} >= {
        (citation.article.id, citation.span),
        (copy.article.id, copy.span),
    }


# -- TREC RAG -------------------------------------------------------------------------------------


def test_precision_is_by_citing_sentence_and_recall_by_sentence() -> None:
    found = weighted_support([[1.0, 0.0], [0.5], [], [0.0]])
    assert found.precision == pytest.approx(1.5 / 3)
    assert found.recall == pytest.approx(1.5 / 4)


def test_what_has_no_citation_or_no_sentence_has_no_score() -> None:
    assert weighted_support([[], []]).precision is None
    assert weighted_support([[], []]).recall == 0.0
    assert weighted_support([]).recall is None


def test_a_grade_lies_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        weighted_support([[2.0]])


# -- gold places ----------------------------------------------------------------------------------


def place(start: int, end: int, article: str = "a") -> Gold:
    return Gold(article, Span(start, end))


def test_a_citation_is_right_when_it_overlaps_gold_and_gold_is_found_when_a_citation_overlaps_it() -> None:
    gold = [place(0, 10), place(20, 30), place(40, 50)]
    found = gold_score([place(5, 25), place(60, 70)], gold)
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(2 / 3)
    assert found.f1 == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))


def test_spans_that_only_touch_or_lie_in_another_article_do_not_overlap() -> None:
    assert gold_score([place(10, 20)], [place(0, 10)]).f1 == 0.0
    assert gold_score([place(0, 10, "b")], [place(0, 10)]).f1 == 0.0


def test_a_place_cited_twice_counts_once() -> None:
    assert gold_score([place(0, 9), place(0, 9), place(50, 60)], [place(0, 9)]).precision == 0.5


def test_citing_nothing_has_no_precision_and_finds_nothing() -> None:
    found = gold_score([], [place(0, 9)])
    assert (found.precision, found.recall, found.f1) == (None, 0.0, 0.0)


def test_without_gold_nothing_is_scored() -> None:
    found = gold_score([place(0, 9)], [])
    assert (found.precision, found.recall, found.f1) == (None, None, None)


def places_of(draw_article: Callable[[], st.SearchStrategy[str]]) -> st.SearchStrategy[list[Gold]]:
    spans = st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
    return st.lists(st.builds(Gold, draw_article(), spans), max_size=6)


places = places_of(lambda: st.sampled_from("ab"))


@given(places, places)
def test_swapping_cited_and_gold_swaps_precision_and_recall(one: list[Gold], other: list[Gold]) -> None:
    forth, back = gold_score(one, other), gold_score(other, one)
    if one and other:
        assert (forth.precision, forth.recall) == (back.recall, back.precision)
        assert forth.f1 == pytest.approx(back.f1)
        assert all(value is not None and 0 <= value <= 1 for value in (forth.precision, forth.recall, forth.f1))


def test_f1_lies_between_precision_and_recall_and_is_0_for_nothing() -> None:
    assert harmonic_mean(0.0, 0.0) == 0.0
    assert harmonic_mean(0.5, 0.5) == 0.5
    assert harmonic_mean(1.0, 0.5) == pytest.approx(2 / 3)


def test_characters_cited_twice_are_read_once() -> None:
    assert cited_chars([place(0, 10), place(5, 20), place(6, 8), place(30, 31), place(0, 10, "b")]) == 31
    assert cited_chars([]) is None


@given(places.filter(bool))
def test_cited_characters_are_those_in_any_span(cited: list[Gold]) -> None:
    characters = {(p.article_id, at) for p in cited for at in range(p.span.start, p.span.end)}
    assert cited_chars(cited) == len(characters)
