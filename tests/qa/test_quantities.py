"""Numbers in words and digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.quantities import claimed_numbers, has_number, numbers_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twelve people and 1,200 others", {12, 1200}),
        ("$3m, then €76.25 million, then 2bn", {3e6, 76.25e6, 2e9}),
        ("twenty-one of two hundred and five", {21, 205}),
        ("one million, two hundred thousand and six", {1_200_006}),
        ("20% or 20 percent", {20}),
        ("in the 1990s, in the 21st century, on the twenty-first", {1990, 21}),
        ("between two and three, not 12-15", {2, 3, 12, 15}),
        ("a dozen, twice", {12, 2}),
        ("hundreds of millions; F16; nothing", set()),
    ],
)
def test_numbers_are_found_however_they_are_written(text: str, values: set[float]) -> None:
    assert numbers_of(text) == values


def test_words_for_one_and_half_are_no_claim() -> None:
    assert claimed_numbers("At first one of them saw half of the three films") == {3}


@pytest.mark.parametrize(
    ("number", "known", "expected"),
    [
        (12, [12, 30], True),
        (5000, [4987], True),
        (76, [76.25], True),
        (76.25, [76], False),
        (2015, [2014], False),
        (50, [52], False),
        (13, [12], False),
        (1, [], False),
        (0, [0.2], False),
        (3, [0], False),
    ],
)
def test_a_rounded_number_is_known_and_a_changed_one_is_not(number: float, known: list[float], expected: bool) -> None:
    assert has_number(number, known) is expected


@given(st.integers(min_value=0, max_value=10**12))
def test_digits_are_read_with_and_without_separators(value: int) -> None:
    assert numbers_of(f"about {value} things") == numbers_of(f"about {value:,} things") == {value}


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(has_number(value, numbers_of(text)) for value in numbers_of(text))


def test_long_runs_are_read_quickly() -> None:
    assert 1 in numbers_of("1, " * 30_000)
    assert numbers_of("9" * 100_000)
