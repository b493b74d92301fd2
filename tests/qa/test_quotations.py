"""Which neighbours are shown with a sentence so that a reader knows who speaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Sentence
from pullquote.qa.quotations import needs_explaining, with_speaker


def sentences_of(text: str) -> list[Sentence]:
    return [Sentence("a", 1, n, span, text[span.start : span.end]) for n, span in enumerate(split_sentences(text), 1)]


def shown(text: str, start: str) -> list[str]:
    sentences = sentences_of(text)
    at = next(i for i, s in enumerate(sentences) if s.text.startswith(start))
    return [sentences[i].text for i in with_speaker(sentences, at, text)]


def test_a_sentence_that_names_its_speaker_stands_alone() -> None:
    text = 'The vote was close. "We will try again," Mayor Ruth Adair said. Rain fell.'
    assert shown(text, '"We will') == ['"We will try again," Mayor Ruth Adair said.']


def test_a_quotation_over_sentences_is_shown_to_its_attribution() -> None:
    text = 'Rain fell. "It is a zoo. Nobody thought of that," said Carl Wendt, a manager. The park closed.'
    assert shown(text, '"It is') == ['"It is a zoo.', 'Nobody thought of that," said Carl Wendt, a manager.']


def test_a_quotation_led_by_its_speaker_is_shown_from_there() -> None:
    text = 'Rain fell. Dana Ortiz said: "The bridge is old. It has to go. We need a new one." The council met.'
    assert shown(text, "We need") == ['Dana Ortiz said: "The bridge is old.', "It has to go.", 'We need a new one."']


def test_curly_marks_count_as_well() -> None:
    text = "Rain fell. “The plan is dead. It was never alive,” Judge Ann Pell said. They left."
    assert shown(text, "“The plan") == ["“The plan is dead.", "It was never alive,” Judge Ann Pell said."]


def test_pairs_of_apostrophes_are_quotation_marks() -> None:
    text = "Rain fell. ''The plan is dead,'' said Ann Pell, a judge. ''It was never alive.'' They left."
    assert shown(text, "''It was") == ["''The plan is dead,'' said Ann Pell, a judge.", "''It was never alive.''"]
    assert shown(text, "''The plan") == ["''The plan is dead,'' said Ann Pell, a judge."]


def test_a_quotation_without_words_around_it_is_shown_with_the_sentence_before() -> None:
    text = 'Minister Ida Bron defended the cuts. "There is no money." The hall was silent.'
    assert shown(text, '"There is') == ["Minister Ida Bron defended the cuts.", '"There is no money."']


def test_a_leading_pronoun_is_shown_with_the_sentence_before() -> None:
    text = "Ida Bron resigned on Monday. She had been minister for two years."
    assert shown(text, "She had") == ["Ida Bron resigned on Monday.", "She had been minister for two years."]


def test_a_pronoun_speaker_is_shown_with_the_sentence_before() -> None:
    text = 'Ida Bron resigned on Monday. "I am tired," she said.'
    assert shown(text, '"I am') == ["Ida Bron resigned on Monday.", '"I am tired," she said.']


def test_a_pronoun_inside_a_quotation_needs_no_explaining() -> None:
    text = 'The race ended. "He was faster," Coach Lena Moss said.'
    assert shown(text, '"He was') == ['"He was faster," Coach Lena Moss said.']


def test_quotations_end_with_their_paragraph() -> None:
    text = 'Jo Park said: "The first thing is this.\n\nThe council met on Tuesday. Nobody spoke.'
    assert shown(text, "The council") == ["The council met on Tuesday."]


@pytest.mark.parametrize("text", ["He left.", "But they stayed.", "The move surprised many."])
def test_pronouns_are_recognised(text: str) -> None:
    assert needs_explaining(text)


@pytest.mark.parametrize("text", ["Heather left.", '"He left," Ann Pell said.', "Theirs Ltd. closed."])
def test_names_are_not_pronouns(text: str) -> None:
    assert not needs_explaining(text)


@given(st.text(alphabet='aAbB "“”.?!\n', max_size=200), st.integers(0, 50))
def test_any_text_gives_ordered_positions_with_the_sentence_among_them(text: str, at: int) -> None:
    sentences = sentences_of(text)
    if sentences:
        at %= len(sentences)
        unit = with_speaker(sentences, at, text)
        assert at in unit
        assert list(unit) == sorted(set(unit))
        assert 0 <= unit[0] <= unit[-1] < len(sentences)
        assert len(unit) <= 4
