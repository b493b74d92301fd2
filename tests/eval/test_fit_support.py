"""Fitting the support score, on records of our own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pullquote.eval.datasets.grounding import ClaimCase
from pullquote.eval.fit_support import SIGNS, fit_support, fold_scores, main
from pullquote.eval.statistics import auroc
from pullquote.eval.support_cases import copied_claims, with_best_evidence
from pullquote.qa.support_features import FEATURES
from pullquote.qa.verification import read_support

TOWNS = "Arden Brill Corve Dunmo Eskil Farro Galle Hurst Inver Jarro Kelso Lomas".split()
THINGS = "bridge school harbour library".split()


class NoEncoder:
    """A cross-encoder that has no opinion."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [0.0] * len(texts)


def claims() -> list[ClaimCase]:
    cases = []
    for town in TOWNS:
        evidence = tuple(f"The council of {town} has closed the {thing} after a long vote." for thing in THINGS[:2])
        for thing in THINGS:
            held = thing in THINGS[:2]
            marked = ((THINGS.index(thing),),) if held else ()
            text = f"The {thing} in {town} has been closed."
            cases.append(ClaimCase(f"{town}-{thing}", text, evidence, held, town, (), marked))
    return cases


def test_no_weight_has_the_wrong_sign() -> None:
    rng = np.random.default_rng(1)
    rows = rng.random((400, len(FEATURES)))
    labels = rows[:, FEATURES.index("covered")] + rows[:, FEATURES.index("missing_names")] > 1
    fitted = fit_support(rows, labels)
    assert fitted.weights["covered"] > 0
    assert "missing_names" not in fitted.weights
    assert all(weight * SIGNS.get(name, 0) >= 0 for name, weight in fitted.weights.items())
    assert set(SIGNS) <= set(FEATURES)


def test_scores_out_of_fold_tell_supported_claims_from_others() -> None:
    cases = claims()
    scores = fold_scores(cases, NoEncoder(), trained=NoEncoder())
    assert all(0 < score < 1 for score in scores)
    assert auroc([case.supported for case in cases], scores) > 0.95
    assert scores == fold_scores(cases, NoEncoder(), trained=NoEncoder())


def test_a_case_has_no_say_in_its_own_score() -> None:
    cases = claims()
    turned = [replace(case, supported=False, supporting=()) if case.cluster == TOWNS[0] else case for case in cases]
    own = [place for place, case in enumerate(cases) if case.cluster == TOWNS[0]]
    before, after = fold_scores(cases, NoEncoder(), trained=NoEncoder()), fold_scores(turned, NoEncoder(), trained=NoEncoder())
    assert [before[place] for place in own] == [after[place] for place in own]
    assert before != after


def test_marked_sentences_make_more_cases() -> None:
    case = ClaimCase("a", "Claim.", ("one", "two", "three"), True, "c", (), ((0, 2), (1,)))
    found = [(made.id, made.evidence, made.supported) for made in with_best_evidence([case])]
    whole = ("a", case.evidence, True)
    assert found == [whole, whole, ("a-best", ("two",), True), ("a-rest", (), False)]
    partly = ClaimCase("b", "Claim.", ("one", "two", "three"), False, "c", (), ((0, 2), (1,)))
    assert [made.evidence for made in with_best_evidence([partly])][2:] == [("one", "three")]
    assert len(list(with_best_evidence([ClaimCase("d", "Claim.", ("one",), False, "c")]))) == 2


def entailment(folder: Path) -> Path:
    folder.mkdir()
    rows = [
        {"source": "foolmetwice", "premise": f"In May the town of {town} was given 300 trees by a rich donor.", "hypothesis": "x"}
        for town in TOWNS
    ]
    rows.append({"source": "esnli", "premise": "A dog was seen in the park by two of the girls.", "hypothesis": "x"})
    (folder / "pairs.jsonl").write_text("\n".join(json.dumps(row | {"entailed": True}) for row in rows), encoding="utf-8")
    return folder


def test_copies_are_true_and_their_changes_false(tmp_path: Path) -> None:
    cases = copied_claims(entailment(tmp_path / "entailment"), count=5)
    true = [case for case in cases if case.supported]
    assert len(true) == len({case.cluster for case in cases}) == 5
    assert all(case.claim in case.evidence for case in true)
    false = [case for case in cases if not case.supported]
    assert {case.tags[-1] for case in false} == {"negated", "number"}
    assert all(case.claim not in case.evidence for case in false)


@pytest.mark.timeout(120)
def test_the_command_writes_weights_that_can_be_read(tmp_path: Path) -> None:
    entailment(tmp_path / "entailment")
    (tmp_path / "wice").mkdir()
    rows = [
        {
            "label": "supported" if case.supported else "not_supported",
            "claim": case.claim,
            "evidence": list(case.evidence),
            "meta": {"id": case.id, "claim_title": case.cluster},
            "supporting_sentences": [list(places) for places in case.supporting],
        }
        for case in claims()
    ]
    (tmp_path / "wice" / "claims_dev.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = tmp_path / "support.json"
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 0
    assert set(json.loads(out.read_text(encoding="utf-8"))["data"]) == {"wice", "entailment"}
    assert read_support(out).weights["covered"] > 0
