"""What readers ask, and what is held against the answers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pullquote.eval.load.questions import expected_answers, made_up_articles, make_store, same_answer, shared_out
from pullquote.qa.newsroom import Newsroom


def test_each_reader_asks_other_questions_over_and_over_again() -> None:
    questions = [f"Question {i}?" for i in range(40)]
    asked = [list(islice(one, 12)) for one in shared_out(questions, 8)]
    assert sorted(question for one in asked for question in set(one)) == sorted(questions)
    assert asked[0][:5] == asked[0][5:10]


def test_the_bundled_articles_give_enough_questions_to_ask_none_twice(tmp_path: Path) -> None:
    questions = make_store(tmp_path / "store", tmp_path, None, seed=1)
    assert len(set(questions)) == len(questions) >= 1500
    assert questions == make_store(tmp_path / "store", tmp_path, None, seed=1)
    answers = expected_answers(tmp_path / "store", questions[:2])
    first, second = answers.values()
    assert [first["question"], second["question"]] == questions[:2]
    assert same_answer(first, first)
    assert not same_answer(first, {**first, "question": questions[1]})
    assert not same_answer(first, {**first, "status": "unknown"})


def test_made_up_articles_can_be_added(tmp_path: Path) -> None:
    file = tmp_path / "load.jsonl"
    file.write_text(made_up_articles(3), encoding="utf-8")
    with Newsroom.open(tmp_path / "store") as room:
        assert room.add(file).count("added") == 3
        assert len(room.sentences("load-0")) == 12
