"""From the numbers that a sentence cites to the evidence that exists."""

from __future__ import annotations

from collections.abc import Sequence

from pullquote.qa.types import Evidence

MAX_CITATIONS = 6
"""Of one sentence: who cites everything cites nothing. A quotation of several sentences, and who speaks it, must find room."""


def resolve(numbers: Sequence[int], evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], int]:
    """Return the first six pieces of evidence that are cited, once each, and how many numbers name none."""
    by_number = {piece.number: piece for piece in reversed(evidence)}
    wanted = tuple(dict.fromkeys(numbers))
    known = [by_number[number] for number in wanted if number in by_number]
    return tuple(known[:MAX_CITATIONS]), len(wanted) - len(known)
