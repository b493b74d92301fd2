"""How well found statements agree with annotated ones: by content and speaker, and span by span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pullquote.index.types import Span

ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared: a content, and where its speaker stands."""

    content: tuple[Span, ...]
    speakers: tuple[Span, ...]
    """Of a found statement the head words of its speakers, of an annotated one its whole source; empty: nobody."""


def shared_chars(one: Iterable[Span], other: Sequence[Span]) -> int:
    """Return how many characters two sets of spans share, neither of which overlaps itself."""
    return sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in one for b in other)


def length(spans: Iterable[Span]) -> int:
    """Return how many characters spans hold."""
    return sum(end - start for start, end in spans)


def covers(found: Sequence[Span], gold: Sequence[Span]) -> bool:
    """Whether at least half of the annotated content's characters were found."""
    return shared_chars(found, gold) >= ENOUGH * length(gold) > 0


def agrees(found: Sequence[Span], gold: Sequence[Span]) -> bool:
    """Whether at least half of the characters of both together are shared (intersection over union)."""
    shared = shared_chars(found, gold)
    return shared >= ENOUGH * (length(found) + length(gold) - shared) > 0


def is_speaker(heads: Sequence[Span], source: Sequence[Span]) -> bool:
    """Whether all heads lie in the source, or there is neither."""
    if not heads or not source:
        return not heads and not source
    return all(any(piece.start <= head.start and head.end <= piece.end for piece in source) for head in heads)


def right_pairs(found: Sequence[Pair], gold: Sequence[Pair], *, symmetric: bool = False) -> list[tuple[int, int]]:
    """Return the indices of found and annotated statements that agree in content and speaker."""
    same = agrees if symmetric else covers
    return [
        (i, j)
        for i, one in enumerate(found)
        for j, other in enumerate(gold)
        if same(one.content, other.content) and is_speaker(one.speakers, other.speakers)
    ]


def edge_free(text: str, spans: Iterable[Span]) -> set[Span]:
    """Return spans without blanks, punctuation and quotation marks at their edges."""
    found = set()
    for start, end in spans:
        while start < end and not text[start].isalnum():
            start += 1
        while start < end and not text[end - 1].isalnum():
            end -= 1
        if start < end:
            found.add(Span(start, end))
    return found
