"""NAnCo: news questions with answer paragraphs of many outlets, grouped by people into answers that agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

from pullquote.eval.datasets.files import Row, json_records, text_id
from pullquote.index.types import Article, ArticleMeta, Span

_FILE = "nanco_dataset.json"
_GAP = "\n\n"
_CREATED = "%m/%d/%Y %H:%M"


@dataclass(frozen=True, slots=True)
class AnswerParagraph:
    """A paragraph with an answer in it."""

    id: str
    article_id: str
    span: Span
    """Where the article has it."""
    outlet: str
    """Host of the article's address."""
    answer: str
    """Nearly always words of the paragraph."""
    cluster: int
    """Paragraphs of a question with the same number give the same answer."""


@dataclass(frozen=True, slots=True)
class DisagreementCase:
    """A question that outlets answer differently."""

    id: str
    question: str
    asked_at: datetime
    """When it was put to the articles, taken as UTC."""
    paragraphs: tuple[AnswerParagraph, ...]


def nanco_articles(folder: Path) -> list[Article]:
    """Return an article for every address: the paragraphs that are known of it. Neither title nor date is known."""
    return [Article(_meta(url), _GAP.join(texts)) for url, texts in _paragraphs_by_url(folder).items()]


def nanco_cases(folder: Path) -> list[DisagreementCase]:
    """Return the questions, in file order."""
    articles = _paragraphs_by_url(folder)
    return list(json_records(folder / _FILE, lambda row: _case(row, articles)))


def _paragraphs_by_url(folder: Path) -> dict[str, list[str]]:
    """Return each address with its paragraphs, once each, in file order."""
    articles: dict[str, list[str]] = {}
    for pairs in json_records(folder / _FILE, lambda row: [(a["Article URL"], a["Paragraph"]) for a in row["answers"]]):
        for url, paragraph in pairs:
            texts = articles.setdefault(url, [])
            if paragraph not in texts:
                texts.append(paragraph)
    return articles


def _case(row: Row, articles: dict[str, list[str]]) -> DisagreementCase:
    answers = row["answers"]
    asked_at = datetime.strptime(row["Created On"], _CREATED).replace(tzinfo=UTC)
    paragraphs = tuple(_paragraph(answer, articles[answer["Article URL"]]) for answer in answers)
    return DisagreementCase(f"nanco-{answers[0]['qid']}", row["question"], asked_at, paragraphs)


def _paragraph(answer: Row, texts: Sequence[str]) -> AnswerParagraph:
    meta = _meta(answer["Article URL"])
    number = texts.index(answer["Paragraph"])
    start = [0, *accumulate(len(text) + len(_GAP) for text in texts)][number]
    span = Span(start, start + len(texts[number]))
    return AnswerParagraph(
        answer["Paragraph Id"], meta.id, span, meta.source or "", answer["Answer"], int(answer["cluster_global"])
    )


def _meta(url: str) -> ArticleMeta:
    outlet = (urlsplit(url).hostname or "").removeprefix("www.")
    return ArticleMeta(text_id("nanco", url), url=url, source=outlet or None)
