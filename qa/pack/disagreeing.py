"""The disagreements that a pack tells of, read back: each side's words must stand in what it cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from pullquote.index.types import Span
from pullquote.qa.pack.fields import Fields
from pullquote.qa.types import AnswerSentence, Citation, Conflict, ConflictKind, ConflictSide


def conflict_of(part: Fields, sentences: Sequence[AnswerSentence]) -> Conflict:
    """Return a disagreement among an answer's sentences from its JSON.

    Raises:
        ValueError: something is missing, or it does not say what the citations say.
    """
    citations = {citation.n: citation for sentence in sentences for citation in sentence.citations}
    kind = next((name for name in get_args(ConflictKind) if name == part.text("kind")), None)
    if kind is None:
        raise ValueError(f"{part.text('kind')!r} is no kind of disagreement")
    sides = tuple(_side(one, citations) for one in part.parts("sides"))
    if len(sides) < 2:
        raise ValueError("one of its disagreements has fewer than two sides")
    return Conflict(kind, part.text("about"), sides)


def _side(part: Fields, citations: Mapping[int, Citation]) -> ConflictSide:
    numbers = part.wholes("citations")
    if not numbers or not citations.keys() >= set(numbers):
        raise ValueError("one of its disagreements cites what its answer does not cite")
    cited = tuple(citations[n] for n in numbers)
    value, span = part.text("value"), Span(part.whole("start"), part.whole("end"))
    quote, at = cited[0].quote, cited[0].span.start
    if not value or quote[max(0, span.start - at) : max(0, span.end - at)] != value:
        raise ValueError("one of its disagreements has words that its citation does not have")
    if part.moment("published_at") != cited[0].article.published_at:
        raise ValueError("one of its disagreements is dated otherwise than its article")
    return ConflictSide(value, span, cited, cited[0].article.published_at, part.flag("later"))
