"""Ranked evidence against gold sentences."""

from __future__ import annotations

from collections import Counter
from math import log2
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.datasets import FORMS
from pullquote.eval.runner import run
from pullquote.eval.tasks.attribution import Attribution
from pullquote.eval.tasks.retrieval import Retrieval

COST = "Who said the repairs cost four million crowns?"
DECK = 'Who said "The new deck will last for eighty years"?'
TEACHERS = "Who said the school in Brask needs eleven more teachers?"
MEASURES = ("recall_at_10", "mrr", "ndcg_at_10")


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.polnear()
    lab.wikinews()
    return lab


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.told(
        Retrieval(),
        {
            COST: desk.reply(read=("Ada Pell reopened", "Nobody was hurt", "said the repairs cost")),
            DECK: desk.cites("The new deck will last", read=("Boats now land",)),
            TEACHERS: desk.reply(read=("needs eleven more teachers", "smaller classes")),
        },
    )


def test_the_real_engine_ranks_the_right_sentence_first(desk: Any) -> None:
    report = desk.run(Retrieval())
    for form in (*FORMS, "wikinews"):
        assert report.metrics[f"recall_at_10_{form}"].value == 1.0
        assert {f"{measure}_{form}" for measure in MEASURES} <= set(report.metrics)
    assert report.metrics["mrr_question"].value == 1.0


def test_sentences_far_down_count_less_and_those_that_are_not_there_nothing(desk: Any, report: Any) -> None:
    cost, deck, piers = (desk.case(report, f"{name}/question") for name in ("cost", "deck", "piers"))
    assert [cost.scores[name] for name in MEASURES] == [1.0, pytest.approx(1 / 3), pytest.approx(1 / log2(4))]
    assert [deck.scores[name] for name in MEASURES] == [0.0, 0.0, 0.0]
    assert piers.scores["recall_at_10"] == 0.0, "nothing was read"
    assert report.metrics["recall_at_10_question"].value == 0.5
    assert report.metrics["mrr_question"].value == pytest.approx((1 / 3 + 1) / 4)


def test_evidence_counts_even_where_the_question_is_refused(desk: Any, report: Any) -> None:
    case = desk.case(report, "teachers/question")
    assert (case.detail["status"], case.scores["mrr"]) == ("abstained", 1.0)


def test_cases_have_the_scores_and_the_failures_of_retrieval_alone(desk: Any, report: Any) -> None:
    cost, deck = desk.case(report, "cost/question"), desk.case(report, "deck/question")
    assert set(cost.scores) == {*MEASURES, *(f"{measure}@bm25" for measure in MEASURES)}
    assert "kind" not in cost.detail, "refused, but found"
    assert deck.detail["kind"] == "none of the ten"


def test_bm25_is_the_floor_of_every_measure(report: Any) -> None:
    assert {name: set(floors) for name, floors in report.floors.items()} == {
        f"{measure}_{form}": {"bm25"} for measure in MEASURES for form in (*FORMS, "wikinews")
    }
    floor = report.floors["mrr_question"]["bm25"]
    assert (floor.value, floor.n) == (1.0, 4)


def test_attribution_and_retrieval_ask_every_question_once(desk: Any, tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def engine(store: Any, leave_out: Any) -> Any:
        refuse = desk.answers(store)

        def ask(question: str) -> Any:
            asked[question] += 1
            return refuse(desk.reply())

        return ask

    first, second = run([Attribution(), Retrieval()], desk.setup(engine), work=tmp_path, workers=1).tasks
    assert set(asked.values()) == {1}
    assert len(asked) == len(first.cases) == len(second.cases) == 8
    assert (first.metrics["joint_question"].value, second.metrics["mrr_question"].value) == (0.0, 0.0)


def test_a_failed_case_is_unscored(desk: Any) -> None:
    report = desk.told(
        Retrieval(), {COST: desk.reply(read=("said the repairs cost",)), DECK: desk.cites("nowhere at all")}, errors=1
    )
    metric = report.metrics["recall_at_10_question"]
    assert (metric.value, metric.n, metric.n_unscored) == (pytest.approx(1 / 3), 3, 1)
