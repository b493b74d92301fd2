"""From words of a candidate to places in the article, with quotations that run over several sentences."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.quotations import Quotation
from pullquote.index.statements.types import Candidate
from pullquote.index.types import Kind, Span

_ONLY_MARKS = re.compile(r"\W*")
_REACH = 12
_EDGE = " \t\r\n\xa0,;:–—-"


class Quoted:
    """The quotations of an article, and which of them follow each other without a word between."""

    def __init__(self, text: str, quotations: Sequence[Quotation]) -> None:
        """Order them for looking up."""
        self.text, self.all = text, quotations
        self._starts = [q.span.start for q in quotations]
        self._ends = [q.span.end for q in quotations]

    def over(self, span: Span) -> Sequence[Quotation]:
        """Return the quotations that share a character with a span."""
        return self.all[bisect_right(self._ends, span.start) : bisect_left(self._starts, span.end)]

    def following(self, last: Quotation, sentence: Span) -> list[Quotation]:
        """Return those that go on where the sentence ends, whole sentences of the same paragraph."""
        found: list[Quotation] = []
        end = max(sentence.end, last.span.end)
        for q in self.all[bisect_left(self._starts, end) :]:
            fits = q.span.start - end < _REACH and _ONLY_MARKS.fullmatch(self.text, end, q.span.start)
            if not fits or not self.stands_alone(q):
                break
            found.append(q)
            end = q.span.end
        return found

    def before(self, sentence: Span) -> Quotation | None:
        """Return the quotation that stands alone and ends where the sentence begins."""
        at = bisect_right(self._ends, sentence.start) - 1
        if at < 0 or sentence.start - self._ends[at] > _REACH or self.text[self.all[at].inside.end - 1] not in ".!?…,":
            return None
        return self.all[at] if _ONLY_MARKS.fullmatch(self.text, self._ends[at], sentence.start) else None

    def after(self, sentence: Span) -> list[Quotation]:
        """Return the quotations that stand alone and begin where the sentence ends."""
        return self.following(Quotation(Span(sentence.start, sentence.start), sentence, single=False), sentence)

    def stands_alone(self, q: Quotation) -> bool:
        """Whether a quotation ends its sentence, with nothing after it that would belong to it."""
        rest = self.text[q.span.end : q.span.end + 80].lstrip(" \t.!?")
        return self.text[q.inside.end - 1] in ".!?…" and not (rest[:1].islower() or rest.startswith((",", "-", "–", "—")))


def content_spans(tree: Tree, one: Candidate, near: Sequence[Quotation], quoted: Quoted, sentence: Span) -> tuple[Span, ...]:
    """Return what a candidate says: pieces in order, quotations in full, no marks around."""
    if one.form == "quote>":
        return tidy(quoted.text, [q.inside for q in quoted.after(sentence)])
    if one.form == "quote<":
        before = quoted.before(sentence)
        return tidy(quoted.text, [before.inside] if before else [])
    pieces = [*tree.spans(one.content), *(near[q].inside for q in one.quotes)]
    if one.quotes:
        last = near[max(one.quotes)]
        if last is near[-1]:
            pieces += [q.inside for q in quoted.following(last, sentence)]
    return tidy(quoted.text, pieces)


def tidy(text: str, pieces: Sequence[Span]) -> tuple[Span, ...]:
    """Join pieces that overlap or touch, cut off marks at their edges, drop those without a word."""
    joined: list[Span] = []
    for piece in sorted(pieces):
        if (
            joined
            and not any(c.isalnum() for c in text[joined[-1].end : piece.start])
            and "\n" not in text[joined[-1].end : piece.start]
        ):
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, piece.end))
        else:
            joined.append(piece)
    return tuple(cut for piece in joined if (cut := _cut(text, piece)) is not None)


def _cut(text: str, piece: Span) -> Span | None:
    start, end = piece
    while start < end and text[start] in _EDGE:
        start += 1
    while start < end and text[end - 1] in _EDGE:
        end -= 1
    return Span(start, end) if any(c.isalnum() for c in text[start:end]) else None


def kind_of(quoted: Quoted, content: Sequence[Span]) -> Kind:
    """Return whether all of the content's words (or nearly, by letters) stand between quotation marks, none, or some."""
    inside = letters = 0
    for piece in content:
        letters += _letters(quoted.text, piece)
        for q in quoted.over(piece):
            inside += _letters(quoted.text, Span(max(q.inside.start, piece.start), min(q.inside.end, piece.end)))
    if not inside:
        return "indirect"
    return "direct" if letters - inside <= 0.1 * inside else "mixed"


def _letters(text: str, span: Span) -> int:
    return sum(c.isalnum() for c in text[slice(*span)])
