"""The reader of MultiHop-RAG, on records of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.eval.datasets.files import published_file
from pullquote.eval.datasets.multihop import multihop_articles, multihop_cases
from pullquote.index.errors import UsageError

Write = Callable[..., Path]


def article(number: int, body: str) -> dict[str, object]:
    return {
        "title": f"Bridge {number}", "author": "Ada Pell" if number == 1 else None, "source": "The Verge",
        "category": "technology", "published_at": "2023-09-28T12:00:00+00:00", "url": f"https://a.example/{number}", "body": body,
    }  # fmt: skip


def evidence(number: int, fact: str) -> dict[str, object]:
    return {"url": f"https://a.example/{number}", "title": f"Bridge {number}", "fact": fact}


CORPUS = [article(1, "It opened.\n\nIt cost  three\ncrowns."), article(2, "It closed in May.")]
QUESTIONS = [
    {
        "query": "Did both report a cost?", "answer": "no", "question_type": "comparison_query",
        "evidence_list": [evidence(1, "It cost three crowns."), evidence(2, "It closed in May."), evidence(2, "Nobody saw it.")],
    },
    {"query": "Who sang?", "answer": "Insufficient information.", "question_type": "null_query", "evidence_list": []},
    {"query": "What closed?", "answer": "It", "question_type": "inference_query", "evidence_list": [evidence(3, "Gone.")]},
]  # fmt: skip


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Path:
    write("corpus.json", CORPUS)
    write("MultiHopRAG.json", QUESTIONS)
    return tmp_path


def test_articles_have_outlet_author_and_date(folder: Path) -> None:
    first, second = multihop_articles(folder, check=False)
    assert (first.meta.title, first.meta.source, first.meta.authors) == ("Bridge 1", "The Verge", ("Ada Pell",))
    assert (first.meta.url, first.meta.published_at) == ("https://a.example/1", datetime(2023, 9, 28, 12, tzinfo=UTC))
    assert second.meta.authors == ()
    assert first.meta.id != second.meta.id


def test_gold_is_where_the_articles_have_the_facts(folder: Path) -> None:
    texts = {article.meta.id: article.text for article in multihop_articles(folder, check=False)}
    case, *_ = multihop_cases(folder, check=False)
    quotes = [texts[gold.article_id][gold.span.start : gold.span.end] for gold in case.gold]
    assert quotes == ["It cost  three\ncrowns.", "It closed in May."]  # blanks make no difference; what is not there is no gold
    assert case.extra == {"facts": ["It cost three crowns.", "It closed in May.", "Nobody saw it."]}
    assert (case.id, case.reference_answer, case.tags) == ("multihop-1", "no", ("comparison_query",))
    assert case.cluster == case.gold[0].article_id


def test_null_queries_have_no_answer(folder: Path) -> None:
    _, null, elsewhere = multihop_cases(folder, check=False)
    assert not null.answerable
    assert (null.gold, null.cluster) == ((), "")
    assert elsewhere.answerable
    assert elsewhere.gold == ()


def test_other_files_than_the_published_ones_are_refused(folder: Path) -> None:
    for read in (multihop_articles, multihop_cases):
        with pytest.raises(UsageError, match=r"corpus\.json is not the published file: .* not 20b61b5ab84d; get it anew"):
            read(folder)


def test_the_published_file_is_known_by_its_bytes(folder: Path) -> None:
    path = folder / "MultiHopRAG.json"
    assert published_file(path, hashlib.sha256(path.read_bytes()).hexdigest()[:12]) == path
    with pytest.raises(UsageError, match=r"MultiHopRAG\.json is not the published file: .* not 03cfb4926461;"):
        published_file(path, "03cfb4926461")
