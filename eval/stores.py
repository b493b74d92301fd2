"""Stores that measurements run on, built once from a data set and reused while it stays the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pullquote.eval.datasets import clapnq_articles, polnear_articles, realtimeqa_articles
from pullquote.eval.datasets.wikinews import wikinews_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.types import Article, IngestRow, Statement
from pullquote.qa.features import Ledger
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.searching import ledger_of


def open_store(folder: Path, articles: Callable[[], Iterable[Article]]) -> Newsroom:
    """Open the store in ``folder`` with these articles in it; what is there already costs no embedding."""
    room = Newsroom.open(folder, settings=IndexSettings())
    done = 0

    def progress(row: IngestRow) -> None:
        nonlocal done
        done += row.status != "unchanged"
        if done and done % 100 == 0:
            print(f"  {folder.name}: {done} articles added", file=sys.stderr)

    room.add(*articles(), progress=progress)
    return room


def polnear_room(build: Path, data: Path) -> Newsroom:
    """Return the store of the PolNeAR train and dev articles."""
    return open_store(build / "polnear", lambda: polnear_articles(data / "polnear"))


def clapnq_room(build: Path, data: Path) -> Newsroom:
    """Return the store of the ClapNQ passages."""
    return open_store(build / "clapnq", lambda: clapnq_articles(data / "clapnq"))


def realtimeqa_room(build: Path, data: Path) -> Newsroom:
    """Return the store of the RealTimeQA articles."""
    return open_store(build / "realtimeqa", lambda: realtimeqa_articles(data / "realtimeqa"))


def wikinews_room(build: Path, data: Path) -> Newsroom:
    """Return the store of the Wikinews articles."""
    return open_store(build / "wikinews", lambda: wikinews_articles(data / "gum_wikinews"))


def reading(folder: Path) -> Newsroom:
    """Open a store that is there already, to ask it: several processes may do so at once."""
    return Newsroom.open(folder, create=False, settings=IndexSettings())


def cached_ledger(store: Store) -> Ledger:
    """Return the ledger of a store that remembers what it was asked: fits ask for the same sentences again."""
    ask, known = ledger_of(store), dict[tuple[str, int], Sequence[Statement] | None]()

    def statements(places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Sequence[Statement]]:
        if missing := [place for place in places if place not in known]:
            found = ask(missing)
            known.update((place, found.get(place)) for place in missing)
        return {place: said for place in places if (said := known[place]) is not None}

    return statements


class CachedEncoder:
    """A cross-encoder that remembers what it read: fits, and the questions by folds behind them, ask for the same pairs again."""

    def __init__(self, encoder: CrossEncoder, file: Path | None = None) -> None:
        """Wrap a cross-encoder; what it read before may stand in a file."""
        self._encoder = encoder
        rows = json.loads(file.read_text(encoding="utf-8")) if file and file.is_file() else []
        self._known: dict[tuple[str, str], float] = {(question, text): score for question, text, score in rows}

    def save(self, file: Path) -> None:
        """Write down all that was read."""
        rows = [[question, text, score] for (question, text), score in self._known.items()]
        file.write_text(json.dumps(rows), encoding="utf-8")

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text."""
        missing = [t for t in dict.fromkeys(texts) if (question, t) not in self._known]
        if missing:
            fresh = self._encoder.scores(question, missing)
            self._known.update(zip(((question, t) for t in missing), fresh, strict=True))
        return [self._known[question, t] for t in texts]
