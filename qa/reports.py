"""Copies of one report count once: which article is named for a sentence that several have, and how many are independent.

An article stands behind an answer when it is cited, or when it is a linked copy (``pullquote.index.near``) of a cited article
and holds a sentence that is cited from it, word for word or edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pullquote.index.dates import earliest_first
from pullquote.index.store import Store
from pullquote.index.types import ArticleMeta, ArticleSet, Sentence, Span
from pullquote.qa.citations import is_live
from pullquote.qa.extractive import same_report
from pullquote.qa.types import AnswerSentence, Citation, Reports

_MOST_COPIES = 200
"""So many copies of one article are looked into."""


def reports_of(store: Store, sentences: Sequence[AnswerSentence], which: ArticleSet) -> Reports | None:
    """Return how many of the articles that were asked stand behind an answer; None when none is cited."""
    citations = [c for sentence in sentences for c in sentence.citations]
    if not citations:
        return None
    copies = _Copies.of(store, citations, which)
    behind = {c.article.id for c in citations}
    for citation in citations:
        behind |= {meta.id for meta in copies.others(citation.article) if meta.id not in behind and copies.tells(meta, citation)}
    return Reports(len(behind), len({copies.report.get(article_id, article_id) for article_id in behind}))


def earliest_cited(store: Store, sentences: Sequence[AnswerSentence], which: ArticleSet) -> tuple[AnswerSentence, ...]:
    """Cite, of linked copies that hold the very same sentence, the one that was published first, and name the others with it.

    Undated ones come last, and one that is dated in the future takes nobody's place. A copy whose sentence is an edited one of
    a sentence that is cited already is no source of its own, and goes. Numbers are given anew where that changed something.
    """
    copies = _Copies.of(store, [c for sentence in sentences for c in sentence.citations], which)
    if not copies.members:
        return tuple(sentences)
    now = datetime.now(UTC)
    moved = (replace(s, citations=copies.distinct([copies.earliest(c, now) for c in s.citations])) for s in sentences)
    return tuple(_renumbered(moved))


def _renumbered(sentences: Iterable[AnswerSentence]) -> Iterator[AnswerSentence]:
    numbers: dict[tuple[str, int, Span], int] = {}

    def numbered(citation: Citation) -> Citation:
        n = numbers.setdefault(_place(citation), len(numbers) + 1)
        return replace(citation, n=n, also=tuple(replace(copy, n=n) for copy in citation.also))

    for sentence in sentences:
        yield replace(sentence, citations=tuple(map(numbered, sentence.citations)))


def _place(citation: Citation) -> tuple[str, int, Span]:
    return citation.article.id, citation.article.version, citation.span


@dataclass(frozen=True, slots=True)
class _Copies:
    """The reports that cited articles belong to, where they have copies among the articles that were asked."""

    report: Mapping[str, int]
    """By article id."""
    members: Mapping[int, tuple[ArticleMeta, ...]]
    """The articles of a report that has more than one."""
    sentences: Mapping[str, tuple[Sentence, ...]]
    """Of each of these, by its id, in reading order."""

    @classmethod
    def of(cls, store: Store, citations: Iterable[Citation], which: ArticleSet) -> _Copies:
        """Read what is linked to cited articles."""
        catalog, cited = store.catalog, {c.article.id for c in citations}
        report = catalog.reports_of(cited)
        linked: dict[int, set[str]] = {}
        for name, others in catalog.copies_of(cited).items():
            linked.setdefault(report[name], set()).update({name}, others[:_MOST_COPIES])
        metas = catalog.metas_of(name for names in linked.values() for name in names)
        metas = {name: meta for name, meta in metas.items() if name in cited or which.has(meta)}
        linked = {number: names & metas.keys() for number, names in linked.items()}
        linked = {number: names for number, names in linked.items() if len(names) > 1}
        report |= {name: number for number, names in linked.items() for name in names}
        members = {number: tuple(metas[name] for name in sorted(names) if name in metas) for number, names in linked.items()}
        return cls(report, members, {name: tuple(s for s in catalog.sentences_of(name) if is_live(s, metas)) for name in metas})

    def others(self, article: ArticleMeta) -> list[ArticleMeta]:
        """Return the other articles of an article's report."""
        return [meta for meta in self.members.get(self.report.get(article.id, 0), ()) if meta.id != article.id]

    def tells(self, meta: ArticleMeta, citation: Citation) -> bool:
        """Whether an article holds a cited sentence, edited or not."""
        here = self.sentences[meta.id]
        return self._same(meta, citation) is not None or any(same_report(citation.quote, s.text) for s in here)

    def earliest(self, citation: Citation, now: datetime) -> Citation:
        """Return a citation of the same sentence in the article that had it first, with the others that have it."""

        def age(one: Citation) -> tuple[tuple[bool, bool, datetime], bool, str]:
            return earliest_first(one.article.published_at, now), one is not citation, one.article.id

        found = ((meta, self._same(meta, citation)) for meta in self.others(citation.article))
        copies = [Citation(citation.n, meta, s.span, s.text) for meta, s in found if s is not None]
        first, *others = sorted([citation, *copies], key=age)
        return replace(first, also=tuple(others))

    def distinct(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Leave out what is cited already, in the very article or, edited, in a copy of it."""
        kept: list[Citation] = []
        for one in citations:
            near = [k for k in kept if k.article in self.others(one.article)]
            if all(_place(k) != _place(one) for k in kept) and not any(same_report(k.quote, one.quote) for k in near):
                kept.append(one)
        return tuple(kept)

    def _same(self, meta: ArticleMeta, citation: Citation) -> Sentence | None:
        words = citation.quote.split()
        return next((s for s in self.sentences[meta.id] if s.text.split() == words), None)
