"""A quotation laid along a stretch of an article."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Sentence, Span
from pullquote.qa.quote_alignment import aligned
from pullquote.qa.quote_matching import Match, changes_of, match_in, place_of, span_of
from pullquote.qa.quote_places import Stretch
from pullquote.qa.quote_words import asked_quote, keys_in

TEXTS = st.lists(st.sampled_from("the boat sails at nine. Nine boats! “we will”, not sail; it’s 5% of — 7".split()), min_size=1)


def stretch(text: str) -> Stretch:
    spans = [Span(*span) for span in split_sentences(text)]
    return Stretch(tuple(Sentence("a", 1, n, span, text[slice(*span)]) for n, span in enumerate(spans, 1)))


def matched(quote: str, text: str) -> Match | None:
    return match_in(asked_quote(quote), stretch(text))


def verdict(quote: str, text: str) -> str:
    match = matched(quote, text)
    return "not_found" if match is None else match.verdict


SAID = '"We will examine every shaft," said Tove Aker, "and nobody will hurry us." She left. "The islands have bread."'


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("We will examine every shaft and nobody will hurry us", "exact"),
        ("We will examine every shaft ... and nobody will hurry us", "exact"),
        ("We will examine every shaft said Tove Aker and nobody will hurry us", "exact"),
        ("We will not examine every shaft and nobody will hurry us", "edited"),
        ("We will examine every shaft and nobody will stop us", "edited"),
        ("nobody will hurry us. The islands have bread", "stitched"),
        ("We will examine [almost] every shaft", "edited"),
        ("We will [soon] examine ... every shaft", "edited"),
        ("The bread examined every island", "not_found"),
        ("shaft every examine will we", "not_found"),
        ("will us", "not_found"),
    ],
)
def test_a_verdict_is_by_the_words_and_their_order(quote: str, expected: str) -> None:
    assert verdict(quote, SAID) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We sold the old pier,” Lund said, “and the new one.”", "exact"),
        ("“We sold the old pier” – Lund paused – “and the new one.”", "exact"),
        ("“We sold the old pier!” Lund said. “And the new one.”", "exact"),
        ("“We sold the old pier,” said Lund. Pell said: “And the new one.”", "edited"),
        ("“We sold the old pier.” Pell added: “And the new one.”", "edited"),
        ("“We sold the old pier!” Pell cried, “And the new one.”", "edited"),
        ("We sold the old pier, Lund said, and the new one.", "edited"),
        ("We sold the old “rotten” pier and the new one.", "edited"),
    ],
)
def test_an_aside_says_who_speaks_and_cannot_be_another_speaker(text: str, expected: str) -> None:
    assert verdict("We sold the old pier and the new one", text) == expected


def test_pieces_with_a_whole_sentence_between_are_stitched() -> None:
    text = "The museum gets a new copper roof. The vote was close. It was raining hard. The roof costs nine million crowns."
    match = matched("The museum gets a new copper roof … costs nine million crowns", text)
    assert match is not None
    assert match.verdict == "stitched"
    assert [text[slice(*span_of(match.stretch, piece))] for piece in match.pieces] == [
        "The museum gets a new copper roof",
        "costs nine million crowns",
    ]


def test_words_far_apart_in_one_sentence_are_stitched_unless_an_ellipsis_says_so() -> None:
    text = f"The museum gets a new copper roof {'and a window ' * 7}that will outlast the people of this town."
    quote = "The museum gets a new copper roof {}that will outlast the people of this town"
    assert verdict(quote.format(""), text) == "stitched"
    assert verdict(quote.format("... "), text) == "edited"


@given(TEXTS, st.data())
def test_whole_words_of_a_text_are_found_exactly(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    quote = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    if keys_in(quote):
        match = matched(quote, text)
        assert match is not None
        assert (match.verdict, match.score) == ("exact", 1.0)
        assert keys_in(text[slice(*match.span)]) == keys_in(quote)


@given(TEXTS, TEXTS)
def test_aligned_words_are_the_same_and_in_order(some: list[str], others: list[str]) -> None:
    asked, keys = asked_quote(" ".join(some)), keys_in(" ".join(others))
    pairs = aligned(asked, keys)
    assert all(asked.words[i].key == keys[j] for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert bool(pairs) == any(word.key in keys for word in asked.words)


@given(TEXTS, TEXTS)
def test_changes_make_both_texts_again(some: list[str], others: list[str]) -> None:
    asked, own = asked_quote(" ".join(some)), stretch(" ".join(others))
    text = " ".join(others)
    pairs = aligned(asked, own.keys)
    if pairs:
        changes = changes_of(asked, own, pairs, text)
        assert "".join(words for kind, words in changes if kind != "missing") == text[slice(*span_of(own, pairs))]
        assert [key for kind, words in changes if kind != "added" for key in keys_in(words)] == [w.key for w in asked.words]
        assert all(a[0] != b[0] for a, b in pairwise(changes))
        assert all(keys_in(words) for _, words in changes)


def test_a_word_far_off_is_not_taken_along() -> None:
    keys = keys_in("the boat was late and so was the man who sold the old pier to us")
    assert aligned(asked_quote("the old pier"), keys) == [(0, 11), (1, 12), (2, 13)]


def test_a_quotation_of_a_thousand_words_is_aligned() -> None:
    words = [f"word{n % 97}" for n in range(900)]
    changed = [*words[:450], "other", *words[451:]]
    assert len(aligned(asked_quote(" ".join(words)), changed)) == 899


def test_nothing_is_aligned_with_nothing() -> None:
    assert aligned(asked_quote("a boat"), []) == []
    assert aligned(asked_quote("a boat"), ["pier"]) == []
    assert place_of(["boat"], []) == -1
