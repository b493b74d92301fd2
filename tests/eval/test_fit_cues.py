"""Learning what is a statement."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pullquote.eval.fit_cues import Labelled, Labels, best_limit, cue_lemmas, fit, kept, main
from pullquote.eval.fitting import fit_probability, fit_sparse
from pullquote.index.types import Span


def row(key: int, lemma: str, gold: tuple[int, ...] = (), owned: frozenset[Span] = frozenset()) -> Labelled:
    return Labelled((1, key), owned, lemma, (f"l {lemma}",), gold)


ARTICLES = [Labels([row(0, "say", (0,)), row(1, "walk"), row(2, "say", (1,)), row(3, "walk")], frozenset((0, 1)))] * 4


def test_a_sparse_fit_is_the_dense_one() -> None:
    rng = np.random.default_rng(1)
    held = rng.random((200, 3)) < 0.5
    labels = held[:, 0] & (rng.random(200) < 0.8)
    rows, columns = np.nonzero(held)
    weights, intercept = fit_sparse(rows, columns, labels, 3, 0.0, steps=2000)
    dense, dense_intercept = fit_probability(held.astype(float), labels, 1e-6)
    assert weights[1:] == pytest.approx(dense[1:], abs=0.02)
    assert weights[0] + intercept == pytest.approx(dense[0] + dense_intercept, abs=0.05)


def test_what_is_right_scores_above_what_is_not() -> None:
    model = fit(ARTICLES)
    assert model.score(("l say",)) > 0 > model.score(("l walk",))
    assert model.score(("never seen",)) == model.intercept


def test_of_a_cue_and_of_a_quotation_only_the_best_is_kept() -> None:
    quote = frozenset((Span(0, 9),))
    article = Labels([row(0, "a"), row(0, "b"), row(1, "c", owned=quote), row(2, "d", owned=quote)], frozenset())
    assert [one.lemma for one in kept(article, [1.0, 2.0, 3.0, 4.0], 0.0)] == ["d", "b"]
    assert kept(article, [1.0, 2.0, 3.0, 4.0], 5.0) == []


def test_the_limit_balances_precision_and_recall() -> None:
    scores = [[1.0, -1.0, 0.5, -1.5]] * 4
    limit, reached = best_limit(ARTICLES, scores)
    assert (reached.precision, reached.recall) == (1.0, 1.0)
    assert -1.0 < limit <= 0.5
    assert cue_lemmas(ARTICLES, scores, limit) == ["say"]


def test_the_command_writes_a_table(tmp_path: Path) -> None:
    train = tmp_path / "polnear" / "train"
    text = "Ana Ruiz said the bridge was safe.\nBo Lund walked the dog.\n"
    gold = (
        "T1\tSource 0 8\tAna Ruiz\nT2\tCue 9 13\tsaid\nT3\tContent 14 33\tthe bridge was safe\n"
        "T4\tAttribution 9 13\tsaid\nE1\tAttribution:T4 Source:T1 Cue:T2 Content:T3\n"
    )
    for name in "abcdefgh":
        for folder, ending, content in (("text", ".txt", text), ("attributions", "_0000.ann", gold)):
            (train / folder).mkdir(parents=True, exist_ok=True)
            (train / folder / f"{name}{ending}").write_text(content)
    (tmp_path / "polnear" / "metadata.tsv").write_text("filename\tpublisher\n")
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "cues.json")]) == 0
    table = json.loads((tmp_path / "cues.json").read_text())
    assert table["held_out"] == {"precision": 1.0, "recall": 1.0}
    assert table["cues"] == ["say"]
    assert table["weights"]["l say"] > 0
