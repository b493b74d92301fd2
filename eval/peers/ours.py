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
from pullquote.qa.settings import AskSettings

_READ = {"ours": AskSettings().candidates, "ours_quick": 4}
"""How many sentences the cross-encoder reads: as shipped, and as few as the settings allow."""


def measure(work: Path) -> dict[str, dict[str, Any]]:
    """Add the articles, ask the questions, and return the same numbers as for the others; ``search_s`` is retrieval alone."""
    rows = [json.loads(line) for line in (work / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [json.loads(line) for line in (work / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    with Peak() as memory:
        add_s = _add(work / "store", rows)
        asked = {name: _ask(work / "store", questions, read) for name, read in _READ.items()}
    shared = {"add_per_s": len(rows) / add_s, "memory_mb": memory.peak_mb}
    return {name: {**shared, **numbers} for name, numbers in asked.items()}


def _add(folder: Path, rows: Sequence[dict[str, Any]]) -> float:
    with Newsroom.open(folder, settings=IndexSettings()) as room:
        start = time.perf_counter()
        room.add(*(Article(ArticleMeta(row["id"]), row["text"]) for row in rows))
        return time.perf_counter() - start


def _ask(folder: Path, questions: Sequence[dict[str, Any]], read: int) -> dict[str, Any]:
    asking = AskSettings(candidates=read, engine="extractive")
    with Newsroom.open(folder, settings=IndexSettings(), asking=asking) as room:
        room.ask(questions[0]["question"])
        answers = [_asked(room, row) for row in questions]
    return dict(zip(("ask_s", "search_s", "gold_cited"), map(list, zip(*answers, strict=True)), strict=True))


def _asked(room: Newsroom, row: dict[str, Any]) -> tuple[float, float, bool]:
    start = time.perf_counter()
    answer = room.ask(row["question"])
    seconds = time.perf_counter() - start
    cited = {(c.article.id, c.span.start) for c in answer.citations}
    gold = any((row["article_id"], start) in cited for start in row["starts"])
    return seconds, answer.timings_s["retrieve"], gold


def main(argv: Sequence[str]) -> int:
    """Measure what is in the folder that the argument names."""
    (work,) = argv
    print(json.dumps(measure(Path(work))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
