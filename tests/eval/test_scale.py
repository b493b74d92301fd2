"""Articles grown by a grammar, and what stores of them are measured by."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pullquote.eval.scale.__main__ import main
from pullquote.eval.scale.grammar import Grammar, made_name
from pullquote.eval.scale.summary import broken_bars, row_of, rows_per_article
from pullquote.eval.scale.vectors import CheapEmbedder
from pullquote.eval.tasks.smoke import smoke_articles
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article

HEADER = "filename\tpublisher\tpublication_date\tauthor\ttitle\n"


@pytest.fixture(scope="module")
def given() -> list[Article]:
    return list(smoke_articles())


@pytest.fixture
def small_data(tmp_path: Path, given: list[Article]) -> Path:
    """The bundled articles as if they were PolNeAR's, with a question about the first sentence of each."""
    polnear = tmp_path / "data" / "polnear"
    rows, cases = [], []
    for number, article in enumerate(given):
        place = polnear / ("dev" if number % 2 else "train") / "text"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{article.meta.id}.txt").write_text(article.text, encoding="utf-8", newline="")
        rows.append(
            f"{article.meta.id}\t{article.meta.source or ''}\t2016-08-{number + 1:02}\tNone\t{article.meta.title or ''}\n"
        )
        start, end = split_sentences(article.text)[0]
        question = f"Who said that {article.text[start:end][:80]}?"
        case = {
            "id": str(number),
            "doc": article.meta.id,
            "question": question,
            "answer": "x",
            "answer_head": "x",
            "content_spans": [[start, end]],
        }
        cases.append((number % 2, case | {"self_contained": True, "source_kind": "named"}))
    (polnear / "metadata.tsv").write_text(HEADER + "".join(rows), encoding="utf-8")
    for split, odd in (("train", 0), ("dev", 1)):
        lines = [json.dumps(case) + "\n" for parity, case in cases if parity == odd]
        (polnear / f"polnear_attribution_qa.{split}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tmp_path / "data"


# -- the grammar --------------------------------------------------------------------------------------


def test_the_same_seed_grows_the_same_articles_and_more_of_them_begin_with_the_same(given: list[Article]) -> None:
    few, many = list(Grammar(given, 1).articles(30)), list(Grammar(given, 1).articles(60))
    assert few[: len(given)] == given
    assert many[:30] == few
    assert list(Grammar(given, 2).articles(30))[len(given) :] != few[len(given) :]
    assert list(Grammar(given, 1).articles(5)) == given[:5]


def test_grown_articles_are_whole_and_all_different(given: list[Article]) -> None:
    grown = list(Grammar(given, 1).articles(200))[len(given) :]
    assert len({a.text for a in grown}) == len({a.meta.id for a in grown}) == len(grown)
    assert min(len(split_sentences(a.text)) for a in grown) >= 3
    assert len({a.meta.source for a in grown}) > 10
    years = {a.meta.published_at.year for a in grown if a.meta.published_at}
    assert {2016, 2025} <= years
    assert 0 < sum(a.meta.published_at is None for a in grown) < 20


def test_words_are_exchanged_and_frequent_ones_stay_frequent(given: list[Article]) -> None:
    grown = list(Grammar(given, 1).articles(400))[len(given) :]
    before, after = (re.findall(r"\w+", " ".join(a.text for a in articles)) for articles in (given, grown))
    assert len(set(after) - set(before)) > 300
    for word in ("said", "the", "council"):
        share, grown_share = before.count(word) / len(before), after.count(word) / len(after)
        assert grown_share == pytest.approx(share, rel=0.5), word


def test_names_are_always_the_same_and_rare_ones_are_longer() -> None:
    assert made_name(7) == made_name(7)
    assert made_name(7) != made_name(8)
    assert all(made_name(rank).istitle() for rank in (1, 100, 100_000))
    assert np.mean([len(made_name(n)) for n in range(1, 50)]) < np.mean([len(made_name(n)) for n in range(9000, 9050)])


def test_cheap_vectors_are_unit_rows_that_tell_texts_apart() -> None:
    embedder = CheapEmbedder()
    rows = embedder.embed(["The ferry burned off Port Sallen.", "A ferry burned near Port Sallen.", "Budgets were passed.", ""])
    assert rows.shape == (4, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    assert np.array_equal(rows[1:2], CheapEmbedder().embed(["A ferry burned near Port Sallen."]))
    assert embedder.embed([]).shape == (0, 384)


# -- from numbers to rows ------------------------------------------------------------------------------


def measured(
    articles: int, ask_s: list[float], filter_s: float = 0.01, memory_mb: float = 100.0, first_s: float = 2.0
) -> dict[str, Any]:
    one = {"articles": 5, "set_s": filter_s, "page_s": 0.001, "ask_s": [0.04] * 3}
    return {
        "grown": {"added": articles, "seconds": 10.0, "peak_mb": 150.0},
        "articles": articles,
        "chunks": 7 * articles,
        "first_answer_s": first_s,
        "disk_bytes": articles * 50 * 1024,
        "memory_mb": memory_mb,
        "ask_s": ask_s,
        "gold_cited": [True] * len(ask_s),
        "laps_s": {"retrieve": [0.02] * len(ask_s), "rerank": [0.2] * len(ask_s)},
        "filters": {"a day": one},
        "delete_s": [0.05, 0.06, 0.5],
    }


def test_rows_hold_medians_ratios_to_the_smallest_store_and_costs_per_article() -> None:
    first = row_of(measured(1000, [0.1, 0.2, 0.3]), None)
    second = row_of(measured(3000, [0.2, 0.4, 0.6], memory_mb=300.0), first)
    rows = [first, second]
    rows_per_article(rows)
    assert (first["add_per_s"], first["ask_p50_s"], first["ratio"], first["disk_kb"]) == (100.0, 0.2, 1.0, 50.0)
    assert (second["ratio"], second["memory_kb"], second["delete_s"]) == (2.0, 102.4, 0.06)
    assert second["ratio_interval"][0] <= 2.0 <= second["ratio_interval"][1]
    assert first["filter_adds_s"] == pytest.approx(0.02)


def test_bars_that_are_not_reached_are_named() -> None:
    first = row_of(measured(1000, [0.1, 0.2, 0.3]), None)
    assert broken_bars([first]) == []
    (late, ratio, slow) = broken_bars([first, row_of(measured(3000, [0.4, 0.4, 0.4], filter_s=0.06, first_s=10.5), first)])
    assert late == "3,000 articles: 10.5 s to the first answer, not 10.0"
    assert ratio == "3,000 articles: 2.0 times the median answer, not 1.5"
    assert slow == "3,000 articles: 0.06 s for a filter, not 0.05"


# -- the command ---------------------------------------------------------------------------------------


def test_a_run_measures_each_size_and_writes_all_numbers(
    small_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, build = tmp_path / "scale.json", tmp_path / "stores"
    words = ["--data", str(small_data), "--build", str(build), "--out", str(out), "--questions", "1", "--sizes", "20"]
    assert main([*words, "--keep"]) in (0, 1)  # on a busy machine a bar may not be reached
    first = json.loads(out.read_text(encoding="utf-8"))["sizes"]
    assert [path.name for path in build.iterdir()] == ["20"]
    assert main([*words, "40"]) in (0, 1)
    told = json.loads(out.read_text(encoding="utf-8"))
    assert [row["articles"] for row in told["sizes"]] == [20, 40]
    assert (first[0]["add_per_s"] != "", told["sizes"][0]["add_per_s"]) == (True, "")  # what was kept is not added again
    assert list(build.iterdir()) == []
    assert {"commit", "code", "seed", "n", "cores"} <= set(told)
    for row in told["sizes"]:
        assert len(row["ask_s"]) == 1
        assert row["gold_cited"] == 1
        assert row["disk_kb"] > 1
        assert row["memory_mb"] > 50
        assert row["chunks"] >= row["articles"]
        assert 0 < row["first_s"] < 600
        assert row["filters"]["a day"]["articles"] >= 1
    assert "ask_p50_s" in capsys.readouterr().out


def test_without_data_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "name the data folder" in capsys.readouterr().err
