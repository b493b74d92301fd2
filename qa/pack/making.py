"""From an answer to an evidence pack: each quote is looked up in its article once more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pullquote import __version__
from pullquote.index.catalog import Catalog
from pullquote.index.errors import UsageError
from pullquote.index.sentences import split_sentences
from pullquote.index.store import Store
from pullquote.index.types import Article, ArticleMeta, Span
from pullquote.qa.json_form import answer_dict, article_fields, iso_time
from pullquote.qa.pack.page import page_sha256
from pullquote.qa.pack.reading import pack_of
from pullquote.qa.pack.types import SCHEMA, Pack
from pullquote.qa.render import display_text, nearest_evidence
from pullquote.qa.types import Answer, Citation

if TYPE_CHECKING:
    from pullquote.qa.newsroom import Newsroom

_UNKNOWN_HASH = "0" * 64


def make_pack(room: Newsroom | Store, answer: Answer) -> Pack:
    """Return an answer with its quotes, or for a refusal its nearest sentences, and what they can be checked by.

    Raises:
        UsageError: the store does not hold what the answer quotes; it was deleted since, or the answer is from another store.
        StoreError: the store cannot be read.
    """
    content = _content(catalog_of(room), answer)
    return pack_of({**content, "page_sha256": page_sha256(pack_of(content))})


def catalog_of(room: Newsroom | Store) -> Catalog:
    """Return where the articles are."""
    return room.catalog if isinstance(room, Store) else room.store.catalog


def text_sha256(text: str) -> str:
    """Return SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _content(catalog: Catalog, answer: Answer) -> dict[str, Any]:
    citations = answer.citations if answer.status == "answered" else tuple(_nearest(answer))
    metas = {(c.article.id, c.article.version): c.article for c in citations}
    articles = {place: _article(catalog, meta) for place, meta in metas.items()}
    sentences = {place: _sentences(catalog, article) for place, article in articles.items()}
    places = [(c.article.id, c.article.version) for c in citations]
    return {
        "schema": SCHEMA,
        "made_at": iso_time(datetime.now(UTC)),
        "pullquote": __version__,
        "answer": answer_dict(answer),
        "articles": [_article_dict(article) for article in articles.values()],
        "citations": [_quote_dict(c, articles[place], sentences[place]) for c, place in zip(citations, places, strict=True)],
        "page_sha256": _UNKNOWN_HASH,
    }


def _nearest(answer: Answer) -> Iterator[Citation]:
    for n, piece in enumerate(nearest_evidence(answer), 1):
        yield Citation(n, piece.article, piece.sentence.span, piece.sentence.text)


def _article(catalog: Catalog, meta: ArticleMeta) -> Article:
    article = catalog.article(meta.id, meta.version)
    if article is None:
        raise UsageError(f"{_named(meta)} is not in the store any more, so the answer cannot be packed: ask again")
    return article


def _named(meta: ArticleMeta) -> str:
    return f"version {meta.version} of {display_text(meta.id, 200)}"


def _sentences(catalog: Catalog, article: Article) -> list[Span]:
    """Return where the sentences of an article are; the catalog keeps those of the newest version only."""
    stored = [one.span for one in catalog.sentences_of(article.meta.id) if one.version == article.meta.version]
    return stored or list(split_sentences(article.text))


def _article_dict(article: Article) -> Mapping[str, Any]:
    meta = article.meta
    return {
        **article_fields(meta),
        "authors": list(meta.authors),
        "fetched_at": iso_time(meta.fetched_at),
        "language": meta.language,
        "text_sha256": text_sha256(article.text),
        "text_chars": len(article.text),
    }


def _quote_dict(citation: Citation, article: Article, sentences: Sequence[Span]) -> Mapping[str, Any]:
    span = citation.span
    if not citation.quote or article.text[span.start : span.end] != citation.quote:
        raise UsageError(f"{_named(article.meta)} in this store does not have the words that the answer quotes: ask this store")
    before = [one for one in sentences if one.end <= span.start][-1:]
    after = [one for one in sentences if one.start >= span.end][:1]
    return {
        "n": citation.n,
        "article_id": article.meta.id,
        "version": article.meta.version,
        "start": span.start,
        "end": span.end,
        "quote": citation.quote,
        "before": _passage(article, before),
        "after": _passage(article, after),
    }


def _passage(article: Article, spans: Sequence[Span]) -> Mapping[str, Any] | None:
    return {"start": spans[0].start, "end": spans[0].end, "text": article.text[slice(*spans[0])]} if spans else None
