"""The reader of ClapNQ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pullquote.eval.datasets import clapnq_articles, clapnq_cases
from pullquote.index.types import Span


def test_gold_is_found_in_the_passage(write: Callable[..., Path], tmp_path: Path) -> None:
    passage = {"title": "T", "text": "A is one . B is two . ", "sentences": ["A is one .", "B is two ."]}
    output = [{"answer": "two", "selected_sentences": ["B is two ."]}]
    write("answerable_dev.jsonl", {"id": "1", "input": "what is b", "passages": [passage], "output": output})
    write("unanswerable_dev.jsonl", {"id": "2", "input": "what is c", "passages": [passage], "output": [{"answer": ""}]})
    first, second = clapnq_cases(tmp_path)
    assert first.answerable
    assert first.gold == (Span(11, 21),)
    assert not second.answerable
    assert second.gold == ()
    (article,) = clapnq_articles(tmp_path)  # one passage, though two questions share it
    assert article.text[11:21] == "B is two ."
    assert article.meta.id == first.article_id == second.article_id


def test_the_real_gold_is_the_selected_sentences(data_folder: Path) -> None:
    articles = {article.meta.id: article.text for article in clapnq_articles(data_folder / "clapnq")}
    cases = clapnq_cases(data_folder / "clapnq")
    assert [sum(case.answerable for case in cases), len(cases)] == [143, 275]
    assert sum(bool(case.gold) for case in cases if case.answerable) >= 142
    for case in cases:
        quotes = [articles[case.article_id][start:end] for start, end in case.gold]
        assert all(quote and quote == quote.strip() for quote in quotes)
