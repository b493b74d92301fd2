"""False claims made of true ones."""

from __future__ import annotations

import random

import pytest

from pullquote.eval.claim_changes import changed, name_changed, names_in, negated, number_changed
from pullquote.qa.quantities import numbers_of


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("The bridge was closed.", "The bridge was not closed."),
        ("The bridge was not closed.", "The bridge was closed."),
        ("The bridge can't hold, it will fall.", "The bridge can't hold, it will not fall."),
        ("The bridge fell.", None),
    ],
)
def test_a_not_is_put_in_or_taken_away(true: str, false: str | None) -> None:
    assert negated(true) == false


@pytest.mark.parametrize(
    "text", ["Eleven of 1,200 left in 2015", "It rose by 3.5 percent", "they sold three", "it was 1", "in 1999"]
)
def test_one_number_is_another_afterwards(text: str) -> None:
    for seed in range(30):
        other = number_changed(text, random.Random(seed))
        assert other is not None
        assert numbers_of(other) != numbers_of(text)


def test_a_text_without_numbers_stays() -> None:
    assert number_changed("No number here", random.Random(1)) is None


def test_a_name_is_replaced_by_one_that_is_not_there_yet() -> None:
    text = "Yesterday Ida Berg resigned"
    assert names_in([text, "On Monday Paul Weber spoke to Ida Berg."]) == ["Ida Berg", "Monday Paul Weber", "Ida Berg"]
    assert name_changed(text, ["Ida Berg", "Weber"], random.Random(1)) == "Yesterday Weber resigned"
    assert name_changed(text, ["Ida Berg"], random.Random(1)) is None
    assert name_changed("nobody resigned", ["Weber"], random.Random(1)) is None


def test_all_changes_of_a_claim_are_told_apart_and_come_again_with_the_seed() -> None:
    text = "In May the firm Orlo was sold for 20 million"
    made = changed(text, ["Weber"], random.Random(2))
    assert set(made) == {"negated", "number", "name"}
    assert text not in made.values()
    assert made == changed(text, ["Weber"], random.Random(2))
    assert changed("It fell", [], random.Random(2)) == {}
