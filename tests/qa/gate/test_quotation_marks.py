"""Where quotations begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.gate.quotation_marks import balanced, outside, quotations, without_marks


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('He said "go now" twice.', ["go now"]),
        ("He said “go now” twice.", ["go now"]),
        ("He said «go now» twice.", ["go now"]),
        ("He said „go now“ twice.", ["go now"]),
        ("He said ‘go now’ twice.", ["go now"]),
        ("He said 'go now' twice.", ["go now"]),
        ("The so-called 'fix' failed.", ["fix"]),
        ("\"She told me, 'Stay,' and I did.\"", ["She told me, 'Stay,' and I did."]),
        ("'It's the drivers' bus,' he said.", ["It's the drivers' bus,"]),
        ('"One," he said, "and two."', ["One,", "and two."]),
        ('"It runs on', ["It runs on"]),
        ('it ends here," he said.', ["it ends here,"]),
    ],
)
def test_quotations_are_found(text: str, inside: list[str]) -> None:
    assert [quote.text for quote in quotations(text)] == inside


@pytest.mark.parametrize(
    "text",
    ["It's the drivers' union's bus.", "Rock 'n' roll isn’t dead.", "The '90s were ours.", 'A 6" pipe.', '""', "“”", "l’été"],
)
def test_apostrophes_and_empty_marks_are_none(text: str) -> None:
    assert quotations(text) == ()


def test_marks_can_be_taken_away() -> None:
    text = 'He called it "a disaster" and "odd".'
    first, second = quotations(text)
    assert without_marks(text, [first]) == 'He called it a disaster and "odd".'
    assert without_marks(text, [first, second]) == "He called it a disaster and odd."


def test_what_is_outside_keeps_its_place() -> None:
    text = '"Go now," said Lena.'
    rest = outside(text, quotations(text))
    assert len(rest) == len(text)
    assert rest.index("Lena") == text.index("Lena")
    assert "Go" not in rest


def test_a_quotation_that_never_ends_is_not_carried_on() -> None:
    assert balanced(['He said "go now.', "It rained."]) == ['He said "go now.', "It rained."]
    assert balanced(["He said “go now.", "Do not wait,” she said."]) == ["He said “go now.”", "“Do not wait,” she said."]


@given(st.text("\"“”„«»‘’'a .s", max_size=60))
def test_any_marks_give_ordered_spans(text: str) -> None:
    found = quotations(text)
    assert all(0 <= quote.start < quote.end <= len(text) and quote.text in text for quote in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert len(outside(text, found)) == len(text)
