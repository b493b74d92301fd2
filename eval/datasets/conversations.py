"""MTRAG-UN: the last question of a conversation with the articles that were found for it, answerable or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.index.types import Article, ArticleMeta

Answerability = Literal["answerable", "partial", "underspecified", "unanswerable"]
_ANSWERABILITIES: dict[str, Answerability] = {
    "ANSWERABLE": "answerable",
    "PARTIAL": "partial",
    "UNDERSPECIFIED": "underspecified",
    "UNANSWERABLE": "unanswerable",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said."""

    speaker: Literal["user", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class ConversationCase:
    """A question that may only be understood with the turns before it."""

    id: str
    turns: tuple[Turn, ...]
    """What was said before the question, oldest first; empty when it is the first."""
    question: str
    article_ids: tuple[str, ...]
    """The articles found for it, best first; there are none for what is unanswerable."""
    answerability: Answerability
    reference_answer: str
    """What a person answered; a refusal or a question back where that is right."""
    tags: tuple[str, ...]
    """Collection, kind of follow-up and kinds of question, as the data set names them."""


def mtrag_articles(folder: Path) -> list[Article]:
    """Return the passages found for any question as articles, once each; no date is known of any."""
    articles: dict[str, Article] = {}
    for found in jsonl_records(folder / "tasks_dev.jsonl", lambda row: [_article(context) for context in row["contexts"]]):
        for article in found:
            articles.setdefault(article.meta.id, article)
    return list(articles.values())


def mtrag_cases(folder: Path) -> list[ConversationCase]:
    """Return the tasks, in file order."""
    return list(jsonl_records(folder / "tasks_dev.jsonl", _case))


def _case(row: Row) -> ConversationCase:
    *turns, last = (Turn(turn["speaker"], turn["text"]) for turn in row["input"])
    if last.speaker != "user":
        raise ValueError("the last turn is not the user's")
    return ConversationCase(
        row["task_id"],
        tuple(turns),
        last.text,
        tuple(_article_id(context) for context in row["contexts"]),
        _ANSWERABILITIES[row["answerability"][0]],
        row["targets"][0]["text"],
        (row["Collection"], *(tag for tag in (*row["Multi-Turn"], *row["Question Type"]) if tag != "N/A")),
    )


def _article(context: Row) -> Article:
    title = " ".join((context.get("title") or "").split())
    return Article(ArticleMeta(_article_id(context), title=title or None), context["text"])


def _article_id(context: Row) -> str:
    return f"mtrag-{context['document_id']}"
