"""The quote finder as a task."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.tasks.quotes import BARS, Quotes
from pullquote.eval.tasks.scoring import with_tag
from tests.eval.datasets.test_altered_quotes import CONTENTS, write

STRANGE = "The swimming pool stays closed over the whole winter."


@pytest.fixture(scope="module")
def report(lab: Any) -> Any:
    lab.polnear()
    lab.wikinews()
    write(lab.data / "polnear", "north", CONTENTS[:12])
    write(lab.data / "polnear", "south", CONTENTS[12:])
    return lab.run(Quotes())


def test_what_is_there_is_found_and_what_is_not_is_not(report: Any) -> None:
    assert (report.metrics["exact_found"].value, report.metrics["edited_found"].value) == (1.0, 1.0)
    assert report.metrics["absent_wrong"].value == 0.0
    assert report.bars == BARS


def test_a_trivial_search_finds_the_verbatim_ones_alone(report: Any) -> None:
    assert report.floors["exact_found"]["substring"].value == 1.0
    assert report.floors["edited_found"]["substring"].value == 0.0
    assert report.floors["absent_wrong"]["substring"].value == 0.0


def test_each_kind_is_told_apart_too(report: Any) -> None:
    assert all(report.metrics[f"found_{kind}"].n for kind in ("typographic", "dropped", "swapped", "number", "ellipsis"))
    assert report.metrics["verdict"].n == len(report.cases)


def test_the_seconds_are_those_of_the_finder(report: Any) -> None:
    assert all(0 < case.seconds < 60 for case in report.cases)


def test_a_case_says_what_was_found(report: Any) -> None:
    case = with_tag(report.cases, "verbatim")[0]
    assert case.detail["verdict"] == case.detail["expected"] == "exact"
    assert case.detail["carriers"][0]["article_id"] == case.cluster
    assert "kind" not in case.detail
