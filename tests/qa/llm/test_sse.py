"""Events come out the same however the bytes are cut."""

from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.llm.sse import data_of_events

WORDS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)


def test_the_oddities_that_servers_send() -> None:
    odd = b"\xef\xbb\xbfdata: one\r\n\r\n: comment\n\nevent: message\ndata:two\n\nid: 7\ndata: thr\ndata: ee\rid\r\rdata\n\n"
    assert list(data_of_events([odd])) == ["one", "two", "thr\nee", ""]


def test_an_event_without_its_last_blank_line_is_not_lost() -> None:
    assert list(data_of_events([b"data: a\n\ndata: [DONE]"])) == ["a", "[DONE]"]
    assert list(data_of_events([b"data: a\n\ndata: [DONE]\r"])) == ["a", "[DONE]"]


def test_nothing_and_only_comments_hold_no_event() -> None:
    assert list(data_of_events([])) == []
    assert list(data_of_events([b"", b": ping\n\n", b": ping\n\n"])) == []


@given(
    st.lists(WORDS, max_size=6), st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 300), max_size=12), st.booleans()
)
def test_where_the_bytes_are_cut_makes_no_difference(events: list[str], end: str, cuts: list[int], mark: bool) -> None:
    sent = "".join(f": ping{end}{end}data: {text}{end}{end}" for text in events).encode()
    sent = (b"\xef\xbb\xbf" if mark else b"") + sent
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    chunks = [sent[a:b] for a, b in pairwise(places)]
    assert list(data_of_events(chunks)) == events


@given(st.lists(st.binary(max_size=30)))
def test_any_bytes_are_some_events(chunks: list[bytes]) -> None:
    assert all(isinstance(data, str) for data in data_of_events(chunks))


def test_a_line_without_an_end_takes_no_longer_than_its_bytes_deserve() -> None:
    begin = time.monotonic()
    (data,) = data_of_events([b"data: ", *[b"x" * 4096] * 2000])
    assert len(data) == 4096 * 2000
    assert time.monotonic() - begin < 5.0
