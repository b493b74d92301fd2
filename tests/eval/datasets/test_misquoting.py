"""Altered quotations."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.datasets.misquoting import Misquotation, misquoted

TEXT = 'Ada Pell said, "We never bought the old pier," and left.'


def all_of(text: str) -> set[Misquotation]:
    found = (misquoted(text, random.Random(seed)) for seed in range(200))
    return {made for made in found if made is not None}


def test_a_word_is_exchanged_added_or_dropped() -> None:
    altered = {made.quotation for made in all_of(TEXT)}
    assert {"We never purchased the old pier,", "We never sold the old pier,", "We always bought the old pier,"} <= altered
    assert {"We never bought the whole old pier,", "We really never bought the old pier,"} <= altered
    assert {"We never bought old pier,", "We never the old pier,"} <= altered


def test_what_changes_the_meaning_is_no_harmless_alteration() -> None:
    harmless = {made.quotation: made.is_harmless for made in all_of(TEXT)}
    assert not harmless["We never sold the old pier,"]
    assert not harmless["We always bought the old pier,"]
    assert harmless["We never purchased the old pier,"]
    assert "We bought the old pier," not in harmless, "never is never dropped"


def test_a_capital_stays_one() -> None:
    assert 'He said, "Talked like a king."' in {made.text for made in all_of('He said, "Spoke like a king."')}


def test_the_longest_quotation_is_altered() -> None:
    for made in all_of('"No," said Pell, "we never bought the old pier."'):
        assert made.text.startswith('"No," said Pell, "')


@pytest.mark.parametrize("text", ["Nothing is quoted here.", 'Pell said "no."', "", '"'])
def test_what_cannot_be_altered_is_left_alone(text: str) -> None:
    assert misquoted(text, random.Random(1)) is None


@given(st.text("abc the we . \"“”'", max_size=60), st.integers(0, 99))
def test_one_quotation_changes_and_nothing_else(text: str, seed: int) -> None:
    made = misquoted(text, random.Random(seed))
    if made is not None:
        pieces, altered = (re.split('["“”]', whole) for whole in (text, made.text))
        assert [new for old, new in zip(pieces, altered, strict=True) if old != new] == [made.quotation]
        assert made == misquoted(text, random.Random(seed))
