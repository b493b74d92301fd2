"""RealTimeQA: a weekly news quiz with the dated articles that were found for each question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.index.dates import parse_date
from pullquote.index.types import Article, ArticleMeta


@dataclass(frozen=True, slots=True)
class QuizCase:
    """A news quiz question with the articles that were found for it; about half of them hold no answer."""

    id: str
    question: str
    answer: str
    """The right choice, as a string."""
    article_ids: frozenset[str]
    choices: tuple[str, ...] = ()
    right: int = 0
    """Position of the right choice in ``choices``, from 0."""
    asked_at: datetime | None = None
    """The day of the quiz, at midnight UTC. A few of its articles are younger."""


def realtimeqa_articles(folder: Path) -> Iterator[Article]:
    """Yield the dated articles."""
    return jsonl_records(folder / "articles_dev.jsonl", _article)


def realtimeqa_cases(folder: Path) -> list[QuizCase]:
    """Return the quiz questions, in file order."""
    return list(jsonl_records(folder / "questions_dev.jsonl", _case))


def _article(row: Row) -> Article:
    published = parse_date((row.get("published_at") or "").replace("/", "-"))
    return Article(ArticleMeta(row["id"], url=row.get("url"), title=row.get("title"), published_at=published), row["text"])


def _case(row: Row) -> QuizCase:
    choices, right = tuple(row["choices"]), int(row["answer"][0])
    if right not in range(len(choices)):
        raise ValueError(f"answer {right} of {len(choices)} choices")
    asked_at = parse_date(row.get("question_date"))
    return QuizCase(
        row["question_id"], row["question_sentence"], choices[right], frozenset(row["articles"]), choices, right, asked_at
    )
