"""Reports as Markdown: what the tables say, and that no text becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pullquote.eval.markdown import markdown_item, markdown_name, markdown_table, markdown_text, report_markdown
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.qa.render import display_text

TASK = TaskReport(
    name="attribution",
    title="Who said it",
    metrics={
        "joint": Metric(0.712, 0.65, 0.77, 1200, 2),
        "false_answer": Metric(0.2, 0.1, 0.3, 40),
        "judge": Metric(None, None, None, 0, 12),
    },
    floors={"joint": {"bm25_top": Metric(0.4, 0.3, 0.5, 10), "lead": Metric(None, None, None, 0)}},
    bars={"joint": 0.7, "false_answer": 0.15},
    notes=("Every fourth case.",),
    cases=(CaseResult("c1", "", (), {"joint": 1.0}), CaseResult("c2", "", (), {}, error="no server")),
)
SKIPPED = TaskReport("dated", "Dated news", {}, {}, {}, (), (), skipped="realtimeqa is not there")
REPORT = EvalReport(
    (TASK, SKIPPED),
    {"commit": "abc", "data": {"polnear": "123"}, "changes": None},
    {"attribution": {"seconds": 754.0, "p50_s": 0.21, "p95_s": 12}},
)
HOSTILE = (
    "<script>alert(1)</script> | `x` **b** [l](http://evil.example) \u202eback\u202c \x1b[31mred "
    "# &lt; ~~s~~ $m$ \\| www.evil.example"
)
PARSER = MarkdownIt("gfm-like", {"linkify": False})


def shown(markdown: str) -> list[str]:
    """Return the texts of all paragraphs, headings, items and cells, as a reader sees them."""
    texts = []
    for token in PARSER.parse(markdown):
        if token.type == "inline":
            texts.append("".join(child.content for child in token.children or []))
    return texts


def kinds(markdown: str) -> set[str]:
    tokens = PARSER.parse(markdown)
    return {child.type for token in tokens for child in token.children or []} | {token.type for token in tokens}


def rows(markdown: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, as they stand in the text."""
    below = markdown.split(f"## {heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\|$\n?)+", below, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()]


# -- what it says ---------------------------------------------------------------------------------


def test_a_task_is_a_table_of_values_intervals_counts_bars_and_floors() -> None:
    assert rows(report_markdown(REPORT), "Who said it") == [
        ["metric", "value", "95 % interval", "n", "unscored", "bar", "floors"],
        [*rows(report_markdown(REPORT), "Who said it")[1]],
        ["`false_answer` ↓", "0.200", "0.100 – 0.300", "40", "0", "≤ 0.150 **short**", ""],
        ["`joint`", "0.712", "0.650 – 0.770", "1,200", "2", "≥ 0.700 reached", "bm25 top 0.400, lead not scored"],
        ["`judge`", "not scored", "", "0", "12", "", ""],
    ]


def test_columns_in_which_nothing_stands_are_left_out_and_numbers_are_on_the_right() -> None:
    plain = replace(TASK, metrics={"joint": Metric(0.5, 0.4, 0.6, 9)}, bars={}, floors={"joint": {"bm25": Metric(0.4, 0, 1, 9)}})
    table = rows(report_markdown(EvalReport((plain,), {}, {})), "Who said it")
    assert table[0] == ["metric", "value", "95 % interval", "n", "floors"]
    assert [mark[-1] for mark in table[1]] == ["-", ":", ":", ":", "-"]


def test_the_opening_says_what_fell_short() -> None:
    assert "1 task, 2 cases. Bars reached: 1 of 2. Short: `attribution` `false_answer` ↓." in report_markdown(REPORT)


def test_a_metric_that_has_a_bar_and_is_missing_is_short() -> None:
    report = EvalReport((replace(TASK, metrics={}, bars={"exact_quote": 1.0}),), {}, {})
    assert rows(report_markdown(report), "Who said it")[2] == ["`exact_quote`", "not scored", "", "0", "≥ 1.000 **short**"]


def test_a_task_that_was_not_run_is_named_with_its_reason_and_is_in_no_table_of_numbers() -> None:
    text = report_markdown(REPORT)
    assert rows(text, "Not run")[2:] == [["`dated`", "realtimeqa is not there"]]
    assert "Dated news" not in text


