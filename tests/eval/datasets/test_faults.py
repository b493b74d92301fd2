"""One fault in a clause: another number, a "not" too many or one too few."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.datasets.faults import negated, number_changed
from pullquote.qa.quantities import has_number, numbers_of


@pytest.mark.parametrize(
    "text",
    [
        "the bridge was closed for 30 days",
        "it costs $1,250 a year",
        "2.5 million people live there",
        "rents rose 4.2 percent",
        "nine boats sank",
        "it opened on March 3",
        "the plant was built in 1998",
        "a 70-year-old driver was hurt",
    ],
)
@given(seed=st.integers(0, 10**6))
def test_a_number_becomes_a_clearly_different_one(text: str, seed: int) -> None:
    made = number_changed(text, random.Random(seed))
    assert made is not None
    assert made != text
    (old,), (new,) = numbers_of(text), numbers_of(made)
    assert not has_number(new, [old])
    assert not has_number(old, [new])
    assert len(made.split()) == len(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "nobody came",
        "Article 5 binds them all",
        "between 10 and 15 boats sank",
        "4 in 10 drivers agree",
        "one or two boats sank",
        "the two agree",
        "they met after 9/11",
        "a twenty-five minute ride",
        "Flight 93 was late",
        "the 1990s were calm",
        "it is open 24/7",
    ],
)
def test_what_is_no_number_of_its_own_stays(text: str) -> None:
    assert all(number_changed(text, random.Random(seed)) is None for seed in range(20))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("the bridge is safe", "the bridge is not safe"),
        ("the old bridge has been closed", "the old bridge has not been closed"),
        ("they can reach it", "they cannot reach it"),
        ("the board would not pay", "the board would pay"),
        ("the board did not pay", "the board did pay"),
        ("they cannot reach it", "they can reach it"),
        ("Ruiz has never been there", "Ruiz has been there"),
    ],
)
def test_the_first_verb_is_denied_or_affirmed(text: str, other: str) -> None:
    assert negated(text) == other


@pytest.mark.parametrize(
    "text",
    [
        "the board pays",
        "the board has a plan",
        "if it rains, the bridge is closed",
        "what he wants is peace",
        "the bridge is also safe",
        "the bridge is probably safe",
        "the boats that were hurt can sail",
        "nobody is safe",
        "it is not only safe but quick",
        "he did not pay any of it",
        "she may come",
        "Ruiz believes the bridge is safe",
        "the free will is a riddle",
    ],
)
def test_nothing_is_negated_where_the_rule_is_not_certain(text: str) -> None:
    assert negated(text) is None
