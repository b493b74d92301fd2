"""A store that is searched while articles come and go: nobody waits, nothing is missed, and every build finds the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pullquote.index.catalog import Catalog
from pullquote.index.embedding import text_key
from pullquote.index.ingest import prepare
from pullquote.index.keeping import Sizes
from pullquote.index.lock import WriterLock
from pullquote.index.nearest import ranked
from pullquote.index.records import IndexState, PreparedArticle
from pullquote.index.settings import IndexSettings
from pullquote.index.store import CATALOG, LOCK, Store
from pullquote.index.sync import SyncedIndex
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from tests.index.conftest import elsewhere

OpenStore = Callable[..., Store]
Nearest = list[tuple[int, float]]
ASKED = IndexSettings(lock_wait_s=0.2, exact_chunks=0, tail_chunks=0)
"""The index is asked, however few chunks there are, and nothing is left out of it."""
LOOSE = replace(ASKED, tail_chunks=1000)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def article(number: int, revision: int = 1) -> Article:
    words = [f"w{word}" for word in np.random.default_rng([number, revision]).integers(0, 4000, 40)]
    return Article(ArticleMeta(f"a{number}"), f"Witness {number} spoke. It was about {' and '.join(words)}.")


def put(store: Store, *articles: Article) -> None:
    """Store articles and leave the vector index behind."""
    prepared = [prepare(one, store.embedder, store.settings) for one in articles]
    texts = [item.chunk_text(chunk) for item in prepared for chunk in item.chunks]
    vectors = dict(zip(map(text_key, texts), store.embedder.embed(texts), strict=True))
    store.catalog.store_articles(prepared, vectors, store.embedder.fingerprint, NOW)


def question(number: int) -> NDArray[np.float32]:
    return HashEmbedder().embed([article(number).text])[0]


def exact(store: Store, vector: NDArray[np.float32], limit: int = 10) -> Nearest:
    return ranked(store.catalog.vectors_by_id(store.catalog.chunk_ids()), vector)[:limit]


def owners(store: Store, found: Nearest) -> list[str]:
    chunks = store.catalog.chunks([chunk for chunk, _ in found])
    return [chunks[chunk].article_id for chunk, _ in found]


def folders(store: Store) -> list[str]:
    return [segment.folder for segment in store.catalog.index_state().segments]


def filled(store: Store, count: int = 60) -> Store:
    with store.writing():
        put(store, *map(article, range(count)))
        store.finish_index()
    return store


# -- while another thread writes ------------------------------------------------------------------


def test_what_was_just_added_is_found_before_the_index_has_it(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED))
    built = folders(store)
    with elsewhere(store):
        for number in range(60, 70):
            put(store, article(number))
            found = store.nearest(question(number), 10)
            assert found == exact(store, question(number))
            assert owners(store, found)[0] == f"a{number}"
        assert store.nearest(question(3), 10) == exact(store, question(3))
        assert folders(store) == built
    assert store.nearest(question(64), 10) == exact(store, question(64))  # and builds what it had to do without
    assert folders(store) != built
    assert store.indexed_ids() == set(store.catalog.chunk_ids())


def test_what_was_changed_or_removed_is_left_out_at_once(open_store: OpenStore) -> None:
    store = filled(open_store(settings=LOOSE))
    put(store, article(7, 2))
    store.catalog.remove("a8", NOW)
    assert owners(store, store.nearest(question(7), 60)).count("a7") == 1
    assert store.nearest(HashEmbedder().embed([article(7, 2).text])[0], 1)[0][1] > 0.9999
    assert "a8" not in owners(store, store.nearest(question(8), 60))
    for number in (7, 8, 9):
        assert store.nearest(question(number), 10) == exact(store, question(number))


def test_places_that_removed_chunks_would_take_are_given_to_others(open_store: OpenStore) -> None:
    store = filled(open_store(settings=LOOSE), 300)
    for number in range(299):
        store.catalog.remove(f"a{number}", NOW)
    assert owners(store, store.nearest(question(0), 10)) == ["a299"]
    with store.writing():
        store.finish_index()  # more than half of it was gone
    assert len(store.indexed_ids()) == 1
    store.catalog.remove("a299", NOW)
    assert store.nearest(question(0), 10) == []
    with store.writing():
        store.finish_index()
    assert store.catalog.index_state().segments == ()
    assert list(store.folder.glob("index-*")) == []


def test_a_store_that_is_opened_while_it_is_behind_uses_its_index_as_it_is(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED))
    put(store, article(60))
    store.close()
    store = open_store(settings=ASKED)
    with elsewhere(store):
        for number in (5, 60):
            assert store.nearest(question(number), 10) == exact(store, question(number))
        assert len(store._index._segments._open) == 1


def test_without_any_segment_everything_is_searched(open_store: OpenStore) -> None:
    store = open_store(settings=ASKED)
    put(store, *map(article, range(60)))
    with elsewhere(store):
        for number in (5, 59):
            assert store.nearest(question(number), 10) == exact(store, question(number))
        assert store.catalog.index_state() == IndexState()


def test_searching_goes_on_while_the_index_is_built(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED), 200)
    with store.writing():
        put(store, *map(article, range(200, 1500)))
    building = threading.Thread(target=store.rebuild_index)
    before = folders(store)
    building.start()
    took, meanwhile = [], 0
    while building.is_alive():
        begin = time.monotonic()
        number = int(begin * 1000) % 1500
        found = store.nearest(question(number), 10)
        took.append(time.monotonic() - begin)
        meanwhile += folders(store) == before
        assert owners(store, found)[0] == f"a{number}"
    building.join()
    assert meanwhile > 3
    assert max(took[1:]) < 2.0
    assert store.nearest(question(1400), 10) == exact(store, question(1400))
    assert store._index._lacking._held is not None
    assert len(store._index._lacking._held.ids) == 0  # nothing is kept in memory that the index has


def test_a_search_never_mixes_versions_while_articles_change(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED), 30)
    done, errors = threading.Event(), list[str]()

    def search() -> None:
        while not done.is_set():
            for number in range(30):
                found = store.nearest(question(number), 20)
                chunks = store.catalog.chunks([chunk for chunk, _ in found])
                seen: dict[str, set[int]] = {}
                for chunk in chunks.values():
                    seen.setdefault(chunk.article_id, set()).add(chunk.version)
                errors.extend(name for name, versions in seen.items() if len(versions) > 1)
                errors.extend(["nothing"] * (not found))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for revision in range(2, 6):
        with store.writing():
            put(store, *(article(number, revision) for number in range(0, 30, 2)))
            store.finish_index()
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.check() == []


# -- while another process writes -----------------------------------------------------------------

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from tests.index.test_sync import ASKED, article
store = Store(Path(sys.argv[1]), replace(ASKED, lock_wait_s=30), embedder=HashEmbedder(), reader=FakeStatementReader())
for line in sys.stdin:
    first, last = map(int, line.split())
    with store.writing():
        for _ in add_articles(store, [(str(n), article(n)) for n in range(first, last)]):
            pass
    print(*(segment.folder for segment in store.catalog.index_state().segments), flush=True)
"""


