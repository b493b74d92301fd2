"""The other side: where a sentence that was found says otherwise than the answer, the reader gets to see both."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pullquote.index.store import Store
from pullquote.index.types import ArticleSet
from pullquote.qa.citations import verify
from pullquote.qa.quotations import needs_explaining
from pullquote.qa.reports import earliest_cited
from pullquote.qa.types import AnswerSentence, Citation, Conflict, Evidence, Support

_CLOSE = 1.5
"""How far behind the best sentence by rank a sentence may be that answers as well."""


def disagreements(sentences: Sequence[AnswerSentence]) -> tuple[Conflict, ...]:
    """Return on what the articles that an answer cites disagree; what is not supported by its citations counts for nothing."""
    supported = (sentence.citations for sentence in sentences if sentence.support.verdict == "supported")
    citations = list(chain.from_iterable(supported))
    if len({citation.article.id for citation in citations}) < 2:
        return ()
    # Most answers cite one article: they do not wait for the patterns to be compiled.
    from pullquote.qa.conflicts import conflicts_of

    return conflicts_of(citations)


def with_other_side(
    store: Store, sentences: Sequence[AnswerSentence], evidence: Sequence[Evidence], limit: int, which: ArticleSet
) -> tuple[AnswerSentence, ...]:
    """Add to an answer the sentences of other articles that answer about as well and cannot be true beside it.

    Nothing is added to a refusal, nor beyond ``limit`` sentences.
    """
    kept, best = tuple(sentences), max((piece.score for piece in evidence), default=0.0)
    for piece in evidence:
        if kept and len(kept) < limit and piece.score >= best - _CLOSE and not needs_explaining(piece.sentence.text):
            kept = _with(kept, piece)
    return kept if len(kept) == len(sentences) else verify(store, earliest_cited(store, kept, which))


def _with(sentences: tuple[AnswerSentence, ...], piece: Evidence) -> tuple[AnswerSentence, ...]:
    """Return an answer with a sentence more, where that one disagrees with it on something on which nobody did so far."""
    citations = [c for sentence in sentences for c in sentence.citations]
    known = {(c.article.id, c.span) for cited in citations for c in (cited, *cited.also)}
    if not citations or (piece.article.id, piece.sentence.span) in known:
        return sentences
    support = next((sentence.support for sentence in sentences if sentence.support.verdict == "supported"), None)
    other = Citation(max(c.n for c in citations) + 1, piece.article, piece.sentence.span, piece.sentence.text)
    added = AnswerSentence(other.quote, (other,), Support("supported", support.score if support else 0.0, "verbatim"))
    sides = [side for conflict in disagreements((*sentences, added)) for side in conflict.sides if side.citations == (other,)]
    return (*sentences, added) if support and sides else sentences
