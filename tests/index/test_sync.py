"""A store that is searched while articles come and go: nobody waits, nothing is missed, and every build finds the same."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.errors import IndexDamaged
from pullquote.index.ingest import prepare
from pullquote.index.nearest import ranked
from pullquote.index.records import IndexState
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]
Nearest = list[tuple[int, float]]
SETTINGS = IndexSettings(lock_wait_s=0.2)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def article(number: int, revision: int = 1) -> Article:
    words = [f"w{word}" for word in np.random.default_rng([number, revision]).integers(0, 4000, 40)]
    return Article(ArticleMeta(f"a{number}"), f"Witness {number} spoke. It was about {' and '.join(words)}.")


def put(store: Store, *articles: Article) -> None:
    """Store articles and leave the vector index behind."""
    prepared = [prepare(one, store.embedder, store.settings) for one in articles]
    texts = [item.chunk_text(chunk) for item in prepared for chunk in item.chunks]
    keys = [key for item in prepared for key in keys_of(item)]
    vectors = dict(zip(keys, store.embedder.embed(texts), strict=True))
    store.catalog.store_articles(prepared, vectors, store.embedder.fingerprint, NOW)


def keys_of(item: object) -> list[bytes]:
    from pullquote.index.embedding import text_key

    return [text_key(item.chunk_text(chunk)) for chunk in item.chunks]  # type: ignore[attr-defined]


def question(number: int) -> np.ndarray:
    return HashEmbedder().embed([article(number).text])[0]


def exact(store: Store, vector: np.ndarray, limit: int = 10) -> Nearest:
    return ranked(store.catalog.vectors_by_id(store.catalog.chunk_ids()), vector)[:limit]


def owners(store: Store, found: Nearest) -> list[str]:
    chunks = store.catalog.chunks([chunk for chunk, _ in found])
    return [chunks[chunk].article_id for chunk, _ in found]


@contextmanager
def elsewhere(store: Store) -> Iterator[None]:
    """Let another thread of this process hold the store for writing."""
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writing():
            held.set()
            go.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    yield
    go.set()
    thread.join()


def filled(store: Store, count: int = 60) -> Store:
    with store.writing():
        put(store, *map(article, range(count)))
        store.vectors()
    return store


# -- while another thread writes ------------------------------------------------------------------


def test_what_was_just_added_is_found_before_the_index_has_it(open_store: OpenStore) -> None:
    store = filled(open_store())
    with elsewhere(store):
        for number in range(60, 70):
            put(store, article(number))
            found = store._index.search(question(number), 10)
            assert found == exact(store, question(number))
            assert owners(store, found)[0] == f"a{number}"
        assert store._index.search(question(3), 10) == exact(store, question(3))
        assert store.catalog.index_state().revision < store.catalog.revision()  # the index was not touched
    assert store._index.search(question(64), 10) == exact(store, question(64))
    assert store.catalog.index_state().revision == store.catalog.revision()


def test_what_was_changed_or_removed_is_left_out_at_once(open_store: OpenStore) -> None:
    store = filled(open_store())
    with elsewhere(store):
        put(store, article(7, 2))
        store.catalog.remove("a8", NOW)
        assert owners(store, store._index.search(question(7), 60)).count("a7") == 1
        assert store.catalog.chunks([store._index.search(HashEmbedder().embed([article(7, 2).text])[0], 1)[0][0]])
        assert "a8" not in owners(store, store._index.search(question(8), 60))
        for number in (7, 8, 9):
            assert store._index.search(question(number), 10) == exact(store, question(number))


def test_places_that_removed_chunks_would_take_are_given_to_others(open_store: OpenStore) -> None:
    store = filled(open_store(), 300)
    with elsewhere(store):
        for number in range(299):
            store.catalog.remove(f"a{number}", NOW)
        assert owners(store, store._index.search(question(0), 10)) == ["a299"]


def test_a_store_that_is_opened_while_it_is_behind_uses_its_index_as_it_is(open_store: OpenStore) -> None:
    store = filled(open_store())
    put(store, article(60))
    store.close()
    store = open_store()
    with elsewhere(store):
        for number in (5, 60):
            assert store._index.search(question(number), 10) == exact(store, question(number))
        assert store._index._open is not None


@pytest.mark.parametrize("how", ["dirty", "gone", "incomplete"])
def test_without_an_index_to_trust_everything_is_searched(
    open_store: OpenStore, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = filled(open_store())
    state = store.catalog.index_state()
    if how == "incomplete":
        store.vectors().delete(store.catalog.chunk_ids()[:9])
    put(store, article(60))
    store.close()
    store = open_store()
    if how != "incomplete":
        folder = state.folder if how == "dirty" else None
        store.catalog.set_index_state(IndexState(folder, state.revision, dirty=how == "dirty"))
    with elsewhere(store):
        for number in (5, 60):
            assert store._index.search(question(number), 10) == exact(store, question(number))
    assert "without the vector index" in caplog.text
    assert store._index.search(question(60), 10) == exact(store, question(60))
    assert store.check() == []


def test_searching_goes_on_while_the_index_is_filled(open_store: OpenStore) -> None:
    store = filled(open_store(), 200)
    with store.writing():
        put(store, *map(article, range(200, 1500)))
    filling = threading.Thread(target=store.vectors)
    filling.start()
    took, meanwhile = [], 0
    while filling.is_alive():
        begin = time.monotonic()
        number = int(begin * 1000) % 1500
        found = store._index.search(question(number), 10)
        took.append(time.monotonic() - begin)
        meanwhile += store.catalog.index_state().revision < store.catalog.revision()
        assert owners(store, found)[0] == f"a{number}"
    filling.join()
    assert meanwhile > 3
    assert max(took) < 2.0
    assert store._index.search(question(1400), 10) == exact(store, question(1400))
    assert store._index._lacked is None  # nothing is kept in memory that the index has


def test_a_search_never_mixes_versions_while_articles_change(open_store: OpenStore) -> None:
    store = filled(open_store(), 30)
    done, errors = threading.Event(), list[str]()

    def search() -> None:
        while not done.is_set():
            for number in range(30):
                chunks = store.catalog.chunks([chunk for chunk, _ in store._index.search(question(number), 20)])
                seen: dict[str, set[int]] = {}
                for chunk in chunks.values():
                    seen.setdefault(chunk.article_id, set()).add(chunk.version)
                errors.extend(name for name, versions in seen.items() if len(versions) > 1)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for revision in range(2, 12):
        with store.writing():
            put(store, *(article(number, revision) for number in range(0, 30, 2)))
            store.vectors()
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.check() == []


# -- every build finds the same -------------------------------------------------------------------


def test_every_build_of_an_index_finds_the_same_to_the_last_bit(open_store: OpenStore, tmp_path: Path) -> None:
    dim = 96
    store = open_store(embedder=HashEmbedder(dim))
    rng = np.random.default_rng(5)
    middles = rng.normal(size=(40, dim))
    rows = np.repeat(middles, 50, axis=0) + 0.35 * rng.normal(size=(2000, dim))
    rows[1::20] = rows[::20]  # copies
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    put_vectors(store, units)
    questions = (middles / np.linalg.norm(middles, axis=1, keepdims=True)).astype(np.float32)
    builds = []
    for _ in range(3):
        store.drop_vectors()
        store.vectors()
        builds.append([store._index.search(one, 10) for one in questions])
    assert builds[0] == builds[1] == builds[2] == [exact(store, one) for one in questions]


def put_vectors(store: Store, units: np.ndarray) -> None:
    """Store as many articles of one chunk each, with these vectors instead of their own."""
    prepared = [prepare(Article(ArticleMeta(f"u{n}"), f"Unit number {n}."), store.embedder, SETTINGS) for n in range(len(units))]
    vectors = {key: unit for item, unit in zip(prepared, units, strict=True) for key in keys_of(item)}
    with store.writing():
        store.catalog.store_articles(prepared, vectors, store.embedder.fingerprint, NOW)


def test_copies_come_in_the_order_in_which_they_were_added(open_store: OpenStore) -> None:
    store = open_store()
    with store.writing():
        put(store, *(Article(ArticleMeta(f"copy-{n}"), "The mayor resigned on Tuesday.") for n in range(50)))
        store.vectors()
    found = store._index.search(HashEmbedder().embed(["the mayor resigned"])[0], 10)
    assert [chunk for chunk, _ in found] == store.catalog.chunk_ids()[:10]
    assert len({cosine for _, cosine in found}) == 1


def test_an_index_that_loses_chunks_while_it_is_open_is_made_anew_once(open_store: OpenStore) -> None:
    store = filled(open_store())
    index = store.vectors()
    index.close()
    assert store._index.search(question(4), 10) == exact(store, question(4))
    assert store.vectors() is not index
    with pytest.raises(IndexDamaged):
        index.search(question(4), 1)


# -- where no index can be made -------------------------------------------------------------------

LIMITED = """
import json, logging, resource, sys
from pathlib import Path
from pullquote.index.errors import IndexDamaged
from pullquote.index.nearest import ranked
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
logging.basicConfig(stream=sys.stderr)
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder())
limit = 64 * 1024  # more than the catalog's journal of one small change, less than an index
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
def folders():
    return sorted(path.name for path in store.folder.glob("index-*"))
