"""How many of the different answers a reader gets to see."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.disagreement import Disagreement, half_of

COST = "What did the new bridge cost?"
ANSWERS = (
    ("a", "The bridge cost three million, the city said.", 0),
    ("b", "Builders say the bridge cost three million.", 0),
    ("a", "A minister put the price at four million.", 1),
    ("c", "Close to four million was paid in the end.", 1),
    ("c", "Critics speak of six million.", 2),
    ("d", "Nobody knows what it cost.", 3),
    ("e", "It cost one crown, an old joke goes.", 4),
)


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    answers = [
        {
            "Paragraph Id": f"p{n}", "Paragraph": text, "Answer": text, "Article URL": f"https://{outlet}.example/1", "qid": "Q1",
            "cluster_global": group,
        }
        for n, (outlet, text, group) in enumerate(ANSWERS)
    ]  # fmt: skip
    other = {
        "Paragraph Id": "p9", "Paragraph": "Sund has two ferries.", "Answer": "two", "Article URL": "https://a.example/2",
        "qid": "Q2", "cluster_global": 0,
    }  # fmt: skip
    lab.write(
        "nanco/nanco_dataset.json",
        [
            {"question": COST, "Created On": "04/13/2022 17:13", "answers": answers},
            {"question": "How many ferries has Sund?", "Created On": "04/13/2022 17:13", "answers": [other]},
        ],
    )
    return lab


def cost(desk: Any, reply: Any) -> Any:
    return desk.case(desk.told(Disagreement(), {COST: reply}), "nanco-Q1")


def test_a_group_is_shown_once_however_often_it_is_cited(desk: Any) -> None:
    one = cost(desk, desk.cites("three million, the city", "Builders say"))
    two = cost(desk, desk.cites("three million, the city", "Close to four"))
    assert (one.scores["groups_answered"], two.scores["groups_answered"]) == (0.25, 0.5)


def test_only_the_four_largest_groups_count(desk: Any) -> None:
    every = cost(desk, desk.cites("Builders say", "A minister", "six million", "Nobody knows", "an old joke"))
    joke = cost(desk, desk.cites("an old joke"))
    assert every.scores["groups_answered"] == 1.0
    assert (joke.scores["groups_answered"], joke.scores["on_topic"]) == (0.0, 1.0)


def test_what_was_read_counts_apart_from_what_was_answered(desk: Any) -> None:
    case = cost(desk, desk.cites("six million", read=("six million", "A minister", "Sund has two ferries")))
    assert (case.scores["groups_answered"], case.scores["groups_read"]) == (0.25, 0.5)


def test_citations_elsewhere_are_off_topic(desk: Any) -> None:
    case = cost(desk, desk.cites("six million", "Sund has two ferries"))
    assert case.scores["on_topic"] == 0.5
    assert [citation["gold"] for citation in case.detail["citations"]] == [True, False]


def test_a_refusal_shows_no_group_and_is_on_no_topic(desk: Any) -> None:
    case = cost(desk, desk.reply())
    assert (case.scores["groups_answered"], case.scores["answered"], case.scores["on_topic"]) == (0.0, 0.0, None)
    assert case.detail["kind"] == "refused"


def test_questions_are_summed_up_beside_what_bm25_shows(desk: Any) -> None:
    report = desk.told(Disagreement(), {COST: desk.cites("six million", "Close to four")})
    assert report.metrics["groups_answered"].value == pytest.approx(0.5 / 2)
    assert (report.metrics["on_topic"].value, report.metrics["on_topic"].n, report.metrics["on_topic"].n_unscored) == (1.0, 1, 1)
    assert {name: set(floors) for name, floors in report.floors.items()} == {
        "groups_answered": {"bm25"},
        "groups_read": {"bm25"},
        "precision": {"numbers", "every"},
    }
    assert desk.case(report, "nanco-Q2").scores["groups_answered@bm25"] == 1.0


def test_the_real_engine_shows_what_it_finds(desk: Any) -> None:
    report = desk.run(Disagreement())
    assert len(report.cases) == 2
    shown = desk.case(report, "nanco-Q1").scores
    assert shown["groups_read"] >= shown["groups_answered"]
    assert report.metrics["groups_read"].value > 0.5


# -- what is shown as a conflict ------------------------------------------------------------------

TOLL = "How many people died in the Sund ferry fire?"
TOLLS = (
    ("a", "Eleven people died in the Sund ferry fire.", 0),
    ("b", "The Sund ferry fire killed eleven people.", 0),
    ("c", "The Sund ferry fire killed fourteen people.", 1),
    ("d", "The Sund ferry fire killed twelve people.", 1),
    ("e", "A fire in Sund was put out by 30 men.", 2),
)


def write(lab: Any, answers: tuple[tuple[str, str, int], ...]) -> Any:
    rows = [
        {
            "Paragraph Id": f"p{n}", "Paragraph": text, "Answer": text, "Article URL": f"https://{outlet}.example/1", "qid": "Q4",
            "cluster_global": group,
        }
        for n, (outlet, text, group) in enumerate(answers)
    ]  # fmt: skip
    lab.write("nanco/nanco_dataset.json", [{"question": TOLL, "Created On": "04/13/2022 17:13", "answers": rows}])
    return lab


@pytest.fixture
def tolls(lab: Any) -> Any:
    return write(lab, TOLLS)


def test_pairs_that_are_shown_as_disagreeing_are_right_where_people_grouped_them_apart(tolls: Any) -> None:
    report = tolls.told(Disagreement(), {TOLL: tolls.cites("Eleven people")})
    scores = tolls.case(report, "nanco-Q4").scores
    # Eleven against fourteen, twice; against twelve, twice; and fourteen against twelve, which people put in one group.
    assert (scores["pairs"], scores["different"], scores["flagged"], scores["right"]) == (10, 8, 5, 4)
    assert report.metrics["precision"].value == pytest.approx(0.8)
    assert report.metrics["recall"].value == pytest.approx(0.5)
    assert report.floors["precision"]["every"].value == pytest.approx(0.8)
    assert (scores["flagged@numbers"], scores["right@numbers"]) == (9, 8)


def test_a_half_of_the_questions_was_not_looked_at_and_is_told_apart(tolls: Any) -> None:
    halves = {half_of(f"nanco-Q{n}") for n in range(2, 10)}
    assert halves == {"seen", "held_out"}
    report = tolls.told(Disagreement(), {})
    mine = half_of("nanco-Q4")
    (other,) = halves - {mine}
    assert report.metrics[f"precision_{mine}"].value == pytest.approx(0.8)
    assert report.metrics[f"precision_{other}"].value is None


def test_where_nothing_is_flagged_there_is_no_precision(lab: Any) -> None:
    report = write(lab, TOLLS[:2] + TOLLS[4:]).told(Disagreement(), {})
    assert (report.metrics["precision"].value, report.metrics["recall"].value) == (None, 0.0)


def test_the_sides_that_an_answer_shows_are_counted_apart(tolls: Any) -> None:
    scores = tolls.case(tolls.run(Disagreement()), "nanco-Q4").scores
    assert scores["answer_flagged"] >= scores["answer_right"] > 0
