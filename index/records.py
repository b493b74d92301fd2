"""What goes into and comes out of the catalog besides articles, and how rows become values."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pullquote.index.types import Article, ArticleMeta, Sentence, Span

VERSION_COLUMNS = "article_id, version, url, title, source, authors, published_at, fetched_at, language, text, digest"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article cut into sentences and chunks, ready to be stored in one transaction."""

    article: Article
    sentences: tuple[Span, ...]
    chunks: tuple[tuple[int, int], ...]
    """First and last sentence number of each chunk, from 1, inclusive."""

    def chunk_span(self, chunk: tuple[int, int]) -> Span:
        """Return the characters of a chunk."""
        return Span(self.sentences[chunk[0] - 1].start, self.sentences[chunk[1] - 1].end)

    def chunk_text(self, chunk: tuple[int, int]) -> str:
        """Return the text of a chunk, verbatim."""
        span = self.chunk_span(chunk)
        return self.article.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Segment:
    """One folder of the vector index: built once from the catalog, never written again."""

    folder: str
    """``index-7``, below the store's folder."""
    first: int
    """Lowest id of a chunk that it may hold."""
    last: int
    """Highest one, inclusive."""
    rows: int
    """How many chunks went into it."""
    chroma: str
    """The version of chromadb that wrote it."""
    seal: tuple[tuple[str, int, int], ...]
    """Path below the folder, bytes and CRC-32 of each file that never changes."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which segments make up the vector index."""

    segments: tuple[Segment, ...] = ()
    """Their ranges follow each other; chunks behind the last one's are in none."""
    number: int = 0
    """The highest number that a segment's folder ever had."""

    def to_json(self) -> str:
        """Return the state as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> IndexState:
        """Return the state of ``to_json``; whatever else the text is, it names no segments."""
        try:
            raw = json.loads(text)
            number = _natural(raw["number"])
            segments = tuple(map(_segment, raw["segments"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls()
        ends = [end for segment in segments for end in (segment.first, segment.last + 1)]
        return cls(segments, number) if ends == sorted(ends) else cls(number=number)


def _segment(raw: dict[str, Any]) -> Segment:
    if not re.fullmatch(r"index-[0-9]{1,18}", folder := raw["folder"]):
        raise ValueError(folder)
    first, last, rows = (_natural(raw[name]) for name in ("first", "last", "rows"))
    seal = tuple((str(path), _natural(size), _natural(crc)) for path, size, crc in raw["seal"])
    return Segment(folder, first, last, rows, str(raw["chroma"]), seal)


def _natural(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError(raw)
    return raw


@dataclass(frozen=True, slots=True)
class Removed:
    """What went with an article that was deleted."""

    article: Article
    """Its live version."""
    versions: int
    sentences: tuple[int, ...]
    """Ids of its sentences."""
    chunks: tuple[int, ...]
    """Ids of its live chunks."""


def article_digest(article: Article) -> bytes:
    """Return SHA-256 over everything that makes a new version when it changes: text and metadata."""
    meta = article.meta
    fields = [meta.url, meta.title, meta.source, list(meta.authors), to_seconds(meta.published_at), meta.language, article.text]
    return sha256(json.dumps(fields, ensure_ascii=True).encode()).digest()


def article_row(article: Article, version: int, fetched_at: datetime) -> tuple[Any, ...]:
    """Return what ``VERSION_COLUMNS`` names."""
    meta = article.meta
    return (
        meta.id,
        version,
        meta.url,
        meta.title,
        meta.source,
        json.dumps(meta.authors, ensure_ascii=False),
        to_seconds(meta.published_at),
        to_seconds(meta.fetched_at or fetched_at),
        meta.language,
        article.text,
        article_digest(article),
    )


def meta_of(row: Sequence[Any]) -> ArticleMeta:
    """Return the metadata in the first nine columns of a row of table ``versions``."""
    article_id, version, url, title, source, authors, published, fetched, language = row[:9]
    names = tuple(json.loads(authors))
    return ArticleMeta(article_id, version, url, title, source, names, to_moment(published), to_moment(fetched), language)


def sentence_of(row: Sequence[Any]) -> Sentence:
    """Return the sentence in a row of article id, version, number, start, end and text."""
    article_id, version, number, start, end, text = row
    return Sentence(article_id, version, number, Span(start, end), text)


def to_seconds(moment: datetime | None) -> int | None:
    """Return whole seconds since 1970."""
    return None if moment is None else int((moment - _EPOCH).total_seconds())


def to_moment(seconds: int | None) -> datetime | None:
    """Return the aware UTC time of ``to_seconds``."""
    # Not fromtimestamp(): it refuses dates before 1970 on some platforms.
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)