def answered():
    text = store.catalog.chunks([store.catalog.chunk_ids()[7]]).popitem()[1].text
    vector = store.embedder.embed([text])[0]
    everything = ranked(store.catalog.vectors_by_id(store.catalog.chunk_ids()), vector)
    return store.search_chunks(text, 5) == everything[:5]
seen = [(answered(), folders()) for _ in range(10)]
refused = 0
for _ in range(2):
    try:
        store.vectors()
    except IndexDamaged:
        refused += 1
seen.append((answered(), folders()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
seen.append((answered(), folders()))
store._index._backoff._failed = store.catalog.revision(), store._index._backoff._failed[1] - 61.0
later = answered()
print(json.dumps({"seen": seen, "refused": refused, "later": [later, folders(), store.check()]}))
"""


@pytest.mark.parametrize("before", ["no index", "an index that is behind"])
def test_where_no_index_can_be_made_all_questions_are_answered_and_no_folder_is_left(open_store: OpenStore, before: str) -> None:
    store = open_store()
    with store.writing():
        if before == "an index that is behind":
            put(store, *map(article, range(900, 905)))
            store.vectors()
        put(store, *map(article, range(60)))
    left = [path.name for path in store.folder.glob("index-*")]
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(store.folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seen"] == [[True, left]] * 12  # the last one with room again: that is tried after a minute
    assert told["refused"] == 2
    (later, (folder,), problems) = told["later"]
    assert (later, problems) == (True, [])
    assert folder not in left
    assert done.stderr.count("without the vector index") == 1


def test_a_search_tries_again_to_make_the_index_when_articles_have_changed(open_store: OpenStore) -> None:
    store = filled(open_store())
    with store.writing():
        put(store, article(60))
    store._index._backoff.note(store.catalog.revision())
    assert store._index.search(question(60), 10) == exact(store, question(60))
    assert store.catalog.index_state().revision < store.catalog.revision()
    with store.writing():
        put(store, article(61))
    assert store._index.search(question(61), 10) == exact(store, question(61))
    assert store.catalog.index_state().revision == store.catalog.revision()
    assert not store._index._backoff.holds(store.catalog.revision())


def test_whoever_writes_brings_the_index_in_step_however_lately_that_failed(open_store: OpenStore) -> None:
    store = filled(open_store())
    with store.writing():
        put(store, article(60))
        store._index._backoff.note(store.catalog.revision())
        assert store.vectors().ids() == set(store.catalog.chunk_ids())