def test_tokens_and_dollars_stand_beside_the_timings_of_tasks_that_spent_any() -> None:
    spent = {"seconds": 5.0, "prompt_tokens": 1830.4, "completion_tokens": 95.26}
    timings = {"attribution": {"seconds": 754.0}, "dear": spent | {"usd": 0.000412}, "unpriced": spent}
    table = rows(report_markdown(EvalReport((TASK,), {}, timings)), "How long it took")
    assert table[0][4:] == ["tokens a question", "US dollars a question"]
    assert [row[4:] for row in table[2:]] == [["", ""], ["1,830 + 95.3", "0.000412"], ["1,830 + 95.3", "not scored"]]
    assert "tokens" not in report_markdown(REPORT)


def test_errors_notes_stamp_and_timings_are_told() -> None:
    text = report_markdown(REPORT)
    assert "Task `attribution` · 2 cases · 1 failed with an error" in text
    assert "\n- Every fourth case.\n" in text
    assert rows(text, "What decided the numbers")[2:] == [["`changes`", "none"], ["`commit`", "abc"], ["`data.polnear`", "123"]]
    assert rows(text, "How long it took")[2:] == [["`attribution`", "13 min", "0.21 s", "12 s"]]


def test_a_report_of_nothing_is_still_a_document() -> None:
    assert report_markdown(EvalReport((), {}, {})).startswith("# Evaluation\n\n0 tasks.\n")


def test_the_same_report_makes_the_same_text() -> None:
    again = replace(TASK, metrics=dict(reversed(list(TASK.metrics.items()))), floors=dict(TASK.floors))
    assert report_markdown(EvalReport((again, SKIPPED), REPORT.stamp, REPORT.timings)) == report_markdown(REPORT)


# -- what it cannot be made to say ----------------------------------------------------------------


@pytest.mark.parametrize("place", ["title", "notes", "metric", "floor", "task", "skipped", "stamp"])
def test_a_hostile_text_is_shown_and_does_nothing_wherever_it_stands(place: str) -> None:
    metrics = {HOSTILE if place == "metric" else "joint": TASK.metrics["joint"]}
    task = TaskReport(
        name=HOSTILE if place == "task" else "t",
        title=HOSTILE if place == "title" else "title",
        metrics=metrics,
        floors={name: {HOSTILE if place == "floor" else "bm25": Metric(0.5, 0.4, 0.6, 3)} for name in metrics},
        bars={},
        notes=(HOSTILE if place == "notes" else "note",),
        cases=(),
    )
    skipped = replace(SKIPPED, skipped=HOSTILE if place == "skipped" else "gone")
    text = report_markdown(EvalReport((task, skipped), {"a": HOSTILE if place == "stamp" else "b"}, {}))
    calm = report_markdown(EvalReport((replace(task, name="t"), SKIPPED), {"a": "b"}, {}))
    assert kinds(text) - {"text_special"} <= kinds(calm) | {"code_inline", "strong_open", "strong_close", "text_special"}
    assert any(display_text(HOSTILE) in found or display_text(HOSTILE.replace("_", " ")) in found for found in shown(text))
    assert "\u202e" not in text
    assert "\x1b" not in text


texts = st.text(st.characters(codec="utf-8") | st.sampled_from("|\\`*_[]<>~$&#!-+=.:/wW1 \n"), max_size=30)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_text_in_a_table_stays_in_its_cell_and_reads_as_it_is(text: str) -> None:
    table = markdown_table(["a", "b"], [[markdown_text(text), "end"]])
    assert shown(table) == ["a", "b", display_text(text), "end"]
    assert kinds(table) <= {*kinds("| a | b |\n| - | - |\n| c | d |\n"), "text_special"}


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_text_in_a_list_is_one_item_and_reads_as_it_is(text: str) -> None:
    items = f"- first\n{markdown_item(text)}\n- last"
    assert shown(items) == ["first", *filter(None, [display_text(text)]), "last"]
    assert kinds(items) <= {*kinds("- a\n- b"), "text_special"}


@settings(max_examples=200, deadline=None)
@given(texts)
def test_any_text_in_a_heading_reads_as_it_is(text: str) -> None:
    assert shown(f"## x {markdown_text(text)}\n") == [f"x {display_text(text)}".rstrip()]


def test_a_name_is_code_unless_it_could_end_the_code() -> None:
    assert markdown_name("joint_question@bm25") == "`joint_question@bm25`"
    assert markdown_name("a`b") == r"a\`b"


def test_addresses_do_not_become_links_where_bare_addresses_do() -> None:
    assert markdown_text("http://a.example www.b.example") == r"http:/\/a.example www\.b.example"
