"""The floor of the ledger: a verb of saying, the name nearest to it, and the rest of the sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pullquote.index.statements.places import Quoted, kind_of
from pullquote.index.statements.types import RawStatement
from pullquote.index.types import Span
from pullquote.qa.quotations import CUE

_NAME = re.compile(r"\b(?:he|she|they|[Hh]e|[Ss]he|[Tt]hey|[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*)\b")


def plain_statements(text: str, spans: Sequence[Span], quoted: Quoted) -> list[RawStatement]:
    """Return at most one statement per sentence."""
    return [raw for number, span in enumerate(spans, 1) for raw in _of_sentence(text, number, span, quoted)]


def _of_sentence(text: str, number: int, span: Span, quoted: Quoted) -> Iterator[RawStatement]:
    quotes = [Span(max(q.inside.start, span.start), min(q.inside.end, span.end)) for q in quoted.over(span)]
    cues = [c for c in CUE.finditer(text, span.start, span.end) if not any(q.start <= c.start() < q.end for q in quotes)]
    if not cues:
        return
    cue = Span(*cues[0].span())
    names = [Span(*m.span()) for m in _NAME.finditer(text, *span) if not any(q.overlaps(Span(*m.span())) for q in quotes)]
    speaker = min(names, key=lambda name: max(cue.start - name.end, name.start - cue.end), default=None)
    content = tuple(q for q in quotes if q.start < q.end) or (Span(cue.end, span.end),)
    if speaker is not None and content[0].start < content[-1].end:
        head = Span(text.rfind(" ", speaker.start, speaker.end) + 1 or speaker.start, speaker.end)
        kind = kind_of(quoted, content)
        yield RawStatement(number, kind, "affirmed", (speaker,), cue, content, speaker_heads=(head,))