@contextmanager
def writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process; it adds the articles of the numbers that it is told, and says which folders there are."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        yield process
    finally:
        process.communicate(timeout=60)
    assert process.returncode == 0


def told(process: subprocess.Popen[str], first: int, last: int) -> list[str]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{first} {last}\n")
    process.stdin.flush()
    return process.stdout.readline().split()


def test_segments_that_another_process_merges_are_followed_and_their_folders_are_gone(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED))
    assert store.nearest(question(4), 10) == exact(store, question(4))
    with writer(store.folder) as process:
        for first in (60, 75, 90):
            last = first + 15
            now = told(process, first, last)
            assert now == folders(store) == sorted(path.name for path in store.folder.glob("index-*"))
            for number in (4, first, last - 1):
                found = store.nearest(question(number), 10)
                assert found == exact(store, question(number))
                assert owners(store, found)[0] == f"a{number}"
    assert len({segment.folder for segment in store._index._segments._open} - set(now)) == 0
    assert store._index._broken == {}
    assert store.put_aside() == []


def test_searches_are_never_wrong_or_empty_while_another_process_merges_and_deletes(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED), 40)
    done, errors, searched = threading.Event(), list[object](), [0]

    def search() -> None:
        try:
            while not done.is_set():
                number = searched[0] % 40
                searched[0] += 1
                found = store.nearest(question(number), 10)
                if len(found) != 10 or owners(store, found[:1]) != [f"a{number}"]:
                    errors.append((number, found))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    with writer(store.folder) as process:
        for first in range(40, 100, 12):
            assert told(process, first, first + 12)
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert searched[0] > 20
    assert store.check() == []
    assert store.put_aside() == []


