"""Who says what, kept in step with the articles: those that have not been read for statements are read, batch by batch.

What is being added is read on a thread of its own while the next articles are embedded; what was read is stored by whoever adds.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pullquote.index.errors import ModelError
from pullquote.index.store import Store
from pullquote.index.types import Article, Span, Statement

if TYPE_CHECKING:
    from pullquote.index.statements.reader import StatementReader

    Item = tuple[Article, Sequence[Span]]
    Found = dict[tuple[str, int], Sequence[Statement]]

_PIECE = 16
"""Articles that are read at once, without looking whether all was given up, and stored in one transaction."""
_AHEAD = 512
"""Articles that are begun with: those just added, and some of those that an earlier version left unread."""
_AHEAD_CHARS = 10_000_000
"""No more text is held: the others come later."""

Progress = Callable[[int, int], None]
"""Called with how many of how many articles are read."""

_UNUSABLE = (ModelError, ImportError, OSError)
"""The reader itself cannot be loaded: no article is to blame."""
_log = logging.getLogger(__name__)


def keep_ledger(store: Store, progress: Progress | None = None) -> None:
    """Read all articles that the store's reader of statements has not read; nothing is loaded where there are none.

    The caller holds ``store.writing()``. An article that the reader cannot do is noted as read, without statements. A run
    that was cut off goes on where it was, at the next write.

    Raises:
        StoreError: the statements cannot be stored; the articles are safe.
    """
    with LedgerKeeper(store) as keeper:
        keeper.finish(progress)


class LedgerKeeper:
    """Reads articles on a thread that has nothing to do with the store, while whoever adds them does other things.

    It is a block to be left: its thread ends there.
    """

    def __init__(self, store: Store) -> None:
        """Begin with nothing; the caller holds ``store.writing()`` till the block ends."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._begun: deque[Future[Found]] = deque()

    def __enter__(self) -> LedgerKeeper:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the piece that is being read; what was read and not stored is read again by the next write."""
        self._thread.shutdown(cancel_futures=True)

    def catch_up(self) -> None:
        """Store what was begun, and begin with what has been added meanwhile.

        Raises:
            StoreError: as ``keep_ledger``.
        """
        with self._usable():
            reader = self._store.statement_reader
            if reader is not None:
                self._store_begun(reader)
                self._begin(reader)

    def finish(self, progress: Progress | None = None) -> None:
        """Read and store all that is left.

        Raises:
            StoreError: as ``keep_ledger``.
        """
        with self._usable():
            reader = self._store.statement_reader
            if reader is None:
                return
            total = self._store.catalog.count_unread(reader.fingerprint) if progress is not None else 0
            done = self._store_begun(reader, 0, total, progress)
            # Where none of those begun with could be stored, they have no text: that is for ``check`` to tell.
            while self._begin(reader) and (more := self._store_begun(reader, done, total, progress)) > done:
                done = more

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except _UNUSABLE as error:
            self._begun.clear()
            reason = _line(error)
            _log.warning("statements cannot be read now (%s): articles are kept without, until the next write", reason)

    def _store_begun(self, reader: StatementReader, done: int = 0, total: int = 0, progress: Progress | None = None) -> int:
        """Store what was begun, piece by piece; return how many articles are ``done`` then."""
        while self._begun:
            done += self._store.catalog.put_statements(reader.fingerprint, self._begun.popleft().result())
            if progress is not None:
                progress(done, max(total, done))
        return done

    def _begin(self, reader: StatementReader) -> bool:
        """Begin with some articles; return whether there are any."""
        ids, chars = self._store.catalog.unread(reader.fingerprint, _AHEAD), 0
        for start in range(0, len(ids), _PIECE):
            items = _items(self._store, ids[start : start + _PIECE])
            self._begun.append(self._thread.submit(_read, reader, items))
            chars += sum(len(article.text) for article, _ in items)
            if chars > _AHEAD_CHARS:
                break
        return bool(self._begun)


def _items(store: Store, ids: Iterable[str]) -> list[Item]:
    """Return those of some articles that are there, with their sentences."""
    found = ((store.catalog.article(i), store.catalog.sentences_of(i)) for i in ids)
    return [(article, [sentence.span for sentence in sentences]) for article, sentences in found if article is not None]


def _read(reader: StatementReader, items: Sequence[Item]) -> Found:
    """Return the statements of articles by id and version; where one cannot be done, the others are read one by one."""
    try:
        found = reader.read(items)
        return {_key(item): _sound(item, said) for item, said in zip(items, found, strict=True)}
    except _UNUSABLE:
        raise
    except Exception as error:  # whatever the texts of the world make a reader do
        if len(items) > 1:
            return {key: said for item in items for key, said in _read(reader, [item]).items()}
        key = _key(*items)
        _log.warning("the article %s is kept without its statements: they cannot be read (%s)", key[0], _line(error))
        return {key: []}


def _key(item: Item) -> tuple[str, int]:
    return item[0].meta.id, item[0].meta.version


def _sound(item: Item, statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements, all of which are in the text.

    Raises:
        ValueError: one is not.
    """
    (article, sentences), said = item, list(statements)
    for one in said:
        spans = [span for span in (one.speaker_span, one.cue_span, *one.content_spans) if span is not None]
        inside = all(0 <= span.start < span.end <= len(article.text) for span in spans)
        theirs = (one.article_id, one.version) == _key(item)
        if not (inside and theirs and one.content_spans and 1 <= one.number <= len(sentences)):
            raise ValueError(f"no statement of its text: {one}")
    return said


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
