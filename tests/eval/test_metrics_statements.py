"""Found statements against annotated ones."""

from __future__ import annotations

import pytest

from pullquote.eval.metrics.statements import Pair, agrees, covers, edge_free, is_speaker, right_pairs
from pullquote.index.types import Span

GOLD = (Span(10, 20),)


@pytest.mark.parametrize(
    ("found", "covered", "agreed"),
    [
        ((Span(10, 20),), True, True),
        ((Span(10, 15),), True, True),
        ((Span(10, 14),), False, False),
        ((Span(0, 40),), True, False),
        ((Span(8, 13), Span(17, 22)), True, False),
        ((), False, False),
    ],
)
def test_half_of_the_annotated_content_must_be_found(found: tuple[Span, ...], covered: bool, agreed: bool) -> None:
    assert covers(found, GOLD) == covered
    assert agrees(found, GOLD) == agreed


def test_every_head_must_lie_in_the_source_and_nobody_only_agrees_with_nobody() -> None:
    source = (Span(0, 5), Span(8, 9))
    assert is_speaker([Span(0, 5)], source)
    assert is_speaker([Span(1, 2), Span(8, 9)], source)
    assert not is_speaker([Span(1, 2), Span(6, 7)], source)
    assert not is_speaker([], source)
    assert not is_speaker([Span(0, 5)], [])
    assert is_speaker([], [])


def test_pairs_agree_in_content_and_speaker() -> None:
    gold = [Pair(GOLD, (Span(0, 5),)), Pair((Span(30, 40),), (Span(22, 25),))]
    found = [Pair(GOLD, (Span(3, 5),)), Pair((Span(0, 40),), (Span(22, 25),)), Pair(GOLD, (Span(22, 25),))]
    assert right_pairs(found, gold) == [(0, 0), (1, 1)]
    assert right_pairs(found, gold, symmetric=True) == [(0, 0)]


def test_marks_at_the_edges_do_not_count() -> None:
    assert edge_free("“Yes,” he said", [Span(0, 6), Span(4, 6)]) == {Span(1, 4)}
