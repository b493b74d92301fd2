"""From picked sentences to numbered citations, and the check that each one stands where it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pullquote.index.store import Store
from pullquote.index.types import ArticleMeta, Sentence
from pullquote.qa.extractive import Pick
from pullquote.qa.types import AnswerSentence, Citation, Support


class Numbering:
    """Gives every cited sentence its number, from 1, the same one wherever it is cited."""

    def __init__(self) -> None:
        """Begin with 1."""
        self._numbers: dict[tuple[str, int], int] = {}

    def citation(self, article: ArticleMeta, sentence: Sentence) -> Citation:
        """Return a citation of a whole sentence."""
        number = self._numbers.setdefault(sentence.place, len(self._numbers) + 1)
        return Citation(number, article, sentence.span, sentence.text)


def cite(store: Store, picks: Sequence[Pick], confidence: float) -> tuple[AnswerSentence, ...]:
    """Number the picked sentences and make answer sentences of them.

    The sentence that answers is cited first, then its copies, then the sentences that say who speaks.
    """
    everything = [s for p in picks for s in (p.main, *p.copies, *p.unit)]
    metas = store.catalog.metas_of(s.article_id for s in everything)
    numbers = Numbering()
    answer = []
    for pick in picks:
        main = pick.main
        cited = {s.place: s for s in (main, *pick.copies, *pick.unit)}
        citations = tuple(numbers.citation(metas[s.article_id], s) for s in cited.values() if s.article_id in metas)
        answer.append(AnswerSentence(_joined(pick.unit), citations, Support("supported", confidence, "verbatim")))
    return tuple(answer)


def verify(store: Store, sentences: Sequence[AnswerSentence]) -> tuple[AnswerSentence, ...]:
    """Drop every citation whose quote is not the article's text at its span, and every sentence left without one.

    Only sentences that are not shown as supported may do without.
    """
    kept = []
    for sentence in sentences:
        if not sentence.citations and sentence.support.verdict != "supported":
            kept.append(sentence)
            continue
        standing = [c for c in sentence.citations if stands(store, c)]
        if standing and standing[0] == sentence.citations[0]:
            citations = tuple(replace(c, also=tuple(copy for copy in c.also if stands(store, copy))) for c in standing)
            kept.append(AnswerSentence(sentence.text, citations, sentence.support))
    return tuple(kept)


def is_live(sentence: Sentence, metas: Mapping[str, ArticleMeta]) -> bool:
    """Whether a sentence is of its article as it is now: articles may change while a question is answered."""
    meta = metas.get(sentence.article_id)
    return meta is not None and meta.version == sentence.version


def stands(store: Store, citation: Citation) -> bool:
    """Whether a citation's quote is, to the character, the text of that version of its article at its span."""
    article = store.catalog.article(citation.article.id, citation.article.version)
    return (
        article is not None and bool(citation.quote) and article.text[citation.span.start : citation.span.end] == citation.quote
    )


def _joined(unit: Sequence[Sentence]) -> str:
    """Join sentences as they are read; an ellipsis stands for what lies between."""
    text = unit[0].text
    for before, sentence in pairwise(unit):
        text += (" " if sentence.number == before.number + 1 else " […] ") + sentence.text
    return text
