"""Who said it: asked of two tiny stores, by the real engine and by one that is told what to say."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.attribution import Attribution, polnear_questions

COST = "Who said the repairs cost four million crowns?"
DECK = 'Who said "The new deck will last for eighty years"?'
PIERS = "Who said the dredging had damaged two piers?"
TEACHERS = "Who said the school in Brask needs eleven more teachers?"
COST_KW = "Who repairs cost four million crowns?"
PROPELLER = 'Who said "We have no spare propeller"?'
SAILS = "Who hopes to sail again in May?"


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.polnear()
    lab.wikinews()
    return lab


def test_questions_are_asked_in_every_form_they_have_and_those_of_train_too(desk: Any) -> None:
    asked = {case.id: case.tags for case in polnear_questions(desk.data / "polnear")}
    assert asked == {
        "cost/question": ("question", "dev"),
        "cost/question_kw": ("question_kw", "dev"),
        "cost/question_kw3": ("question_kw3", "dev"),
        "deck/question": ("question", "dev"),
        "piers/question": ("question", "dev"),
        "teachers/question": ("question", "train"),
    }


def test_the_real_engine_quotes_to_the_character_and_names_speakers(desk: Any) -> None:
    report = desk.run(Attribution())
    assert report.metrics["exact_quote"].value == 1.0
    joint = report.metrics["joint_question"]
    assert (joint.value, joint.n, joint.n_unscored) == (1.0, 4, 0)
    assert {"joint_question", "joint_question_kw", "joint_question_kw3", "joint_wikinews", "exact_quote"} <= set(report.metrics)
    assert report.metrics["short_em"].value == 1.0
    joint_bars = {"joint_question": 0.97, "joint_question_kw": 0.93, "joint_question_kw3": 0.78}
    assert report.bars == joint_bars | {"exact_quote": 1.0, "short_em": 0.72, "short_f1": 0.8}
    assert len(report.cases) == 8


@pytest.fixture(scope="module")
def report(desk: Any) -> Any:
    return desk.told(
        Attribution(),
        {
            COST: desk.cites("said the repairs cost"),
            DECK: desk.cites("The new deck will last", text="It will last, the mayor told the crowd."),
            PIERS: desk.cites("The harbour at Sund closed", text="Mira Holt said so."),
            TEACHERS: desk.cites("said the repairs cost", text="Otto Lang said so."),
            COST_KW: desk.cites("Nobody was hurt", "said the repairs cost"),
            PROPELLER: desk.cites("no spare propeller", text="Captain VOSS did."),
            SAILS: desk.cites("hopes to sail again", text="She does."),
        },
    )


def test_the_right_sentence_and_the_speaker_are_both_needed(desk: Any, report: Any) -> None:
    cases = [desk.case(report, f"{name}/question") for name in ("cost", "deck", "piers", "teachers")]
    assert [case.scores["joint"] for case in cases] == [1.0, 0.0, 0.0, 0.0]
    assert [case.detail.get("kind") for case in cases] == [
        None,
        "right sentence, speaker not shown",
        "another sentence of the right article",
        "another article",
    ]
    assert report.metrics["joint_question"].value == 0.25


def test_only_the_first_answer_sentence_counts(desk: Any, report: Any) -> None:
    case = desk.case(report, "cost/question_kw")
    assert case.scores["joint"] == 0.0
    assert [citation["gold"] for citation in case.detail["citations"]] == [False, True]
    assert report.metrics["joint_question_kw"].value == 0.0


def test_a_refusal_is_wrong_but_quotes_nothing_wrong(desk: Any, report: Any) -> None:
    refused = desk.case(report, "cost/question_kw3")
    assert (refused.scores["joint"], refused.scores["answered"], refused.detail["kind"]) == (0.0, 0.0, "refused")
    assert not {"exact_quote", "cited_chars"} & set(refused.scores)
    quoted = report.metrics["exact_quote"]
    assert (quoted.value, quoted.n, quoted.n_unscored) == (1.0, 7, 0)
    assert [report.metrics[f"answered_{form}"].value for form in ("question", "question_kw3")] == [1.0, 0.0]


def test_any_name_of_the_speaker_is_right_on_wikinews(desk: Any, report: Any) -> None:
    named, pronoun = desk.case(report, "w1"), desk.case(report, "w2")
    assert (named.scores["joint"], pronoun.scores["joint"]) == (1.0, 0.0)
    assert (named.tags, pronoun.tags) == (("wikinews", "named"), ("wikinews", "pronoun"))
    assert (report.metrics["joint_wikinews"].value, report.metrics["joint_wikinews"].n) == (0.5, 2)


def test_cited_characters_are_those_a_reader_has_to_read(desk: Any, report: Any) -> None:
    sentence = "Jon Wick, the engineer, said the repairs cost four million crowns."
    assert desk.case(report, "cost/question").scores["cited_chars"] == len(sentence)


def test_trivial_systems_are_scored_on_the_same_questions(desk: Any, report: Any) -> None:
    values = {name: (floor.value, floor.n) for name, floor in report.floors["joint_question"].items()}
    assert values == {"abstain": (0.0, 4), "bm25": (1.0, 4), "lead": (0.25, 4)}
    assert desk.case(report, "cost/question").scores["joint@lead"] == 0.0, "the article's first sentence is another"
    assert desk.case(report, "teachers/question").scores["joint@lead"] == 1.0


def test_a_reader_of_failures_sees_the_gold_and_what_was_cited(desk: Any, report: Any) -> None:
    detail = desk.case(report, "cost/question_kw").detail
    assert detail["gold"] == [{"article_id": "bridge", "quote": "the repairs cost four million crowns"}]
    assert [citation["quote"] for citation in detail["citations"]] == detail["answer"]
    assert (detail["expected"], detail["status"], detail["confidence"]) == ("Jon Wick, the engineer", "answered", 0.9)


def test_a_case_that_fails_is_unscored_not_wrong_and_a_changed_quote_is_found_out(desk: Any) -> None:
    replies = {COST: desk.cites("said the repairs cost", misquoted=True), DECK: desk.cites("nowhere at all")}
    report = desk.told(Attribution(), replies, errors=1)
    answered, floor = report.metrics["answered_question"], report.floors["joint_question"]["bm25"]
    assert (answered.value, answered.n, answered.n_unscored) == (pytest.approx(1 / 3), 3, 1)
    assert (floor.n, floor.n_unscored) == (3, 1)
    assert report.metrics["joint_question_kw"].n_unscored == 0
    assert "LookupError" in (desk.case(report, "deck/question").error or "")
    assert (report.metrics["exact_quote"].value, report.metrics["exact_quote"].n_unscored) == (0.0, 1)


def test_a_sample_is_spread_over_both_sets(desk: Any) -> None:
    report = desk.run(Attribution(), sample=2)
    assert [case.case_id for case in report.cases] == ["cost/question", "piers/question"]
