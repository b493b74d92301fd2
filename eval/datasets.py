"""Readers for the public data sets that pullquote is measured on; the data itself is named by a path."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pullquote.index.types import Article, ArticleMeta, Span

DEFAULT_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def data_folder(given: Path | None = None) -> Path:
    """Return the folder of the data sets: the given one, else ``PULLQUOTE_DATA``, else beside the checkout."""
    return given or Path(os.environ.get("PULLQUOTE_DATA") or DEFAULT_DATA)


@dataclass(frozen=True, slots=True)
class AttributionCase:
    """A "who said it" question with its gold spans (PolNeAR)."""

    id: str
    article_id: str
    questions: dict[str, str]
    """The question in its forms: ``question`` (verbatim), ``question_kw`` (5 keywords), ``question_kw3`` (3)."""
    answer_head: str
    content_spans: tuple[Span, ...]
    split: str


@dataclass(frozen=True, slots=True)
class PassageCase:
    """A question over one passage, answerable or not (ClapNQ)."""

    id: str
    question: str
    article_id: str
    gold: tuple[Span, ...]
    """Spans of the selected sentences; one annotated answer has none."""
    answerable: bool
    """Whether the passage holds an answer."""


FORMS = ("question", "question_kw", "question_kw3")


def polnear_articles(folder: Path, splits: tuple[str, ...] = ("train", "dev")) -> Iterator[Article]:
    """Yield the news articles of PolNeAR; their ids are the file stems."""
    with (folder / "metadata.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["filename"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    for split in splits:
        for path in sorted((folder / split / "text").glob("*.txt")):
            row = rows.get(path.stem, {})
            date = row.get("publication_date", "")
            published = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC) if len(date) == 10 else None
            author = row.get("author") or ""
            meta = ArticleMeta(
                path.stem,
                title=row.get("title") or None,
                source=row.get("publisher") or None,
                authors=(author,) if author and author != "None" else (),
                published_at=published,
            )
            with path.open(encoding="utf-8", newline="") as text:
                yield Article(meta, text.read())


def polnear_cases(folder: Path, split: str) -> list[AttributionCase]:
    """Return the self-contained questions whose source is named or nominal, in file order."""
    cases = []
    for row in _jsonl(folder / f"polnear_attribution_qa.{split}.jsonl"):
        if row["self_contained"] and row["source_kind"] in ("named", "nominal"):
            spans = tuple(Span(a, b) for a, b in row["content_spans"])
            questions = {form: row[form] for form in FORMS if row.get(form)}
            cases.append(AttributionCase(row["id"], row["doc"], questions, row["answer_head"], spans, split))
    return cases


def clapnq_articles(folder: Path) -> list[Article]:
    """Return every passage of ClapNQ as an article, once each."""
    articles: dict[str, Article] = {}
    for name in ("answerable_dev", "unanswerable_dev"):
        for row in _jsonl(folder / f"{name}.jsonl"):
            article = _passage(row)
            articles.setdefault(article.meta.id, article)
    return list(articles.values())


def clapnq_cases(folder: Path) -> list[PassageCase]:
    """Return the questions of ClapNQ, answerable ones first, in file order."""
    cases = []
    for name in ("answerable_dev", "unanswerable_dev"):
        for row in _jsonl(folder / f"{name}.jsonl"):
            article = _passage(row)
            selected = {s for output in row["output"] for s in output.get("selected_sentences") or ()}
            gold = []
            for sentence in row["passages"][0]["sentences"]:
                at = article.text.find(sentence.strip())
                if sentence in selected and at >= 0:
                    gold.append(Span(at, at + len(sentence.strip())))
            cases.append(PassageCase(row["id"], row["input"], article.meta.id, tuple(gold), name == "answerable_dev"))
    return cases


@dataclass(frozen=True, slots=True)
class QuizCase:
    """A news quiz question with the articles that were found for it (RealTimeQA)."""

    id: str
    question: str
    answer: str
    """The right choice, as a string."""
    article_ids: frozenset[str]


def realtimeqa_articles(folder: Path) -> Iterator[Article]:
    """Yield the dated articles of RealTimeQA."""
    for row in _jsonl(folder / "articles_dev.jsonl"):
        published = datetime.strptime(row["published_at"], "%Y/%m/%d").replace(tzinfo=UTC) if row.get("published_at") else None
        meta = ArticleMeta(row["id"], url=row.get("url"), title=row.get("title"), published_at=published)
        yield Article(meta, row["text"])


def realtimeqa_cases(folder: Path) -> list[QuizCase]:
    """Return the quiz questions, in file order."""
    return [
        QuizCase(row["question_id"], row["question_sentence"], row["choices"][int(row["answer"][0])], frozenset(row["articles"]))
        for row in _jsonl(folder / "questions_dev.jsonl")
    ]


def folder_hash(*paths: Path) -> str:
    """Return the first 16 hex digits of SHA-256 over the files' names and bytes, folders walked in order."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _passage(row: dict) -> Article:  # type: ignore[type-arg]
    passage = row["passages"][0]
    text = passage["text"]
    key = hashlib.sha256(f"{passage['title']}\0{text}".encode()).hexdigest()[:12]
    return Article(ArticleMeta(f"clapnq-{key}", title=passage["title"], source="Wikipedia"), text)


def _jsonl(path: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
