"""Deleting articles so that nobody finds them, purging them so that no byte of them is left, and giving their room back."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pullquote.index.catalog_report import damage_of
from pullquote.index.database import Database
from pullquote.index.errors import StoreDamaged, StoreUnwritable
from pullquote.index.failpoints import failpoint
from pullquote.index.folders import BEFORE, COMPACTING, DAMAGED, MIGRATED
from pullquote.index.records import Removed
from pullquote.index.store import CATALOG, Store
from pullquote.index.types import ArticleSet
from pullquote.index.whole_file import synced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
Progress = Callable[[str], None]
"""Called with what is done next, in a few words."""

_DROPPED_AT_ONCE = 2000
_LOOKED_FOR = 3
"""So many parts of an article are looked for by their words once it is deleted: the first, the last, one between."""
_WORDS, _HITS, _WORD = 4, 100, re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Removal:
    """What was deleted of an article; false when there was none of that id."""

    article_id: str
    found: bool
    """Whether it was there, or, where it is purged, had been once."""
    versions: int = 0
    sentences: int = 0
    chunks: int = 0
    verified: bool = False
    """Whether it was looked for by its id, its own words and its own vectors afterwards, and was not found."""
    copies: tuple[str, ...] = ()
    """Ids of articles that are still there, with nearly its text."""
    deleted_copies: tuple[str, ...] = ()
    """Names in the store's folder of earlier states of the store, deleted by purging because it may have been in them."""

    def __bool__(self) -> bool:
        """Whether it was found."""
        return self.found


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much room a store took, and takes now."""

    before_bytes: int
    after_bytes: int


def remove(store: Store, article_id: str, at: datetime) -> Removal:
    """Delete an article with all its versions in one transaction, and see to it that it is not found any more.

    Raises:
        StoreBusy: another process is writing to the store.
        StoreDamaged: it is still found, because what is derived from the articles does not agree with them.
    """
    with store.writing("remove"):
        copies = store.catalog.copies_of([article_id]).get(article_id, ())
        ids = store.catalog.chunk_ids(ArticleSet(frozenset((article_id,)), all_but=False))
        vectors = store.catalog.vectors_by_id(ids[len(ids) // 2 :][:1])
        removed = store.catalog.remove(article_id, at)
        if removed is None:
            return Removal(article_id, found=False)
        if (left := _left(store, removed, list(vectors.values()))) is not None:
            remedy = "run pullquote rebuild, or put a backup back (pullquote restore FILE)"
            raise StoreDamaged(f"{article_id} was deleted from {store.folder}, but {left}: {remedy}")
    counts = removed.versions, len(removed.sentences), len(removed.chunks)
    return Removal(article_id, True, *counts, verified=True, copies=copies)


def purge(store: Store, article_id: str, at: datetime, progress: Progress | None = None) -> Removal:
    """Delete an article, now or after it was deleted before, so that no byte of it is left in the store's folder.

    The catalog and the segments of the vector index that held it are written anew; copies of the catalog that restoring or
    upgrading left in the folder are deleted, and so are damaged indexes that were put aside. What other articles say, too, stays
    theirs. Backups elsewhere are not touched. One that was cut off is finished by purging again.

    Raises:
        StoreBusy: another process is writing to the store.
        StoreDamaged: the catalog is not sound; nothing of it was replaced.
        StoreUnwritable, IndexDamaged: the system refuses (a full disk); the article is deleted, purging again does the rest.
    """
    return purge_all(store, [article_id], at, progress)[0]


def purge_all(store: Store, article_ids: Sequence[str], at: datetime, progress: Progress | None = None) -> list[Removal]:
    """Purge several articles and write the catalog anew once; the first that was there names the copies that were deleted.

    Raises:
        StoreBusy, StoreDamaged, StoreUnwritable, IndexDamaged: as with ``purge``; purging all of them again does the rest.
    """
    with store.writing("purge"):
        removals = [remove(store, article_id, at) for article_id in article_ids]
        failpoint("purge-removed")
        known = [r.article_id for r in removals if r or store.catalog.removed_at(r.article_id) is not None]
        if not known:
            return removals
        store.catalog.forget_removed(*known)
        while store.catalog.link_missing(_DROPPED_AT_ONCE):  # until all are, an id is remembered
            pass
        _rewrite(store, progress)
        _tell(progress, "building the vector index")
        store.drop_dead_rows()
        copies = {known[0]: _delete_copies(store.folder)}
    return [
        replace(r, found=True, verified=True, deleted_copies=copies.get(r.article_id, ())) if r.article_id in known else r
        for r in removals
    ]


def compact(store: Store, progress: Progress | None = None) -> Sizes:
    """Give back the room of what was deleted; articles, versions and answers stay as they are.

    Meanwhile it takes at most as much room again, and others may read the store.

    Raises:
        StoreBusy: another process is writing to the store.
        StoreDamaged: the catalog is not sound; nothing of it was replaced.
        StoreUnwritable, IndexDamaged: the system refuses (a full disk); the store is as good as before.
    """
    with store.writing("compact"):
        before = store.size_bytes()
        while store.catalog.drop_dead(_DROPPED_AT_ONCE):
            pass
        store.catalog.merge_words()
        _rewrite(store, progress)
        _tell(progress, "building the vector index")
        store.drop_dead_rows()
        return Sizes(before, store.size_bytes())


# -- looking for what was deleted -----------------------------------------------------------------


def _left(store: Store, removed: Removed, vectors: Sequence[NDArray[np.float32]]) -> str | None:
    """Return how an article that was deleted can still be found, or None."""
    catalog, article_id = store.catalog, removed.article.meta.id
    if catalog.article(article_id) is not None or catalog.sentences_of(article_id) or catalog.statements_of(article_id):
        return "its text is still there"
    if any(_heard(store, terms, removed) for terms in _own_words(removed.article.text, len(removed.sentences))):
        return "the word index still finds it"
    # Whatever a search comes upon is asked of the catalog, which is all that is asked where the index would have to be opened.
    if catalog.chunks(removed.chunks) or catalog.vectors_by_id(removed.chunks):
        return "its vectors are still found"
    near = (store.nearest(vector, _HITS) for vector in (vectors if store.index_at_hand() else ()))
    found = {chunk for chunks in near for chunk, _ in chunks}
    return None if found.isdisjoint(removed.chunks) else "its vectors are still found"


def _heard(store: Store, terms: Sequence[str], removed: Removed) -> bool:
    try:
        return store.catalog.has_words(terms, removed.sentences)
    except StoreDamaged:  # it meets sentences of which nothing is known
        return True


def _own_words(text: str, sentences: int) -> list[list[str]]:
    """Return the longest words, which are rare ones, of some parts of a text that are about as long as a sentence."""
    words = _WORD.findall(text)
    size = -(-len(words) // max(1, sentences))
    parts = [words[start : start + size] for start in range(0, len(words), max(1, size))]
    return [sorted(set(part), key=lambda word: (-len(word), word))[:_WORDS] for part in _some(parts)]


def _some(values: Sequence[T]) -> list[T]:
    last = len(values) - 1
    places = {last * step // (_LOOKED_FOR - 1) for step in range(_LOOKED_FOR)}
    return [values[place] for place in sorted(places)] if values else []


# -- writing anew ---------------------------------------------------------------------------------


def _rewrite(store: Store, progress: Progress | None) -> None:
    """Write the catalog anew, without what was deleted from it, and put it in its place: readers meet the one or the other."""
    _tell(progress, "writing the catalog anew")
    part = store.folder / COMPACTING
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        store.catalog.rewrite_to(part)
        failpoint("compact-written")
        _check(part)
        part.chmod(stat.S_IMODE((store.folder / CATALOG).stat().st_mode))
        synced(part)
        os.replace(part, store.folder / CATALOG)
        failpoint("compact-replaced")
        synced(store.folder)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnwritable(f"cannot write {part} ({reason}): free some space and try again; the store is as before") from error
    finally:
        _delete(part)


def _check(part: Path) -> None:
    with closing(Database(part, create=False)) as db:
        damage = damage_of(db)
    if damage:
        raise StoreDamaged(f"{part.with_name(CATALOG)} is damaged ({damage[0]}): put a backup back (pullquote restore FILE)")


def _delete_copies(folder: Path) -> tuple[str, ...]:
    """Delete earlier states of the store that were kept in its folder, and return their names."""
    deleted = sorted(path.name for prefix in (BEFORE, MIGRATED, DAMAGED) for path in folder.glob(f"{prefix}*"))
    for name in deleted:
        _delete(folder / name)
    left = [name for name in deleted if os.path.lexists(folder / name)]
    if left:
        raise StoreUnwritable(f"cannot delete {folder / left[0]}: delete it, the article may be in it")
    return tuple(deleted)


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _tell(progress: Progress | None, what: str) -> None:
    if progress is not None:
        progress(what)
