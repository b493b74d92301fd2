"""Other evidence for a sentence."""

from __future__ import annotations

from collections.abc import Callable

from pullquote.qa.gate.recite import MAX_CANDIDATES, best_first, candidates
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


def numbers(groups: tuple[tuple[Evidence, ...], ...]) -> list[tuple[int, ...]]:
    return [tuple(piece.number for piece in group) for group in groups]


def test_the_sentence_that_says_it_goes_first(evidence: tuple[Evidence, ...], cite: Cite) -> None:
    found = numbers(candidates("Cracks were found in three cables of the harbour bridge.", cite(7), evidence))
    assert found[0] == (1,)
    assert len(found) <= MAX_CANDIDATES


def test_a_quotation_leads_to_where_it_stands(evidence: tuple[Evidence, ...], cite: Cite) -> None:
    assert numbers(candidates('The fruit sellers said: "A pear cannot wait."', cite(1), evidence))[0] == (7,)


def test_a_pronoun_is_read_with_the_sentence_before(evidence: tuple[Evidence, ...], cite: Cite) -> None:
    assert (4, 5) in numbers(candidates("Paul Weber said that tourists had not been told.", cite(5), evidence))


def test_a_name_elsewhere_is_no_reason(evidence: tuple[Evidence, ...], cite: Cite) -> None:
    found = numbers(candidates("Lena Brandt said a pear cannot wait for arbitration.", cite(7), evidence))
    assert all(7 in group for group in found)


def test_nothing_is_tried_for_what_nobody_says(evidence: tuple[Evidence, ...]) -> None:
    assert candidates("Penguins enjoy opera on weekends.", (), evidence) == ()


def test_the_best_citation_comes_first(cite: Cite) -> None:
    text = "Repairs would cost 4.2 million euros."
    assert [piece.number for piece in best_first(text, cite(1, 2))] == [2, 1]