def test_a_catalog_that_is_put_in_the_place_of_this_one_brings_its_own_chunks(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store(settings=LOOSE)
    other = open_store(tmp_path / "other", settings=LOOSE)
    put(store, *map(article, range(20)))
    put(other, *map(article, range(20, 40)))
    assert owners(store, store.nearest(question(3), 1)) == ["a3"]
    other.close()
    os.replace(other.folder / CATALOG, store.folder / CATALOG)
    assert owners(store, store.nearest(question(23), 1)) == ["a23"]  # the same numbers of chunks and of the revision
    assert store.nearest(question(23), 10) == exact(store, question(23))


@pytest.mark.parametrize("settings", [ASKED, replace(ASKED, exact_chunks=5000)])
def test_a_vector_of_a_model_that_the_store_has_left_finds_nothing_and_breaks_nothing(
    open_store: OpenStore, settings: IndexSettings
) -> None:
    store = filled(open_store(settings=settings))
    assert store.nearest(question(3), 5)
    other = HashEmbedder(32, "other")
    assert store.nearest(other.embed(["anything"])[0], 5) == []
    assert store._index.search_exactly(store.catalog.chunk_ids(), other.embed(["anything"])[0], 5) == []
    assert store._index._broken == {}
    assert store.nearest(question(3), 10) == exact(store, question(3))
    assert store.put_aside() == []


# -- every build finds the same -------------------------------------------------------------------


def test_every_build_of_an_index_and_none_find_the_same_to_the_last_bit(open_store: OpenStore) -> None:
    dim = 96
    store = open_store(embedder=HashEmbedder(dim), settings=ASKED)
    rng = np.random.default_rng(5)
    middles = rng.normal(size=(40, dim))
    rows = np.repeat(middles, 50, axis=0) + 0.35 * rng.normal(size=(2000, dim))
    rows[1::20] = rows[::20]  # copies
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    questions = (middles / np.linalg.norm(middles, axis=1, keepdims=True)).astype(np.float32)
    put_vectors(store, units[:1500])
    store.rebuild_index()
    put_vectors(store, units[1500:], 1500)
    with elsewhere(store):
        builds = [[store.nearest(one, 10) for one in questions]]  # a segment and a tail
    store.finish_index()
    assert len(folders(store)) == 2 - (1500 < 3 * 500)
    builds += [[store.nearest(one, 10) for one in questions]]
    store.rebuild_index()
    builds += [[store.nearest(one, 10) for one in questions]]
    few = open_store(embedder=HashEmbedder(dim), settings=replace(ASKED, exact_chunks=5000))
    builds += [[few.nearest(one, 10) for one in questions]]
    assert all(build == [exact(store, one) for one in questions] for build in builds)


def put_vectors(store: Store, units: NDArray[np.float32], first: int = 0) -> None:
    """Store as many articles of one chunk each, with these vectors instead of their own."""
    articles = [Article(ArticleMeta(f"u{n}"), f"Unit number {n}.") for n in range(first, first + len(units))]
    prepared = [prepare(one, store.embedder, store.settings) for one in articles]
    vectors = {text_key(item.chunk_text(item.chunks[0])): unit for item, unit in zip(prepared, units, strict=True)}
    with store.writing():
        store.catalog.store_articles(prepared, vectors, store.embedder.fingerprint, NOW)


@pytest.mark.parametrize("how", ["asked", "one and all"])
def test_copies_come_in_the_order_in_which_they_were_added(open_store: OpenStore, how: str) -> None:
    store = open_store(settings=ASKED if how == "asked" else replace(ASKED, exact_chunks=1000))
    with store.writing():
        put(store, *(Article(ArticleMeta(f"copy-{n}"), "The mayor resigned on Tuesday.") for n in range(200)))
        store.finish_index()
    found = store.nearest(HashEmbedder().embed(["the mayor resigned"])[0], 10)
    assert [chunk for chunk, _ in found] == store.catalog.chunk_ids()[:10]
    assert len({cosine for _, cosine in found}) == 1


# -- what is in no segment ------------------------------------------------------------------------


class Counting(Catalog):
    """A catalog that counts the vectors that are read."""

    read = 0

    def vectors_by_id(self, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        self.read += len(ids)
        return super().vectors_by_id(ids)


def test_of_what_is_in_no_segment_only_the_new_is_read_when_something_has_changed(open_store: OpenStore) -> None:
    store = open_store(settings=LOOSE)
    put(store, *map(article, range(400)))
    with closing(Counting(store.folder / CATALOG)) as catalog:
        index = SyncedIndex(store.folder, catalog, WriterLock(store.folder / LOCK, 0.2), Sizes(), exact_chunks=0)
        index.search(question(1), 1)
        before = catalog.read
        assert before >= len(catalog.chunk_ids())
        put(store, article(400))
        store.catalog.remove("a7", NOW)
        assert index.search(question(400), 1) == exact(store, question(400), 1)
        assert index.search(question(7), 10) == exact(store, question(7))
        assert catalog.read - before < 200
        index.close()


def test_at_the_end_of_a_write_little_may_stay_in_no_segment(open_store: OpenStore) -> None:
    store = open_store(settings=replace(ASKED, tail_chunks=50))
    with store.writing():
        put(store, *map(article, range(10)))
        store.keep_up()
        assert folders(store) == []
        store.finish_index()
        assert folders(store) == ["index-1"]  # the first one, however small
        put(store, *map(article, range(10, 20)))
        store.finish_index()
        assert folders(store) == ["index-1"]
        put(store, *map(article, range(20, 80)))
        store.keep_up()
        assert folders(store) == ["index-1"]
        store.finish_index()
    assert folders(store) == ["index-2"]
    assert store.indexed_ids() == set(store.catalog.chunk_ids())


def test_while_articles_are_added_a_long_tail_becomes_a_segment_beside_the_others(open_store: OpenStore) -> None:
    store = open_store(settings=replace(ASKED, tail_chunks=4))  # 80 meanwhile
    with store.writing():
        for first in (0, 100, 200):
            put(store, *map(article, range(first, first + 100)))
            store.keep_up()
        assert folders(store) == ["index-1", "index-2", "index-3"]
        assert store.nearest(question(150), 10) == exact(store, question(150))
        store.finish_index()
    assert folders(store) == ["index-4"]
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    assert store.check() == []


def test_a_segment_of_which_nothing_is_left_gives_its_range_to_a_neighbour(open_store: OpenStore) -> None:
    store = open_store(settings=replace(ASKED, tail_chunks=4))
    with store.writing():
        for first in (0, 100, 200):
            put(store, *map(article, range(first, first + 100)))
            store.keep_up()
        before = store.catalog.index_state().segments
        for number in range(100, 200):
            store.catalog.remove(f"a{number}", NOW)
        store.finish_index()
    (first,) = store.catalog.index_state().segments
    assert (first.first, first.last) == (before[0].first, before[2].last)
    assert store.indexed_ids() == set(store.catalog.chunk_ids())


def test_no_byte_of_what_is_gone_is_left_when_its_rows_are_dropped(open_store: OpenStore) -> None:
    store = filled(open_store(settings=LOOSE), 200)
    chunk = store.nearest(question(7), 1)[0][0]
    gone = store.catalog.vectors_by_id([chunk])[chunk]
    store.catalog.remove("a7", NOW)
    store.finish_index()
    assert holding(store.folder, gone.tobytes())  # one of very many is not worth it
    store.drop_dead_rows()
    assert not holding(store.folder, gone.tobytes())
    assert store.indexed_ids() == set(store.catalog.chunk_ids())


def holding(folder: Path, data: bytes) -> list[Path]:
    return [path for path in folder.glob("index-*/**/*") if path.is_file() and data in path.read_bytes()]


def test_an_index_of_chunks_that_are_not_live_yet_is_built_beside_the_one_that_is(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED), 30)
    before = folders(store)
    other = HashEmbedder(32, "other")
    cut = store.catalog.begin_cut(other.fingerprint, store.settings.chunk_tokens)
    items = [prepare(article(n), other, store.settings) for n in range(30)]
    store.catalog.stage_chunks(cut, items, vectors_of(items, other), other.fingerprint)
    with store.writing():
        state = store.build_beside(cut, other.fingerprint)
        assert folders(store) == before
        assert {path.name for path in store.folder.glob("index-*")} == {*before, state.segments[0].folder}
        store.catalog.switch_cut(cut, other.fingerprint, "other", state)
        store.finish_index()
    assert folders(store) == [state.segments[0].folder] == [path.name for path in store.folder.glob("index-*")]
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    found = store.nearest(other.embed([article(12).text])[0], 1)
    assert owners(store, found) == ["a12"]
    assert store.check() == []


def vectors_of(items: Sequence[PreparedArticle], embedder: HashEmbedder) -> dict[bytes, NDArray[np.float32]]:
    texts = [item.chunk_text(chunk) for item in items for chunk in item.chunks]
    return dict(zip(map(text_key, texts), embedder.embed(texts), strict=True))


# -- where no index can be made -------------------------------------------------------------------

LIMITED = """
import json, logging, resource, sys
from pathlib import Path
from pullquote.index.errors import IndexDamaged, StoreUnwritable
from pullquote.index.ingest import add_articles
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from tests.index.test_sync import ASKED, article, exact, question
logging.basicConfig(stream=sys.stderr)
store = Store(Path(sys.argv[1]), ASKED, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
def folders():
    return sorted(path.name for path in store.folder.glob("index-*"))
with store.writing():
    added = sum(report.count("added") for report in add_articles(store, [(str(n), article(n)) for n in range(12)]))
seen = [(store.nearest(question(n), 5) == exact(store, question(n), 5), folders()) for n in range(8)]
refused = 0
try:
    store.rebuild_index()
except (IndexDamaged, StoreUnwritable):
    refused += 1
problems, state = store.catalog.check(), len(store.catalog.index_state().segments)
print(json.dumps({"added": added, "seen": seen, "refused": refused, "problems": problems, "state": state}))
"""


def test_where_no_index_can_be_built_articles_are_stored_questions_answered_and_no_folder_is_left(
    open_store: OpenStore, tmp_path: Path
) -> None:
    like = filled(open_store(tmp_path / "like", settings=ASKED), 12)
    like.close()
    limit = (like.folder / CATALOG).stat().st_size + 8192
    assert max(path.stat().st_size for path in like.folder.glob("index-*/**/*")) > limit
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "store"), str(limit)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value == {"added": 12, "seen": [[True, []]] * 8, "refused": 1, "problems": [], "state": 0}
    assert done.stderr.count("the articles are stored") == 1
    store = open_store(tmp_path / "store", settings=ASKED)
    store.finish_index()
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    assert len(list(store.folder.glob("index-*"))) == 1
    assert store.check() == []


