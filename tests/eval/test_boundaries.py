"""Boundaries measured on annotated news, and the reading of its annotations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pullquote.eval.boundaries import (
    BoundaryReport,
    Mark,
    boundary_cuts,
    is_cut,
    judged_pieces,
    parse_marks,
)
from pullquote.index.types import Span

ROOT = Path(__file__).resolve().parents[2]
MOST_CUT_SOURCES = 0.015
MOST_CUT_CONTENTS = 0.03

TEXT = "Ana Ruiz said the bridge is safe.\r\nIs it? Bo Lund, the mayor, says “No. Never,” again\n"
STANDOFF = """T1\tSource 0 8\tAna Ruiz
T2\tCue 9 13\tsaid
T3\tContent 14 32\tthe bridge is safe
T4\tAttribution 9 13\tsaid
E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3
#1\tAnnotatorNotes T1\tSource 1 2
T5\tSource 42 49;51 60\tBo Lund the mayor
T6\tContent 67 79;81 86\t“No. Never,” again
T7\tContent 35 49\tIs it? Bo Lund
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {"text/a.txt": TEXT, "attributions/a_0f3c.ann": STANDOFF}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content.encode())
    (tmp_path / "attributions/gone_0000.ann").write_text(STANDOFF)
    (tmp_path / "text/unread.txt").write_text("Nobody annotated this.")
    return tmp_path


def test_only_sources_and_contents_are_marks() -> None:
    assert parse_marks(STANDOFF) == (
        Mark("Source", (Span(0, 8),)),
        Mark("Content", (Span(14, 32),)),
        Mark("Source", (Span(42, 49), Span(51, 60))),
        Mark("Content", (Span(67, 79), Span(81, 86))),
        Mark("Content", (Span(35, 49),)),
    )


def test_pieces_with_quotation_marks_or_full_stops_are_not_judged() -> None:
    quote = parse_marks(STANDOFF)[3]
    assert [TEXT[slice(*piece)] for piece in judged_pieces(TEXT, quote)] == ["gain"]
    assert len(judged_pieces(TEXT, quote, unfiltered=True)) == 2


@pytest.mark.parametrize(("text", "judged"), [("don't", 1), ("voters’ will", 1), ("‘so", 0), ("'so", 0), ('"', 0)])
def test_an_apostrophe_is_no_quotation_mark(text: str, judged: int) -> None:
    assert len(judged_pieces(text, Mark("Content", (Span(0, len(text)),)))) == judged


def test_a_piece_is_cut_unless_one_sentence_holds_it() -> None:
    sentences = (Span(0, 10), Span(11, 20))
    assert not is_cut(Span(11, 20), sentences)
    assert is_cut(Span(5, 15), sentences)


def test_cut_marks_are_counted_over_a_folder(folder: Path) -> None:
    report = boundary_cuts(folder)
    assert report == BoundaryReport(n_source=2, cut_source=0, n_content=3, cut_content=1, n_articles=1)
    assert report.source_rate == 0
    assert report.content_rate == pytest.approx(1 / 3)


def test_an_empty_folder_has_no_rates(tmp_path: Path) -> None:
    report = boundary_cuts(tmp_path)
    assert (report.n_articles, report.source_rate, report.content_rate) == (0, 0.0, 0.0)


@pytest.fixture
def polnear() -> Path:
    data = Path(os.environ.get("PULLQUOTE_DATA", "../shared/data"))
    folder = (ROOT / data / "polnear" / "train").resolve()
    if not (folder / "attributions").is_dir():
        pytest.skip(f"NOT MEASURED: no annotated articles in {folder}; set PULLQUOTE_DATA")
    return folder


@pytest.mark.parametrize("unfiltered", [False, True])
def test_few_sources_are_cut(polnear: Path, unfiltered: bool) -> None:
    report = boundary_cuts(polnear, unfiltered=unfiltered)
    assert report.n_source > 1000
    assert report.source_rate <= MOST_CUT_SOURCES


def test_few_contents_are_cut(polnear: Path) -> None:
    report = boundary_cuts(polnear)
    assert report.n_content > 1000
    assert report.content_rate <= MOST_CUT_CONTENTS
