"""Verbs that keep a store: backup, restore, rebuild."""

from __future__ import annotations

import time
from argparse import Namespace

from pullquote.index.backup import Kept
from pullquote.index.backup import backup as write_backup
from pullquote.index.settings import default_store
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import display_text
from pullquote.ui.tables import print_json


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


def rebuild(options: Namespace) -> int:
    """Make the vector index anew."""
    with Newsroom.open(options.store, create=False) as room:
        begun = time.monotonic()
        chunks = room.rebuild()
        seconds = time.monotonic() - begun
    if options.json:
        print_json({"chunks": chunks, "seconds": round(seconds, 2)})
    else:
        print(f"{chunks:,} chunks indexed in {seconds:.1f} s, none of them embedded anew")
    return 0


def _facts(kept: Kept) -> dict[str, int]:
    return {"articles": kept.articles, "chunks": kept.chunks, "size_bytes": kept.size_bytes}


def _told(kept: Kept) -> str:
    return f"{kept.articles:,} articles, {kept.chunks:,} chunks, {kept.size_bytes:,} bytes"
