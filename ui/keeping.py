"""Verbs that keep a store: backup, restore, export, import, rebuild, reindex, compact."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from pullquote.index.backup import Kept
from pullquote.index.backup import backup as write_backup
from pullquote.index.exporting import Exported, export_file, import_lines, write_lines
from pullquote.index.settings import default_store
from pullquote.index.types import IngestReport
from pullquote.qa.keeping import lines_of
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import display_text
from pullquote.ui.progress import bar, reading, tell
from pullquote.ui.tables import print_json

_PIPE = Path("-")

# -- copies ---------------------------------------------------------------------------------------


def backup(options: Namespace) -> int:
    """Write the store to one file; it is not opened as others are, so that one who writes to it is no hindrance."""
    kept = write_backup(options.store or default_store(), options.file, replace=options.force)
    if options.json:
        print_json({"file": str(options.file), **_facts(kept)})
    else:
        print(f"wrote {display_text(str(options.file), 500)}: {_told(kept)}")
    return 0


def restore(options: Namespace) -> int:
    """Put a backup in the store's place; say where the catalog went that was there."""
    folder = options.store or default_store()
    restored = Newsroom.restore(options.file, folder)
    before = None if restored.before is None else str(restored.before)
    if options.json:
        print_json({"store": str(folder), **_facts(restored.kept), "before": before})
        return 0
    print(f"restored {display_text(str(folder), 500)}: {_told(restored.kept)}")
    if before is not None:
        print(f"the catalog that was there is now {display_text(before, 500)}")
    return 0


def _facts(kept: Kept) -> dict[str, int]:
    return {"articles": kept.articles, "chunks": kept.chunks, "size_bytes": kept.size_bytes}


def _told(kept: Kept) -> str:
    return f"{kept.articles:,} articles, {kept.chunks:,} chunks, {kept.size_bytes:,} bytes"


# -- articles for other programs, and from them ---------------------------------------------------


def export(options: Namespace) -> int:
    """Write all articles as lines of JSON, to a file or to stdout."""
    with Newsroom.open(options.store, create=False) as room, bar("exporting") as progress:
        if options.file == _PIPE:
            articles, versions = write_lines(room.store.catalog, sys.stdout, progress)
            print(f"exported {articles:,} articles in {versions:,} versions", file=sys.stderr)
            return 0
        exported = export_file(room.store, options.file, replace=options.force, progress=progress)
    _print_exported(exported, options)
    return 0


def _print_exported(exported: Exported, options: Namespace) -> None:
    counts = {"articles": exported.articles, "versions": exported.versions, "size_bytes": exported.size_bytes}
    if options.json:
        print_json({"file": str(options.file), **counts})
    else:
        numbers = f"{exported.articles:,} articles in {exported.versions:,} versions, {exported.size_bytes:,} bytes"
        print(f"wrote {display_text(str(options.file), 500)}: {numbers}")


def import_articles(options: Namespace) -> int:
    """Take in an export, from a file or from stdin."""
    piped = options.file == _PIPE
    lines = _piped() if piped else lines_of(options.file)
    name = "the export" if piped else display_text(str(options.file), 500)
    with Newsroom.open(options.store) as room, bar("importing") as progress, reading(room.store):
        done = iter(range(1, sys.maxsize))
        report = import_lines(room.store, lines, name, lambda _: progress(next(done), None))
    _print_imported(report, options)
    return 0


def _piped() -> Iterator[str]:
    yield from (line.decode() for line in sys.stdin.buffer)


def _print_imported(report: IngestReport, options: Namespace) -> None:
    counts = {status: report.count(status) for status in ("added", "unchanged")}
    if options.json:
        print_json({**counts, "embedded_chunks": report.embedded_chunks})
    else:
        told = ", ".join(f"{n:,} {status}" for status, n in counts.items() if n)
        print(f"{told or 'no articles in it'}; {report.embedded_chunks:,} chunks embedded")


# -- made anew ------------------------------------------------------------------------------------


def rebuild(options: Namespace) -> int:
    """Make the word index and the vector index anew."""
    with Newsroom.open(options.store, create=False) as room, reading(room.store):
        begun = time.monotonic()
        chunks = room.rebuild()
        seconds = time.monotonic() - begun
    if options.json:
        print_json({"chunks": chunks, "seconds": round(seconds, 2)})
    else:
        print(f"{chunks:,} chunks indexed in {seconds:.1f} s, none of them embedded anew")
    return 0


def reindex(options: Namespace) -> int:
    """Make all vectors anew."""
    with Newsroom.open(options.store, create=False) as room:
        with bar("embedding") as progress, reading(room.store):
            embedded = room.reindex(options.model, progress)
        chunks, model = room.store.catalog.stats().chunks, room.store.catalog.model()
    if options.json:
        print_json({"chunks": chunks, "embedded_chunks": embedded, "model": model})
    else:
        print(f"{chunks:,} chunks indexed, {embedded:,} of them embedded anew with {model}")
    named = os.environ.get("PULLQUOTE_EMBEDDING")
    if options.model and named and named != options.model:
        print(f"PULLQUOTE_EMBEDDING still names {display_text(named, 200)}: unset it to use this store", file=sys.stderr)
    return 0


def compact(options: Namespace) -> int:
    """Give back the room of what was deleted."""
    with Newsroom.open(options.store, create=False) as room:
        sizes = room.compact(tell)
    if options.json:
        print_json({"before_bytes": sizes.before_bytes, "after_bytes": sizes.after_bytes})
    else:
        print(f"{sizes.before_bytes / 1e6:,.1f} MB before, {sizes.after_bytes / 1e6:,.1f} MB now")
    return 0
