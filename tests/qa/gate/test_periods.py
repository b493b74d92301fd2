"""What follows exactly from other numbers."""

from __future__ import annotations

import pytest

from pullquote.qa.gate.periods import in_units_of, same_periods, with_others


@pytest.mark.parametrize(
    ("text", "other", "numbers"),
    [
        ("within three days", "within 72 hours", {3}),
        ("for 12 months", "for a year", {12}),
        ("two weeks", "a fortnight", {2}),
        ("a 24-month wait", "two years", {24}),
        ("within four days", "within 72 hours", set()),
        ("30 days", "a month", set()),
        ("three dogs", "72 hours", set()),
    ],
)
def test_a_period_is_the_same_in_other_units_when_it_is_exact(text: str, other: str, numbers: set[float]) -> None:
    assert same_periods(text, [other]) == numbers


@pytest.mark.parametrize(
    ("text", "other", "numbers"),
    [
        ("a group of three", "with two other riders", {3}),
        ("beating ten others", "a sprint of 11 riders", {10}),
        ("beating nine others", "a sprint of 11 riders", set()),
        ("a group of four", "with two other riders", set()),
        ("another 30 others", "31 riders", set()),
    ],
)
def test_others_and_one_more_are_counted(text: str, other: str, numbers: set[float]) -> None:
    assert with_others(text, [other]) == numbers


def test_a_period_can_be_put_as_another_text_has_it() -> None:
    assert in_units_of("It takes three days, or two years.", ["in 72 hours", "24 weeks"]) == "It takes 72 hours, or two years."
    assert in_units_of("It takes three days.", []) == "It takes three days."
