"""Reports as one HTML page: well formed, whole by itself, and safe with whatever the data says."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pullquote.eval.compare import compare_reports
from pullquote.eval.html import MAX_FAILURES, MAX_RIGHT, comparison_html, report_html
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.qa.render import display_text

HOSTILE = (
    "</title><script>alert(1)</script> | \"'><img src=x onerror=alert(1)> {{ 7 * 7 }} \u202eback\u202c \x1b[31mred\x07 \x00 ]]>"
)
DETAIL: dict[str, Any] = {
    "question": "Who called for restraint?",
    "expected": "Marit Oldane",
    "status": "answered",
    "answer": ["The council did.", {"text": "It met on Monday.", "verdict": "unsupported"}],
    "citations": [{"article_id": "a7", "title": "Council meets", "quote": "The council called for calm.", "gold": False}],
    "gold": [{"article_id": "a1", "quote": "Marit Oldane called on both sides."}],
    "kind": "wrong article",
    "confidence": 0.7,
    "choices": ["a", "b"],
}
METRICS = {
    "joint": Metric(0.7, 0.6, 0.8, 2, 1),
    "false_answer": Metric(0.2, 0.1, 0.3, 2),
    "judge": Metric(None, None, None, 0, 3),
}
TASK = TaskReport(
    name="attribution",
    title="Who said it",
    metrics=METRICS,
    floors={"joint": {"bm25_top": Metric(0.4, 0.3, 0.5, 2)}},
    bars={"joint": 0.6, "false_answer": 0.1},
    notes=("Every fourth case.",),
    cases=(
        CaseResult("c1", "a1", ("kw",), {"correct": 0.0, "joint@bm25": None}, DETAIL),
        CaseResult(
            "c2",
            "a2",
            ("kw",),
            {"correct": 1.0},
            {"question": "Is it right?", "status": "abstained", "expected": None, "gold": []},
        ),
        CaseResult("c3", "a3", (), {}, {}, error="no server"),
    ),
)
SKIPPED = TaskReport("dated", "Dated news", {}, {}, {}, (), (), skipped="realtimeqa is not there")
REPORT = EvalReport((TASK, SKIPPED), {"commit": "abc", "data": {"polnear": "123"}}, {"attribution": {"seconds": 75.0}})
NAMES = {
    *"html head meta title style body header nav main section footer form input output script a abbr b cite details".split(),
    *"summary div dl dt dd figure figcaption h1 h2 h3 li ul p span table thead tbody tr th td".split(),
    *"svg line circle rect polyline text".split(),
}


def page(report: EvalReport) -> Any:
    """Return the page as a tree; read as XML, which forgives nothing."""
    return etree.fromstring(report_html(report).encode(), etree.XMLParser(resolve_entities=False))


def text(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def with_cases(*cases: CaseResult) -> EvalReport:
    return EvalReport((replace(TASK, cases=cases),), {}, {})


def confident(n: int) -> EvalReport:
    """Return a report with ``n`` cases of growing confidence, the less sure half of them wrong."""
    return with_cases(
        *(CaseResult(f"c{i}", "", (), {"correct": float(i >= n / 2)}, {"confidence": i / n, "kind": "wrong"}) for i in range(n))
    )


# -- whole by itself ------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    tree = page(REPORT)
    addresses = [
        value for node in tree.iter() for name, value in node.items() if name in ("src", "href", "action", "data", "srcset")
    ]
    assert all(address.startswith("#") for address in addresses)
    assert not tree.xpath("//link | //img | //iframe | //object | //embed | //base")
    assert "url(" not in text(tree.find(".//style"))
    assert "@import" not in text(tree.find(".//style"))


def test_only_the_style_and_the_script_of_the_page_itself_may_run() -> None:
    tree = page(REPORT)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for rule, tag in (("style-src", "style"), ("script-src", "script")):
        (node,) = tree.iter(tag)
        digest = base64.b64encode(hashlib.sha256(node.text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert not tree.xpath("//*[@style] | //@*[starts-with(name(), 'on')]")


def test_a_comparison_is_a_page_with_one_style_of_its_own_and_no_script() -> None:
    one, two = (with_cases(*(CaseResult(f"c{i}", "", (), {"correct": score}, DETAIL) for i in range(40))) for score in (1.0, 0.0))
    tree = etree.fromstring(comparison_html(compare_reports(one, two), HOSTILE, "after.json").encode())
    assert text(tree.find(".//h1")) == display_text(f"{HOSTILE} → after.json")
    assert "1 significant regression:" in text(tree.find(".//main"))
    (style,) = tree.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert not tree.xpath("//script | //img | //a | //@style | //@src")
    assert tree.xpath("//td[@class='number']")


def test_the_page_is_the_same_every_time() -> None:
    again = replace(TASK, metrics=dict(reversed(list(TASK.metrics.items()))))
    assert report_html(EvalReport((again, SKIPPED), REPORT.stamp, REPORT.timings)) == report_html(REPORT)


def test_tokens_and_dollars_are_shown_where_any_were_spent() -> None:
    timings = {
        "dear": {"seconds": 5.0, "prompt_tokens": 1830.4, "completion_tokens": 95.26, "usd": 0.000412},
        "free": {"seconds": 1.0},
    }
    cells = [
        text(cell)
        for cell in page(EvalReport((TASK,), {}, timings)).xpath("//h3[.='How long it took']/following::table[1]//tr/*")
    ]
    assert cells[4:6] == ["tokens a question", "US dollars a question"]
    assert cells[6:12] == ["dear", "5.00 s", "", "", "1,830 + 95.3", "0.000412"]
    assert cells[12:] == ["free", "1.00 s", "", "", "", ""]
    assert "tokens" not in text(page(REPORT).find(".//body"))


def test_a_link_leads_to_a_place_on_the_page_and_no_place_is_there_twice() -> None:
    tree = page(EvalReport((TASK, replace(TASK, name=HOSTILE), SKIPPED), {}, {}))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {address.removeprefix("#") for address in tree.xpath("//a/@href")} <= set(ids)


# -- what it says ---------------------------------------------------------------------------------


def test_the_headline_counts_bars_and_the_deck_names_what_fell_short_or_was_not_run() -> None:
    tree = page(REPORT)
    assert text(tree.find(".//h1")) == "1 of 2 bars reached"
    deck = text(tree.xpath("//p[@class='deck']")[0])
    assert deck == "3 questions in 1 task. Short of the bar: false answer (attribution). Not run: dated."
    assert "realtimeqa is not there" in text(tree)


@pytest.mark.parametrize(
    ("bars", "headline"),
    [({}, "1 task measured"), ({"joint": 0.1}, "All of 1 bar reached"), ({"joint": 0.9}, "None of 1 bar reached")],
)
def test_the_headline_fits_the_outcome(bars: dict[str, float], headline: str) -> None:
    assert text(page(EvalReport((replace(TASK, bars=bars),), {}, {})).find(".//h1")) == headline


def test_a_metric_has_value_interval_counts_bar_and_floors() -> None:
    table = page(REPORT).xpath("//section[@id='task-1']//table")[0]
    rows = [text(row) for row in table.iter("tr")][1:]
    assert rows[0].startswith("false answer ↓")
    assert rows[0].endswith("≤ 0.100 short")
    assert rows[1].startswith("joint")
    assert "floors: bm25 top 0.400" in rows[1]
    assert "≥ 0.600 reached" in rows[1]
    assert rows[2] == "judge not scored 03 unscored"


def test_marks_stand_where_their_numbers_are() -> None:
    row = page(REPORT).xpath("//section[@id='task-1']//tr[th[contains(., 'joint')]]//svg")[0]
    assert row.find("circle").get("cx") == "70.0%"
    whisker, goal, floor = (row.xpath(f"line[@class='{name}']")[0] for name in ("whisker", "goal", "floor"))
    assert (whisker.get("x1"), whisker.get("x2")) == ("60.0%", "80.0%")
    assert goal.get("x1") == "60.0%"
    assert floor.get("x1") == "40.0%"


def test_a_metric_that_is_no_share_has_no_marks() -> None:
    task = replace(TASK, metrics={"cited_chars": Metric(412.0, 380.0, 440.0, 5)}, bars={}, floors={})
    assert not page(EvalReport((task,), {}, {})).xpath("//td[contains(@class, 'plot')]/svg")


def test_a_question_shows_all_that_is_known_of_it() -> None:
    case = text(page(REPORT).xpath("//details[@class='case'][contains(., 'restraint')]")[0])
    for part in (
        *("c1 · kw · answered · confidence 0.700", "Expected Marit Oldane", "The council did.", "It met on Monday. unsupported"),
        *("“The council called for calm.”", "Council meets · a7 · not gold", "“Marit Oldane called on both sides.”"),
        *('choices ["a", "b"]', "correct 0.000", "joint@bm25 not scored"),
    ):
        assert part.replace(" ", "") in case.replace(" ", ""), part


def test_abstaining_and_errors_are_said() -> None:
    cases = [text(node) for node in page(REPORT).xpath("//details[@class='case']")]
    assert any("abstained" in case and "no answer: nothing in the store has it" in case for case in cases)
    assert any("no server" in case for case in cases)


def test_failures_are_grouped_by_kind_the_most_frequent_first_and_the_others_come_last() -> None:
    def case(i: int, kind: str | None, right: bool = False) -> CaseResult:
        return CaseResult(f"c{i}", "", ("tagged",), {"correct": float(right)}, {"kind": kind} if kind else {})

    report = with_cases(case(1, "rare"), case(2, "common"), case(3, "common"), case(4, None), case(5, None, right=True))
    groups = [text(node) for node in page(report).xpath("//details[@class='group']/summary")]
    assert groups == ["common2", "rare1", "tagged1", "the other questions1"]


def test_a_report_of_thousands_of_failures_stays_small_and_says_where_the_rest_is() -> None:
    cases = [
        CaseResult(f"c{i}", "", ("often" if i % 50 else "seldom",), {"correct": 0.0}, DETAIL | {"kind": None})
        for i in range(5000)
    ]
    cases += [CaseResult(f"r{i}", "", (), {"correct": 1.0}, DETAIL | {"kind": None}) for i in range(1000)]
    html = report_html(with_cases(*cases))
    assert len(html) < 2_000_000
    tree = etree.fromstring(html.encode())
    written = [len(group.xpath(".//details[@class='case']")) for group in tree.xpath("//details[@class='group']")]
    assert written == [100, 100, MAX_RIGHT]
    assert sum(written[:2]) == MAX_FAILURES
    assert [text(node) for node in tree.xpath("//details[@class='group']/div/p")] == [
        "4,800 more are in the JSON.",
        "950 more are in the JSON.",
    ]


def test_kinds_beyond_the_most_frequent_are_put_together_and_still_named() -> None:
    cases = [CaseResult(f"c{i}-{j}", "", (), {"correct": 0.0}, {"kind": f"kind {i}"}) for i in range(40) for j in range(40 - i)]
    tree = page(with_cases(*cases))
    groups = tree.xpath("//details[@class='group']")
    assert len(groups) == 13
    assert text(groups[-1].find("summary")).startswith("other kinds")
    assert "kind 12" in text(groups[-1])


# -- curves ---------------------------------------------------------------------------------------


def test_confidences_are_drawn_as_risk_against_coverage_and_as_reliability() -> None:
    tree = page(confident(100))
    (line,) = tree.iter("polyline")
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    assert points == sorted(points)
    assert points[0][1] > points[-1][1], "the surest are right, so risk rises, upwards on the screen"
    captions = " ".join(text(node) for node in tree.iter("figcaption"))
    assert "Risk and coverage, 100 questions. Among the surest half 100 % are right, among all 50 %" in captions
    assert len(tree.xpath("//circle[@class='dot']")) == 10


def test_ten_thousand_confidences_make_a_short_line() -> None:
    (line,) = page(confident(5000)).iter("polyline")
    assert len(line.get("points").split()) <= 210


@pytest.mark.parametrize(
    "detail",
    [{}, {"confidence": None}, {"confidence": "high"}, {"confidence": float("nan")}, {"confidence": True}, {"confidence": 0.5}],
)
def test_confidences_that_tell_nothing_apart_draw_no_risk_curve(detail: dict[str, Any]) -> None:
    cases = [CaseResult(f"c{i}", "", (), {"correct": float(i % 2)}, detail) for i in range(40)]
    assert not list(page(with_cases(*cases)).iter("polyline"))


def test_confidences_that_are_no_probabilities_draw_no_reliability() -> None:
    cases = [CaseResult(f"c{i}", "", (), {"correct": float(i % 2)}, {"confidence": i - 5.0}) for i in range(40)]
    tree = page(with_cases(*cases))
    assert len(list(tree.iter("polyline"))) == 1
    assert not tree.xpath("//circle[@class='dot']")


def test_a_handful_of_cases_draws_nothing() -> None:
    assert not list(page(confident(19)).iter("figure"))


# -- what it cannot be made to do -----------------------------------------------------------------


def everywhere(hostile: str) -> EvalReport:
    """Return a report in which a text stands wherever data can put one."""
    detail = dict.fromkeys(("question", "expected", "status", "kind", hostile), hostile)
    detail |= {"answer": [hostile, {"text": hostile, "verdict": hostile}], "gold": [{"article_id": hostile, "quote": hostile}]}
    detail |= {"citations": [{"article_id": hostile, "title": hostile, "quote": hostile, "gold": True, "verdict": hostile}]}
    metric = Metric(0.5, 0.4, 0.6, 3)
    task = TaskReport(
        hostile,
        hostile,
        {hostile: metric},
        {hostile: {hostile: metric}},
        {hostile: 0.9},
        (hostile,),
        (
            CaseResult(hostile, hostile, (hostile,), {hostile: 0.5, "correct": 0.0}, detail),
            CaseResult("c", "", (), {}, {"answer": hostile, "citations": hostile, "gold": 7}, error=hostile),
        ),
    )
    skipped = TaskReport(f"{hostile}2", hostile, {}, {}, {}, (), (), skipped=hostile)
    return EvalReport((task, skipped), {hostile: hostile, "data": {hostile: [hostile]}}, {hostile: {"seconds": 1.0}})


def test_a_hostile_text_is_shown_and_does_nothing_wherever_it_stands() -> None:
    tree = page(everywhere(HOSTILE))
    assert {node.tag for node in tree.iter()} == {node.tag for node in page(everywhere("calm")).iter()}
    assert len(list(tree.iter("script"))) == 1
    assert "alert(1)</script> | \"'><img src=x onerror=alert(1)> {{ 7 * 7 }} back red" in text(tree)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30))
def test_any_text_leaves_the_page_well_formed_and_is_readable(hostile: str) -> None:
    tree = page(everywhere(hostile))
    assert {node.tag for node in tree.iter()} <= NAMES
    assert display_text(hostile) in text(tree.xpath("//dd[@class='error']")[0]) or not display_text(hostile)


def test_nothing_unseen_gets_onto_the_page() -> None:
    html = report_html(everywhere(HOSTILE + "".join(map(chr, [*range(9), *range(14, 32), 0x7F, 0x85, 0x200B, 0x2066, 0xFEFF]))))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", html)


@pytest.mark.parametrize("answer", [None, "one text", ["a", None], [{"verdict": None}], 7, {"text": "alone"}])
def test_an_answer_may_come_in_any_shape(answer: Any) -> None:
    page(
        with_cases(
            CaseResult("c", "", (), {"correct": 0.0}, {"answer": answer, "citations": [None, {}], "gold": {"quote": None}})
        )
    )


def test_the_template_marks_nothing_as_safe() -> None:
    from pullquote.eval.html import _TEMPLATES

    for path in _TEMPLATES.iterdir():
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text(encoding="utf-8"))
