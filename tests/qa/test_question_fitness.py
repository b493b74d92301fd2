"""Whether a question stands for itself."""

from __future__ import annotations

import pytest

from pullquote.qa.question_fitness import core_of, is_fit, strangers, without_weekday


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ("on Tuesday that it would buy Tessaly", "that it would buy Tessaly"),
        ("late on Friday in Velik", "in Velik"),
        ("clean water by Wednesday because", "clean water because"),
        ("killed in Friday night's fire", "killed in Friday night's fire"),
        ("hit on Tuesday, Nov. 2", "hit on Tuesday, Nov. 2"),
    ],
)
def test_days_of_the_week_go_where_the_sentence_holds_without_them(rest: str, left: str) -> None:
    assert without_weekday(rest) == left


@pytest.mark.parametrize(
    ("rest", "core"),
    [
        ("the race on Sunday, breaking clear on the climb", "the race"),
        ("the truce as a surrender and promised to force a vote", "the truce as a surrender"),
        ("home, Kestovar and Torvania", ""),
        ("the point that Velik, small as it is", ""),
        ("$9.4 million last year", "$9.4 million"),
        ("1,100 people from Velik", "1,100 people from Velik"),
    ],
)
def test_a_question_takes_the_core_of_a_sentence_or_nothing(rest: str, core: str) -> None:
    assert core_of(rest) == core


@pytest.mark.parametrize(
    ("question", "fit"),
    [
        ("Who won the Tarn valley race?", True),
        ("Who said that he had seen Ida Brandt?", False),
        ("Who saw Ida Brandt in Wexmoor that day?", False),
        ("Who was seen with the?", False),
        ("Who left Wexmoor on Sunday?", False),
        ("Who won?", False),
        ('Who called it "a pause in Velik?', False),
        ("Who in Velik asked the company about the letter?", False),
        ("Who asked about the letter?", False),
        ("Who asked Ida Brandt about the letter?", True),
        (f"Who said {'so ' * 20}in Velik?", False),
    ],
)
def test_a_question_points_at_nothing_that_its_reader_has_not_seen(question: str, fit: bool) -> None:
    assert is_fit(question, counts=False, stranded=False) is fit


def test_the_counted_may_be_they_and_a_speakers_things_may_be_hers() -> None:
    assert is_fit("How many people left their homes in Velik?", counts=True, stranded=False)
    assert not is_fit("How many people left her homes in Velik?", counts=True, stranded=False)
    assert is_fit("What did Ida Brandt say about her clients?", counts=False, stranded=True)
    assert is_fit("What did Ida Brandt accuse Velik of?", counts=False, stranded=True)
    assert not is_fit("Who did Ida Brandt accuse of?", counts=False, stranded=False)


def test_things_that_only_the_article_makes_known_are_counted() -> None:
    assert strangers("Who told the president of the letter to the border town of Velik near the old Osk bridge?") == 1
