"""A store of so many articles, filled in a process of its own: ``python -m pullquote.eval.scale.growing STORE SIZE DATA SEED``.

Prints seconds and memory as JSON. A store that was cut off is filled up; what is in it already costs little.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pullquote.eval.datasets import polnear_articles
from pullquote.eval.scale.grammar import Grammar
from pullquote.eval.scale.memory import Peak
from pullquote.eval.scale.vectors import CheapEmbedder
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.types import Article
from pullquote.qa.newsroom import Newsroom

_TOLD = 2000


def open_grown(folder: Path) -> Newsroom:
    """Open a store of grown articles; neither the bundled model nor the parser is asked."""
    return Newsroom.open(folder, settings=IndexSettings(statements=False), embedder=CheapEmbedder())


def fill(folder: Path, size: int, data: Path, seed: int) -> dict[str, Any]:
    """Add the first ``size`` articles, and return how many were new, and what that took."""
    articles, added = grown(data, seed, size), 0
    with open_grown(folder) as room, Peak() as memory:
        start = time.perf_counter()
        with room.store.writing("add"):
            # Not ``room.add``: it would hold all of them in memory.
            for report in add_articles(room.store, ((article.meta.id, article) for article in articles)):
                before, added = added, added + report.count("added")
                if before // _TOLD < added // _TOLD:
                    print(f"  {added:,} articles added", file=sys.stderr, flush=True)
        seconds = time.perf_counter() - start
        articles_there = room.coverage().articles
    return {"articles": articles_there, "added": added, "seconds": round(seconds, 1), "peak_mb": memory.peak_mb}


def grown(data: Path, seed: int, size: int) -> Iterator[Article]:
    """Yield the first ``size`` articles that grow from PolNeAR's."""
    return Grammar(list(polnear_articles(data / "polnear")), seed).articles(size)


def main(argv: Sequence[str]) -> int:
    """Fill the store that the arguments name."""
    folder, size, data, seed = argv
    print(json.dumps(fill(Path(folder), int(size), Path(data), int(seed))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
