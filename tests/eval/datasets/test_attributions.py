"""Reading of annotated attributions."""

from __future__ import annotations

from pathlib import Path

from pullquote.eval.datasets.attributions import GoldStatement, gold_statements, parse_attributions
from pullquote.index.types import Span

STANDOFF = """T1\tSource 0 8\tAna Ruiz
T2\tCue 9 13\tsaid
T3\tContent 14 32;40 45\tthe bridge is safe again
T4\tAttribution 9 13\tsaid
E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3
#1\tAnnotatorNotes T1\tSource 1 2
a line broken in two
T5\tAttribution 50 60\treportedly
T6\tContent 61 70\tit rained
E2\tAttribution:T5 Content:T6 Content2:T9
E3\tAttribution:T4 Source:T1
"""


def test_attributions_are_read_with_all_their_pieces_and_those_without_content_left_out() -> None:
    assert parse_attributions(STANDOFF) == (
        GoldStatement((Span(0, 8),), (Span(9, 13),), (Span(14, 32), Span(40, 45))),
        GoldStatement((), (), (Span(61, 70),)),
    )


def test_of_several_annotators_the_first_counts(tmp_path: Path) -> None:
    folder = tmp_path / "attributions"
    folder.mkdir()
    (folder / "a_0000.ann").write_text("")
    (folder / "a_1111.ann").write_text(STANDOFF)
    (folder / "b_0000.ann").write_text(STANDOFF)
    assert {name: len(some) for name, some in gold_statements(tmp_path).items()} == {"a": 0, "b": 2}
