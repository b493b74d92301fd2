"""ClapNQ: questions with one Wikipedia passage each, and the sentences of it that answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets.files import Row, jsonl_records, text_id
from pullquote.index.types import Article, ArticleMeta, Span

_ANSWERABLE, _UNANSWERABLE = "answerable_dev.jsonl", "unanswerable_dev.jsonl"


@dataclass(frozen=True, slots=True)
class PassageCase:
    """A question over one passage, answerable or not."""

    id: str
    question: str
    article_id: str
    gold: tuple[Span, ...]
    """Spans of the selected sentences; one annotated answer has none."""
    answerable: bool
    """Whether the passage holds an answer."""


def clapnq_articles(folder: Path) -> list[Article]:
    """Return every passage as an article, once each."""
    articles: dict[str, Article] = {}
    for name in (_ANSWERABLE, _UNANSWERABLE):
        for article in jsonl_records(folder / name, _passage):
            articles.setdefault(article.meta.id, article)
    return list(articles.values())


def clapnq_cases(folder: Path) -> list[PassageCase]:
    """Return the questions, answerable ones first, in file order."""
    answered = jsonl_records(folder / _ANSWERABLE, lambda row: _case(row, True))
    return [*answered, *jsonl_records(folder / _UNANSWERABLE, lambda row: _case(row, False))]


def _case(row: Row, answerable: bool) -> PassageCase:
    article = _passage(row)
    selected = {s for output in row["output"] for s in output.get("selected_sentences") or ()}
    gold = []
    for sentence in row["passages"][0]["sentences"]:
        at = article.text.find(sentence.strip())
        if sentence in selected and at >= 0:
            gold.append(Span(at, at + len(sentence.strip())))
    return PassageCase(row["id"], row["input"], article.meta.id, tuple(gold), answerable)


def _passage(row: Row) -> Article:
    passage = row["passages"][0]
    title, text = passage["title"], passage["text"]
    return Article(ArticleMeta(text_id("clapnq", title, text), title=title, source="Wikipedia"), text)
