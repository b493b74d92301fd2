"""Two reports compared: what is found to be worse, what is not, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.eval.compare import COMPLETED, Comparison, compare_reports, comparison_markdown, comparison_to_json, direction
from pullquote.eval.comparisons import BOOTSTRAP, MCNEMAR, RANDOMISATION
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.index.errors import UsageError

Scores = Sequence[float | None]
STAMP = {"commit": "aaa", "data": {"quiz.jsonl": "123"}, "tasks": {"quiz": 1}, "seed": 1}


def task(scores: Scores, metric: str = "correct", name: str = "quiz", clusters: int = 0) -> TaskReport:
    """Return a task with one score a case; ``clusters`` 0: every case is one of its own."""
    cases = []
    for i, score in enumerate(scores):
        scored = {metric: score, f"{metric}@floor": 0.0}
        cases.append(CaseResult(f"c{i}", f"a{i % clusters}" if clusters else "", (), scored, {"question": f"Q{i}?"}))
    return TaskReport(name, name.title(), {}, {}, {}, (), tuple(cases))


def report(*tasks: TaskReport, **stamp: Any) -> EvalReport:
    return EvalReport(tasks, {**STAMP, **stamp}, {})


def compared(before: Scores, after: Scores, metric: str = "correct", clusters: int = 0) -> Comparison:
    return compare_reports(report(task(before, metric, clusters=clusters)), report(task(after, metric, clusters=clusters)))


def moves(comparison: Comparison) -> list[tuple[str, float, float, str]]:
    return [(c.case_id, c.before, c.after, c.direction) for c in comparison.changes]


# -- regressions ----------------------------------------------------------------------------------


def test_many_cases_that_got_worse_are_a_regression() -> None:
    comparison = compared([1.0] * 40, [0.0] * 12 + [1.0] * 28)
    (found,) = comparison.significant_regressions
    assert (found.task, found.metric, found.before, found.after, found.n) == ("quiz", "correct", 1.0, 0.7, 40)
    assert found.difference == pytest.approx(-0.3)
    assert found.low <= found.difference <= found.high < 0
    assert found.p == pytest.approx(2 / 2**12)
    assert comparison.regressed
    assert comparison.significant_gains == ()
    assert len(moves(comparison)) == 12
    assert moves(comparison)[0] == ("c0", 1.0, 0.0, "worse")


def test_a_few_cases_either_way_are_no_regression_but_are_listed() -> None:
    comparison = compared([1.0] * 20 + [0.0] * 20, [0.0, 0.0] + [1.0] * 19 + [0.0] * 19)
    assert not comparison.regressed
    assert not comparison.significant_gains
    assert moves(comparison) == [("c0", 1.0, 0.0, "worse"), ("c1", 1.0, 0.0, "worse"), ("c20", 0.0, 1.0, "better")]


def test_the_same_report_twice_has_no_difference() -> None:
    comparison = compared([1.0, 0.0, 0.5], [1.0, 0.0, 0.5])
    assert not comparison.regressed
    assert not comparison.changes
    assert not comparison.stamp
    assert [found.direction for found in comparison.differences] == ["same"]


def test_a_rate_that_should_be_low_gets_worse_by_rising() -> None:
    assert compared([0.0] * 40, [1.0] * 12 + [0.0] * 28, "false_answer").regressed
    risen = compared([0.0] * 40, [1.0] * 12 + [0.0] * 28, "correct")
    assert not risen.regressed
    assert len(risen.significant_gains) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=60))
def test_what_is_a_regression_one_way_is_a_gain_the_other_way(pairs: list[tuple[float, float]]) -> None:
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    there, back = compared(before, after), compared(after, before)
    assert [d.metric for d in there.significant_regressions] == [d.metric for d in back.significant_gains]
    assert len(there.changes) == len(back.changes)


def test_graded_scores_of_many_clusters_are_resampled_and_of_few_are_swapped() -> None:
    before = [0.5] * 120
    after = [0.5 - 0.001 * (i % 7) for i in range(120)]
    assert compared([1.0, 0.0], [1.0, 1.0]).differences[0].test == MCNEMAR
    assert compared(before, after, clusters=40).differences[0].test == BOOTSTRAP
    assert compared(before, after, clusters=10).differences[0].test == RANDOMISATION


def test_cases_of_a_single_article_prove_nothing() -> None:
    comparison = compared([1.0] * 50, [0.0] * 50, clusters=1)
    assert comparison.differences[0].p == 1.0
    assert not comparison.regressed


def test_several_comparisons_make_each_less_sure() -> None:
    before, after = [1.0] * 30, [0.0] * 6 + [1.0] * 24
    names = [f"m{i}" for i in range(4)]
    alone = compared(before, after).differences[0]
    first = report(*(task(before, name=name) for name in names))
    second = report(*(task(after if name == "m0" else before, name=name) for name in names))
    together = compare_reports(first, second).differences[0]
    assert alone.significant
    assert not together.significant
    assert together.p == alone.p
    assert together.p_holm == pytest.approx(4 * alone.p)


def test_cases_that_now_end_in_an_error_are_a_regression_though_they_have_no_scores() -> None:
    before = task([1.0] * 30)
    after = replace(
        before, cases=tuple(replace(c, scores={}, error="no server") if i < 10 else c for i, c in enumerate(before.cases))
    )
    comparison = compare_reports(report(before), report(after))
    assert [found.metric for found in comparison.significant_regressions] == [COMPLETED]
    assert next(d for d in comparison.differences if d.metric == "correct").n_lost == 10


def test_floors_are_not_compared_and_what_is_not_scored_is_left_out() -> None:
    comparison = compared([1.0, None, 0.0, 1.0], [1.0, 1.0, None, 0.0])
    assert [(d.metric, d.n, d.n_lost) for d in comparison.differences] == [("correct", 2, 1)]


def tagged(scores: Sequence[float], metric: float, name: str = "joint_kw") -> EvalReport:
    """Return a report with the score ``joint``, the first half of the cases tagged ``kw``, and one metric."""
    half = len(scores) // 2
    cases = tuple(
        CaseResult(f"c{i}", "", ("kw" if i < half else "question",), {"joint": score, "confidence": score / 2})
        for i, score in enumerate(scores)
    )
    return report(replace(task([]), metrics={name: Metric(metric, 0, 1, half)}, cases=cases))


@pytest.mark.parametrize("name", ["joint_kw", "kw_joint", "joint"])
def test_a_metric_of_the_cases_with_a_tag_is_compared_on_these_and_scores_that_are_not_reported_are_not(name: str) -> None:
    one, two = tagged([1.0] * 30 + [0.0] * 30, 1.0, name), tagged([0.0] * 30 + [1.0] * 30, 0.0, name)
    comparison = compare_reports(one, two)
    assert [(d.metric, d.n, d.before, d.after) for d in comparison.significant_regressions] == [(name, 30, 1.0, 0.0)]
    assert len(comparison.differences) == 1


def test_a_metric_that_is_no_mean_over_cases_is_set_side_by_side() -> None:
    one = replace(task([1.0, 0.0]), metrics={"auroc": Metric(0.8, 0.7, 0.9, 2), "correct": Metric(0.5, 0, 1, 2)})
    two = replace(task([1.0, 1.0]), metrics={"auroc": Metric(0.6, 0.5, 0.7, 2), "correct": Metric(1.0, 0, 1, 2)})
    (found,) = compare_reports(report(one), report(two)).untested
    assert (found.metric, found.before, found.after) == ("auroc", 0.8, 0.6)


@pytest.mark.parametrize(
    ("metric", "difference", "way"),
    [
        ("correct", 0.1, "better"),
        ("correct", -0.1, "worse"),
        ("ece", 0.1, "worse"),
        ("ece", -0.1, "better"),
        ("ece", 1e-12, "same"),
    ],
)
def test_the_name_of_a_metric_says_which_way_is_better(metric: str, difference: float, way: str) -> None:
    assert direction(metric, difference) == way


# -- what cannot be compared ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ({"data": {"quiz.jsonl": "999"}}, "the data of quiz.jsonl is not the same"),
        ({"tasks": {"quiz": 2}}, "the scoring of quiz is not the same"),
        ({"data": {"quiz.jsonl": "999"}, "tasks": {"quiz": 2}}, "the data of quiz.jsonl is not the same and the scoring of quiz"),
    ],
)
def test_reports_of_other_data_or_scoring_are_refused_unless_it_is_forced(stamp: dict[str, Any], reason: str) -> None:
    one, two = report(task([1.0])), report(task([0.0]), **stamp)
    with pytest.raises(
        UsageError, match=f"^the reports cannot be compared: {reason}.*; run both anew on the same data, or force it$"
    ):
        compare_reports(one, two)
    comparison = compare_reports(one, two, force=True)
    assert comparison.notes[0].startswith(f"Compared all the same: {reason}")
    assert len(comparison.changes) == 1


def test_data_that_only_one_report_used_and_another_commit_are_no_hindrance() -> None:
    comparison = compare_reports(report(task([1.0])), report(task([1.0]), commit="bbb", data={"other": "1"}))
    assert ("commit", "aaa", "bbb") in comparison.stamp
    assert ("data.other", "none", "1") in comparison.stamp


@pytest.mark.parametrize("other", [task([1.0], name="other"), replace(task([1.0]), cases=()), replace(task([]), skipped="gone")])
def test_reports_without_a_case_in_common_are_refused(other: TaskReport) -> None:
    with pytest.raises(UsageError, match="no case is in both reports"):
        compare_reports(report(task([1.0])), report(other))


def test_cases_and_tasks_that_do_not_pair_are_said() -> None:
    one = report(task([1.0] * 5), task([1.0], name="gone"), task([1.0], name="off"))
    two = report(task([1.0] * 3), replace(task([], name="off"), skipped="no data"), task([1.0], name="new"))
    comparison = compare_reports(one, two)
    assert comparison.lost_tasks == ("gone", "off")
    assert comparison.notes == (
        "gone was not run for the second report.",
        "new was not run for the first report.",
        "off was not run for the second report: no data.",
        "quiz: 3 cases in both reports, 2 only in the first, 0 only in the second.",
    )


# -- as JSON and Markdown -------------------------------------------------------------------------


def test_the_json_has_all_that_was_found() -> None:
    data = comparison_to_json(compared([1.0] * 40, [0.0] * 12 + [1.0] * 28))
    json.dumps(data, allow_nan=False)
    assert data["significant_regressions"] == [["quiz", "correct"]]
    assert data["significant_gains"] == []
    assert data["differences"][0]["difference"] == -0.3
    assert data["differences"][0]["direction"] == "worse"
    assert len(data["changes"]) == 12
    assert {"untested", "lost_tasks", "stamp", "notes"} <= data.keys()


def test_the_markdown_says_first_what_is_more_than_chance_and_lists_cases() -> None:
    text = comparison_markdown(compared([1.0] * 40 + [0.0], [0.0] * 30 + [1.0] * 11))
    assert text.startswith(
        "# Comparison\n\n**1 significant regression:**\n\n- `quiz` `correct`: 0.976 → 0.268 (-0.707, p < 0.001)\n"
    )
    assert "**No significant gain.**" in text
    worse, better = text.split("## Cases that got worse")[1].split("## Cases that got better")
    assert worse.count("\n- `c") == 20
    assert "- and 10 more, in the JSON" in worse
    assert "- `c40` Q40? (`correct` 0.000 → 1.000)" in better


def test_the_markdown_of_no_difference_lists_nothing() -> None:
    text = comparison_markdown(compared([1.0, 0.0], [1.0, 0.0]))
    assert "**No significant regression.**" in text
    assert "## " not in text


def test_a_hostile_question_stays_text() -> None:
    one = replace(task([1.0]), cases=(CaseResult("<b>|", "", (), {"correct": 1.0}, {"question": "<script>|\u202e[x](y)"}),))
    two = replace(one, cases=(replace(one.cases[0], scores={"correct": 0.0}),))
    text = comparison_markdown(compare_reports(report(one), report(two, commit="<i>|")))
    assert r"- \<b\>\| \<script\>\|\[x\](y) (`correct` 1.000 → 0.000)" in text
    assert r"\<i\>\|" in text


def test_the_same_reports_make_the_same_comparison() -> None:
    before, after = [i / 50 for i in range(50)], [(i * 7 % 50) / 50 for i in range(50)]
    assert comparison_to_json(compared(before, after)) == comparison_to_json(compared(before, after))
