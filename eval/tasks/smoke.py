"""Sixty questions over the bundled articles: needs no data, is done in a minute, and so guards every change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.cases import read_cases
from pullquote.eval.stores import open_store, reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.casefile import case_report, run_case
from pullquote.eval.types import CaseResult, EvalCase, TaskReport
from pullquote.index.articles import bundled_articles, bundled_paths, read_articles
from pullquote.index.types import Article

BARS = {"false_answer": 0.2, "false_refusal": 0.2, "citation_recall": 0.7, "exact_quote": 1.0}
CASES = Path(__file__).parents[1] / "smoke.jsonl"
"""The questions, in the format of ``pullquote.eval.cases``."""
_STORE = "smoke"


@dataclass(frozen=True, slots=True)
class Smoke:
    """Questions that we wrote, over the articles that come with the package."""

    name: str = "smoke"
    title: str = "Sixty questions over the bundled articles"
    needs: tuple[str, ...] = ()
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Read the questions."""
        return spread(read_cases(CASES), setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the store; articles that an earlier version came with are taken out of it."""
        articles = smoke_articles()
        with open_store(setup.build / _STORE, lambda: articles) as room:
            for meta in room.articles():
                if meta.id not in {article.meta.id for article in articles}:
                    room.remove(meta.id)

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(setup.build / _STORE) as room:
            yield lambda case: run_case(case, room.store, setup)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up all scores, and apart by kind of question."""
        notes = (
            "The questions were written from the articles, before the engine was asked any of them.",
            "Gold are all sentences that a reader needs to see, in every outlet that has them: citation_recall is strict.",
        )
        return case_report(self.name, self.title, results, notes, BARS)


def smoke_articles() -> list[Article]:
    """Return the bundled articles."""
    read = read_articles(bundled_paths(), relative_to=bundled_articles())
    return [article for _, article in read if isinstance(article, Article)]
