"""Which segments are worth building: few of them, none too large, no chunk built often, no range left out."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.keeping import Sizes, Step, plan
from pullquote.index.records import IndexState, Segment

SIZES = Sizes(tail=100, meanwhile=2000, most=20_000)


def state_of(*rows: int) -> IndexState:
    """Return segments that hold so many chunks, with ids from 1 on."""
    segments, first = [], 1
    for number, count in enumerate(rows, 1):
        segments.append(Segment(f"index-{number}", first, first + count - 1, count, "1", ()))
        first += count
    return IndexState(tuple(segments), len(rows))


@pytest.mark.parametrize(
    ("rows", "live", "tail", "at_end", "step"),
    [
        ((), (), 0, True, None),
        ((), (), 1, True, Step(0, 0, 1)),  # the first one, however small
        ((), (), 2000, False, None),
        ((), (), 2001, False, Step(0, 0, 2001)),
        ((900,), (900,), 100, True, None),
        ((900,), (900,), 101, True, Step(1, 1, 101)),
        ((300,), (300,), 101, True, Step(0, 1, 101)),
        ((300,), (300,), 2001, False, Step(1, 1, 2001)),  # a few are not merged meanwhile
        ((2500,) * 3, (), 0, False, None),
        ((2500,) * 4, (), 0, False, Step(0, 4, 0)),
        ((2500,) * 4, (), 2001, False, Step(4, 4, 2001)),  # what was added comes first
        ((9000, *(900,) * 4), (9000, *(900,) * 4), 0, False, Step(1, 5, 0)),
        ((10_000, 2501), (), 0, False, Step(0, 2, 0)),
        ((10_001, 2501, 2500) * 8, (), 0, False, None),  # they would be too large, or are not side by side
        ((*(2500,) * 4, 9000, 400), (*(2500,) * 4, 9000, 400), 0, True, Step(0, 4, 0)),
        ((900, 299), (900, 299), 0, True, None),
        ((900, 301), (900, 301), 0, True, Step(0, 2, 0)),
        ((9000, 900, 200), (9000, 900, 200), 150, True, Step(1, 3, 150)),
        ((900, 200), (900, 99), 0, True, Step(1, 2, 0)),  # more than half of it is gone
        ((900, 200), (449, 200), 0, True, Step(0, 1, 0)),
        ((900, 200), (900, 0), 0, True, Step(1, 2, 0)),
        ((900, 200), (449, 200), 0, False, None),
        ((19_000,), (19_000,), 1001, True, Step(1, 1, 1001)),  # together they would be too large
        ((), (), 50_000, True, Step(0, 0, 20_000)),
    ],
)
def test_what_is_built_next(rows: tuple[int, ...], live: tuple[int, ...], tail: int, at_end: bool, step: Step | None) -> None:
    assert plan(state_of(*rows), tail, live, at_end=at_end, sizes=SIZES) == step


def test_segments_that_are_of_no_more_use_are_built_anew_at_the_end() -> None:
    state = state_of(9000, 900)
    assert plan(state, 0, (9000, 900), at_end=True, worn={"index-1"}, sizes=SIZES) == Step(0, 1, 0)
    assert plan(state, 0, (9000, 900), at_end=True, worn={"index-7"}, sizes=SIZES) is None
    assert plan(state, 0, (9000, 900), at_end=False, worn={"index-1"}, sizes=SIZES) is None
    assert plan(state, 0, (9000, 900), at_end=True, worn={"index-1"}, sizes=replace(SIZES, most=8000)) is None


class Simulated:
    """A store in which nothing is stored: chunk ids, segments, and how often each chunk was built."""

    def __init__(self) -> None:
        self.state = IndexState()
        self.live: list[int] = []
        self.built: dict[int, int] = {}
        self.last = 0

    def add(self, count: int) -> None:
        self.live += range(self.last + 1, self.last + count + 1)
        self.last += count

    def remove(self, places: list[int]) -> None:
        gone = {self.live[place % len(self.live)] for place in places} if self.live else set()
        self.live = [chunk for chunk in self.live if chunk not in gone]

    def keep(self, *, at_end: bool) -> int:
        steps = 0
        while (step := plan(self.state, len(self.tail()), self.left(), at_end=at_end, sizes=SIZES)) is not None:
            self.take(step)
            steps += 1
            assert steps < 100
        return steps

    def tail(self) -> list[int]:
        upto = self.state.segments[-1].last if self.state.segments else 0
        return [chunk for chunk in self.live if chunk > upto]

    def left(self) -> list[int]:
        return [sum(segment.first <= chunk <= segment.last for chunk in self.live) for segment in self.state.segments]

    def take(self, step: Step) -> None:
        segments = self.state.segments
        upto = segments[-1].last if segments else 0
        first = segments[step.begin].first if step.begin < len(segments) else upto + 1
        last = self.tail()[step.tail - 1] if step.tail else segments[step.end - 1].last
        ids = [chunk for chunk in self.live if first <= chunk <= last]
        for chunk in ids:
            self.built[chunk] = self.built.get(chunk, 0) + 1
        number = self.state.number + 1
        new = [Segment(f"index-{number}", first, last, len(ids), "1", ())]
        before, after = list(segments[: step.begin]), list(segments[step.end :])
        if not ids and before:
            before[-1], new = replace(before[-1], last=last), []
        elif not ids:
            new, after = [], [replace(after[0], first=first), *after[1:]] if after else []
        self.state = IndexState((*before, *new, *after), number)


ADDED = st.integers(0, 1500)
GONE = st.lists(st.integers(0, 10**6), max_size=300)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ADDED, GONE, st.booleans()), max_size=25))
def test_whatever_comes_and_goes_ranges_follow_each_other_and_the_tail_stays_short(
    changes: list[tuple[int, list[int], bool]],
) -> None:
    store = Simulated()
    for added, gone, at_end in changes:
        store.add(added)
        store.remove(gone)
        store.keep(at_end=at_end)
        segments = store.state.segments
        assert all(before.last + 1 == after.first for before, after in pairwise(segments))
        assert all(segment.rows <= SIZES.most for segment in segments)
        assert len(store.tail()) <= (SIZES.tail if at_end and segments else SIZES.meanwhile)
        if at_end:
            assert all(2 * left >= segment.rows for left, segment in zip(store.left(), segments, strict=True))
            assert sum(store.left()) == len(store.live) - len(store.tail())
            assert store.keep(at_end=True) == 0


def test_what_is_added_in_one_go_is_merged_meanwhile() -> None:
    store = Simulated()
    for _ in range(100):
        store.add(2001)
        store.keep(at_end=False)
    assert max(store.built.values()) == 3
    assert len(store.state.segments) == 100 // 8 + (100 % 8) // 4


@settings(max_examples=20, deadline=None)
@given(st.integers(101, 3000), st.integers(1, 40))
def test_no_chunk_is_built_often_and_there_are_few_segments(each: int, times: int) -> None:
    store = Simulated()
    for _ in range(times):
        store.add(each)
        store.keep(at_end=True)
    total = each * times
    assert max(store.built.values()) <= 1 + math.log(total / each, 4 / 3)
    assert len(store.state.segments) <= 2 * total / SIZES.most + math.log(total / each, 2) + 2
