"""All articles of a store as lines of JSON, with every version, and back: for other programs, and for other versions of this one.

The first line says what follows: ``{"pullquote_export": 1, "articles": n, "versions": m, "store": id}``. Then there is a line for
each version of each article, by id and version, a line ``{"removed": id, "version": n, "at": time}`` for each article that was
deleted, and last ``{"end": sha256}``, over the lines before it, each with its newline. All of it is ASCII.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_copying import Removal
from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreBusy, UsageError
from pullquote.index.export_format import header_line, header_of, object_of, removal_line, removal_of, version_line, version_of
from pullquote.index.ingest import BATCH_CHUNKS, finish, missing_vectors, prepare
from pullquote.index.ledger import LedgerKeeper
from pullquote.index.records import PreparedArticle
from pullquote.index.store import Store
from pullquote.index.types import Article, IngestReport, IngestRow
from pullquote.index.whole_file import check_target, part_beside, synced

_REMEDY = "export the articles again"

Progress = Callable[[IngestRow], None]

# -- out ------------------------------------------------------------------------------------------


def export_lines(catalog: Catalog) -> Iterator[str]:
    """Yield the lines of an export, without their newlines: all that was there at the moment of the first one.

    Nothing is held on to between two lines, so that others may write meanwhile.

    Raises:
        StoreBusy: an article was deleted meanwhile.
        StoreDamaged: a text is not what was stored.
    """
    digest = hashlib.sha256()
    for line in _lines(catalog):
        digest.update(f"{line}\n".encode())
        yield line
    yield json.dumps({"end": digest.hexdigest()})


def _lines(catalog: Catalog) -> Iterator[str]:
    places, removals = catalog.everything()
    ids = groupby(places, key=lambda place: place[0])
    versions = {article_id: [version for _, version in group] for article_id, group in ids}
    yield header_line(len(versions), len(places), catalog.store_id())
    for article_id, numbers in versions.items():
        yield from _article_lines(catalog, article_id, numbers)
    yield from map(removal_line, removals)


def _article_lines(catalog: Catalog, article_id: str, numbers: list[int]) -> list[str]:
    found = [pair for pair in catalog.versions(article_id) if pair[0].meta.version <= numbers[-1]]
    if [article.meta.version for article, _ in found] != numbers:
        raise StoreBusy(f"the article {article_id} was deleted meanwhile: export again")
    return [version_line(article, digest) for article, digest in found]


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written."""

    articles: int
    versions: int
    size_bytes: int


def export_file(
    store: Store, file: Path, *, replace: bool = False, progress: Callable[[int, int], None] | None = None
) -> Exported:
    """Write an export to a file, which is there only when it is whole; ``progress`` gets the lines written, of how many about.

    Raises:
        UsageError: the file is there and ``replace`` is not set, or it is no place for an export.
        StoreBusy, StoreDamaged: as ``export_lines``; no file is written.
        StoreUnwritable: the system refuses, or the disk is full; no file is written.
    """
    check_target(store.folder, file, replace)
    with part_beside(file) as part:
        with part.open("w", encoding="ascii", newline="\n") as opened:
            articles, versions = write_lines(store.catalog, opened, progress)
        synced(part)
        os.replace(part, file)
        synced(file.parent)
    return Exported(articles, versions, file.stat().st_size)


