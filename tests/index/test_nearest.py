"""The nearest of some vectors: what is looked at in single precision first decides nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.nearest import Rows, ranked


@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), limit=st.integers(1, 70), copies=st.integers(1, 5))
def test_the_nearest_rows_are_the_first_of_all_ranked(seed: int, count: int, limit: int, copies: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.repeat(rng.normal(size=(count, 8)), copies, axis=0) + 1e-7 * rng.normal(size=(count * copies, 1))
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    known = Rows(np.arange(7, 7 + len(units), dtype=np.int64), units)
    assert known.nearest(units[0], limit) == ranked(known.by_id(), units[0])[:limit]
    assert {chunk for chunk, _ in known.nearest(units[0], limit)} <= set(known.near(units[0], limit).ids.tolist())


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
