"""Marks that a sentence boundary cuts, as a task."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.boundaries import Boundaries

CUT = "Ana Ruiz said the bridge is safe.\nIs it? Bo Lund asked again\n"
WHOLE = "Mira Holt said the harbour is open.\n"


def marks(text: str, **spans: str) -> str:
    lines = []
    for number, (label, words) in enumerate(spans.items(), 1):
        start = text.index(words)
        lines.append(f"T{number}\t{label.rstrip('_')} {start} {start + len(words)}\t{words}\n")
    return "".join(lines)


@pytest.fixture(scope="module")
def report(lab: Any) -> Any:
    lab.text("polnear/train/text/a.txt", CUT)
    lab.text("polnear/train/text/b.txt", WHOLE)
    lab.text("polnear/train/text/unmarked.txt", WHOLE)
    cut = marks(CUT, Source="Ana Ruiz", Content="the bridge is safe", Source_="Bo Lund", Content_="Is it? Bo Lund asked")
    lab.text("polnear/train/attributions/a_0f3c.ann", cut)
    lab.text("polnear/train/attributions/b_1a2b.ann", marks(WHOLE, Source="Mira Holt", Content="the harbour is open"))
    return lab.run(Boundaries())


def test_rates_are_of_marks_not_of_articles(report: Any) -> None:
    source, content = report.metrics["source_cut"], report.metrics["content_cut"]
    assert (source.value, source.n, source.n_unscored) == (0.0, 3, 0)
    assert (content.value, content.n, content.n_unscored) == (pytest.approx(1 / 3), 3, 0)
    assert report.bars == {"source_cut": 0.015, "content_cut": 0.03}


def test_an_annotated_article_is_a_case(lab: Any, report: Any) -> None:
    assert [case.case_id for case in report.cases] == ["a", "b"]
    assert lab.case(report, "a").scores == {"n_source": 2.0, "cut_source": 0.0, "n_content": 2.0, "cut_content": 1.0}


def test_without_marks_there_is_no_rate() -> None:
    metric = Boundaries().report([]).metrics["content_cut"]
    assert (metric.value, metric.n) == (None, 0)
