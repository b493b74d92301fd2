"""The values that articles become: frozen, slotted, free of vendor types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["direct", "indirect", "mixed"]
"""Of a statement: all of it between quotation marks, none of it, or some."""
Polarity = Literal["affirmed", "denied", "declined"]
"""Of a statement: said, denied, or the speaker would not say."""


class Span(NamedTuple):
    """Half-open character offsets into ``Article.text``."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class ArticleMeta:
    """What is known about an article besides its text; unknown stays ``None`` or empty."""

    id: str
    """Stable: the same article added again gets the same id."""
    version: int = 1
    """Counted by the store from 1; a changed article gets the next one."""
    url: str | None = None
    title: str | None = None
    source: str | None = None
    """The outlet, as a reader knows it."""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    """Aware UTC, from the article's metadata alone, never from the clock."""
    fetched_at: datetime | None = None
    """Aware UTC, when the store took this version in."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article: metadata and text (NFC, never edited afterwards)."""

    meta: ArticleMeta
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of one version of an article."""

    article_id: str
    version: int
    number: int
    """Position in the article, from 1."""
    span: Span
    text: str
    """``article.text[span.start:span.end]``, verbatim."""

    @property
    def place(self) -> tuple[str, int]:
        """Article and number: which sentence this is, whatever was said of it elsewhere."""
        return self.article_id, self.number


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring whole sentences that are embedded together."""

    id: int
    """Given by the catalog, never used twice."""
    article_id: str
    version: int
    span: Span
    text: str
    """``article.text[span.start:span.end]``, verbatim."""
    sentences: tuple[int, ...]
    """Numbers of the sentences inside, in order."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that somebody says in an article: who, with which cue, and what."""

    article_id: str
    version: int
    number: int
    """Of the sentence with the cue, from 1; without a cue, of the one in which the content begins."""
    kind: Kind
    polarity: Polarity
    speaker: str | None
    """Who says it, named in full as somewhere in the article ("Benjamin Netanyahu" for "he"); None: the article does not say."""
    role: str | None
    """What the article calls the speaker besides ("Israeli Prime Minister"), where it does."""
    speaker_span: Span | None
    """Who says it as it stands there ("he", "the prime minister"); None: it is carried over from before."""
    cue_span: Span | None
    """The words that say that something is said ("called for"); None: a quotation stands alone."""
    content_spans: tuple[Span, ...]
    """What is said, without quotation marks around it: at least one piece, in reading order, none overlapping."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What articles are to be from: some outlets, and a time."""

    sources: frozenset[str] | None = None
    """Outlets, spelled as the articles have them; None: from any outlet, or none."""
    first: datetime | None = None
    """Earliest moment of publication, inclusive; with a bound of time, undated articles are out."""
    last: datetime | None = None
    """Latest one, inclusive."""

    def has(self, article: ArticleMeta) -> bool:
        """Whether an article is within."""
        if self.sources is not None and article.source not in self.sources:
            return False
        if self.first is None and self.last is None:
            return True
        when = article.published_at
        return when is not None and (self.first is None or when >= self.first) and (self.last is None or when <= self.last)


@dataclass(frozen=True, slots=True)
class ArticleSet:
    """Which articles are meant: those with some ids, or all but those; within bounds, where there are any.

    Ids are for some thousand articles at most. Bounds stay bounds, however many articles are within.
    """

    ids: frozenset[str] = frozenset()
    all_but: bool = True
    """Whether ``ids`` are the articles that are not meant."""
    bounds: Bounds | None = None

    @property
    def is_all(self) -> bool:
        """Whether every article is meant."""
        return self.all_but and not self.ids and self.bounds is None

    def has(self, article: ArticleMeta) -> bool:
        """Whether an article is meant."""
        return (article.id in self.ids) != self.all_but and (self.bounds is None or self.bounds.has(article))

    def without(self, ids: Iterable[str]) -> ArticleSet:
        """Return the set less some articles."""
        return replace(self, ids=self.ids.union(ids) if self.all_but else self.ids.difference(ids))


ALL_ARTICLES = ArticleSet()


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """Something that could not become an article, and why."""

    where: str
    """Path, or path and line number."""
    reason: str
    """One line that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class IngestRow:
    """What became of one article (or of one item that was none)."""

    status: str
    """``added``, ``unchanged``, ``updated``, ``skipped``, or ``failed``: the embedding model did not do."""
    where: str
    article_id: str | None = None
    title: str | None = None
    sentences: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """One row per article, in the order they came."""

    rows: tuple[IngestRow, ...]
    embedded_chunks: int = 0
    """How many chunks went through the embedding model."""

    def count(self, status: str) -> int:
        """Return how many rows have this status."""
        return sum(row.status == status for row in self.rows)

    @classmethod
    def joined(cls, reports: Iterable[IngestReport]) -> IngestReport:
        """Return the reports one after the other as one."""
        parts = tuple(reports)
        rows = tuple(row for part in parts for row in part.rows)
        return cls(rows, sum(part.embedded_chunks for part in parts))
