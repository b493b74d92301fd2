"""Another embedding model: the old one answers until the new one is whole, and a run that was cut off goes on where it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pullquote.index.errors import ModelError, ModelOutputError, SettingsError, StoreModelMismatch
from pullquote.index.ingest import add_articles
from pullquote.index.models import BGE_SMALL, bundled_model
from pullquote.index.reindexing import reindex
from pullquote.index.removing import remove
from pullquote.index.settings import DEFAULT_EMBEDDING, IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FailingEmbedder, FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]
SMALL = IndexSettings(chunk_tokens=32, lock_wait_s=0.2, exact_chunks=0)
NOW = datetime(2026, 3, 4, tzinfo=UTC)
FIRST = "The mayor resigned on Monday after a long dispute over the harbour. Her deputy took over at once and promised calm."
SECOND = "The mayor resigned on Tuesday after a long dispute over the harbour. Her deputy took over at once and promised calm."
ARTICLES, CHUNKS = 40, 30


def news(article_id: str = "a", text: str = FIRST) -> Article:
    return Article(ArticleMeta(article_id), text)


def long_text(chunks: int, mark: str = "") -> str:
    """Return a text of so many chunks under ``SMALL``: two such sentences do not fit one."""
    sentence = "Witness {} {} told the inquiry on that day about exhibit number {} and about the letters."
    return " ".join(sentence.format(n, mark, n * 17) for n in range(chunks))


def add(store: Store, *articles: Article) -> None:
    with store.writing():
        for _ in add_articles(store, ((article.meta.id, article) for article in articles)):
            pass


def many() -> list[Article]:
    return [news(f"a{n}", long_text(CHUNKS, f"m{n}")) for n in range(ARTICLES)]


def assert_all_of(store: Store, model: HashEmbedder) -> None:
    """Fail unless all that is searched is of one model, whole, and nothing of another cut or model is left."""
    catalog, ids = store.catalog, store.catalog.chunk_ids()
    assert catalog.model() == model.fingerprint
    assert catalog._db.rows("SELECT DISTINCT model, length(vector) FROM vectors") == [(model.fingerprint, model.dim * 4)]
    assert catalog._db.rows("SELECT DISTINCT cut FROM chunks") == [(int(catalog._db.meta("cut") or 0),)]
    assert store.indexed_ids() == set(ids)
    for chunk in (ids[0], ids[len(ids) // 2], ids[-1]):
        found = store.search_chunks(catalog.chunks([chunk])[chunk].text, 20)
        assert chunk in [near for near, cosine in found if cosine == pytest.approx(1, abs=1e-5)]
    assert store.check() == []


# -- from one model to another --------------------------------------------------------------------


@pytest.mark.parametrize("other", [HashEmbedder(name="other"), HashEmbedder(dim=32), HashEmbedder(dim=128)])
def test_reindex_makes_the_store_the_new_models(open_store: OpenStore, other: HashEmbedder) -> None:
    store = open_store(settings=SMALL)
    add(store, news(), news(text=SECOND), news("b", long_text(100)), news("c", long_text(5, "other")))
    before = {table: store.catalog._db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("sentences", "versions")}
    store.close()
    store = open_store(embedder=other, settings=SMALL)
    with pytest.raises(StoreModelMismatch, match="reindex"):
        store.search_chunks("harbour", 3)
    assert reindex(store) == len(store.catalog.chunk_ids())
    assert_all_of(store, other)
    assert {table: store.catalog._db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in before} == before
    assert store.catalog.stats().chunks == len(store.catalog.chunk_ids())
    assert store.search_chunks(SECOND, 1)[0][1] > 0.5
    add(store, news(text=SECOND))
    assert store.catalog.stats().versions == 4


def test_the_same_model_again_embeds_nothing(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder, settings=SMALL)
    add(store, news("b", long_text(100)))
    calls = embedder.calls
    assert reindex(store) == 0
    assert embedder.calls == calls
    assert_all_of(store, embedder)


def test_vectors_that_were_lost_are_made_anew(open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    add(store, news("b", long_text(100)))
    with store.catalog._db.transaction():
        store.catalog._db.run("DELETE FROM vectors WHERE text_key IN (SELECT text_key FROM chunks WHERE id % 3 = 0)")
    assert any("pullquote reindex" in line for line in store.check())
    assert reindex(store) == 33
    assert_all_of(store, HashEmbedder())


def test_other_chunk_sizes_cut_anew(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(text=long_text(40)))
    few = len(store.catalog.chunk_ids())
    store.close()
    store = open_store(settings=SMALL)
    assert reindex(store) > 0
    assert len(store.catalog.chunk_ids()) == 40 > few
    assert_all_of(store, HashEmbedder())


def test_an_empty_store_takes_the_new_model(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news())
    remove(store, "a", NOW)
    store.close()
    store = open_store(embedder=HashEmbedder(dim=32))
    assert reindex(store) == 0
    add(store, news())
    assert len(store.search_chunks(FIRST, 3)) == 1


def test_how_far_it_is_is_told(open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    add(store, *many()[:20])
    told: list[tuple[int, int]] = []
    reindex(store, progress=lambda done, of: told.append((done, of)))
    assert told == [(9, 20), (18, 20), (20, 20)]


# -- named by the user, remembered by the store ---------------------------------------------------


@pytest.fixture
def folder_model(tmp_path: Path) -> str:
    """The bundled model under another name: the same vectors with another fingerprint."""
    place = tmp_path / "model"
    place.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (place / name).symlink_to(bundled_model(BGE_SMALL) / name)
    return f"folder:{place}"


def test_a_model_that_was_named_is_the_stores_from_then_on(
    tmp_path: Path, folder_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = IndexSettings.from_env({})
    with closing(Store(tmp_path / "store", settings, create=True)) as store:
        add(store, news(), news("b", "A zeppelin landed. Nobody was hurt."))
        bundled = store.catalog.model()
        assert store.catalog.embedding() == DEFAULT_EMBEDDING
        found = store.search_chunks("a zeppelin", 2)
        with closing(Store(tmp_path / "store", settings)) as reader:
            assert reader.search_chunks("a zeppelin", 2) == found
            assert reindex(store, "folder:model") == 2
            assert store.catalog.model() != bundled
            # In this store as in one that was open all the time: the same weights, so the same chunks.
            for each in (store, reader):
                assert [cosine for _, cosine in each.search_chunks("a zeppelin", 2)] == pytest.approx([c for _, c in found])
    monkeypatch.chdir("/")
    with closing(Store(tmp_path / "store", settings)) as store:
        assert store.catalog.embedding() == folder_model
        assert len(store.search_chunks("a zeppelin", 2)) == 2
        add(store, news("c", "Something new happened."))
    named = IndexSettings.from_env({"PULLQUOTE_EMBEDDING": DEFAULT_EMBEDDING})
    with closing(Store(tmp_path / "store", named)) as store:
        with pytest.raises(StoreModelMismatch):
            store.search_chunks("a zeppelin", 2)
        assert reindex(store) == 3
        assert store.catalog.model() == bundled
    with closing(Store(tmp_path / "store", settings)) as store:
        assert store.catalog.embedding() == DEFAULT_EMBEDDING
        assert len(store.search_chunks("a zeppelin", 3)) == 3


@pytest.mark.parametrize(("name", "error"), [("nonsense", SettingsError), ("folder:/nowhere", ModelError)])
def test_a_model_that_is_none_changes_nothing(open_store: OpenStore, name: str, error: type[Exception]) -> None:
    store = open_store(settings=SMALL)
    add(store, news())
    with pytest.raises(error):
        reindex(store, name)
    assert_all_of(store, HashEmbedder())


# -- cut off --------------------------------------------------------------------------------------


class Interrupted(HashEmbedder):
    """Another model, which stops after so many texts."""

    def __init__(self, stop_after: int) -> None:
        super().__init__(name="other")
        self.stop_after = stop_after

    def embed(self, texts: Any) -> Any:
        if len(self.texts) >= self.stop_after:
            raise KeyboardInterrupt
        return super().embed(texts)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that is never written to again."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    with closing(Store(folder, SMALL, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        add(store, *many())
    return folder


@pytest.fixture
def half(whole: Path, tmp_path: Path) -> Path:
    """The folder of a store of which about half has been made for another model; ``open_store`` opens it."""
    shutil.copytree(whole, tmp_path / "store")
    changing = Store(tmp_path / "store", SMALL, embedder=Interrupted(ARTICLES * CHUNKS // 2), reader=FakeStatementReader())
    with closing(changing), pytest.raises(KeyboardInterrupt):
        reindex(changing)
    return tmp_path / "store"


def test_the_old_model_answers_until_it_is_done_and_no_text_is_embedded_twice(half: Path, open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    assert store.catalog.model() == "hash-64"
    assert len(store.catalog.chunk_ids()) == store.catalog.stats().chunks == ARTICLES * CHUNKS
    assert store.search_chunks("Witness 3 m5 told the inquiry", 5)
    assert store.check() == []
    store.close()
    fresh = HashEmbedder(name="other")
    store = open_store(embedder=fresh, settings=SMALL)
    assert 0 < reindex(store) == len(fresh.texts) <= ARTICLES * CHUNKS // 2 + 300
    assert_all_of(store, fresh)


def test_what_changes_before_it_goes_on_is_taken_as_it_is_then(half: Path, open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    add(store, news("a3", long_text(7, "changed")), news("new", long_text(9, "new")), news("a39", FIRST))
    remove(store, "a5", NOW)
    ids = store.catalog.ids()
    store.close()
    other = HashEmbedder(name="other")
    store = open_store(embedder=other, settings=SMALL)
    reindex(store)
    assert store.catalog.ids() == ids
    assert len(store.catalog.chunk_ids()) == (ARTICLES - 3) * CHUNKS + 7 + 9 + 1
    assert_all_of(store, other)


def test_a_third_model_begins_anew_and_leaves_nothing_of_the_second(half: Path, open_store: OpenStore) -> None:
    third = HashEmbedder(name="third", dim=32)
    store = open_store(embedder=third, settings=SMALL)
    assert reindex(store) == ARTICLES * CHUNKS
    assert_all_of(store, third)


def test_staying_with_the_old_model_after_all_leaves_nothing_of_the_new_one(half: Path, open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    assert reindex(store) == 0
    assert_all_of(store, HashEmbedder())


def test_a_model_that_fails_leaves_the_old_vectors(open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    add(store, *many()[:20])
    store.close()
    failing = FailingEmbedder("raises", "m15")
    failing.name = "other"
    store = open_store(embedder=failing, settings=SMALL)
    with pytest.raises(ModelError, match="went away"):
        reindex(store)
    store.close()
    store = open_store(settings=SMALL)
    assert store.search_chunks("Witness 3 m5 told the inquiry", 5)
    assert store.check() == []


def test_vectors_of_another_length_under_the_same_name_are_refused(half: Path, open_store: OpenStore) -> None:
    class Longer(HashEmbedder):
        @property
        def fingerprint(self) -> str:
            return "other-64"

    store = open_store(embedder=Longer(dim=80, name="other"), settings=SMALL)
    with pytest.raises(ModelOutputError, match="80 numbers, and gave 64"):
        reindex(store)


# -- killed ---------------------------------------------------------------------------------------

CHILD = """
import sys
from contextlib import closing
from pathlib import Path
from pullquote.index.reindexing import reindex
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from tests.index.test_reindexing import SMALL
with closing(Store(Path(sys.argv[1]), SMALL, embedder=HashEmbedder(name="other"), reader=FakeStatementReader())) as store:
    reindex(store, progress=lambda done, of: print(done, flush=True))
