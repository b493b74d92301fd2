"""Parts of which nothing is said, and turned denials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.clauses import DENIED, UNDENIED, denial_reason, denies_alone, shares_nothing, unsaid
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.mark.parametrize(
    ("text", "number", "parts"),
    [
        ("Repairs cost 4.2 million euros, which angered local taxpayers.", 2, ("angered local taxpayers",)),
        ("The bridge was closed because of heavy storms.", 1, ("of heavy storms",)),
        ("Repairs are dear, which angered taxpayers, while sad ferrymen rejoiced.", 2,
         ("angered taxpayers", "sad ferrymen rejoiced")),
        ("The bridge was shut after cracks were found in its cables.", 1, ()),
        ("Repairs cost 4.2 million euros, according to Brandt.", 2, ()),
        ("The bridge was closed, surprisingly.", 1, ()),
    ],
)  # fmt: skip
def test_what_may_be_an_addition_is_found(cite: Cite, text: str, number: int, parts: tuple[str, ...]) -> None:
    assert unsaid(text, cite(number)) == parts


@pytest.mark.parametrize(
    ("text", "numbers", "reason"),
    [
        ("The harbour bridge was not closed on Monday.", (1,), DENIED),
        ("The harbour bridge was not closed on Monday.", (1, 7), DENIED),
        ("Tourists had been told.", (5,), UNDENIED),
        ("Tourists had not been told.", (5,), ""),
        ("Tourists were left uninformed.", (5,), ""),
        ("The harbour bridge was closed on Monday.", (1,), ""),
        ("The union did not accept the offer.", (8,), ""),
        ("Nobody told tourists.", (5,), ""),
        ("The bridge, no longer open on Monday, has cracks in its cables.", (1,), ""),
        ("The bridge was not only closed: it was cracked.", (1,), ""),
        ("Brandt said they would see what was coming.", (3,), UNDENIED),
        ("Brandt spoke of what nobody had expected, and of hiding it.", (3,), ""),
        ("Repairs may not end before October 2024.", (2,), ""),
        ("Nothing is cited.", (), ""),
    ],
)
def test_a_turned_denial_is_found(cite: Cite, text: str, numbers: tuple[int, ...], reason: str) -> None:
    assert denial_reason(text, cite(*numbers)) == reason


@pytest.mark.parametrize(
    ("text", "numbers", "alone"),
    [
        ("Repairs may not take until 2024.", (2,), True),
        ("The union did not accept the offer.", (8,), False),
        ("Repairs take until 2024.", (2,), False),
        ("Tourists were not warned.", (5,), False),
        ("It said “not now”.", (2,), False),
    ],
)
def test_a_denial_with_nothing_like_it_in_what_is_cited_stands_alone(
    cite: Cite, text: str, numbers: tuple[int, ...], alone: bool
) -> None:
    assert denies_alone(text, cite(*numbers)) is alone


def test_a_sentence_that_shares_no_word_with_its_citation_has_nothing_to_do_with_it(evidence: tuple[Evidence, ...]) -> None:
    assert shares_nothing("One sentence.", evidence[:2])
    assert shares_nothing("Nobody knows.", evidence[:2])
    assert not shares_nothing("The bridge is shut.", evidence[:2])
