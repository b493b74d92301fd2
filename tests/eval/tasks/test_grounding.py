"""Supported claims against unsupported ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pullquote.eval.tasks.grounding import Grounding
from pullquote.eval.types import CaseResult
from pullquote.qa.verification import built_in_verifier

TRUE, FALSE = "The old mill burned down on Friday.", "The new mayor of Brask plays the trumpet."
EVIDENCE = ["The old mill burned down on Friday.", "Nobody was inside."]


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    claims = [(TRUE, "supported"), (FALSE, "not_supported")] * 5
    lab.write(
        "wice/claims_dev.jsonl",
        *(
            {
                "label": label,
                "supporting_sentences": [[0]],
                "claim": claim,
                "evidence": EVIDENCE,
                "meta": {"id": f"w{n}", "claim_title": f"t{n}"},
            }
            for n, (claim, label) in enumerate(claims)
        ),
    )
    row = {"question": "What burned?", "references": [" ".join(EVIDENCE)], "src_dataset": "LFQA"}
    lab.write(
        "attributionbench/dev.jsonl",
        row | {"id": "1", "claim": TRUE, "attribution_label": "attributable"},
        row | {"id": "2", "claim": FALSE, "attribution_label": "not attributable"},
    )
    summary = [
        {"sentence": claim, "responses": [{"response": vote}]}
        for claim, vote in ((TRUE, "yes"), (FALSE, "no"), ("Nobody.", "no"))
    ]
    lab.write("qags/mturk_cnndm.jsonl", {"article": " ".join(EVIDENCE), "summary_sentences": summary})
    copied = [
        f"The {what} in the old town was opened by Mira Holt in {1900 + n}." for n, what in enumerate(("mill", "school", "port"))
    ]
    lab.write(
        "entailment/pairs.jsonl",
        *({"premise": text, "hypothesis": "", "entailed": True, "source": "foolmetwice"} for text in copied),
    )
    return lab


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.run(Grounding())


def test_what_is_said_word_for_word_is_told_from_what_is_not_said(report: Any) -> None:
    assert (report.metrics["attributionbench_auroc"].value, report.metrics["attributionbench_auroc"].n) == (1.0, 2)
    assert report.metrics["attributionbench_accuracy"].value == 1.0
    assert (report.metrics["wice_auroc"].value, report.metrics["wice_auroc"].n) == (1.0, 10)
    assert report.metrics["qags_auroc"].n == 3


def test_a_case_keeps_what_it_was_judged_by(desk: Any, report: Any) -> None:
    case = desk.case(report, "attributionbench/2")
    assert (case.scores["supported"], case.scores["correct"]) == (0.0, 1.0)
    assert [shown["quote"] for shown in case.detail["citations"]] == EVIDENCE
    assert case.detail["confidence"] == round(case.scores["support"], 6)
    assert case.tags == ("attributionbench", "LFQA")
    assert "kind" not in case.detail


def test_shared_words_are_the_floor(desk: Any, report: Any) -> None:
    lexical = {n: desk.case(report, f"qags/qags-1-{n}").scores["lexical"] for n in (1, 2, 3)}
    assert (lexical[1], lexical[2]) == (1.0, 0.0)
    assert report.floors["attributionbench_auroc"]["lexical"].value == 1.0
    assert all("lexical" in report.floors[f"{name}_auroc"] for name in ("wice", "attributionbench", "qags"))


def test_accuracy_stands_beside_that_of_believing_everything(report: Any) -> None:
    assert report.floors["attributionbench_accuracy"]["believe"].value == 0.5
    assert report.floors["qags_accuracy"]["believe"].value == pytest.approx(1 / 3)


def test_wice_is_judged_by_weights_of_the_other_folds_and_the_rest_by_the_shipped_ones(desk: Any, report: Any) -> None:
    kept = json.loads((desk.folder / "build" / "wice-folds.json").read_text())["scores"]
    assert set(kept) == {f"w{n}" for n in range(10)}
    for name, score in kept.items():
        assert desk.case(report, f"wice/{name}").scores["support"] == pytest.approx(score)
    verifier = built_in_verifier()
    assert desk.case(report, "attributionbench/1").scores["support"] == pytest.approx(verifier.support(TRUE, EVIDENCE))
    assert kept["w0"] != pytest.approx(verifier.support(TRUE, EVIDENCE))


def test_folds_are_kept_for_the_next_run(desk: Any, report: Any) -> None:
    path = desk.folder / "build" / "wice-folds.json"
    before = path.stat().st_mtime_ns
    Grounding().prepare(desk.setup())
    assert path.stat().st_mtime_ns == before


# -- the report alone -----------------------------------------------------------------------------


def judged(name: str, number: int, supported: bool, support: float) -> CaseResult:
    scores = {"support": support, "supported": float(supported), "lexical": 0.5, "correct": 1.0}
    return CaseResult(f"{name}/{number}", f"article-{number}", (name,), scores)


def test_sets_are_reported_apart() -> None:
    results = [judged(name, n, n < 2, sign * n) for name, sign in (("wice", -1.0), ("qags", 1.0)) for n in range(4)]
    report = Grounding().report(results)
    assert [report.metrics[f"{name}_auroc"].value for name in ("wice", "qags", "attributionbench")] == [1.0, 0.0, None]
    assert report.floors["wice_auroc"]["lexical"].value == 0.5


def test_failed_claims_are_unscored() -> None:
    failed = CaseResult("wice/failed", "failed", ("wice",), {}, {}, "RuntimeError: no model")
    report = Grounding().report([*(judged("wice", n, n < 2, -n) for n in range(4)), failed])
    for name in ("wice_auroc", "wice_accuracy"):
        assert (report.metrics[name].value, report.metrics[name].n, report.metrics[name].n_unscored) == (1.0, 4, 1)


def test_claims_of_one_kind_alone_have_no_area() -> None:
    report = Grounding().report([judged("qags", n, True, 0.5) for n in range(3)])
    assert (report.metrics["qags_auroc"].value, report.metrics["qags_accuracy"].value) == (None, 1.0)
