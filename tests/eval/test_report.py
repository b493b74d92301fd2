"""Reports as JSON files: written, read, refused; and which numbers are better low."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.eval.report import (
    failed,
    headline_metrics,
    kind_of,
    lower_is_better,
    metrics_of,
    reached,
    read_report,
    report_from_json,
    report_text,
    report_to_json,
    write_report,
    write_text,
)
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.index.errors import UsageError

CASE = CaseResult("c1", "a1", ("kw",), {"correct": 1.0, "f1": None}, {"question": "Who?", "gold": [{"article_id": "a1"}]})
TASK = TaskReport(
    name="attribution",
    title="Who said it",
    metrics={"joint": Metric(0.7123456789, 0.65, 0.77, 10, 2), "judge": Metric(None, None, None, 0, 12)},
    floors={"joint": {"bm25": Metric(0.4, 0.3, 0.5, 10)}},
    bars={"joint": 0.7},
    notes=("A sample.",),
    cases=(CASE, CaseResult("c2", "", (), {}, error="no server")),
)
SKIPPED = TaskReport("dated", "Dated news", {}, {}, {}, (), (), skipped="realtimeqa is not there")
REPORT = EvalReport((TASK, SKIPPED), {"commit": "abc", "data": {"polnear": "123"}, "seed": 1}, {"attribution": {"seconds": 1.5}})

# -- what JSON can say ----------------------------------------------------------------------------

names = st.text(max_size=8)
numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 6) + 0.0)
counts = st.integers(0, 10_000)
maybe = st.none() | numbers
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
metrics = st.dictionaries(names, st.builds(Metric, maybe, maybe, maybe, counts, counts), max_size=3)
cases = st.builds(
    CaseResult,
    case_id=names,
    cluster=names,
    tags=st.lists(names, max_size=2).map(tuple),
    scores=st.dictionaries(names, maybe, max_size=3),
    detail=st.dictionaries(names, values, max_size=3),
    error=st.none() | names,
)
run_tasks = st.builds(
    TaskReport,
    name=names,
    title=names,
    metrics=metrics,
    floors=st.dictionaries(names, metrics, max_size=2),
    bars=st.dictionaries(names, numbers, max_size=2),
    notes=st.lists(names, max_size=2).map(tuple),
    cases=st.lists(cases, max_size=3).map(tuple),
    skipped=st.none(),
)
skipped_tasks = st.builds(
    lambda name, reason: TaskReport(name, name, {}, {}, {}, (), (), skipped=reason),
    names,
    names,
)
timings = st.dictionaries(names, st.dictionaries(names, numbers, max_size=2), max_size=2)
tasks = st.lists(run_tasks | skipped_tasks, max_size=3, unique_by=lambda task: task.name)
reports = st.builds(
    EvalReport,
    tasks.map(lambda found: tuple(sorted(found, key=lambda task: task.name))),
    st.dictionaries(names, values, max_size=3),
    timings,
)


@settings(max_examples=60, deadline=None)
@given(reports)
def test_a_report_comes_back_as_it_was(report: EvalReport) -> None:
    assert report_from_json(json.loads(report_text(report))) == report


@settings(max_examples=40, deadline=None)
@given(reports)
def test_the_text_of_a_report_is_its_json(report: EvalReport) -> None:
    text = report_text(report)
    assert json.loads(text) == report_to_json(report)
    assert text.endswith("}\n")
    assert text == report_text(report_from_json(json.loads(text)))


def test_a_report_has_the_keys_that_other_work_relies_on() -> None:
    data = report_to_json(REPORT)
    assert data["format"] == 1
    assert data["results"]["attribution"]["joint"] == {"value": 0.712346, "low": 0.65, "high": 0.77, "n": 10, "n_unscored": 2}
    assert data["results"]["attribution"]["judge"]["value"] is None
    assert data["floors"]["attribution"]["joint"]["bm25"]["value"] == 0.4
    assert data["bars"] == {"attribution": {"joint": 0.7}}
    assert data["notes"] == {"attribution": ["A sample."]}
    assert data["titles"] == {"attribution": "Who said it", "dated": "Dated news"}
    assert data["skipped"] == {"dated": "realtimeqa is not there"}
    assert "dated" not in data["results"]
    assert data["stamp"] == {"commit": "abc", "data": {"polnear": "123"}, "seed": 1}
    assert data["timings"] == {"attribution": {"seconds": 1.5}}
    assert data["cases"]["attribution"][0] == {
        "case_id": "c1",
        "cluster": "a1",
        "tags": ["kw"],
        "scores": {"correct": 1.0, "f1": None},
        "detail": {"question": "Who?", "gold": [{"article_id": "a1"}]},
        "error": None,
    }


def test_keys_are_sorted_and_a_case_is_one_line() -> None:
    lines = report_text(REPORT).splitlines()
    top = [line for line in lines if line.startswith(' "')]
    assert top == sorted(top)
    assert sum(line.startswith('   {"case_id"') or '"case_id"' in line for line in lines) == 2


def test_the_order_of_tasks_metrics_and_seconds_make_no_other_file() -> None:
    slower = replace(TASK, metrics=dict(reversed(list(TASK.metrics.items()))), cases=(replace(CASE, seconds=9.0), TASK.cases[1]))
    assert report_text(EvalReport((SKIPPED, slower), REPORT.stamp, REPORT.timings)) == report_text(REPORT)


def test_numbers_that_json_does_not_have_become_null_and_numpy_numbers_become_plain() -> None:
    metric = Metric(np.float64(0.5), math.nan, math.inf, int(np.int64(3)))
    odd = CaseResult(
        "c",
        "",
        (),
        {"f1": float(np.float32(0.5)), "n": np.float64(1)},
        {"n": np.int64(2), "minus": -1e-9, "lone": "a\ud800b", "pair": ("x", 1)},
    )
    report = EvalReport((replace(TASK, metrics={"joint": metric}, cases=(odd,)),), {}, {})
    data = json.loads(report_text(report).encode("utf-8"))
    assert data["results"]["attribution"]["joint"] == {"value": 0.5, "low": None, "high": None, "n": 3, "n_unscored": 0}
    assert data["cases"]["attribution"][0]["detail"] == {"n": 2, "minus": 0.0, "lone": "a\ufffdb", "pair": ["x", 1]}
    assert "-0.0" not in report_text(report)


def test_what_is_no_json_value_is_refused_when_it_is_written() -> None:
    odd = replace(TASK, cases=(CaseResult("c", "", (), {}, {"path": Path("x")}),))
    with pytest.raises(TypeError, match="no JSON value"):
        report_to_json(EvalReport((odd,), {}, {}))


# -- files ----------------------------------------------------------------------------------------


def test_a_report_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "report.json"
    write_report(path, REPORT)
    write_report(path, REPORT)
    assert read_report(path) == report_from_json(report_to_json(REPORT))
    assert [found.name for found in path.parent.iterdir()] == ["report.json"]


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot write .*; name a file in a folder you may write to"):
        write_text(tmp_path / "file" / "report.json", "x")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"results": {}, "stamp": {}}',
        b'{"format": "one", "results": {}, "stamp": {}}',
        b'{"format": 1, "results": NaN, "stamp": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_report_is_refused_in_one_line_that_says_what_to_give(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_report(path)
    assert str(error.value) == f"{path} is no report: give a JSON file that pullquote eval run wrote"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*no\.json: No such file or directory; give a file"):
        read_report(tmp_path / "no.json")


def test_a_report_of_a_newer_format_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^new\.json was written by a newer pullquote \(format 2\): update pullquote"):
        report_from_json({**report_to_json(REPORT), "format": 2}, "new.json")


@pytest.mark.parametrize(
    "damage",
    [
        {"results": []},
        {"results": {"attribution": {"joint": {"value": 1}}}},
        {"results": {"attribution": {"joint": {"value": "x", "low": 0, "high": 0, "n": 1}}}},
        {"results": {"attribution": {"joint": {"value": 1e999, "low": 0, "high": 0, "n": 1}}}},
        {"results": {"attribution": {"joint": {"value": 1, "low": 0, "high": 0, "n": None}}}},
        {"bars": {"attribution": {"joint": "high"}}},
        {"cases": {"attribution": [7]}},
        {"cases": {"attribution": [{"scores": {}}]}},
        {"stamp": 7},
        {"timings": {"attribution": 5}},
        {"titles": 3},
    ],
)
def test_a_damaged_report_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^x is a damaged report: write it anew with pullquote eval run$"):
        report_from_json({**report_to_json(REPORT), **damage}, "x")


def test_a_report_whose_cases_were_cut_off_to_save_room_is_a_report() -> None:
    data = report_to_json(REPORT)
    del data["cases"]
    assert [task.cases for task in report_from_json(data).tasks] == [(), ()]


# -- how a number is to be read -------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric",
    "false_answer left_out_false_refusal bipia_success poisoned_5 risk_at_coverage_80 AURC ece wrongly_cut harmed gate_passed "
    "cited_chars latency_p50_s cost_usd false_answer@always_answer".split(),
)
def test_rates_of_what_should_not_happen_and_costs_are_better_low(metric: str) -> None:
    assert lower_is_better(metric)


@pytest.mark.parametrize(
    "metric",
    [
        "joint_question",
        "recall_at_10",
        "coverage_at_risk_10",
        "mrr",
        "precision",
        "executed",
        "recency",
        "token_f1",
        "exact_quote",
    ],
)
def test_all_else_is_better_high(metric: str) -> None:
    assert not lower_is_better(metric)


@given(numbers, numbers)
def test_a_bar_is_reached_from_the_side_that_the_metric_is_better_on(value: float, bar: float) -> None:
    assert reached("recall", value, bar) == (value >= bar)
    assert reached("false_answer", value, bar) == (value <= bar)


def test_a_bar_is_not_reached_by_what_was_not_scored_nor_missed_by_rounding() -> None:
    assert not reached("recall", None, 0.0)
    assert not reached("false_answer", None, 1.0)
    assert reached("recall", 0.1 + 0.2 - 1e-12, 0.3)


def test_the_metrics_with_bars_sum_a_task_up_else_those_with_floors_else_the_first() -> None:
    assert headline_metrics(TASK) == ("joint",)
    assert headline_metrics(replace(TASK, bars={})) == ("joint",)
    assert headline_metrics(replace(TASK, bars={}, floors={})) == ("joint", "judge")
    many = {f"m{i}": Metric(1, 1, 1, 1) for i in range(9)}
    assert headline_metrics(replace(TASK, bars={}, floors={}, metrics=many)) == ("m0", "m1", "m2", "m3")


def test_a_metric_with_a_bar_that_is_missing_is_not_scored_rather_than_gone() -> None:
    task = replace(TASK, bars={"gone": 0.5})
    assert dict(metrics_of(task))["gone"] == Metric(None, None, None, 0)
    assert headline_metrics(task) == ("gone",)


def test_a_case_fails_with_an_error_or_a_kind_of_failure_or_when_it_is_not_correct_or_misses_a_headline_metric() -> None:
    def fails(scores: dict[str, float | None], error: str | None = None, kind: str = "") -> bool:
        task = replace(TASK, bars={"mrr": 0.5, "false_answer": 0.1})
        return failed(task, CaseResult("c", "", (), scores, {"kind": kind}, error))

    assert fails({}, "no server")
    assert fails({"correct": 1.0}, kind="another article")
    assert fails({"correct": 0.0, "mrr": 1.0})
    assert not fails({"correct": 1.0, "mrr": 0.0})
    assert fails({"mrr": 0.0})
    assert not fails({"mrr": 0.1})
    assert fails({"false_answer": 1.0})
    assert not fails({"false_answer": 0.0})
    assert not fails({"false_answer": None, "other": 0.0})


def test_the_kind_of_a_failure_is_what_its_task_says_else_its_first_tag() -> None:
    assert kind_of(CaseResult("c", "", ("kw", "x"), {}, {"kind": "wrong article"})) == "wrong article"
    assert kind_of(CaseResult("c", "", ("kw", "x"), {})) == "kw"
    assert kind_of(CaseResult("c", "", (), {})) == "not sorted into kinds"
    assert kind_of(CaseResult("c", "", ("kw",), {}, error="x")) == "failed with an error"
