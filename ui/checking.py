"""The verb that looks for damage: what is wrong with a store, a line each with what to do about it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pullquote.index.errors import StoreDamaged
from pullquote.index.folders import CATALOG
from pullquote.index.store import Store
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import display_text
from pullquote.ui.tables import print_json

_MENDED = "the next add mends it, or pullquote rebuild; no article is affected"
_READ = "the next add reads them, or pullquote rebuild, unless PULLQUOTE_STATEMENTS is off"
_EARLIER = ("before-*", "catalog.before-*")


def check(options: Namespace) -> int:
    """Look for damage in the catalog, whether the vector index agrees with it, and what lies beside them."""
    with Newsroom.open(options.store, create=False) as room:
        found = _found(room.store)
    if options.json:
        print_json(found)
    else:
        print("\n".join(display_text(line, 1000) for line in _lines(found)))
    return StoreDamaged.exit_code if found["problems"] else 0


def _found(store: Store) -> dict[str, Any]:
    problems, counted = store.catalog.check(), store.catalog.stats()
    return {
        "problems": problems,
        "chunks": counted.chunks,
        "statements": counted.statements,
        "unread": store.catalog.unread_among(),
        "index": store.check_index(),
        "quarantined": [asdict(report) for report in store.put_aside()],
        "leftovers": store.orphans(),
        "backups": [{"file": path.name, "size_bytes": path.stat().st_size} for path in _earlier(store.folder)],
        "journal": _journal_bytes(store.folder),
        "size_bytes": store.size_bytes(),
    }


def _earlier(folder: Path) -> list[Path]:
    return sorted({path for pattern in _EARLIER for path in folder.glob(pattern) if path.is_file()})


def _journal_bytes(folder: Path) -> int | None:
    journal = folder / f"{CATALOG}-journal"
    return journal.stat().st_size or None if journal.exists() else None


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield from (f"catalog: {problem}" for problem in found["problems"] or ["well"])
    index = found["index"]
    yield f"vector index: {index}: {_MENDED}" if index else f"vector index: well, {found['chunks']:,} chunks"
    if found["unread"]:
        yield f"statements: {found['unread']:,} articles are not read for statements yet: {_READ}"
    for report in found["quarantined"]:
        yield f"put aside: {report['folder']} on {report['when'][:10]} ({report['reason']}); it was built anew, nothing is lost"
    for name in found["leftovers"]:
        yield f"left over: {name}, of a process that is at work or was stopped; the next one that writes deletes it"
    for copy in found["backups"]:
        yield f"kept: {copy['file']}, {copy['size_bytes'] / 1e6:,.1f} MB, the catalog as it was; delete it when all is well"
    if found["journal"] is not None:
        yield f"journal: {found['journal']:,} bytes, of a change that is under way or was cut off; it is undone by the next use"
