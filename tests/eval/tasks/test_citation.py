"""Cited sentences against those that people marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pullquote.eval.judge import Judge
from pullquote.eval.tasks.citation import Citation

BUILT, LAMP, MAKES, COMET = (
    "who built the kell bridge",
    "how far can the lamp of the orm lighthouse be seen",
    "what does the brask bakery make",
    "how often does holt's comet return",
)


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.clapnq()
    lab.realtimeqa()
    return lab


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.told(
        Citation(),
        {
            BUILT: desk.cites("Ines Ormond"),
            LAMP: desk.cites("seen from thirty miles", "keeper lived there"),
            MAKES: desk.cites("rye bread"),
            COMET: desk.cites("dust and gas"),
        },
    )


def test_only_answerable_questions_with_marked_sentences_are_asked(report: Any) -> None:
    assert [case.case_id for case in report.cases] == ["a1", "a2", "a3", "a4", "a5", "a6"]


def test_precision_and_recall_are_of_whole_sentences(desk: Any, report: Any) -> None:
    found = [(case.scores.get("precision"), case.scores.get("recall")) for case in report.cases]
    assert found == [(1.0, 1.0), (0.5, 1.0), (1.0, 0.5), (0.0, 0.0), (None, None), (None, None)]
    assert [case.detail.get("kind", "") for case in report.cases] == ["", "", "", "other sentences", "refused", "refused"]
    shown = desk.case(report, "a2").detail
    assert [citation["gold"] for citation in shown["citations"]] == [True, False]
    assert [place["quote"] for place in shown["gold"]] == ["Its lamp can be seen from thirty miles ."]


def test_f1_is_of_the_means_over_the_answered_questions(report: Any) -> None:
    precision, recall = report.metrics["precision"], report.metrics["recall"]
    assert (precision.value, precision.n) == (pytest.approx(2.5 / 4), 4)
    assert (recall.value, recall.n) == (pytest.approx(2.5 / 4), 4)
    assert (report.metrics["f1"].value, report.metrics["f1"].n) == (pytest.approx(2.5 / 4), 4)
    assert report.metrics["answered"].value == pytest.approx(4 / 6)
    assert report.bars["f1"] == 0.68


def test_refusals_cost_recall_where_they_count(report: Any) -> None:
    p, r = 2.5 / 4, 2.5 / 6
    assert report.metrics["f1_with_refusals"].value == pytest.approx(2 * p * r / (p + r))


def test_a_sentence_that_is_its_own_citation_is_carried_by_it(report: Any) -> None:
    assert report.metrics["alce_recall"].value == 1.0
    assert report.metrics["alce_precision"].value == 1.0
    assert report.metrics["exact_quote"].value == 1.0


def test_bm25_and_the_first_sentences_are_floors_of_all_three(report: Any) -> None:
    for name in ("precision", "recall", "f1"):
        assert set(report.floors[name]) == {"bm25", "lead"}
        assert all(floor.n == 6 for floor in report.floors[name].values())
    # The first three sentences of these passages are all there are: one or two of them are marked.
    assert report.floors["recall"]["lead"].value == 1.0
    assert report.floors["precision"]["lead"].value == pytest.approx((5 * 1 / 3 + 2 / 3) / 6)


def test_an_answer_that_its_citation_does_not_carry_is_noticed_and_a_failed_case_is_unscored(desk: Any) -> None:
    made_up = desk.cites("Ines Ormond", text="A circus elephant crossed the frozen lake in Peru last week.")
    report = desk.told(Citation(), {BUILT: made_up, LAMP: desk.cites("nowhere at all")}, errors=1)
    assert desk.case(report, "a1").scores["alce_recall"] == 0.0
    assert (report.metrics["precision"].value, report.metrics["precision"].n_unscored) == (1.0, 1)
    assert (report.metrics["answered"].n, report.metrics["answered"].n_unscored) == (5, 1)
    assert report.metrics["f1"].value == 1.0


def test_the_real_engine_cites_with_weights_of_the_other_folds(fitted: Any) -> None:
    report = fitted.run(Citation())
    assert {"precision", "recall", "f1"} <= set(report.metrics)
    assert report.metrics["exact_quote"].value == 1.0
    assert all(case.detail["citations"] for case in report.cases if case.scores["answered"])


# -- with a judge ---------------------------------------------------------------------------------


class Doubting(Judge):
    """Believes what stands in the evidence as it is, except of lamps; of comets it cannot tell."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self) -> Judge:
        return self

    @property
    def label(self) -> str:
        return "LLM judge model-x (judge-1)"

    def supports(self, claim: str, evidence: Sequence[str]) -> bool | None:
        self.asked.append(claim)
        return None if "dust and gas" in claim else claim in "\n".join(evidence) and "lamp" not in claim


@pytest.fixture(scope="module")
def judged(desk: Any) -> Any:
    replies = {
        BUILT: desk.cites("Ines Ormond"),
        LAMP: desk.cites("seen from thirty miles", "keeper lived there"),
        COMET: desk.cites("dust and gas"),
    }
    setup, task = replace(desk.setup(desk.scripted(replies)), judge=Doubting()), Citation()
    task.prepare(setup)
    with task.session(setup) as run:
        return task.report([run(case) for case in task.cases(setup)])


def test_a_judge_is_asked_besides_the_verifier_and_reported_apart(judged: Any) -> None:
    recall, precision = judged.metrics["judge_citation_recall"], judged.metrics["judge_citation_precision"]
    assert (recall.value, recall.n, recall.n_unscored) == (pytest.approx(1.5 / 2), 2, 1)
    assert (precision.value, precision.n) == (pytest.approx(1.5 / 2), 2)
    assert judged.metrics["alce_recall"].n == 3
    assert any("LLM judge model-x (judge-1)" in note and "judge_wice_bacc" in note for note in judged.notes)


def test_without_a_judge_nothing_is_said_of_one(report: Any) -> None:
    assert not any("judge" in name for name in report.metrics)
    assert not any("LLM" in note for note in report.notes)
