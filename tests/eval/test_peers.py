"""Ours beside others' pipelines: the task that all are given, and the table of what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.peers.__main__ import behind, main, row_of, table, write_task
from pullquote.eval.peers.ours import SETTINGS, measure
from pullquote.eval.peers.tutorial import asked

TEXTS = {
    "storm": "A storm came to the town on Monday.\n\nMayor Ada Pell said that the harbour will stay closed until spring.",
    "ferry": "The ferry burned at night.\n\nCaptain Tom Brand said that nobody was hurt in the fire.",
}
TRAIN = {"bridge": "The bridge is new."}
SAID = {"storm": "the harbour will stay closed until spring", "ferry": "nobody was hurt in the fire"}


@pytest.fixture
def polnear(tmp_path: Path) -> Path:
    folder = tmp_path / "polnear"
    (folder / "dev" / "text").mkdir(parents=True)
    (folder / "train" / "text").mkdir(parents=True)
    (folder / "train" / "text" / "bridge.txt").write_text(TRAIN["bridge"], encoding="utf-8", newline="")
    (folder / "metadata.tsv").write_text("filename\tpublisher\tpublication_date\tauthor\ttitle\n", encoding="utf-8")
    lines = []
    for name, text in TEXTS.items():
        (folder / "dev" / "text" / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
        start = text.index(SAID[name])
        case = {"id": name, "doc": name, "question": f"Who said that {SAID[name]}?", "answer": "x", "answer_head": "x"}
        case |= {"content_spans": [[start, start + len(SAID[name])]], "self_contained": True, "source_kind": "named"}
        lines.append(json.dumps(case) + "\n")
    (folder / "polnear_attribution_qa.dev.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def test_all_are_given_the_same_articles_and_questions_with_whole_gold_sentences(polnear: Path, tmp_path: Path) -> None:
    assert sorted(write_task(tmp_path, polnear, 60, 200)) == ["ferry", "storm"]
    articles = [json.loads(line) for line in (tmp_path / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["id"]: row["text"] for row in articles} == TEXTS | TRAIN
    gold = {row["article_id"]: (row["gold"], row["starts"]) for row in questions}
    sentence = "Captain Tom Brand said that nobody was hurt in the fire."
    assert gold["ferry"] == ([sentence], [TEXTS["ferry"].index(sentence)])
    assert write_task(tmp_path, polnear, 1, 200) == ["ferry"]


@pytest.mark.parametrize("name", SETTINGS)
def test_ours_adds_asks_and_cites_the_gold_sentence(polnear: Path, tmp_path: Path, name: str) -> None:
    write_task(tmp_path, polnear, 60, 200)
    numbers = measure(tmp_path, name)
    assert numbers["gold_cited"] == [True, True]
    assert len(numbers["ask_s"]) == 2
    assert all(search < ask for search, ask in zip(numbers["search_s"], numbers["ask_s"], strict=True))
    assert numbers["add_per_s"] > 0
    assert numbers["memory_mb"] > 50


class Node:
    def __init__(self, text: str) -> None:
        self.text = text

    def get_content(self) -> str:
        return self.text


class Response:
    def __init__(self, *texts: str) -> None:
        self.source_nodes = [Node(text) for text in texts]


def test_a_source_of_another_pipeline_counts_when_it_holds_a_gold_sentence_blanks_apart() -> None:
    questions = [{"question": "a", "gold": ["Nobody was hurt."]}, {"question": "b", "gold": ["It rained."]}]
    found = asked(lambda question: Response("Then:\n\nNobody  was\nhurt.", f"other {question}"), questions)
    assert found["gold_cited"] == [True, False]
    assert len(found["ask_s"]) == 2


def numbers(add: float, ask: float, memory: float, gold: list[bool]) -> dict[str, Any]:
    return {"add_per_s": add, "ask_s": [ask] * len(gold), "memory_mb": memory, "gold_cited": gold}


def test_the_table_shows_all_rows_and_where_ours_is_behind() -> None:
    clusters = ["a", "a", "b", "c"]
    rows = {
        "ours": row_of(numbers(2.0, 0.3, 300.0, [True, True, True, False]), clusters),
        "tutorial": row_of(numbers(1.0, 0.1, 400.0, [True, False, False, False]), clusters),
    }
    assert rows["ours"]["gold_cited"] == 0.75
    rows["ours"]["search_p50_s"] = 0.05
    assert behind(rows) == ["ask_p50_s (ours)"]
    rows["ours_quick"] = {**rows["ours"], "ask_p50_s": 0.06}
    assert behind(rows) == ["ask_p50_s (ours)"]
    assert behind({**rows, "other": row_of(numbers(2.0, 0.01, 100.0, [True] * 4), clusters)}) == [
        f"{name} ({ours})"
        for ours in ("ours", "ours_quick")
        for name in ("add_per_s", "search_p50_s", "ask_p50_s", "memory_mb", "gold_cited")
    ]
    assert [line.split()[0] for line in table(rows).splitlines()[1:]] == [
        "add_per_s",
        "search_p50_s",
        "ask_p50_s",
        "memory_mb",
        "gold_cited",
        "ask_p95_s",
    ]


def test_without_data_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--python", "python3", "--data", str(tmp_path)]) == 2
    assert "name the data folder" in capsys.readouterr().err
