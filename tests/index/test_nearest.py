"""The nearest of some vectors: what is looked at in single precision first decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pullquote.index.nearest import Rows, best, ranked


@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), limit=st.integers(1, 70), copies=st.integers(1, 5))
def test_the_nearest_rows_are_the_first_of_all_ranked(seed: int, count: int, limit: int, copies: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(count, 8)), copies, axis=0) + 1e-7 * rng.normal(size=(count * copies, 1))
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    known = Rows(np.arange(7, 7 + len(units), dtype=np.int64), units)
    assert known.nearest(units[0], limit) == ranked(known.by_id(), units[0])[:limit]
    assert {chunk for chunk, _ in known.nearest(units[0], limit)} <= set(known.near(units[0], limit).ids.tolist())


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 60),
    limit=st.integers(1, 30),
    copies=st.integers(1, 5),
    gone=st.integers(0, 40),
)
def test_the_best_are_the_first_of_all_that_are_there_though_few_are_read(
    seed: int, count: int, limit: int, copies: int, gone: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(count, 8)), copies, axis=0) + 1e-7 * rng.normal(size=(count * copies, 1))
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    left = {i: row for i, row in enumerate(units) if i >= gone}
    read: list[int] = []

    def vectors(ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        read.extend(ids)
        return {i: left[i] for i in ids if i in left}

    sure = {i for i in range(len(units)) if i % 7 == 0}
    noise = rng.uniform(-9e-6, 9e-6, len(units))
    likely = {
        i: float(cosine + more) for i, (cosine, more) in enumerate(zip(units @ units[-1], noise, strict=True)) if i not in sure
    }
    assert best(vectors, sure, likely, units[-1], limit) == ranked(left, units[-1])[:limit]
    assert len(read) == len(set(read))


def test_vectors_that_cannot_be_among_the_best_are_not_read() -> None:
    units = np.stack([np.array([np.cos(a), np.sin(a)], np.float32) for a in np.linspace(0, 3, 200)])
    read: list[int] = []

    def vectors(ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        read.extend(ids)
        return {i: units[i] for i in ids}

    found = best(vectors, (), dict(enumerate((units @ units[0]).tolist())), units[0], 3)
    assert [chunk for chunk, _ in found] == [0, 1, 2]
    assert read == [0, 1, 2]


def test_some_rows_are_chosen_by_their_ids() -> None:
    rows = Rows(np.array([2, 4, 9], np.int64), np.eye(3, dtype=np.float32))
    assert rows.of({9, 2, 11}).ids.tolist() == [2, 9]
    assert rows.of({4}).nearest(np.eye(3, dtype=np.float32)[1], 5) == [(4, 1.0)]
    assert rows.of(()).nearest(np.eye(3, dtype=np.float32)[1], 5) == []


def test_a_vector_of_another_length_is_refused() -> None:
    rows = Rows(np.array([2, 4], np.int64), np.eye(2, 3, dtype=np.float32))
    for limit in (1, 5):
        with pytest.raises(ValueError, match=r"shape|dimension"):
            rows.nearest(np.ones(4, np.float32), limit)