def write_lines(catalog: Catalog, opened: IO[str], progress: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Write an export to an open file, and return how many articles and versions are in it.

    Raises:
        StoreBusy, StoreDamaged: as ``export_lines``.
    """
    counts = (0, 0)
    for number, line in enumerate(export_lines(catalog)):
        if number == 0:
            counts = header_of(object_of(line))
        opened.write(f"{line}\n")
        if progress is not None:
            progress(number, counts[1])
    return counts


# -- and back -------------------------------------------------------------------------------------


def import_lines(store: Store, lines: Iterable[str], name: str = "the export", progress: Progress | None = None) -> IngestReport:
    """Take in the articles of an export with all their versions, numbers and times; return a row for each article.

    All lines are checked before anything is stored. Articles that are there already, with the same versions, are left alone;
    so the same import again ends one that was cut off. ``name`` names the export in errors, ``progress`` is called with every
    row once it is safely stored.

    Raises:
        UsageError: a line is not what it should be, the last one is missing, or the store has one of the articles otherwise.
        StoreError: the store cannot be written to.
        ModelError: the embedding model failed; what was stored before stays.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as copy:
        checked = _Checked(name)
        for line in _whole(lines, name):
            checked.take(line)
            copy.write(f"{line}\n")
        checked.end()
        with store.writing("import"):
            store.require_model()
            known = checked.known_to(store.catalog)
            store.catalog.note_removals(checked.removals)
            return IngestReport.joined(_told(_stored(store, copy, known), progress))


def _told(reports: Iterator[IngestReport], progress: Progress | None) -> Iterator[IngestReport]:
    for report in reports:
        if progress is not None:
            for row in report.rows:
                progress(row)
        yield report


def _whole(lines: Iterable[str], name: str) -> Iterator[str]:
    """Yield the lines without their ends, which may have become those of another system."""
    try:
        for line in lines:
            yield line.rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is no text in UTF-8, as exports are: {_REMEDY}") from None


class _Checked:
    """The lines of an export as far as they were seen, and what is wrong with them."""

    def __init__(self, name: str) -> None:
        self.removals: list[Removal] = []
        self._name = name
        self._number = 0
        self._sha256 = hashlib.sha256()
        self._expected = (0, 0)
        self._digests: dict[str, bytes] = {}
        self._versions = 0
        self._last: tuple[str, int] = ("", 0)
        self._ended = False

    def take(self, line: str) -> None:
        """Look at one more line."""
        self._number += 1
        try:
            if self._ended:
                raise ValueError("something stands behind the last line")
            self._take(object_of(line), line)
        except (ValueError, TypeError, OverflowError) as error:
            raise UsageError(f"{self._name}, line {self._number}: {error}; {_REMEDY}") from None

    def _take(self, value: Mapping[str, Any], line: str) -> None:
        if self._number == 1:
            self._expected = header_of(value)
        elif "end" in value:
            self._end(value)
        elif "removed" in value:
            self.removals.append(removal_of(value))
        elif self.removals:
            raise ValueError("an article stands behind those that were deleted")
        else:
            self._take_version(version_of(value), line)
        self._sha256.update(f"{line}\n".encode())

    def _take_version(self, article: Article, line: str) -> None:
        place = (article.meta.id, article.meta.version)
        if place <= self._last:
            raise ValueError("it is not behind the line before by id and version")
        self._last, self._versions = place, self._versions + 1
        self._digests[place[0]] = _digest_behind(self._digests.get(place[0], b""), line)

    def _end(self, value: Mapping[str, Any]) -> None:
        if value["end"] != self._sha256.hexdigest():
            raise ValueError("the lines before it are not those that were exported")
        if self._expected != (len(self._digests), self._versions):
            raise ValueError("there are more or fewer articles before it than the first line says")
        self._ended = True

    def end(self) -> None:
        """Say that there are no more lines."""
        if not self._ended:
            raise UsageError(f"{self._name} is cut off after line {self._number}: {_REMEDY}")

    def known_to(self, catalog: Catalog) -> set[str]:
        """Return the ids of those articles that a store has in the same versions.

        Raises:
            UsageError: it has, or had, one of them otherwise.
        """
        known = {article_id for article_id in self._digests if catalog.digest(article_id) is not None}
        other = {article_id for article_id in known if _digest_in(catalog, article_id) != self._digests[article_id]}
        told = {(removal.article_id, removal.version) for removal in self.removals}
        here = catalog.removals_of(self._digests)
        other |= {removal.article_id for removal in here if (removal.article_id, removal.version) not in told}
        if other:
            named = f"{min(other)} and {len(other) - 1:,} more articles" if len(other) > 1 else f"the article {min(other)}"
            raise UsageError(
                f"the store has, or had, other versions of {named} than {self._name}: import it into another --store"
            )
        return known


def _digest_in(catalog: Catalog, article_id: str) -> bytes:
    digest = b""
    for article, stored in catalog.versions(article_id):
        digest = _digest_behind(digest, version_line(article, stored))
    return digest


def _digest_behind(digest: bytes, line: str) -> bytes:
    """Return the digest of an article's lines up to one, from that of those before it."""
    return hashlib.sha256(digest + line.encode()).digest()


def _stored(store: Store, copy: IO[str], known: set[str]) -> Iterator[IngestReport]:
    """Store articles batch by batch, an article with all its versions in one transaction."""
    batch: list[PreparedArticle] = []
    rows: list[IngestRow] = []
    with LedgerKeeper(store) as ledger:
        for article_id, versions in _histories(copy):
            row = IngestRow("unchanged" if article_id in known else "added", article_id, article_id, versions[-1].meta.title)
            if article_id not in known:
                # Only the newest version answers: of the others, the texts are all that is kept.
                live = prepare(versions[-1], store.embedder, store.settings)
                batch += [*(PreparedArticle(version, (), ()) for version in versions[:-1]), live]
                row = replace(row, sentences=len(live.sentences))
            rows.append(row)
            if sum(len(item.chunks) or 1 for item in batch) >= BATCH_CHUNKS or len(rows) >= BATCH_CHUNKS:
                yield _stored_batch(store, batch, rows)
                batch, rows = [], []
                ledger.catch_up()
                store.keep_up()
        yield _stored_batch(store, batch, rows)
        finish(store, ledger)


def _stored_batch(store: Store, batch: list[PreparedArticle], rows: list[IngestRow]) -> IngestReport:
    embedder = store.embedder
    texts = {text_key(text): text for item in batch for text in map(item.chunk_text, item.chunks)}
    vectors = missing_vectors(store, texts, embedder)
    if batch:
        now, fingerprint = datetime.now(UTC), embedder.fingerprint
        store.catalog.store_articles(batch, vectors, fingerprint, now, store.embedding, numbered=True)
    return IngestReport(tuple(rows), len(vectors))


def _histories(copy: IO[str]) -> Iterator[tuple[str, list[Article]]]:
    copy.seek(0)
    values = (value for value in map(json.loads, copy) if "id" in value)
    for article_id, versions in groupby(values, key=lambda value: str(value["id"])):
        yield article_id, list(map(version_of, versions))
