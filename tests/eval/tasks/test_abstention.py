"""Refusing what nothing answers, and only that."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.abstention import Abstention

BUILT, LAMP, PAINTED = (
    "who built the kell bridge",
    "how far can the lamp of the orm lighthouse be seen",
    "who painted the kell bridge",
)
COST, PIERS = "Who said the repairs cost four million crowns?", "Who said the dredging had damaged two piers?"
BUS, TICKET = "When does the night bus run?", "What does a ticket for the night bus cost?"


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.polnear()
    lab.clapnq()
    lab.mtrag()
    lab.realtimeqa()
    return lab


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.told(
        Abstention(),
        {
            BUILT: desk.cites("Ines Ormond", confidence=0.9),
            LAMP: desk.cites("A keeper lived there", confidence=0.8),
            PAINTED: desk.cites("deck was renewed", confidence=0.95),
            COST: desk.cites("said the repairs cost", confidence=0.9),
            PIERS: desk.cites("had damaged two piers", "Nobody was hurt", confidence=0.7),
            BUS: desk.cites("runs from Sund", confidence=0.6),
            TICKET: desk.cites("runs from Sund", confidence=0.5),
        },
    )


def test_rates_of_clapnq_are_over_the_questions_they_are_about(report: Any) -> None:
    answers, refusals = report.metrics["false_answer"], report.metrics["false_refusal"]
    assert (answers.value, answers.n) == (pytest.approx(1 / 6), 6)
    assert (refusals.value, refusals.n) == (pytest.approx(5 / 7), 7)
    assert (answers.n_unscored, refusals.n_unscored) == (0, 0)


def test_confidence_is_compared_between_answerable_and_unanswerable_questions(report: Any) -> None:
    # Two answerable ones stand above five of six, five are tied with five and below one.
    area = report.metrics["clapnq_auroc"]
    assert (area.value, area.n) == (pytest.approx((2 * 5 + 5 * 2.5) / 42), 13)
    assert report.bars["clapnq_auroc"] == 0.93
    assert {"clapnq_aurc", "clapnq_accuracy_at_80", "clapnq_coverage_at_risk_10", "clapnq_ece"} <= set(report.metrics)


def test_truth_counts_one_and_an_untruth_minus_one(desk: Any, report: Any) -> None:
    scores = {
        name: desk.case(report, f"clapnq/{name}").scores.get("truthfulness") for name in ("a1", "a2", "a3", "a7", "u1", "u2")
    }
    assert scores == {"a1": 1.0, "a2": -1.0, "a3": 0.0, "a7": None, "u1": -1.0, "u2": 0.0}
    truth = report.metrics["clapnq_truthfulness"]
    assert (truth.value, truth.n) == (pytest.approx((1 - 1 - 1) / 12), 12)


def test_kinds_of_failure_tell_both_ways_of_being_wrong(desk: Any, report: Any) -> None:
    kinds = {name: desk.case(report, f"clapnq/{name}").detail.get("kind") for name in ("a1", "a3", "u1", "u2")}
    assert kinds == {
        "a1": None, "a3": "refused, though answerable", "u1": "answered, though nothing answers", "u2": None,
    }  # fmt: skip


def test_every_dev_question_is_asked_with_and_without_its_article(desk: Any, report: Any) -> None:
    case = desk.case(report, "left_out/cost/question")
    assert (case.detail["status"], case.detail["without_the_article"]["status"]) == ("answered", "abstained")
    assert (case.scores["false_refusal"], case.scores["false_answer"]) == (0.0, 0.0)
    assert (case.scores["truthfulness"], case.scores["gone_truthfulness"]) == (1.0, 0.0)
    assert "kind" not in case.detail
    asked = [case.case_id for case in report.cases if "left_out" in case.tags]
    assert len(asked) == 5
    assert not any("teachers" in case_id for case_id in asked), "train is not asked"


def test_an_answer_from_another_article_is_a_false_one(desk: Any, report: Any) -> None:
    case = desk.case(report, "left_out/piers/question")
    assert (case.scores["false_answer"], case.scores["gone_truthfulness"]) == (1.0, -1.0)
    assert case.detail["kind"] == "answered, though nothing answers"
    assert [citation["article_id"] for citation in case.detail["without_the_article"]["citations"]] == ["bridge"]
    rate, by_form = report.metrics["left_out_false_answer"], report.metrics["left_out_question_false_answer"]
    assert (rate.value, rate.n) == (pytest.approx(1 / 5), 5)
    assert (by_form.value, by_form.n) == (pytest.approx(1 / 3), 3)
    assert report.metrics["left_out_question_kw_false_answer"].value == 0.0
    assert report.metrics["left_out_false_refusal"].value == pytest.approx(3 / 5)
    assert report.metrics["left_out_question_false_refusal"].value == pytest.approx(1 / 3)


def test_both_askings_count_for_confidence_and_truth(report: Any) -> None:
    # Right twice and refused three times with the article; wrong once and refused four times without it.
    truth, area = report.metrics["left_out_truthfulness"], report.metrics["left_out_auroc"]
    assert (truth.value, truth.n) == (pytest.approx((2 - 1) / 10), 10)
    assert area.n == 10
    # The script's confidence is the same whether the article is there or not.
    assert area.value == 0.5


def test_conversations_count_what_is_underspecified_and_leave_out_what_is_partial(report: Any) -> None:
    tags = [case.tags for case in report.cases if "mtrag_un" in case.tags]
    assert tags == [("mtrag_un", "answerable"), ("mtrag_un", "unanswerable"), ("mtrag_un", "underspecified")]
    assert (report.metrics["mtrag_un_false_answer"].value, report.metrics["mtrag_un_false_answer"].n) == (0.5, 2)
    assert report.metrics["mtrag_un_false_refusal"].value == 0.0
    assert report.metrics["mtrag_un_auroc"].value == 1.0


def test_answering_always_and_never_are_the_floors(report: Any) -> None:
    for prefix in ("", "mtrag_un_", "left_out_", "left_out_question_kw3_"):
        answers, refusals = report.floors[f"{prefix}false_answer"], report.floors[f"{prefix}false_refusal"]
        assert {name: floor.value for name, floor in answers.items()} == {"always_answer": 1.0, "always_abstain": 0.0}
        assert {name: floor.value for name, floor in refusals.items()} == {"always_answer": 0.0, "always_abstain": 1.0}


def test_bars_are_upper_bounds_of_rates(report: Any) -> None:
    names = ("false_answer", "false_refusal", "left_out_false_answer", "left_out_false_refusal")
    assert {name: report.bars[name] for name in names} == dict.fromkeys(names, 0.15)
    assert set(report.bars) <= set(report.metrics)


def test_a_failed_case_is_unscored_in_both_rates(desk: Any) -> None:
    report = desk.told(Abstention(), {BUILT: desk.cites("nowhere at all")}, errors=1)
    assert [(report.metrics[n].value, report.metrics[n].n_unscored) for n in ("false_answer", "false_refusal")] == [
        (0.0, 1),
        (1.0, 1),
    ]
    assert report.metrics["clapnq_auroc"].n_unscored == 1
    assert report.metrics["left_out_false_answer"].n_unscored == 0


def test_the_real_engine_refuses_when_the_article_is_gone(fitted: Any) -> None:
    report = fitted.run(Abstention(), sample=10)
    assert fitted.case(report, "left_out/cost/question").detail["without_the_article"]["answer"] == []
    assert report.metrics["left_out_question_false_answer"].value == 0.0
    assert report.metrics["left_out_question_false_refusal"].value == 0.0
    assert set(report.bars) <= set(report.metrics)
    assert {tag for case in report.cases for tag in case.tags} >= {"clapnq", "mtrag_un", "left_out"}
