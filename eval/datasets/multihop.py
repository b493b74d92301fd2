"""MultiHop-RAG: questions over several dated news articles at once; users download its two files themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pullquote.eval.datasets.files import Row, json_records, published_file, text_id
from pullquote.eval.types import EvalCase, Gold
from pullquote.index.dates import parse_date
from pullquote.index.types import Article, ArticleMeta, Span

CORPUS, QUESTIONS = "corpus.json", "MultiHopRAG.json"
SHA256 = {CORPUS: "20b61b5ab84d", QUESTIONS: "03cfb4926461"}
"""How SHA-256 of the published files begins."""

_NULL = "null_query"


def multihop_articles(folder: Path, *, check: bool = True) -> list[Article]:
    """Return the 609 articles, in file order.

    With ``check``, raises ``UsageError`` when the file is not the one that published numbers are about.
    """
    return list(json_records(_file(folder, CORPUS, check), _article))


def multihop_cases(folder: Path, *, check: bool = True) -> list[EvalCase]:
    """Return the 2,556 questions, in file order; those of the type ``null_query`` have no answer.

    ``extra["facts"]`` holds the quotes that the official metric looks for, ``gold`` is where the articles have
    them. Questions whose first quote is from the same article are one cluster. Raises as ``multihop_articles``.
    """
    texts = {article.meta.id: article.text for article in multihop_articles(folder, check=check)}
    cases = json_records(
        _file(folder, QUESTIONS, check), lambda pair: _case(pair[0], pair[1], texts), lambda rows: enumerate(rows, 1)
    )
    return list(cases)


def _file(folder: Path, name: str, check: bool) -> Path:
    return published_file(folder / name, SHA256[name]) if check else folder / name


def _article(row: Row) -> Article:
    meta = ArticleMeta(
        text_id("multihop", row["url"]),
        url=row["url"],
        title=row.get("title"),
        source=row.get("source"),
        authors=(row["author"],) if row.get("author") else (),
        published_at=parse_date(row.get("published_at")),
    )
    return Article(meta, row["body"])


def _case(number: int, row: Row, texts: Mapping[str, str]) -> EvalCase:
    evidence = [(text_id("multihop", item["url"]), item["fact"]) for item in row["evidence_list"]]
    found = [(article_id, _find(fact, texts.get(article_id, ""))) for article_id, fact in evidence]
    return EvalCase(
        f"multihop-{number}",
        row["query"],
        None if row["question_type"] == _NULL else row["answer"],
        tuple(Gold(article_id, span) for article_id, span in found if span),
        tags=(row["question_type"],),
        cluster=evidence[0][0] if evidence else "",
        extra={"facts": [fact for _, fact in evidence]},
    )


def _find(quote: str, text: str) -> Span | None:
    """Return where the text has the quote; blanks make no difference, as in the official metric."""
    start = text.find(quote)
    if start >= 0:
        return Span(start, start + len(quote))
    letters = [at for at, character in enumerate(text) if not character.isspace()]
    wanted = "".join(quote.split())
    start = "".join(text.split()).find(wanted)
    return Span(letters[start], letters[start + len(wanted) - 1] + 1) if wanted and start >= 0 else None
