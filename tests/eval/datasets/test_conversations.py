"""The reader of MTRAG-UN."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.eval.datasets.conversations import Turn, mtrag_articles, mtrag_cases
from pullquote.index.errors import UsageError

TASK = {
    "task_id": "c<::>2", "Collection": "govt", "Multi-Turn": ["Follow-up"], "Question Type": ["Factoid"],
    "answerability": ["PARTIAL"],
    "input": [
        {"speaker": "user", "text": "Is the bridge open?"},
        {"speaker": "agent", "text": "It is."},
        {"speaker": "user", "text": "Since when?"},
    ],
    "contexts": [{"document_id": "b-0", "text": "It opened in May.", "title": "The\r\n bridge "}],
    "targets": [{"speaker": "agent", "text": "Since May."}],
}  # fmt: skip


def test_the_question_is_the_last_turn(write: Callable[..., Path], tmp_path: Path) -> None:
    first = {
        "task_id": "d<::>1",
        "input": TASK["input"][:1],
        "contexts": [],
        "Multi-Turn": ["N/A"],
        "answerability": ["UNANSWERABLE"],
    }  # type: ignore[index]
    write("tasks_dev.jsonl", TASK, TASK | first)
    case, opening = mtrag_cases(tmp_path)
    assert case.turns == (Turn("user", "Is the bridge open?"), Turn("agent", "It is."))
    assert (case.question, case.reference_answer, case.answerability) == ("Since when?", "Since May.", "partial")
    assert case.tags == ("govt", "Follow-up", "Factoid")
    assert (opening.turns, opening.question, opening.article_ids) == ((), "Is the bridge open?", ())
    assert (opening.answerability, opening.tags) == ("unanswerable", ("govt", "Factoid"))


def test_a_passage_found_twice_is_one_article(write: Callable[..., Path], tmp_path: Path) -> None:
    write("tasks_dev.jsonl", TASK, TASK | {"task_id": "c<::>3"})
    (article,) = mtrag_articles(tmp_path)
    assert {case.article_ids for case in mtrag_cases(tmp_path)} == {(article.meta.id,)}
    assert (article.meta.title, article.text, article.meta.published_at) == ("The bridge", "It opened in May.", None)


def test_a_task_that_the_agent_ends_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    write("tasks_dev.jsonl", TASK | {"input": [{"speaker": "agent", "text": "Hello."}]})
    with pytest.raises(UsageError, match="last turn is not the user's"):
        mtrag_cases(tmp_path)


def test_the_real_tasks_know_their_articles(data_folder: Path) -> None:
    articles = {article.meta.id for article in mtrag_articles(data_folder / "mtrag_un")}
    cases = mtrag_cases(data_folder / "mtrag_un")
    kinds = Counter(case.answerability for case in cases)
    assert kinds == {"answerable": 166, "underspecified": 44, "unanswerable": 40, "partial": 15}
    assert len(articles) == 654
    assert all(set(case.article_ids) <= articles and case.question.strip() for case in cases)
    assert not any(case.article_ids for case in cases if case.answerability == "unanswerable")
