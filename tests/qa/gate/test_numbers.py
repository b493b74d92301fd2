"""Numbers become evidence."""

from __future__ import annotations

from pullquote.qa.gate.numbers import MAX_CITATIONS, resolve
from pullquote.qa.types import Evidence


def test_known_numbers_resolve_in_order_once_each(evidence: tuple[Evidence, ...]) -> None:
    cited, unknown = resolve((3, 1, 3), evidence)
    assert [piece.number for piece in cited] == [3, 1]
    assert unknown == 0


def test_unknown_numbers_are_dropped_and_counted(evidence: tuple[Evidence, ...]) -> None:
    cited, unknown = resolve((0, 99, 2, 99, 10**30), evidence)
    assert [piece.number for piece in cited] == [2]
    assert unknown == 3


def test_nobody_cites_everything(evidence: tuple[Evidence, ...]) -> None:
    assert len(resolve(range(1, 9), evidence)[0]) == MAX_CITATIONS


def test_nothing_resolves_to_nothing(evidence: tuple[Evidence, ...]) -> None:
    assert resolve((), evidence) == ((), 0)
    assert resolve((1,), ()) == ((), 1)
