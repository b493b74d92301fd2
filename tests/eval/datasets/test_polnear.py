"""The reader of PolNeAR."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.eval.datasets import polnear_articles, polnear_cases
from pullquote.index.errors import UsageError
from pullquote.index.types import Span

HEADER = "compartment\tfilename\tpublisher\tpublication_date\tauthor\ttitle\n"


def test_articles_carry_their_metadata(tmp_path: Path) -> None:
    (tmp_path / "train" / "text").mkdir(parents=True)
    (tmp_path / "train" / "text" / "a_1.txt").write_bytes(b"One.\r\nTwo.")
    (tmp_path / "train" / "text" / "b_1.txt").write_bytes(b"Three.")
    rows = 'train\ta_1\tnyt\t2016-03-01\tAda Pell\tA "quoted title\ntrain\tb_1\tusa\tNone\tNone\tB\n'
    (tmp_path / "metadata.tsv").write_text(HEADER + rows, encoding="utf-8")
    article, undated = polnear_articles(tmp_path, ("train",))
    assert article.text == "One.\r\nTwo."  # offsets of the annotations count the carriage return
    assert (article.meta.id, article.meta.source, article.meta.title) == ("a_1", "nyt", 'A "quoted title')
    assert (article.meta.authors, article.meta.published_at) == (("Ada Pell",), datetime(2016, 3, 1, tzinfo=UTC))
    assert (undated.meta.authors, undated.meta.published_at) == ((), None)


def test_a_split_that_is_not_there_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "metadata.tsv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(UsageError, match="holds no articles"):
        list(polnear_articles(tmp_path, ("dev",)))


def test_cases_keep_named_self_contained_sources(write: Callable[..., Path], tmp_path: Path) -> None:
    row = {
        "id": "1", "doc": "a_1", "question": "Who said x?", "question_kw": "Who x?", "question_kw3": "Who?",
        "answer": "Ada Pell", "answer_head": "Pell", "self_contained": True, "source_kind": "named", "content_spans": [[3, 9]],
    }  # fmt: skip
    pronoun = row | {"id": "2", "source_kind": "pronoun", "question_kw3": ""}
    write("polnear_attribution_qa.dev.jsonl", row, row | {"self_contained": False}, pronoun)
    (case,) = polnear_cases(tmp_path, "dev")
    assert (case.id, case.content_spans) == ("1", (Span(3, 9),))
    assert list(case.questions) == ["question", "question_kw", "question_kw3"]
    (other,) = polnear_cases(tmp_path, "dev", ("pronoun",))
    assert (other.id, list(other.questions)) == ("2", ["question", "question_kw"])


@pytest.mark.parametrize(("split", "n", "pronouns"), [("train", 2271, 785), ("dev", 280, 101)])
def test_the_real_questions_are_as_many_as_expected(data_folder: Path, split: str, n: int, pronouns: int) -> None:
    assert len(polnear_cases(data_folder / "polnear", split)) == n
    assert len(polnear_cases(data_folder / "polnear", split, ("pronoun",))) == pronouns


def test_the_real_spans_are_inside_their_articles(data_folder: Path) -> None:
    articles = {article.meta.id: article for article in polnear_articles(data_folder / "polnear", ("dev",))}
    assert len(articles) == 84
    assert all(article.meta.published_at and article.meta.source for article in articles.values())
    for case in polnear_cases(data_folder / "polnear", "dev"):
        assert all(0 <= span.start < span.end <= len(articles[case.article_id].text) for span in case.content_spans)
