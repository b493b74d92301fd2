"""Quotations that nobody is named for: whoever spoke right before goes on."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from pullquote.index.statements.places import Quoted
from pullquote.index.statements.quotations import Quotation
from pullquote.index.statements.types import RawStatement
from pullquote.index.types import Span

_REACH = 12
"""Characters, blanks and marks, between the sentence with a speaker and the quotation."""
_SIGNED = re.compile(r"[ \t]*(?:[-–—]|--)[ \t]*([A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){1,3}?)\.?[ \t]*(?:,[^\n.!?]{0,80})?(?=\n|$)")
"""A name after a dash, as under a motto, where the line ends with it."""
_LEAST = 12
"""Characters of a quotation that is more than a name or a word in quotation marks."""


def with_carried_over(quoted: Quoted, spans: Sequence[Span], found: Sequence[RawStatement]) -> list[RawStatement]:
    """Return the statements, in reading order, with one for each quotation that follows a statement and belongs to none."""
    starts = [span.start for span in spans]
    pieces = sorted(piece for raw in found for piece in raw.content_spans)
    reach = list(accumulate((piece.end for piece in pieces), max))
    ends = sorted((_end(raw, spans), _place(raw), i) for i, raw in enumerate(found) if raw.speaker_spans)
    both = list(found)
    for q in quoted.all:
        number = bisect_right(starts, q.inside.start)
        below = bisect_left(pieces, Span(q.inside.end, q.inside.end))
        is_free = not below or reach[below - 1] <= q.inside.start
        if number and is_free and (signed := _SIGNED.match(quoted.text, q.span.end)):
            name = Span(*signed.span(1))
            both.append(
                RawStatement(number, "direct", "affirmed", (name,), None, (q.inside,), speaker_heads=(_last(quoted.text, name),))
            )
        elif number and is_free and quoted.stands_alone(q) and q.inside.end - q.inside.start >= _LEAST:
            before = _speaker_before(q, ends)
            if before is not None:
                both.append(RawStatement(number, "direct", "affirmed", (), None, (q.inside,), before))
    order = sorted(range(len(both)), key=lambda i: _place(both[i]))
    at = {old: new for new, old in enumerate(order)}
    return [_moved(both[old], at) for old in order]


def _last(text: str, name: Span) -> Span:
    return Span(max(name.start, text.rfind(" ", name.start, name.end) + 1), name.end)


def _place(raw: RawStatement) -> tuple[int, int]:
    return raw.number, (raw.cue_span or raw.content_spans[0]).start


def _moved(raw: RawStatement, at: dict[int, int]) -> RawStatement:
    return raw if raw.carried_from is None else replace(raw, carried_from=at[raw.carried_from])


def _speaker_before(q: Quotation, ends: Sequence[tuple[int, tuple[int, int], int]]) -> int | None:
    """Return the index of the statement that ends where a quotation begins, the last one of its sentence."""
    low, high = bisect_left(ends, (q.span.start - _REACH,)), bisect_left(ends, (q.span.start + 1,))
    return max(ends[low:high], key=lambda one: one[1], default=(0, (0, 0), None))[2]


def _end(raw: RawStatement, spans: Sequence[Span]) -> int:
    return max(spans[raw.number - 1].end, raw.content_spans[-1].end)
