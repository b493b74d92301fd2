"""What asking, filtering and deleting cost in one store: ``python -m pullquote.eval.scale.asking STORE DATA SEED QUESTIONS``.

Prints the numbers as JSON, one per question where questions are compared between stores.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from pullquote.eval.datasets import AttributionCase
from pullquote.eval.examples import reported_cases
from pullquote.eval.scale.grammar import OUTLETS
from pullquote.eval.scale.growing import open_grown
from pullquote.eval.scale.memory import memory_mb
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.scope import Scope, articles_in

WARM_UP, DELETED, ROUNDS = 3, 20, 5
SCOPES = {
    "a day": Scope(since=date(2016, 8, 1), until=date(2016, 8, 1)),
    "a month": Scope(since=date(2016, 8, 1), until=date(2016, 8, 31)),
    "an outlet": Scope((OUTLETS[3],)),
    "an outlet's year": Scope((OUTLETS[0],), date(2019, 1, 1), date(2019, 12, 31)),
    "five years": Scope(since=date(2016, 1, 1), until=date(2020, 12, 31)),
    "ten outlets": Scope(OUTLETS[:10]),
}


def measure(folder: Path, data: Path, seed: int, questions: int) -> dict[str, Any]:
    """Ask, filter and delete; the store is as before afterwards, but for the deleted articles' version numbers."""
    since_start = time.time() - psutil.Process().create_time()
    cases = random.Random(seed).sample(reported_cases(data / "polnear"), questions)
    opening = time.perf_counter()
    with open_grown(folder) as room:
        room.ask(cases[0].questions["question"])
        first_s = since_start + time.perf_counter() - opening
        _read_all(folder)
        for case in cases[1:WARM_UP]:
            room.ask(case.questions["question"])
        asked = [_asked(room, case) for case in cases]
        memory = memory_mb()
        found = {
            "articles": room.coverage().articles,
            "chunks": room.store.catalog.stats().chunks,
            "first_answer_s": first_s,
            "disk_bytes": room.store.size_bytes(),
            "memory_mb": memory,
            "ask_s": [seconds for seconds, _, _ in asked],
            "gold_cited": [gold for _, gold, _ in asked],
            "laps_s": {name: [laps.get(name, 0.0) for _, _, laps in asked] for name in asked[0][2]},
            "filters": {name: _filtered(room, scope, cases) for name, scope in known(room).items()},
        }
        return found | {"delete_s": _deleted(room, seed)}


def _read_all(folder: Path) -> None:
    """Read every file once: what is measured is a store that has been in use for a while, not the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass


def known(room: Newsroom) -> dict[str, Scope]:
    """Return the scopes whose outlets the store has."""
    there = {name for name, _ in room.coverage().sources}
    return {name: scope for name, scope in SCOPES.items() if there.issuperset(scope.sources)}


def _asked(room: Newsroom, case: AttributionCase) -> tuple[float, bool, dict[str, float]]:
    """Return the seconds of an answer, whether it cites a sentence with a gold span, and the seconds of its steps."""
    start = time.perf_counter()
    answer = room.ask(case.questions["question"])
    seconds = time.perf_counter() - start
    spans = [c.span for c in answer.citations if c.article.id == case.article_id]
    return seconds, any(span.overlaps(gold) for span in spans for gold in case.content_spans), dict(answer.timings_s)


def _filtered(room: Newsroom, scope: Scope, cases: Sequence[AttributionCase]) -> dict[str, Any]:
    """Return the seconds of finding a scope's articles, of a page of them, and what it adds to the steps but the reading."""
    answers = [room.ask(case.questions["question"], scope=scope) for case in cases[: 3 * ROUNDS]]
    return {
        "articles": room.find_articles(scope=scope, limit=1)[1],
        "set_s": _fastest(lambda: articles_in(room.store, scope)),
        "page_s": _fastest(lambda: room.find_articles(scope=scope, limit=20)),
        "ask_s": [sum(answer.timings_s.values()) - answer.timings_s.get("rerank", 0.0) for answer in answers],
    }


def _fastest(call: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _deleted(room: Newsroom, seed: int) -> list[float]:
    """Return the seconds of deleting some articles, one by one; they are put back."""
    ids = random.Random(seed).sample(room.store.catalog.ids(), DELETED)
    articles = [article for name in ids if (article := room.article(name)) is not None]
    seconds = []
    for name in ids:
        start = time.perf_counter()
        room.remove(name)
        seconds.append(time.perf_counter() - start)
    room.add(*articles)
    return seconds


def main(argv: Sequence[str]) -> int:
    """Measure the store that the arguments name."""
    folder, data, seed, questions = argv
    print(json.dumps(measure(Path(folder), Path(data), int(seed), int(questions))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
