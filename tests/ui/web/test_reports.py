"""Saved reports in the page: listed, read, compared, and nothing but them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from pullquote.eval.report import report_text, report_to_json, summary_text
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.ui.web.report_files import MAX_BYTES, report_files, summary
from pullquote.ui.web.reports import LISTED, report_page, reports_html

HOSTILE = "</p><script>alert(1)</script>\"'><img src=x onerror=alert(1)> [x](javascript:alert(1)) \u202eback\x1b[31m"
METRICS = {"joint": Metric(0.7, 0.6, 0.8, 2), "false_answer": Metric(0.2, 0.1, 0.3, 2), "other": Metric(0.5, None, None, 2)}


def case(name: str, joint: float) -> CaseResult:
    return CaseResult(name, "", (), {"joint": joint, "correct": joint}, {"question": f"Who said {name}?"})


def task(name: str = "attribution", joint: float = 1.0) -> TaskReport:
    bars = {"joint": 0.6, "false_answer": 0.1}
    return TaskReport(name, f"Title of {name}", METRICS, {}, bars, (), tuple(case(f"c{i}", joint) for i in range(40)))


REPORT = EvalReport((task(),), {"engine": "llm", "model": "small-1 ab12"}, {})


def write(folder: Path, name: str, text: str | EvalReport = REPORT, made: int = 1_000_000_000) -> Path:
    file = folder / name
    file.write_text(text if isinstance(text, str) else report_text(text), encoding="utf-8")
    os.utime(file, (made, made))
    return file


def tree(markup: str) -> Any:
    return html.fromstring(f"<main>{markup}</main>")


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def names(markup: str) -> list[str]:
    return [words(node) for node in tree(markup).xpath("//li[@class='pq-report']/h3")]


# -- the list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [None, "missing", ""], ids=["no folder", "a folder that is not there", "an empty folder"])
def test_where_nothing_is_saved_the_text_says_how_to_make_a_report(folder: str | None, tmp_path: Path) -> None:
    assert "pullquote eval run smoke --out build/eval/smoke.json" in reports_html(None if folder is None else tmp_path / folder)


def test_the_newest_report_comes_first_and_says_when_by_whom_and_of_how_much(tmp_path: Path) -> None:
    write(tmp_path, "old.json")
    write(tmp_path, "new.json", made=1_790_000_000)
    listed = reports_html(tmp_path)
    assert names(listed) == ["new.json", "old.json"]
    facts = tree(listed).xpath("//p[@class='pq-facts']")
    assert words(facts[0]) == "21 Sep 2026, 14:13 UTC · llm · small-1 ab12 · 1 task · 40 questions"
    assert facts[0].xpath("time/@datetime") == ["2026-09-21T14:13:20Z"]


def test_the_first_tasks_are_shown_with_intervals_and_bars(tmp_path: Path) -> None:
    write(tmp_path, "r.json", replace(REPORT, tasks=tuple(task(name) for name in "abcde")))
    listed = tree(reports_html(tmp_path))
    rows = [[words(cell) for cell in row] for row in listed.xpath("//tbody/tr")]
    assert rows[:3] == [
        ["Title of a"],
        ["false answer ↓", "0.200", "0.100 – 0.300", "≤ 0.100 short"],
        ["joint", "0.700", "0.600 – 0.800", "≥ 0.600 reached"],
    ]
    assert [row[0] for row in rows if len(row) == 1] == ["Title of a", "Title of b", "Title of c"]
    assert "2 more tasks in the report." in words(listed)
    bars = "5 of 10 bars reached; short: false answer (a), false answer (b), false answer (c) and 2 more"
    assert words(listed.xpath("//p[@class='pq-bars']")[0]) == bars


def test_only_the_newest_report_is_unfolded(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, f"{number}.json", made=number)
    folds = tree(reports_html(tmp_path)).xpath("//details[@class='pq-numbers']")
    assert [fold.get("open") is not None for fold in folds] == [True, False, False]


def test_a_report_of_numbers_alone_says_so(tmp_path: Path) -> None:
    write(tmp_path, "r.json", summary_text(REPORT))
    assert "1 task · numbers alone" in words(tree(reports_html(tmp_path)))


def test_a_report_can_be_opened_here_and_in_its_own_tab(tmp_path: Path) -> None:
    name = 'a "b" & 100 %?#.json'
    write(tmp_path, name)
    listed = tree(reports_html(tmp_path))
    assert listed.xpath("//button[@data-act='open-report']/@data-name") == [name]
    (link,) = listed.xpath("//a")
    assert link.get("href") == "/reports/a%20%22b%22%20%26%20100%20%25%3F%23.json"
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")


def test_of_many_files_only_the_newest_are_looked_into(tmp_path: Path) -> None:
    for number in range(LISTED + 7):
        write(tmp_path, f"{number}.json", made=number)
    listed = reports_html(tmp_path)
    assert names(listed) == [f"{number}.json" for number in reversed(range(7, LISTED + 7))]
    assert "7 older files not listed." in words(tree(listed))


def test_the_cases_of_a_large_report_are_counted_without_being_parsed(tmp_path: Path) -> None:
    write(tmp_path, "r.json", report_text(REPORT).replace('"case_id": "c7"', '"case_id": broken'))
    assert summary(report_files(tmp_path)[0]).questions == 40
    assert "r.json is no report" in report_page(tmp_path, "r.json")


def test_a_report_that_was_laid_out_anew_counts_the_same(tmp_path: Path) -> None:
    for indent in (None, 1, 3):
        write(tmp_path, f"{indent}.json", json.dumps(report_to_json(REPORT), indent=indent))
    assert [summary(file).questions for file in report_files(tmp_path)] == [40, 40, 40]


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, "r.json")
    assert "1 task ·" in reports_html(tmp_path)
    write(tmp_path, "r.json", replace(REPORT, tasks=(task("a"), task("b"))), made=1_000_000_001)
    assert "2 tasks ·" in reports_html(tmp_path)
    assert "Title of b" in report_page(tmp_path, "r.json")


BROKEN = {
    "cut": report_text(REPORT)[:300],
    "empty": "",
    "list": "[1, 2]",
    "foreign": '{"format": 1, "name": "x"}',
    "newer": '{"format": 99, "results": {}, "stamp": {}}',
    "huge number": report_text(REPORT).replace('"value": 0.7', f'"value": 1{"0" * 400}'),
    "deep": "[" * 100_000,
    "nan": '{"format": 1, "results": {}, "stamp": {"a": NaN}}',
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_or_foreign_file_is_named_with_the_reason_beside_the_reports(kind: str, tmp_path: Path) -> None:
    write(tmp_path, "good.json")
    write(tmp_path, "bad.json", BROKEN[kind])
    listed = tree(reports_html(tmp_path))
    assert listed.xpath("//h3/text()") == ["good.json"]
    (reason,) = listed.xpath("//details[@class='pq-unread']//li")
    assert words(reason).startswith("bad.json ")
    assert str(tmp_path) not in words(listed)
    assert "bad.json" in report_page(tmp_path, "bad.json")
    assert "bad.json" in report_page(tmp_path, "good.json:bad.json")


def test_a_number_that_nobody_could_print_is_told_not_raised(tmp_path: Path) -> None:
    cases = tuple(replace(case(f"c{i}", 0.0), detail={"confidence": "huge"}) for i in range(30))
    text = report_text(replace(REPORT, tasks=(replace(task(), cases=cases),)))
    write(tmp_path, "odd.json", text.replace('"huge"', "1" + "0" * 400))
    assert names(reports_html(tmp_path)) == ["odd.json"]
    assert "odd.json is a damaged report" in report_page(tmp_path, "odd.json")


def test_a_report_over_the_limit_is_not_read(tmp_path: Path) -> None:
    with write(tmp_path, "r.json").open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    assert "r.json is larger than 64 MB" in reports_html(tmp_path)
    assert "r.json is larger than 64 MB" in report_page(tmp_path, "r.json")


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, "r.json")
    assert "the folder of reports cannot be read" in reports_html(file)
    assert "the folder of reports cannot be read" in report_page(file, "r.json")


# -- only what is in the folder -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../secret.json",
        "secret.txt",
        "sub/inner.json",
        "sub",
        ".",
        "..",
        "",
        "link.json",
        "inside.json",
        ".hidden.json",
        "r.json\0",
        "R.JSON",
    ],
)
def test_no_other_file_can_be_named(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (folder / "sub").mkdir(parents=True)
    secret = write(tmp_path, "secret.json")
    for place in ("secret.txt", "sub/inner.json", ".hidden.json", "r.json"):
        write(folder, place)
    (folder / "link.json").symlink_to(secret)
    (folder / "inside.json").symlink_to(folder / "r.json")
    assert report_page(folder, name) is None
    assert report_page(folder, str(secret)) is None
    assert report_page(folder, f"r.json:{name}") is None
    assert report_page(folder, f"{name}:r.json") is None
    assert names(reports_html(folder)) == ["r.json"]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert report_page(tmp_path, "pipe.json") is None
    assert names(reports_html(tmp_path)) == []


# -- one report, and two --------------------------------------------------------------------------


def test_a_report_is_its_own_page_for_a_frame_that_reaches_nothing_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "r.json")
    page = report_page(tmp_path, "r.json")
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page
    assert "Title of attribution" in page
    (frame,) = tree(reports_html(tmp_path)).xpath("//iframe")
    assert frame.get("sandbox") == "allow-scripts"
    assert frame.get("title")
    assert frame.get("src") is None


def test_a_report_with_cases_can_be_compared_with_those_before_it(tmp_path: Path) -> None:
    for number, name in enumerate(("a.json", "b.json", "c.json")):
        write(tmp_path, name, made=number)
    write(tmp_path, "numbers.json", summary_text(REPORT), made=9)
    wanted = tree(reports_html(tmp_path)).xpath("//details[@class='pq-compare']//button[@data-act='open-report']/@data-name")
    assert wanted == ["b.json:c.json", "a.json:c.json", "a.json:b.json"]


def test_a_comparison_says_what_the_terminal_says(tmp_path: Path) -> None:
    write(tmp_path, "before.json")
    write(tmp_path, "after.json", replace(REPORT, tasks=(task(joint=0.0),)))
    shown = html.document_fromstring(report_page(tmp_path, "before.json:after.json"))
    assert words(shown.xpath("//h1")[0]) == "before.json → after.json"
    assert "2 significant regressions:" in words(shown)
    rows = [[words(cell) for cell in row] for row in shown.xpath("//table[1]/tbody/tr")]
    assert ["attribution", "joint", "1.000", "0.000"] in [row[:4] for row in rows]
    assert "Who said c0?" in words(shown)


def test_reports_that_cannot_be_compared_say_why(tmp_path: Path) -> None:
    write(tmp_path, "a.json", replace(REPORT, stamp={"data": {"polnear": "1"}}))
    write(tmp_path, "b.json", replace(REPORT, stamp={"data": {"polnear": "2"}}))
    assert "the data of polnear is not the same" in report_page(tmp_path, "a.json:b.json")


# -- nothing of a report is markup ----------------------------------------------------------------


def hostile_report(joint: float) -> EvalReport:
    cases = tuple(replace(case(f"{HOSTILE}{i}", joint), detail={"question": HOSTILE}) for i in range(40))
    metrics = {name: Metric(joint, 0.0, 1.0, 40) for name in ("joint", HOSTILE)}
    bad = TaskReport(
        HOSTILE, HOSTILE, metrics, {"joint": {HOSTILE: METRICS["other"]}}, {"joint": 0.6, HOSTILE: 0.9}, (HOSTILE,), cases
    )
    return EvalReport((bad,), {"engine": HOSTILE, "model": HOSTILE, HOSTILE: HOSTILE}, {HOSTILE: {"seconds": 1.0}})


def test_nothing_that_a_report_says_becomes_markup(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)> \"'&.json"
    write(tmp_path, name, hostile_report(1.0), made=1)
    write(tmp_path, "after.json", hostile_report(0.0), made=2)
    write(tmp_path, "<script>.json", "{")
    compared = report_page(tmp_path, f"{name}:after.json")
    for markup in (reports_html(tmp_path), compared, report_page(tmp_path, "<script>.json")):
        shown = tree(markup)
        assert not shown.xpath("//script | //img | //@*[starts-with(name(), 'on')]")
        assert not [link for link in shown.xpath("//@href | //@src") if not link.startswith("/reports/")]
        assert not {"\u202e", "\x1b"} & set(markup)
    assert "<script>alert(1)" in words(tree(compared))


def test_a_name_that_cannot_be_shown_is_no_report(tmp_path: Path) -> None:
    write(tmp_path, "a\u202egpj.json")
    write(tmp_path, "two\nlines.json")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.json"))).write_text(report_text(REPORT), encoding="utf-8")
    listed = tree(reports_html(tmp_path))
    assert not listed.xpath("//button | //iframe")
    assert words(listed).count("has a name that cannot be shown: rename it") == 3
