"""Taking a question apart."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.words import content_stems, question_parts, question_words, stem, stems_of, words_of

ENDINGS = ("", "s", "ed", "ing", "ation", "ational", "iveness", "fulness", "ously", "able", "ement")


@pytest.mark.parametrize(
    "question",
    ["Who called for restraint?", "Who said that rents will rise?", "who denies the report", "Which party criticised the law?"],
)
def test_questions_about_what_was_said_are_statements(question: str) -> None:
    assert question_words(question).kind == "statement"


@pytest.mark.parametrize(
    "question", ["Who won the race?", "When will the ferry return?", "How much does it cost?", "bridge budget"]
)
def test_other_questions_are_facts(question: str) -> None:
    assert question_words(question).kind == "fact"


def test_terms_leave_out_stop_words_and_empty_asking() -> None:
    assert question_words("Who said that the bridge is too old?").terms == ("bridge", "old")


def test_a_question_of_stop_words_keeps_them() -> None:
    assert question_words("what is this").terms == ("what", "is", "this")


def test_capitals_leave_out_the_first_word() -> None:
    assert question_words("Who met Ann Pell in Oslo?").capitals == ("Ann", "Pell", "Oslo")
    assert question_words("who met Ann?").capitals == ("Ann",)


def test_accents_are_removed_as_in_the_index() -> None:
    assert words_of("Élysée façade") == ["elysee", "facade"]


def test_keywords_are_not_a_question() -> None:
    assert not question_words("bridge budget vote").is_question
    assert question_words("bridge budget vote?").is_question


def test_stems_join_forms_of_a_word() -> None:
    assert stems_of("called calling calls") == ["call"] * 3


def test_content_stems_leave_out_words_without_meaning_and_repeats() -> None:
    assert content_stems("She called, and they were calling from the bridges.") == {"call", "bridg"}
    assert content_stems("Who is it?") == frozenset()


@given(st.text(max_size=300))
def test_any_text_can_be_taken_apart(text: str) -> None:
    words = question_words(text)
    assert len(words.terms) == len(words.stems) <= 64
    assert all(term == term.lower() and term.strip() for term in words.terms)
    assert words.kind in ("statement", "fact")


@pytest.mark.parametrize("question", ["Who won?", "How much will it cost?", "when does it open", "Which city burned?"])
def test_questions_for_one_thing_are_known(question: str) -> None:
    assert question_words(question).asks_one_thing
    assert not question_words(question).asks_explanation


@pytest.mark.parametrize("question", ["Why did it close?", "How did it happen?", "What is the plan?"])
def test_questions_for_an_explanation_are_known(question: str) -> None:
    assert question_words(question).asks_explanation
    assert not question_words(question).asks_one_thing


def test_a_question_of_two_parts_is_two_whole_questions() -> None:
    parts = question_parts("Who supported and who criticised the budget plan?")
    assert parts == ("Who supported the budget plan?", "who criticised the budget plan?")
    assert question_parts("What did Bron and Pell say?") == ("What did Bron and Pell say?",)
    assert question_parts("Who won, and when does it open?") == ("Who won", "when does it open?")


def test_words_are_stemmed_the_same_however_many_ask_at_once() -> None:
    begins = ("generalis", "oscillat", "relat", "condition", "hop") * 9
    words = [f"{begin}{end}" for begin in begins for end in ENDINGS]
    fresh = stem.__wrapped__  # each time anew
    expected = [fresh(word) for word in words]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: [fresh(word) for word in words], range(16)))
    finally:
        sys.setswitchinterval(before)
    assert all(one == expected for one in found)
