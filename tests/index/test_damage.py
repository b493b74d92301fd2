"""A vector index that is missing, cut, garbled or too large: the same answers, and it is told, put aside and built anew."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import chromadb
import numpy as np
import pytest

from pullquote.index.folders import quarantine, reports, size_bytes
from pullquote.index.records import IndexState, Segment
from pullquote.index.removing import remove
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from tests.index.conftest import elsewhere
from tests.index.test_store import TOPICS, fill, top

OpenStore = Callable[..., Store]
ASKED = IndexSettings(lock_wait_s=0.2, exact_chunks=0)
"""The index is asked, however few chunks there are."""
FILES = ["chroma.sqlite3", "data_level0.bin", "header.bin", "index_metadata.pickle", "length.bin", "link_lists.bin"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an index; what it finds is in ``expected``."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    with closing(Store(folder, ASKED, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        fill(store, 120)
    return folder


@pytest.fixture(scope="module")
def expected(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[float]]:
    shutil.copytree(whole, folder := tmp_path_factory.mktemp("expected") / "store")
    with closing(
        Store(folder, replace(ASKED, exact_chunks=10_000), embedder=HashEmbedder(), reader=FakeStatementReader())
    ) as store:
        return top(store)


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "store"))


def opened(folder: Path, settings: IndexSettings = ASKED) -> closing[Store]:
    return closing(Store(folder, settings, embedder=HashEmbedder(), reader=FakeStatementReader()))


def segment_of(store: Store) -> Segment:
    (segment,) = store.catalog.index_state().segments
    return segment


def file_of(store: Path, name: str) -> Path:
    (path,) = store.glob(f"index-*/**/{name}")
    return path


def garble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 64] = os.urandom(64)
    path.write_bytes(data)


DAMAGES = {
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "garbled": garble,
    "emptied": lambda path: os.truncate(path, 0),
    "removed": lambda path: path.unlink(),
}


# -- what a search makes of it ----------------------------------------------------------------------


def test_an_index_is_asked_where_there_are_many_chunks_and_finds_what_an_exact_scan_finds(
    copy: Path, expected: list[list[float]]
) -> None:
    with opened(copy) as store:
        assert top(store) == expected
        assert store._index._segments._open
    with opened(copy, replace(ASKED, exact_chunks=2000)) as store:
        assert top(store) == expected
        assert not store._index._segments._open


@pytest.mark.parametrize("damage", DAMAGES)
def test_whichever_file_is_damaged_the_answers_are_the_same_and_check_says_how_much_is_lost(
    copy: Path, expected: list[list[float]], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in FILES:
        if damage == "garbled" and name == FILES[0]:
            continue  # where nothing is stored in it, that may do no harm
        shutil.copytree(copy, folder := copy.with_name(name))
        DAMAGES[damage](file_of(folder, name))
        with opened(folder) as store, elsewhere(store):
            assert top(store) == expected
            chunks = store.catalog.chunk_count()
            assert f"lacks {chunks:,} of {chunks:,} chunks" in (store.check_index() or "")
            assert "pullquote rebuild" in store.check()[0]
        shutil.rmtree(folder)
    assert "searching without a whole vector index" in caplog.text


@pytest.mark.parametrize(("name", "damage"), [("chroma.sqlite3", "cut"), ("link_lists.bin", "garbled"), ("", "folder removed")])
def test_what_is_damaged_is_put_aside_with_a_report_and_built_anew_without_embedding(
    copy: Path, expected: list[list[float]], name: str, damage: str
) -> None:
    if name:
        DAMAGES[damage](file_of(copy, name))
    else:
        shutil.rmtree(next(copy.glob("index-*")))
    with opened(copy) as store:
        before = segment_of(store)
        assert top(store) == expected
        assert store.embedder.calls == len(expected)  # type: ignore[attr-defined]  # the questions
        assert segment_of(store).folder != before.folder
        assert store.check() == []
        assert store.indexed_ids() == set(store.catalog.chunk_ids())
        told = store.put_aside()
    assert [path.name for path in copy.glob("index-*")] == [segment_of_folder(copy)]
    assert len(told) == len(list(copy.glob("damaged-*.json"))) == bool(name)
    for report in told:
        assert report.folder == before.folder
        assert "link_lists.bin has other bytes" in report.reason or name == "chroma.sqlite3"
        aside = json.loads((copy / "damaged-1.json").read_text())
        assert {Path(file["path"]).name for file in aside["files"]} == set(FILES)
        assert (copy / "damaged-1").is_dir()


def segment_of_folder(folder: Path) -> str:
    with opened(folder) as store:
        return segment_of(store).folder


def test_a_folder_that_vanishes_while_it_is_open_is_made_anew(copy: Path, expected: list[list[float]]) -> None:
    with opened(copy) as store:
        assert top(store) == expected
        shutil.rmtree(copy / segment_of(store).folder)
        assert top(store) == expected
        assert store.check() == []


def test_an_index_that_vanished_is_not_missed_once_all_it_held_is_deleted(tmp_path: Path, expected: list[list[float]]) -> None:
    with closing(Store(tmp_path, ASKED, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        fill(store, 1)
        shutil.rmtree(tmp_path / segment_of(store).folder)
        assert f"lacks {store.catalog.chunk_count()} of" in (store.check_index() or "")
        (only,) = store.catalog.ids()
        assert remove(store, only, datetime.now(UTC)).verified
        assert store.check() == []
        fill(store, 120)
        assert top(store) == expected
        assert store.check() == []


def test_a_third_of_the_vectors_gone_is_counted_by_check_and_repaired(copy: Path, expected: list[list[float]]) -> None:
    with opened(copy) as store:
        ids, folder = store.catalog.chunk_ids(), copy / segment_of(store).folder
    client = chromadb.PersistentClient(str(folder))
    client.get_collection("chunks", embedding_function=None).delete(ids=[str(i) for i in ids[::3]])
    client.close()
    with opened(copy) as store:
        assert f"lacks {len(ids[::3])} of {len(ids)} chunks" in (store.check_index() or "")
        assert top(store) == expected
        assert store.check() == []
        assert store.put_aside()[0].folder == folder.name


def test_an_index_of_another_version_of_chromadb_is_built_anew_and_not_put_aside(copy: Path, expected: list[list[float]]) -> None:
    with opened(copy) as store:
        old = replace(segment_of(store), chroma="0.4.1")
        store.catalog.set_index_state(IndexState((old,), 1))
        assert top(store) == expected
        assert segment_of(store).folder == "index-2"
        assert segment_of(store).chroma == chromadb.__version__
        assert store.check() == []
        assert store.put_aside() == []


def test_a_file_without_end_is_neither_read_nor_kept(copy: Path, expected: list[list[float]]) -> None:
    path = file_of(copy, "link_lists.bin")
    os.truncate(path, 4 << 40)  # with no blocks; and beside it one with many
    with path.with_name("data_level0.bin").open("ab") as file:
        file.write(bytes(12_000_000))
    with opened(copy) as store:
        begun = time.monotonic()
        assert top(store) == expected
        assert time.monotonic() - begun < 30
        assert store.check() == []
        assert "bytes" in store.put_aside()[0].reason
        assert store.size_bytes() < 12_000_000
    assert not (copy / "damaged-1").exists()


def test_what_breaks_whenever_it_is_asked_is_mended_once_a_minute(copy: Path, expected: list[list[float]]) -> None:
    with opened(copy) as store:
        for built in ("index-2", "index-2"):
            garble(file_of(copy, "link_lists.bin"))
            store._index.close()
            assert top(store) == expected
            assert segment_of(store).folder == built
        store.finish_index()  # whoever writes mends it all the same
        assert segment_of(store).folder == "index-3"
        assert store.check() == []


def test_whoever_writes_mends_what_is_damaged_and_was_never_asked(copy: Path) -> None:
    file_of(copy, "header.bin").unlink()
    with opened(copy, IndexSettings()) as store:
        store.finish_index()
        assert segment_of(store).folder == "index-2"
        assert store.check() == []


def test_where_very_many_chunks_are_in_no_segment_a_search_only_says_what_to_do(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(settings=replace(ASKED, tail_chunks=0))
    units = put_vectors(store, 20_001)
    for unit in units[:3]:
        assert store.nearest(unit, 5) == store._index.search_exactly(store.catalog.chunk_ids(), unit, 5)
    assert [record.getMessage() for record in caplog.records if "pullquote rebuild" in record.getMessage()] == [
        f"20,001 chunks of {store.folder} are searched one by one: run pullquote rebuild to be faster"
    ]
    assert store.catalog.index_state() == IndexState()


def put_vectors(store: Store, count: int, dim: int = 16) -> np.ndarray:
    """Store one article of so many chunks, with vectors by chance, and return these."""
    from datetime import UTC, datetime

    from pullquote.index.embedding import text_key
    from pullquote.index.records import PreparedArticle
    from pullquote.index.types import Article, ArticleMeta, Span

    sentences = [f"Number {n:06}." for n in range(count)]
    spans = tuple(Span(15 * n, 15 * n + 14) for n in range(count))
    item = PreparedArticle(Article(ArticleMeta("many"), " ".join(sentences)), spans, tuple((n, n) for n in range(1, count + 1)))
    rows = np.random.default_rng(3).normal(size=(count, dim))
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    with store.writing():
        vectors = {text_key(sentence): unit for sentence, unit in zip(sentences, units, strict=True)}
        store.catalog.store_articles([item], vectors, store.embedder.fingerprint, datetime.now(UTC))
    return units


def test_many_chunks_that_are_in_no_segment_are_read_a_slice_at_a_time(open_store: OpenStore) -> None:
    store = open_store(settings=replace(ASKED, tail_chunks=100_000))
    units = put_vectors(store, 30_000)
    found = store.nearest(units[29_000], 5)
    assert found[0][1] == pytest.approx(1)
    assert found == store._index.search_exactly(store.catalog.chunk_ids(), units[29_000], 5)
    assert store._index._lacking._held is not None
    assert store._index._lacking._held.rows is None


# -- what is put aside ------------------------------------------------------------------------------


def test_one_damaged_folder_is_kept_and_five_reports(tmp_path: Path) -> None:
    for number in range(9, 17):
        (tmp_path / f"index-{number}" / "inner").mkdir(parents=True)
        (tmp_path / f"index-{number}" / "inner" / "header.bin").write_bytes(bytes(100))
        segment = Segment(f"index-{number}", 1, 9, 9, "1", (("inner/header.bin", 100, 0),))
        quarantine(tmp_path, segment, f"reason {number}")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["damaged-16", *(f"damaged-{n}.json" for n in range(12, 17))]
    )
    assert [(report.folder, report.reason) for report in reports(tmp_path)] == [
        (f"index-{n}", f"reason {n}") for n in range(12, 17)
    ]
    assert (tmp_path / "damaged-16" / "inner" / "header.bin").is_file()


def test_a_damaged_folder_that_is_much_larger_than_it_was_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "index-1").mkdir()
    (tmp_path / "index-1" / "header.bin").write_bytes(bytes(3_000_000))
    quarantine(tmp_path, Segment("index-1", 1, 9, 9, "1", (("header.bin", 100, 0),)), "too large")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged-1.json"]
    assert size_bytes(tmp_path) < 10_000


def test_a_report_that_is_damaged_itself_is_left_out(tmp_path: Path) -> None:
    for number, text in enumerate(["", "[]", '{"folder": "x"}', "\xff", '{"folder": "f", "when": "w", "reason": "r"}']):
        (tmp_path / f"damaged-{number}.json").write_text(text, encoding="latin-1")
    (tmp_path / "damaged-x.json").write_text("mine")
    assert [report.reason for report in reports(tmp_path)] == ["r"]


# -- without any index ------------------------------------------------------------------------------


def test_dropping_the_index_deletes_it_and_the_next_search_makes_it(copy: Path, expected: list[list[float]]) -> None:
    with opened(copy, replace(ASKED, tail_chunks=0)) as store:
        store.drop_vectors()
        assert list(copy.glob("index-*")) == []
        assert top(store) == expected
        assert len(list(copy.glob("index-*"))) == 1
        assert store.check() == []


def test_an_empty_store_finds_nothing_and_has_no_index(open_store: OpenStore) -> None:
    store = open_store(settings=ASKED)
    assert store.search_chunks("anything", 10) == []
    store.finish_index()
    assert store.rebuild_index() == 0
    assert store.check() == []
    assert list(store.folder.glob("index-*")) == []


FEW = """
import sys
from pathlib import Path
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
import pullquote.index.remote as remote
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())
print(len(store.search_chunks("the harbour plan", 10)), remote._reading._child is None, "chromadb" in sys.modules)
"""


def test_of_few_chunks_all_are_searched_and_no_process_is_started(copy: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FEW, str(copy)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "10 True False\n", done.stderr


def test_a_warning_is_not_told_twice(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    file_of(copy, "header.bin").unlink()
    with opened(copy) as store, elsewhere(store):
        for topic in TOPICS[:4]:
            store.search_chunks(f"the {topic} plan", 5)
    assert len([record for record in caplog.records if "vector index" in record.getMessage()]) == 1
