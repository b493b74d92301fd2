"""Wikinews articles and interviews of the GUM corpus, with "who said it" questions whose speakers are resolved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pullquote.eval.datasets.files import Row, json_records, jsonl_records
from pullquote.index.dates import parse_date
from pullquote.index.types import Article, ArticleMeta, Span

SpeakerKind = Literal["named", "nominal", "pronoun"]


@dataclass(frozen=True, slots=True)
class SpeakerCase:
    """A "who said it" question whose speaker is known by every name that the article gives."""

    id: str
    article_id: str
    question: str
    answer: str
    """The name that the data set lists first, mostly the fullest."""
    aliases: tuple[str, ...]
    """Other names that are as right."""
    gold: tuple[Span, ...]
    """The sentences that answer, in order: those of what was said, and where it is another, that of who said it."""
    content: Span
    """What was said."""
    speaker: Span
    """How the article calls the speaker where it was said."""
    speaker_kind: SpeakerKind
    """What stands at ``speaker``: a name, a description, or a pronoun."""
    needs_coref: bool
    """Whether the name stands elsewhere than at ``speaker``."""
    genre: str
    """``news`` or ``interview``."""


def wikinews_articles(folder: Path) -> list[Article]:
    """Return the articles; the sentences of the data set are not those of ``split_sentences``."""
    return list(json_records(folder / "gum_docs.json", _article))


def wikinews_cases(folder: Path) -> list[SpeakerCase]:
    """Return the questions, in file order."""
    sentences = dict(json_records(folder / "gum_docs.json", lambda row: (row["id"], row["sentences"])))
    return list(jsonl_records(folder / "gum_attribution_qa.jsonl", lambda row: _case(row, sentences[row["doc"]])))


def _article(row: Row) -> Article:
    meta = ArticleMeta(
        row["id"],
        url=row.get("url"),
        title=row.get("title"),
        source="Wikinews",
        published_at=parse_date(row.get("date")),
        language="en",
    )
    return Article(meta, row["text"])


def _case(row: Row, sentences: list[list[int]]) -> SpeakerCase:
    answer, *aliases = row["answers"]
    return SpeakerCase(
        row["id"],
        row["doc"],
        row["question"],
        answer,
        tuple(aliases),
        tuple(Span(*sentences[number]) for number in row["gold_sentences"]),
        Span(*row["content_span"]),
        Span(*row["source_span"]),
        row["source_kind"],
        row["needs_coref"],
        row["genre"],
    )
