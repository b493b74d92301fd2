"""What a claim is taken apart into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.claims import claim_of, text_words


def test_a_claim_is_taken_apart() -> None:
    claim = claim_of('The mayor of Halden told Ida Berg on Monday that "no school will close" before 2030.[3][12]')
    assert claim.text.endswith("before 2030.")
    assert claim.names == {"halden", "ida", "berg", "mondai"}
    assert claim.numbers == {2030}
    assert claim.quotes == (("no", "school", "will", "close"),)
    assert "school" in claim.wanted
    assert "the" not in claim.wanted


def test_the_first_word_of_a_sentence_is_no_name_but_the_one_behind_a_title_is() -> None:
    assert claim_of("Rain fell. Snow fell on Mr. Smith and J. Doe.").names == {"mr", "smith", "j", "doe"}


@pytest.mark.parametrize(
    "said", ["Doe said that rain fell.", "Doe: Rain fell.", "Doe has said rain fell.", "Doe let it be known that rain fell."]
)
def test_the_first_word_is_a_name_when_it_says_the_rest(said: str) -> None:
    assert claim_of(said).names == {"doe"}
    assert claim_of(f"Snow fell. {said}").names == {"doe"}


@pytest.mark.parametrize("who", ["He", "Some", "Police", "Critics", "One"])
def test_a_speaker_without_a_name_is_no_name(who: str) -> None:
    assert not claim_of(f"{who} said that rain fell.").names


def test_a_claim_is_cut_at_joints_and_keeps_short_pieces_together() -> None:
    claim = claim_of("The firm said it had cut 1,200 jobs, which unions called a disgrace, and its shares fell by three percent.")
    assert claim.parts == (
        "The firm said it had cut 1,200 jobs",
        "unions called a disgrace",
        "its shares fell by three percent.",
    )
    assert claim_of("In 2015, after a long vote, the council agreed.").parts == (
        "In 2015, after a long vote, the council agreed.",
    )


def test_negation_reaches_a_few_words_and_stops_at_punctuation() -> None:
    words = text_words("The council did not close the school, teachers said.")
    assert words.negated == {"close", "school"}
    assert words.affirmed == {"council", "teacher", "said"}
    assert "close" in text_words("They didn’t close it").negated
    assert "close" in text_words("They don't say they didn't close it").negated


def test_a_word_can_be_both_negated_and_affirmed() -> None:
    words = text_words("You can handle it. They can't handle it.")
    assert "handl" in words.negated & words.affirmed


@given(st.text(max_size=300))
def test_any_text_can_be_taken_apart(text: str) -> None:
    claim = claim_of(text)
    assert set(claim.words.content) <= claim.words.present
    assert claim.names <= set(claim.wanted)
    assert claim.parts
