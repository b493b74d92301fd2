"""The readers of the public data sets, on three records of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.eval.datasets import (
    clapnq_articles,
    clapnq_cases,
    folder_hash,
    polnear_articles,
    polnear_cases,
    realtimeqa_articles,
    realtimeqa_cases,
)
from pullquote.index.types import Span


def write_lines(path: Path, *rows: object) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_polnear_articles_carry_their_metadata(tmp_path: Path) -> None:
    (tmp_path / "train" / "text").mkdir(parents=True)
    (tmp_path / "train" / "text" / "a_1.txt").write_bytes(b"One.\r\nTwo.")
    header = "compartment\tfilename\tpublisher\tpublication_date\tauthor\ttitle\n"
    (tmp_path / "metadata.tsv").write_text(f'{header}train\ta_1\tnyt\t2016-03-01\tAda Pell\tA "quoted title\n', encoding="utf-8")
    (article,) = polnear_articles(tmp_path, ("train",))
    assert article.text == "One.\r\nTwo."  # offsets of the annotations count the carriage return
    assert (article.meta.id, article.meta.source, article.meta.title) == ("a_1", "nyt", 'A "quoted title')
    assert article.meta.published_at == datetime(2016, 3, 1, tzinfo=UTC)


def test_polnear_cases_keep_named_self_contained_sources(tmp_path: Path) -> None:
    row = {
        "id": "1", "doc": "a_1", "question": "Who said x?", "question_kw": "Who x?", "question_kw3": "Who?",
        "answer_head": "Pell", "self_contained": True, "source_kind": "named", "content_spans": [[3, 9]],
    }  # fmt: skip
    write_lines(
        tmp_path / "polnear_attribution_qa.dev.jsonl", row, row | {"self_contained": False}, row | {"source_kind": "pronoun"}
    )
    (case,) = polnear_cases(tmp_path, "dev")
    assert case.content_spans == (Span(3, 9),)
    assert list(case.questions) == ["question", "question_kw", "question_kw3"]


def test_clapnq_gold_is_found_in_the_passage(tmp_path: Path) -> None:
    passage = {"title": "T", "text": "A is one . B is two . ", "sentences": ["A is one .", "B is two ."]}
    answered = {
        "id": "1",
        "input": "what is b",
        "passages": [passage],
        "output": [{"answer": "two", "selected_sentences": ["B is two ."]}],
    }
    write_lines(tmp_path / "answerable_dev.jsonl", answered)
    write_lines(
        tmp_path / "unanswerable_dev.jsonl", {"id": "2", "input": "what is c", "passages": [passage], "output": [{"answer": ""}]}
    )
    first, second = clapnq_cases(tmp_path)
    assert first.answerable
    assert first.gold == (Span(11, 21),)
    assert not second.answerable
    assert second.gold == ()
    (article,) = clapnq_articles(tmp_path)  # one passage, though two questions share it
    assert article.text[11:21] == "B is two ."
    assert article.meta.id == first.article_id == second.article_id


def test_realtimeqa_answers_are_strings(tmp_path: Path) -> None:
    question = {
        "question_id": "q",
        "question_sentence": "Which city?",
        "choices": ["Oslo", "Rome"],
        "answer": ["1"],
        "articles": ["x"],
    }
    write_lines(tmp_path / "questions_dev.jsonl", question)
    write_lines(
        tmp_path / "articles_dev.jsonl",
        {"id": "x", "url": "https://a.example", "title": "T", "published_at": "2026/01/08", "text": "Rome."},
    )
    (case,) = realtimeqa_cases(tmp_path)
    assert (case.answer, case.article_ids) == ("Rome", frozenset({"x"}))
    (article,) = realtimeqa_articles(tmp_path)
    assert article.meta.published_at == datetime(2026, 1, 8, tzinfo=UTC)


def test_a_hash_changes_with_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = folder_hash(tmp_path)
    assert before == folder_hash(tmp_path)
    (tmp_path / "a").write_text("2")
    assert folder_hash(tmp_path) != before
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "b").write_text("1")
    assert folder_hash(tmp_path) != before


@pytest.mark.parametrize(("split", "n"), [("train", 2271), ("dev", 280)])
def test_the_real_questions_are_as_many_as_expected(data_folder: Path, split: str, n: int) -> None:
    assert len(polnear_cases(data_folder / "polnear", split)) == n
