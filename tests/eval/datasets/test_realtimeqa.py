"""The reader of RealTimeQA."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.eval.datasets import realtimeqa_articles, realtimeqa_cases
from pullquote.index.errors import UsageError

QUESTION = {
    "question_id": "q", "question_date": "2026-01-09", "question_sentence": "Which city?", "choices": ["Oslo", "Rome"],
    "answer": ["1"], "articles": ["x"],
}  # fmt: skip


def test_answers_are_strings(write: Callable[..., Path], tmp_path: Path) -> None:
    write("questions_dev.jsonl", QUESTION)
    (case,) = realtimeqa_cases(tmp_path)
    assert (case.answer, case.article_ids) == ("Rome", frozenset({"x"}))
    assert (case.choices, case.right) == (("Oslo", "Rome"), 1)
    assert case.asked_at == datetime(2026, 1, 9, tzinfo=UTC)


def test_an_answer_that_is_no_choice_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    write("questions_dev.jsonl", QUESTION | {"answer": ["2"]})
    with pytest.raises(UsageError, match=r"line 1: .*answer 2 of 2 choices"):
        realtimeqa_cases(tmp_path)


def test_articles_are_dated_by_the_data_alone(write: Callable[..., Path], tmp_path: Path) -> None:
    row = {"id": "x", "url": "https://a.example", "title": "T", "published_at": "2026/01/08", "text": "Rome."}
    write("articles_dev.jsonl", row, row | {"id": "y", "published_at": None})
    dated, undated = realtimeqa_articles(tmp_path)
    assert dated.meta.published_at == datetime(2026, 1, 8, tzinfo=UTC)
    assert (dated.meta.url, dated.meta.title) == ("https://a.example", "T")
    assert undated.meta.published_at is None


def test_the_real_questions_have_four_choices_and_known_articles(data_folder: Path) -> None:
    cases = realtimeqa_cases(data_folder / "realtimeqa")
    articles = {article.meta.id for article in realtimeqa_articles(data_folder / "realtimeqa")}
    assert (len(cases), len(articles)) == (125, 973)
    assert all(len(case.choices) == 4 and case.choices[case.right] == case.answer and case.asked_at for case in cases)
    assert all(case.article_ids <= articles for case in cases)
