"""Spans of statements as bytes, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.packed_spans import pack_spans, unpack_spans
from pullquote.index.types import Span


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 2_000_000))
    return Span(start, start + draw(st.integers(0, 100_000)))


@given(st.none() | spans(), st.none() | spans(), st.lists(spans(), max_size=5).map(tuple))
def test_what_is_packed_comes_back_the_same(speaker: Span | None, cue: Span | None, content: tuple[Span, ...]) -> None:
    packed = pack_spans(speaker, cue, content)
    assert unpack_spans(packed) == (speaker, cue, content)
    assert len(packed) <= 3 + 6 * (2 + len(content))


def test_a_sentence_of_news_takes_a_dozen_bytes() -> None:
    assert len(pack_spans(Span(4810, 4822), Span(4823, 4827), (Span(4829, 4960),))) <= 12


@given(st.binary(max_size=20))
def test_any_other_bytes_are_spans_or_an_error(packed: bytes) -> None:
    try:
        speaker, cue, content = unpack_spans(packed)
    except ValueError:
        return
    assert all(span is None or 0 <= span.start <= span.end for span in (speaker, cue, *content))


@pytest.mark.parametrize("span", [Span(-1, 4), Span(9, 4)])
def test_what_is_no_span_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="no spans"):
        pack_spans(None, span, (Span(2, 3),))


@pytest.mark.parametrize("cut", range(9))
def test_spans_that_are_cut_off_are_told_of_or_fewer(cut: int) -> None:
    whole = pack_spans(Span(10, 20), Span(21, 25), (Span(300, 500),))
    assert len(whole) == 9
    if cut == 5:  # the pieces of the content begin here
        assert unpack_spans(whole[:cut]) == (Span(10, 20), Span(21, 25), ())
    else:
        with pytest.raises(ValueError, match=r"cut off|zip"):
            unpack_spans(whole[:cut])
