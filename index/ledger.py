"""Who says what, kept in step with the articles: those that have not been read for statements are read, batch by batch."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from pullquote.index.errors import ModelError
from pullquote.index.store import Store
from pullquote.index.types import Article, Span, Statement

if TYPE_CHECKING:
    from pullquote.index.statements.reader import StatementReader

    Item = tuple[Article, Sequence[Span]]

BATCH_ARTICLES = 50
"""Read at once, and stored in one transaction."""

Progress = Callable[[int, int], None]
"""Called with how many of how many articles are read."""

_UNUSABLE = (ModelError, ImportError, OSError)
"""The reader itself cannot be loaded: no article is to blame."""
_log = logging.getLogger(__name__)


def keep_ledger(store: Store, progress: Progress | None = None, most: int = sys.maxsize) -> int:
    """Read articles, at most so many, that the store's reader of statements has not read; return how many these were.

    The caller holds ``store.writing()``. Nothing is loaded where there are none. An article that the reader cannot do is
    noted as read, without statements. A run that was cut off goes on where it was, at the next write.

    Raises:
        StoreError: the statements cannot be stored; the articles are safe.
    """
    done = 0
    try:
        reader = store.statement_reader
        if reader is None:
            return 0
        total = store.catalog.count_unread(reader.fingerprint) if progress is not None else 0
        while done < most and (read := _keep_batch(store, reader, min(BATCH_ARTICLES, most - done))):
            done += read
            if progress is not None:
                progress(done, max(total, done))
    except _UNUSABLE as error:
        _log.warning("statements cannot be read now (%s): articles are kept without, until the next write", _line(error))
    return done


def _keep_batch(store: Store, reader: StatementReader, most: int) -> int:
    """Read some articles and store what they say; 0: all are read, or those that are not have no text, for ``check`` to tell."""
    ids = store.catalog.unread(reader.fingerprint, most)
    items = [item for article_id in ids for item in _item(store, article_id)]
    return store.catalog.put_statements(reader.fingerprint, _read(reader, items)) if items else 0


def _item(store: Store, article_id: str) -> list[Item]:
    article = store.catalog.article(article_id)
    return [] if article is None else [(article, [sentence.span for sentence in store.catalog.sentences_of(article_id)])]


def _read(reader: StatementReader, items: Sequence[Item]) -> dict[str, list[Statement]]:
    """Return the statements of articles by id; where one cannot be done, the others are read one by one."""
    try:
        found = reader.read(items)
        return {item[0].meta.id: _sound(item, said) for item, said in zip(items, found, strict=True)}
    except _UNUSABLE:
        raise
    except Exception as error:  # whatever the texts of the world make a reader do
        if len(items) > 1:
            return {article_id: said for item in items for article_id, said in _read(reader, [item]).items()}
        (article, _), *_ = items
        _log.warning("the article %s is kept without its statements: they cannot be read (%s)", article.meta.id, _line(error))
        return {article.meta.id: []}


def _sound(item: Item, statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements, all of which are in the text.

    Raises:
        ValueError: one is not.
    """
    (article, sentences), said = item, list(statements)
    for one in said:
        spans = [span for span in (one.speaker_span, one.cue_span, *one.content_spans) if span is not None]
        inside = all(0 <= span.start < span.end <= len(article.text) for span in spans)
        theirs = (one.article_id, one.version) == (article.meta.id, article.meta.version)
        if not (inside and theirs and one.content_spans and 1 <= one.number <= len(sentences)):
            raise ValueError(f"no statement of its text: {one}")
    return said


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
