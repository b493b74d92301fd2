"""Ours, measured like the others, in a process of its own: ``python -m pullquote.eval.peers.ours WORK NAME``."""

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

SETTINGS = {
    "ours": (IndexSettings(), AskSettings(engine="extractive")),
    "ours_quick": (IndexSettings(statements=False), AskSettings(engine="extractive", candidates=4)),
}
"""As shipped; and nearer to what the others do: no ledger of statements, and as few sentences re-ranked as can be."""


def measure(work: Path, name: str) -> dict[str, Any]:
    """Add the articles, ask the questions, and return the same numbers as for the others; ``search_s`` is retrieval alone."""
    settings, asking = SETTINGS[name]
    rows = [json.loads(line) for line in (work / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [json.loads(line) for line in (work / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    with Peak() as memory, Newsroom.open(work / name, settings=settings, asking=asking) as room:
        start = time.perf_counter()
        room.add(*(Article(ArticleMeta(row["id"]), row["text"]) for row in rows))
        add_s = time.perf_counter() - start
        room.ask(questions[0]["question"])
        answers = [_asked(room, row) for row in questions]
    found = dict(zip(("ask_s", "search_s", "gold_cited"), map(list, zip(*answers, strict=True)), strict=True))
    return {"add_per_s": len(rows) / add_s, "memory_mb": memory.peak_mb, **found}


def _asked(room: Newsroom, row: dict[str, Any]) -> tuple[float, float, bool]:
    start = time.perf_counter()
    answer = room.ask(row["question"])
    seconds = time.perf_counter() - start
    cited = {(c.article.id, c.span.start) for c in answer.citations}
    gold = any((row["article_id"], start) in cited for start in row["starts"])
    return seconds, answer.timings_s["retrieve"], gold


def main(argv: Sequence[str]) -> int:
    """Measure what is in the folder that the arguments name, in one of the settings."""
    work, name = argv
    print(json.dumps(measure(Path(work), name)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
