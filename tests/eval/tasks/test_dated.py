"""A weekly news quiz, as multiple choice and free form."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.dated import Dated

CITY = "Which city will host the winter chess cup?"


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.realtimeqa()
    return lab


def test_the_real_engine_chooses_what_the_articles_say(desk: Any) -> None:
    report = desk.run(Dated())
    city = desk.case(report, "q1")
    assert (city.scores["choice_accuracy"], city.detail["chosen"]) == (1.0, "Oslo")
    assert city.scores["answer_contains"] == 1.0
    assert {"choice_accuracy", "token_f1"} <= set(report.metrics)
    assert report.bars == {"choice_accuracy": 0.64}


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.told(Dated(), {CITY: desk.cites("Oslo will host", text="Oslo, it says.")})


def test_questions_with_and_without_evidence_are_told_apart(report: Any) -> None:
    assert [case.tags for case in report.cases] == [("evidence_present",), ("evidence_absent",)]
    values = {name: (metric.value, metric.n) for name, metric in report.metrics.items()}
    assert values["answered"] == (0.5, 2)
    assert values["answered_evidence_present"] == (1.0, 1)
    assert values["choice_accuracy_evidence_present"] == (1.0, 1)
    assert values["answered_evidence_absent"] == values["choice_accuracy_evidence_absent"] == (0.0, 1)


def test_an_engine_of_ones_own_chooses_by_the_words_of_its_answer(desk: Any, report: Any) -> None:
    right, other = desk.case(report, "q1"), desk.case(report, "q2")
    assert (right.detail["chosen"], right.detail.get("kind")) == ("Oslo", None)
    assert other.detail["kind"] == "another choice, evidence absent"
    wrong = desk.case(desk.told(Dated(), {CITY: desk.cites("Oslo will host", text="It will be Lima.")}), "q1")
    assert (wrong.scores["choice_accuracy"], wrong.detail["chosen"]) == (0.0, "Lima")
    assert wrong.detail["kind"] == "another choice, evidence present"
    assert (wrong.detail["choices"], wrong.detail["expected"]) == (["Rome", "Oslo", "Lima", "Bern"], "Oslo")


def test_evidence_decides_where_the_answer_does_not(desk: Any) -> None:
    report = desk.told(Dated(), {CITY: desk.reply(read=("Oslo will host",))})
    assert desk.case(report, "q1").detail["chosen"] == "Oslo"
    assert desk.case(report, "q1").scores["answered"] == 0.0


def test_free_form_compares_the_words_of_the_answer(desk: Any, report: Any) -> None:
    said, refused = desk.case(report, "q1").scores, desk.case(report, "q2").scores
    assert (said["token_f1"], said["answer_contains"]) == (pytest.approx(2 * 1 / (3 + 1)), 1.0)
    assert (refused["token_f1"], refused["answer_contains"], refused["answered"]) == (0.0, 0.0, 0.0)
    assert report.metrics["token_f1"].value == pytest.approx(0.25)


def test_chance_and_bm25_are_the_floors(desk: Any, report: Any) -> None:
    floors = report.floors["choice_accuracy"]
    assert (floors["chance"].value, floors["chance"].n) == (0.25, 2)
    assert desk.case(report, "q1").scores["choice_accuracy@bm25"] == 1.0
    assert set(report.floors["choice_accuracy_evidence_absent"]) == {"bm25", "chance"}


def test_a_failed_case_is_unscored_where_it_belongs(desk: Any) -> None:
    report = desk.told(Dated(), {CITY: desk.cites("nowhere at all")}, errors=1)
    assert report.metrics["choice_accuracy"].n_unscored == 1
    present, absent = (report.metrics[f"choice_accuracy_evidence_{kind}"] for kind in ("present", "absent"))
    assert (present.value, present.n, present.n_unscored) == (None, 0, 1)
    assert (absent.n, absent.n_unscored) == (1, 0)
