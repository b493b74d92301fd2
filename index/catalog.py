"""The catalog: the only truth about a store. All SQL is here, in ``catalog_*``, ``schema``, ``migrations`` and ``database``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pullquote.index import catalog_changes as changes
from pullquote.index import catalog_copying as copying
from pullquote.index import catalog_near as near
from pullquote.index import catalog_speakers as speakers
from pullquote.index import catalog_statements as ledger
from pullquote.index import catalog_versions as versions
from pullquote.index.catalog_check import problems_of
from pullquote.index.catalog_chunks import ChunkCatalog
from pullquote.index.catalog_quotes import sentences_among, sentences_with
from pullquote.index.catalog_report import (
    LIVE,
    META,
    CatalogStats,
    kept_counts,
    newest_first,
    share_of,
    sources_of,
    stats_of,
    unread_among,
)
from pullquote.index.catalog_search import Counts, find_articles, has_words, published_in, search_sentences
from pullquote.index.database import Database
from pullquote.index.migrations import migrate
from pullquote.index.records import PreparedArticle, Removed, meta_of, sentence_of
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet, Bounds, Sentence, Statement

_SENTENCE = "article_id, version, number, start, end, text"


class Catalog(ChunkCatalog):
    """One connection to the catalog; safe to share between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file, or make it; one of an older version is brought up to date, and a copy kept beside it.

        Raises:
            StoreDamaged: not a catalog, or unreadable.
            StoreTooNew: written by a newer version.
            StoreBusy: it has to be brought up to date, and another process is writing.
            StoreUnwritable: the system refuses to open it, or to bring it up to date.
        """
        super().__init__(Database(path, create=create))
        self._counts: tuple[int, Counts] = -1, {}
        """How many sentences have a phrase, as of a revision."""
        try:
            migrate(self._db, path.parent)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self._db.close()

    # -- articles ---------------------------------------------------------------------------------

    def digest(self, article_id: str) -> bytes | None:
        """Return the digest of the live version (see ``article_digest``), or None if there is none."""
        row = self._db.row(f"SELECT v.digest FROM {LIVE} WHERE a.id = ?", article_id)
        return None if row is None else bytes(row[0])

    def store_articles(
        self,
        prepared: Sequence[PreparedArticle],
        vectors: Mapping[bytes, NDArray[np.float32]],
        model: str,
        at: datetime,
        embedding: str = "",
        numbered: bool = False,
    ) -> list[str]:
        """Store articles as new live versions, all or none, and return what each was: added, or updated.

        ``vectors`` holds a unit row for every chunk text that ``missing_vectors`` named. Version numbers are never used twice,
        also when an article was removed in between: a citation of one never comes to name another text. The first articles
        make ``model`` the live one, and ``embedding`` the setting that the store remembers. ``numbered`` articles are copies of
        another store's, and keep their version numbers.
        """
        return changes.store_articles(self._db, prepared, vectors, model, embedding, at, numbered)

    def remove(self, article_id: str, at: datetime) -> Removed | None:
        """Delete an article with all its versions; return what it was, or None when it was not there."""
        return changes.remove(self._db, article_id, at)

    def forget_removed(self, *article_ids: str) -> None:
        """Overwrite what the file still holds of articles that were deleted: their words, and their ids in the journal.

        That one was deleted, when, and how many versions it had, is known all the same to those who ask by its id.
        """
        changes.forget_removed(self._db, article_ids)

    def article(self, article_id: str, version: int | None = None) -> Article | None:
        """Return one version of an article (the live one by default), or None.

        Raises:
            StoreDamaged: an earlier version cannot be unpacked.
        """
        return versions.version_of(self._db, article_id, version)

    def history(self, article_id: str) -> list[ArticleMeta]:
        """Return the metadata of all versions of a live article, with when each was taken in, the first one first."""
        return versions.history(self._db, article_id)

    def removed_at(self, article_id: str) -> datetime | None:
        """Return when an article of this id was deleted last, or None."""
        return versions.removed_at(self._db, article_id)

    def metas(self, now: datetime | None = None) -> Iterator[ArticleMeta]:
        """Yield the live articles' metadata, newest published first, then what is dated in the future, undated last."""
        order = newest_first(now or datetime.now(UTC))
        return map(meta_of, self._db.rows(f"SELECT {META} FROM {LIVE} ORDER BY {order}"))

    def metas_of(self, article_ids: Iterable[str]) -> dict[str, ArticleMeta]:
        """Return the live metadata of some articles, by id."""
        rows = self._db.rows_in(f"SELECT {META} FROM {LIVE} WHERE v.article_id IN", sorted(set(article_ids)))
        return {row[0]: meta_of(row) for row in rows}

    def ids(self) -> list[str]:
        """Return the live articles' ids, sorted."""
        return [row[0] for row in self._db.rows("SELECT id FROM articles ORDER BY id")]

    def published_in(self, bounds: Bounds, most: int) -> frozenset[str] | None:
        """Return the ids of the live articles within bounds, or None where there are more than ``most``."""
        return published_in(self._db, bounds, most)

    def find(
        self, which: ArticleSet, words: str, limit: int | None, offset: int, now: datetime | None = None
    ) -> tuple[list[ArticleMeta], int]:
        """Return a page of the live articles with all words in title, outlet or id, ordered like ``metas``, and how many."""
        return find_articles(self._db, which, words, limit, offset, now or datetime.now(UTC))

    # -- copying all there is to another store ----------------------------------------------------

    def everything(self) -> tuple[list[copying.Place], list[copying.Removal]]:
        """Return id and number of all versions of all articles, sorted, and what was deleted, all of one moment."""
        return copying.everything(self._db)

    def versions(self, article_id: str) -> list[tuple[Article, bytes]]:
        """Return all versions of an article with their stored digests (see ``article_digest``), the first one first.

        Raises:
            StoreDamaged: one cannot be unpacked.
        """
        return copying.versions(self._db, article_id)

    def removals_of(self, article_ids: Iterable[str]) -> list[copying.Removal]:
        """Return when some articles were deleted, in that order."""
        return copying.removals_of(self._db, article_ids)

    def note_removals(self, removals: Iterable[copying.Removal]) -> None:
        """Remember that articles were deleted, unless that is known."""
        copying.note_removals(self._db, removals)

    # -- sentences --------------------------------------------------------------------------------

    def search_sentences(self, terms: Sequence[str], limit: int, which: ArticleSet = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Return ``(sentence id, BM25)`` for sentences with any of the terms, best first; higher is better."""
        revision = self.revision()
        if self._counts[0] != revision:
            self._counts = revision, {}
        return search_sentences(self._db, terms, limit, which, self._counts[1])

    def sentences_with(self, phrase: str, upto: int) -> list[int]:
        """Return the ids of at most so many sentences with these words in this order, whatever their endings."""
        return sentences_with(self._db, phrase, upto)

    def sentences_among(self, ids: Sequence[int], which: ArticleSet) -> set[int]:
        """Return which of some sentences are of the articles meant."""
        return sentences_among(self._db, ids, which)

    def has_words(self, terms: Sequence[str], ids: Sequence[int]) -> bool:
        """Return whether the word index finds one of some sentences, whose ids follow each other, by any of the terms."""
        return has_words(self._db, terms, ids)

    def sentences(self, ids: Iterable[int]) -> dict[int, Sentence]:
        """Return sentences by id; unknown ids are left out."""
        rows = self._db.rows_in(f"SELECT id, {_SENTENCE} FROM sentences WHERE id IN", sorted(set(ids)))
        return {int(row[0]): sentence_of(row[1:]) for row in rows}

    def sentences_of(self, article_id: str) -> list[Sentence]:
        """Return an article's live sentences in reading order."""
        return [sentence_of(row) for row in self._sentence_rows("article_id = ? ORDER BY number", article_id)]

    def sentence(self, article_id: str, number: int) -> Sentence | None:
        """Return one live sentence by its number, or None."""
        rows = self._sentence_rows("article_id = ? AND number = ?", article_id, number)
        return sentence_of(rows[0]) if rows else None

    def _sentence_rows(self, where: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.rows(f"SELECT {_SENTENCE} FROM sentences WHERE {where}", *values)

    # -- statements -------------------------------------------------------------------------------

    def statements_of(self, article_id: str) -> tuple[Statement, ...]:
        """Return the statements of an article's live version, in reading order; none where nobody has looked for them yet."""
        return ledger.statements_of(self._db, article_id)

    def statements_at(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[Statement, ...]]:
        """Return the statements whose cue or content touches live sentences, by article and number, in reading order.

        Sentences without any are left out.
        """
        return ledger.statements_at(self._db, places)

    def read_among(self, ids: Iterable[str]) -> set[str]:
        """Return which of some articles were read for statements."""
        return ledger.read_among(self._db, ids)

    def statements_by(
        self, keys: Collection[str], which: ArticleSet = ALL_ARTICLES, limit: int = 100, now: datetime | None = None
    ) -> list[Statement]:
        """Return what speakers with such a ``speaker_key`` say in some articles, the first so many in the order of ``metas``."""
        return ledger.statements_by(self._db, keys, which, limit, now or datetime.now(UTC))

    def speaker_names(self, key: str) -> list[tuple[str, str | None, int]]:
        """Return the speakers with a ``speaker_key`` as they are named, each with a role, and how often, most often first."""
        return speakers.names_with_key(self._db, key)

    def speakers_with_role(self, beginnings: Sequence[str]) -> list[tuple[str, str | None, int]]:
        """Return, likewise, the speakers whose role has words that begin so; all names are looked through."""
        return speakers.names_with_role(self._db, beginnings)

    def speakers_with_initials(self, initials: str) -> list[tuple[str, str | None, int]]:
        """Return, likewise, the speakers whose names may have words with these initials; all names are looked through."""
        return speakers.names_with_initials(self._db, initials)

    def speaker_keys(self, beginning: str, most: int) -> list[str]:
        """Return the first so many ``speaker_key`` that begin so, sorted."""
        return speakers.keys_from(self._db, beginning, most)

    def unread(self, fingerprint: str, limit: int) -> list[str]:
        """Return the ids of articles that the reader with a fingerprint has not read; nothing is looked through for none."""
        return ledger.unread(self._db, fingerprint, limit)

    def count_unread(self, fingerprint: str) -> int:
        """Return how many articles the reader with a fingerprint has not read."""
        return ledger.count_unread(self._db, fingerprint)

    def unread_among(self, which: ArticleSet = ALL_ARTICLES) -> int:
        """Return in how many of some articles nobody has looked for statements yet."""
        return unread_among(self._db, which)

    def put_statements(self, fingerprint: str, found: Mapping[tuple[str, int], Sequence[Statement]]) -> int:
        """Replace the statements of articles, given by id and version, and note who read them, in one transaction.

        Return how many articles that was: those that are gone, or have another version by now, are left alone.

        Raises:
            ValueError: a span is none.
        """
        return ledger.put_statements(self._db, fingerprint, found)

    # -- the whole --------------------------------------------------------------------------------

    def reports_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the reports that live articles belong to, by article id; near copies belong to one."""
        return near.reports_of(self._db, ids)

    def link_missing(self, limit: int) -> int:
        """Compare the next so many articles with others that may not have been yet; return how many: 0 when all have been."""
        return near.link_missing(self._db, limit)

    def copies_of(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the other articles of live articles' reports, sorted, by article id; those without any are left out."""
        return near.copies_of(self._db, ids)

    def stats(self, which: ArticleSet = ALL_ARTICLES, now: datetime | None = None) -> CatalogStats:
        """Tell what the store holds of some articles; of all of them, nothing has to be counted."""
        return stats_of(self._db, which, now or datetime.now(UTC))

    def article_count(self) -> int:
        """Return how many articles there are; nothing has to be counted."""
        return kept_counts(self._db)["articles"]

    def share(self, which: ArticleSet) -> float:
        """Return which share of all articles those are that a set names one by one, 0 to 1."""
        return share_of(self._db, which)

    def sources(self) -> tuple[tuple[str, int], ...]:
        """Return the outlets with their article counts, most first."""
        return sources_of(self._db, ALL_ARTICLES)

    def rederive(self) -> None:
        """Make anew what follows from articles and sentences, chunks and vectors apart: words, outlets, days and counts.

        Statements that are not of their texts are deleted, and their articles are ``unread`` then.
        """
        changes.rederive(self._db)

    def merge_words(self) -> None:
        """Write the word index anew, without the words of what was deleted."""
        changes.merge_words(self._db)

    def rewrite_to(self, path: Path) -> None:
        """Write the catalog anew into a file that nobody else uses, for its owner alone: nothing is in it that was deleted.

        Raises:
            StoreUnwritable: the file cannot be written.
        """
        self._db.backup_to(path, anew=True)

    def check(self) -> list[str]:
        """Return what is wrong with the catalog, one line each; empty when all is well."""
        return problems_of(self._db)