"""


def run_child(folder: Path, *, at: str = "", kill_after: int | None = None) -> None:
    """Let a process go over to another model, until it comes to a named place, or so many articles are done."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        env=os.environ | {"PULLQUOTE_FAILPOINT": at}, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        for line in child.stdout:
            if kill_after is not None and int(line) >= kill_after:
                child.send_signal(signal.SIGKILL)
                break
        assert child.wait(60) == -signal.SIGKILL


def assert_one_model_answers(folder: Path, texts: list[str]) -> str:
    """Fail unless a store answers with one of two models, and with it alone; return which."""
    models = {model.fingerprint: model for model in (HashEmbedder(), HashEmbedder(name="other"))}
    with closing(Store(folder, SMALL, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        name = store.catalog.model()
        assert name is not None
        assert store.check() == []
    with closing(Store(folder, SMALL, embedder=models.pop(name), reader=FakeStatementReader())) as store:
        ids = set(store.catalog.chunk_ids())
        assert len(ids) == ARTICLES * CHUNKS
        for text in texts:
            found = store.search_chunks(text, 3)
            assert found[0][1] == pytest.approx(1, abs=1e-5)
            assert {chunk for chunk, _ in found} <= ids
    with closing(Store(folder, SMALL, embedder=models.popitem()[1])) as store, pytest.raises(StoreModelMismatch):
        store.search_chunks("anything", 1)
    return name


@pytest.fixture
def full(whole: Path, tmp_path: Path) -> tuple[Path, list[str]]:
    """The folder of a store, and some texts of its chunks."""
    shutil.copytree(whole, tmp_path / "store")
    with closing(Store(whole, SMALL, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        return tmp_path / "store", [chunk.text for chunk in store.catalog.chunks(store.catalog.chunk_ids()[::173]).values()]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_killed_on_the_way_the_old_model_answers(full: tuple[Path, list[str]], share: float) -> None:
    folder, texts = full
    run_child(folder, kill_after=int(share * ARTICLES))
    assert assert_one_model_answers(folder, texts) == "hash-64"
    goes_on(folder, texts, at_most=int((1 - share) * ARTICLES * CHUNKS) + 300)


@pytest.mark.parametrize(
    ("place", "model"),
    [
        ("cut-staged:2", "hash-64"), ("index-numbered", "hash-64"), ("build-half", "hash-64"), ("index-before-mark", "hash-64"),
        ("cut-before-commit", "hash-64"), ("cut-switched", "other-64"), ("cut-dropped", "other-64"),
    ],
)  # fmt: skip
def test_killed_at_a_named_place_one_model_answers(full: tuple[Path, list[str]], place: str, model: str) -> None:
    folder, texts = full
    run_child(folder, at=place)
    assert assert_one_model_answers(folder, texts) == model
    goes_on(folder, texts, at_most=ARTICLES * CHUNKS - 500 if place.startswith("cut-staged") else 0)


def goes_on(folder: Path, texts: list[str], at_most: int) -> None:
    other = HashEmbedder(name="other")
    with closing(Store(folder, SMALL, embedder=other, reader=FakeStatementReader())) as store:
        assert reindex(store) <= at_most
        assert_all_of(store, other)
    assert assert_one_model_answers(folder, texts) == "other-64"
    folders = sorted(path.name for path in folder.iterdir() if path.is_dir())
    with closing(Store(folder, SMALL, embedder=other, reader=FakeStatementReader())) as store:
        assert folders == sorted(segment.folder for segment in store.catalog.index_state().segments)


def test_what_is_left_of_the_old_model_goes_with_the_next_articles(full: tuple[Path, list[str]]) -> None:
    folder, _ = full
    run_child(folder, at="cut-switched")
    other = HashEmbedder(name="other")
    with closing(Store(folder, SMALL, embedder=other, reader=FakeStatementReader())) as store:
        add(store, news())
        assert store.catalog._db.rows("SELECT DISTINCT model FROM vectors") == [(other.fingerprint,)]
        store.rebuild_index()
        assert_all_of(store, other)


# -- asked meanwhile ------------------------------------------------------------------------------


def test_nobody_who_asks_meanwhile_meets_vectors_of_two_models(tmp_path: Path, folder_model: str) -> None:
    settings = IndexSettings.from_env({})
    texts = [f"The {name} was repaired in spring." for name in ("harbour", "bridge", "tower", "school", "river wall", "station")]
    with closing(Store(tmp_path / "store", settings, create=True)) as store:
        add(store, *(news(f"a{n}", text) for n, text in enumerate(texts)))
        done, cosines = threading.Event(), list[float]()

        def ask() -> None:
            with closing(Store(tmp_path / "store", settings)) as reader:
                while not done.is_set():
                    for text in texts:
                        cosines.append(reader.search_chunks(text, 1)[0][1])

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for name in (folder_model, DEFAULT_EMBEDDING):
                reindex(store, name)
        finally:
            done.set()
            asking.join()
    assert len(cosines) > len(texts)
    assert min(cosines) > 0.999
