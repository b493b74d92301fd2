"""Ours, measured like the others, in a process of its own: ``python -m pullquote.eval.peers.ours WORK``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pullquote.eval.scale.memory import Peak
from pullquote.index.settings import IndexSettings
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom


def measure(work: Path) -> dict[str, Any]:
    """Add the articles, ask the questions, and return the same numbers."""
    rows = [json.loads(line) for line in (work / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [json.loads(line) for line in (work / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    with Newsroom.open(work / "store", settings=IndexSettings()) as room, Peak() as memory:
        start = time.perf_counter()
        room.add(*(Article(ArticleMeta(row["id"]), row["text"]) for row in rows))
        add_s = time.perf_counter() - start
        room.ask(questions[0]["question"])
        asked = [_asked(room, row) for row in questions]
        seconds, gold = [one[0] for one in asked], [one[1] for one in asked]
    return {"add_per_s": len(rows) / add_s, "memory_mb": memory.peak_mb, "ask_s": seconds, "gold_cited": gold}


def _asked(room: Newsroom, row: dict[str, Any]) -> tuple[float, bool]:
    start = time.perf_counter()
    answer = room.ask(row["question"])
    seconds = time.perf_counter() - start
    cited = {(c.article.id, c.span.start) for c in answer.citations}
    return seconds, any((row["article_id"], start) in cited for start in row["starts"])


def main(argv: Sequence[str]) -> int:
    """Measure what is in the folder that the argument names."""
    (work,) = argv
    print(json.dumps(measure(Path(work))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