FULL = """
import sys
from pathlib import Path
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from tests.index.test_sync import ASKED, exact, put, article, question
store = Store(Path(sys.argv[1]), ASKED, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
put(store, *map(article, range(12)))
store.finish_index()
print(store.catalog.index_state().segments, store.nearest(question(3), 5) == exact(store, question(3), 5))
print([path.name for path in Path(sys.argv[1]).glob("index-*")], store.catalog.check())
"""


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="a small disk can be made by root alone")
def test_on_a_disk_that_is_full_articles_are_stored_and_the_index_follows_when_there_is_room(tmp_path: Path) -> None:
    (disk := tmp_path / "disk").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this system mounts nothing")
    try:
        done = subprocess.run(
            [sys.executable, "-c", FULL, str(disk / "store")], capture_output=True, text=True, timeout=120, check=False,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.stdout == "() True\n[] []\n", done.stderr
        assert "the articles are stored" in done.stderr
        subprocess.run(["mount", "-o", "remount,size=500m", str(disk)], check=True)
        with closing(Store(disk / "store", ASKED, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
            assert store.nearest(question(3), 5) == exact(store, question(3), 5)
            assert store.check() == []
            assert len(folders(store)) == 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_search_tries_again_to_build_when_articles_have_changed(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED))
    before = folders(store)
    with store.writing():
        put(store, article(60))
    store._index._failed.note(store.catalog.revision())
    assert store.nearest(question(60), 10) == exact(store, question(60))
    assert folders(store) == before
    with store.writing():
        put(store, article(61))
    assert store.nearest(question(61), 10) == exact(store, question(61))
    assert folders(store) != before
    assert not store._index._failed.holds()


def test_whoever_writes_builds_however_lately_that_failed(open_store: OpenStore) -> None:
    store = filled(open_store(settings=ASKED))
    with store.writing():
        put(store, article(60))
        store._index._failed.note(store.catalog.revision())
        store.keep_up()
        store.finish_index()
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
