"""Supported claims against unsupported ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pullquote.eval.judge import Judge
from pullquote.eval.tasks.grounding import Grounding
from pullquote.eval.types import CaseResult
from pullquote.qa.verification import built_in_verifier

TRUE, FALSE = "The old mill burned down on Friday.", "The new mayor of Brask plays the trumpet."
ARTICLE = [
    "The council met in Ostby on Monday.",
    "Mayor Ana Ruiz said the bridge was closed for 30 days after the storm.",
    "Ferries ran twice as often as before.",
    "According to Greta Holm, more than 40 percent of the drivers lost their work.",
    "Nobody from the ministry came to the meeting that evening.",
]
SAID = [
    ("Mayor Ana Ruiz", "said", "the bridge was closed for 30 days after the storm"),
    ("Greta Holm", "According to", "more than 40 percent of the drivers lost their work"),
]
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
    annotated(lab, "mill", ARTICLE, SAID)
    return lab


def annotated(lab: Any, name: str, sentences: Sequence[str], said: Sequence[tuple[str, str, str]]) -> None:
    """Write a dev article of PolNeAR with marked speakers, cues and contents."""
    text, lines = " ".join(sentences), []
    for number, parts in enumerate(said):
        sentence = next(s for s in sentences if all(part in s for part in parts))
        for place, (role, part) in enumerate(zip(("Source", "Cue", "Content"), parts, strict=True), 4 * number):
            start = text.index(sentence) + sentence.index(part)
            lines.append(f"T{place}\t{role} {start} {start + len(part)}\t{part}\n")
        marks = f"Source:T{4 * number} Cue:T{4 * number + 1} Content:T{4 * number + 2}"
        lines.append(f"T{4 * number + 3}\tAttribution 0 1\t\nE{number}\tAttribution:T{4 * number + 3} {marks}\n")
    lab.text(f"polnear/dev/text/{name}.txt", text)
    lab.text(f"polnear/dev/attributions/{name}_0a1b.ann", "".join(lines))


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


def test_claims_made_of_polnear_stand_for_the_faults_that_were_made_of_them(desk: Any, report: Any) -> None:
    made = [case for case in report.cases if "swaps" in case.tags]
    true = [case for case in made if "true" in case.tags]
    assert [case.cluster for case in true] == ["mill", "mill"]
    assert {kind for case in made for kind in case.tags[1:2]} == {"true", "speaker_swapped", "number_changed", "moved", "negated"}
    for name, kind in {"swap": "speaker_swapped", "number": "number_changed", "moved": "moved", "negation": "negated"}.items():
        faults = [case for case in made if kind in case.tags]
        assert [case.scores[f"{name}_fault"] for case in faults] == [case.scores["correct"] for case in faults]
        assert sum(f"{name}_true" in case.scores for case in true) == len(faults), "each fault came from one true claim"
        assert report.metrics[f"{name}_bacc"].n == 2 * len(faults) > 0
    assert report.metrics["swaps_auroc"].n == len(made)
    assert report.floors["swaps_bacc"]["believe"].value == 0.5
    assert "lexical" in report.floors["swaps_auroc"]


def test_what_ought_to_be_reached_is_said(report: Any) -> None:
    assert report.bars == {"wice_auroc": 0.79}


# -- with a judge ---------------------------------------------------------------------------------


class Literal(Judge):
    """Believes what stands in the evidence word for word; cannot tell of every other claim that does not."""

    label = "LLM judge model-x (judge-1)"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self) -> Judge:
        return self

    def supports(self, claim: str, evidence: Sequence[str]) -> bool | None:
        self.asked.append(claim)
        return True if claim in evidence else (None, False)[len(self.asked) % 4 == 0]


def test_a_judge_is_measured_on_wice_alone(desk: Any, report: Any) -> None:
    task, judge = Grounding(), Literal()
    setup = replace(desk.setup(), judge=judge)
    with task.session(setup) as run:
        judged = task.report([run(case) for case in task.cases(setup)])
    assert judge.asked == [TRUE, FALSE] * 5
    found = judged.metrics["judge_wice_bacc"]
    assert (found.value, found.n, found.n_unscored) == (1.0, 7, 3)
    assert {name: metric for name, metric in judged.metrics.items() if name != "judge_wice_bacc"} == report.metrics
    assert any("LLM judge model-x (judge-1)" in note for note in judged.notes)


def test_without_a_judge_nothing_is_said_of_one(report: Any) -> None:
    assert not any("judge" in name for name in report.metrics)
    assert not any("LLM" in note for note in report.notes)


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
