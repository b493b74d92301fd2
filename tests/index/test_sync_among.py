"""A search among the chunks of some articles: however it is done, it finds what looking at all of their vectors finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pullquote.index.among import nearest_among
from pullquote.index.nearest import ranked
from pullquote.index.store import Store
from pullquote.index.sync import Among
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import ALL_ARTICLES, ArticleSet
from tests.index.conftest import elsewhere
from tests.index.test_sync import LOOSE, NOW, exact, put_vectors

GROUPS, SIZE, DIM, LIMIT = 40, 65, 48, 10
BUILT = 36 * SIZE
"""The articles of the last groups are in no segment."""


def of_groups(*groups: int) -> set[str]:
    return {f"u{group * SIZE + place}" for group in groups for place in range(SIZE)}


SETS = {
    "spread": {f"u{n}" for n in range(0, GROUPS * SIZE, 3)},
    "two groups": of_groups(1, 30),
    "in no segment": of_groups(38, 39),
    "both": of_groups(35, 36),
    "one": {"u77"},
    "removed": {"u5"},
    "none": set[str](),
}


@pytest.fixture(scope="module")
def middles() -> NDArray[np.float32]:
    """The middle of each group, unit rows."""
    rows = np.random.default_rng(7).normal(size=(GROUPS, DIM))
    units: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, middles: NDArray[np.float32]) -> Iterator[Store]:
    """2,600 articles of one chunk each, in groups that are near to each other; one was removed."""
    folder = tmp_path_factory.mktemp("among") / "store"
    opened = Store(folder, LOOSE, create=True, embedder=HashEmbedder(DIM), reader=FakeStatementReader())
    noise = 0.1 * np.random.default_rng(8).normal(size=(GROUPS * SIZE, DIM))
    rows = np.repeat(middles, SIZE, axis=0) + noise
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    put_vectors(opened, units[:BUILT])
    opened.rebuild_index()
    put_vectors(opened, units[BUILT:], BUILT)
    opened.catalog.remove("u5", NOW)
    yield opened
    opened.close()


def all_looked_at(store: Store, vector: NDArray[np.float32], which: ArticleSet) -> list[tuple[int, float]]:
    return ranked(store.catalog.vectors_by_id(store.catalog.chunk_ids(which)), vector)[:LIMIT]


def near(store: Store, vector: NDArray[np.float32], limit: int, which: ArticleSet) -> list[tuple[int, float]]:
    return nearest_among(store.catalog, store._index, vector, limit, which)


@pytest.mark.parametrize("way", ["chosen", "vectors", "index", "index, then vectors"])
@pytest.mark.parametrize("name", SETS)
def test_every_way_finds_the_same_among_few_articles(store: Store, middles: NDArray[np.float32], name: str, way: str) -> None:
    which = ArticleSet(frozenset(SETS[name]), all_but=False)
    ids = store.catalog.chunk_ids(which)

    def wanted(chunks: Sequence[int]) -> set[int]:
        return store.catalog.chunks_among(chunks, which)

    for vector in middles[::6]:
        if way == "chosen":
            found = near(store, vector, LIMIT, which)
        elif way == "vectors":
            found = store._index.search_exactly(ids, vector, LIMIT)
        else:
            found = store._index.search(vector, LIMIT, Among(wanted, LIMIT, (lambda: ids) if "vectors" in way else None))
        assert found == all_looked_at(store, vector, which)


@pytest.mark.parametrize("groups", [(), (0,), (0, 6, 12, 18, 24, 30, 36), tuple(range(39))])
def test_all_but_some_are_found_as_deep_as_it_takes(store: Store, middles: NDArray[np.float32], groups: tuple[int, ...]) -> None:
    which = ALL_ARTICLES.without(of_groups(*groups))
    for vector in middles[::6]:
        assert near(store, vector, LIMIT, which) == all_looked_at(store, vector, which)


def test_what_is_added_or_changed_meanwhile_is_found_or_left_out(store: Store, middles: NDArray[np.float32]) -> None:
    which = ALL_ARTICLES.without(["u0"])
    before = near(store, middles[0], LIMIT, which)
    put_vectors(store, middles[:1], GROUPS * SIZE)
    with elsewhere(store):
        after = near(store, middles[0], LIMIT, which)
    assert [pair[0] for pair in after[1:]] == [pair[0] for pair in before[:-1]]
    store.catalog.remove(f"u{GROUPS * SIZE}", NOW)
    assert near(store, middles[0], LIMIT, which) == before


def test_a_store_of_few_chunks_asks_no_segment(store: Store, middles: NDArray[np.float32]) -> None:
    few = Store(store.folder, replace(LOOSE, exact_chunks=10_000), embedder=HashEmbedder(DIM))
    for which in (ALL_ARTICLES.without(of_groups(3)), ArticleSet(frozenset(of_groups(3)), all_but=False)):
        assert near(few, middles[3], LIMIT, which) == all_looked_at(store, middles[3], which)
    assert near(few, middles[3], LIMIT, ALL_ARTICLES) == exact(store, middles[3])
    assert not few._index._segments._open
    few.close()
