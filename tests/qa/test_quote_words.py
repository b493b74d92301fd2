"""Words that compare however they are typed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.quote_words import asked_quote, is_light, key_of, keys_in, words_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("don't", "don’t"),
        ("Société", "SOCIETE"),
        ("1,250 tonnes", "1250 tonnes"),
        ("the U.S. and the D.C. office", "the US and the DC office"),
        ("a long-term plan", "a long term plan"),
        ("at 9 p.m. sharp", "at 9 pm sharp"),
        ("[T]he boat", "the boat"),
        ("“Yes,” she said", "yes she said"),
        ("ﬁne", "fine"),
    ],
)
def test_texts_that_differ_in_typing_alone_have_the_same_keys(one: str, other: str) -> None:
    assert keys_in(one) == keys_in(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3.5", "35"), ("5%", "5"), ("$5", "€5"), ("can", "can't"), ("1,2", "12"), ("its", "it's")]
)
def test_other_numbers_signs_and_words_have_not(one: str, other: str) -> None:
    assert keys_in(one) != keys_in(other)


def test_an_ellipsis_of_any_kind_breaks_a_quotation() -> None:
    for mark in ("…", "...", "[...]", "[…]", ". . .", "(...)", "...."):
        asked = asked_quote(f"We will {mark} sail")
        assert asked.breaks == {2}
        assert asked.parts == ((0, 2), (2, 3))
        assert asked.inserted == frozenset()


def test_an_ellipsis_at_an_end_breaks_nothing() -> None:
    assert asked_quote("… we will sail ...").breaks == frozenset()


def test_words_in_brackets_are_put_in_unless_there_are_no_others() -> None:
    assert asked_quote("He [the mayor] will [not] sail").inserted == {1, 2, 4}
    assert asked_quote("He [the mayor] will sail").own == (0, 3, 4)
    assert asked_quote("[the mayor]").inserted == frozenset()
    assert asked_quote("[W]e will sail").inserted == frozenset()


def test_function_words_and_letters_are_light_and_signs_are_not() -> None:
    assert all(map(is_light, ("the", "not", "we've", "s")))
    assert not any(map(is_light, ("boat", "don't", "7", "%")))


@given(st.text(max_size=60))
def test_words_stand_where_they_say(text: str) -> None:
    words = list(words_in(text, 7))
    assert [word.key for word in words] == keys_in(text)
    assert [key_of(text[word.start - 7 : word.end - 7]) for word in words] == keys_in(text)
    assert all(a.end <= b.start for a, b in pairwise(words))


@given(st.text("a1 .…[]()", max_size=30))
def test_parts_hold_every_word_once(text: str) -> None:
    asked = asked_quote(text)
    assert [n for first, end in asked.parts for n in range(first, end)] == list(range(len(asked.words)))
    assert bool(asked.own) == bool(asked.words)
