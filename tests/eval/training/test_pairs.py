"""What the support model learns from, on records of our own."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from pullquote.eval.training.newswriting import CLAIMED, clause, fill, speaker
from pullquote.eval.training.pairs import Texts, texts_of, training_pairs

TOWNS = (
    "Arden Brill Corve Dunmo Eskil Farro Galle Hurst Inver Jarro Kelso Lomas Marne Norby Orsk Pell Quorn Rhos Stad Tarn".split()
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "entailment").mkdir()
    (folder / "gum_wikinews").mkdir()
    rows = [
        {
            "premise": f"In May the town of {town} was given {300 + number} trees by a rich donor.",
            "hypothesis": f"A donor was generous to the town of {town}.",
            "entailed": bool(number % 2),
            "source": source,
        }
        for number, town in enumerate(TOWNS * 6)
        for source in ("esnli", "foolmetwice", "foolmetwice_unrelated")
    ]
    (folder / "entailment" / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "gum_wikinews" / "gum_docs.json").write_text("[]", encoding="utf-8")
    (folder / "gum_wikinews" / "gum_attribution_qa.jsonl").write_text("", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def texts(data: Path) -> Texts:
    return texts_of(data, is_held=False)


def test_no_text_is_both_trained_on_and_held_out(data: Path, texts: Texts) -> None:
    held = texts_of(data, is_held=True)
    assert held.rows
    assert not set(held.premises) & set(texts.premises)
    assert len(held.rows) + len(texts.rows) == 18 * len(TOWNS)


def test_the_same_seed_makes_the_same_pairs(texts: Texts) -> None:
    pairs = training_pairs(texts, 3, 0.02)
    assert pairs == training_pairs(texts, 3, 0.02)
    assert pairs != training_pairs(texts, 4, 0.02)


def test_every_sort_of_fault_is_made_and_none_is_true(texts: Texts) -> None:
    pairs = training_pairs(texts, 1, 0.1)
    kinds = Counter((pair.kind, pair.supported) for pair in pairs)
    for kind in ("speaker", "changed", "moved", "negated", "number"):
        assert kinds[kind, False]
        assert not kinds[kind, True]
    assert 0.25 < sum(pair.supported for pair in pairs) / len(pairs) < 0.6


def test_what_is_said_and_copied_stands_in_the_evidence_or_is_said_otherwise(texts: Texts) -> None:
    pairs = training_pairs(texts, 1, 0.1)
    assert all(pair.claim in pair.evidence for pair in pairs if pair.kind == "copied")
    assert all(pair.claim not in pair.evidence for pair in pairs if not pair.supported and pair.kind in ("negated", "number"))


def test_every_clause_has_wordings_that_mean_the_same_and_some_that_do_not() -> None:
    rng = random.Random(1)
    for _ in range(300):
        same, false = clause(rng, ["Ida Berg", "Olaf Lund"])
        assert len(same) >= 3
        assert false
        assert not set(same) & set(false)
        assert not any("{" in text or "}" in text for text in [*same, *false])


def test_a_claim_names_its_speaker() -> None:
    rng = random.Random(2)
    for form in CLAIMED:
        who = speaker(rng)
        claim = fill(form, rng, {"s": who.full, "c": "the bridge is safe"})
        assert who.full in claim
        assert "bridge is safe" in claim
        assert claim[0].isupper() or not claim[0].isalpha()
