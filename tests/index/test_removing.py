"""Deleting: nobody finds what was deleted, purging leaves no byte of it, compacting gives its room back."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pullquote.index.errors import StoreBusy, StoreDamaged, StoreUnwritable
from pullquote.index.folders import COMPACTING
from pullquote.index.ingest import add_articles
from pullquote.index.reindexing import reindex
from pullquote.index.removing import Removal, compact, purge, purge_all, remove
from pullquote.index.settings import IndexSettings
from pullquote.index.store import CATALOG, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]
SETTINGS = IndexSettings(chunk_tokens=32, lock_wait_s=0.2, exact_chunks=0)
NOW = datetime(2026, 3, 4, tzinfo=UTC)
LETTERS = "bcdfghjklmnpqrtvwxz"  # no word that the word index would shorten


def word_of(number: int, place: int) -> str:
    return "".join(random.Random(f"{number} {place}").choices(LETTERS, k=14))


def text_of(number: int, revision: int = 1, sentences: int = 8) -> str:
    """Return a text of words that no other article has."""
    return " ".join(
        f"Witness {word_of(number, revision * 1000 + k * 10)} said"
        f" {' '.join(word_of(number, revision * 1000 + k * 10 + w) for w in range(1, 6))} so."
        for k in range(sentences)
    )


def news(number: int, revision: int = 1, sentences: int = 8) -> Article:
    mark = word_of(number, -1)
    meta = ArticleMeta(
        f"slug-{mark}", 1, f"https://{mark[::-1]}.example/x", f"Title {word_of(number, -2)}", word_of(number, -3), (f"Dr {mark}",)
    )
    return Article(meta, text_of(number, revision, sentences))


def add(store: Store, *articles: Article) -> None:
    with store.writing():
        for _ in add_articles(store, ((article.meta.id, article) for article in articles)):
            pass


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    parts = "versions", "sentences", "chunks", "vectors", "statements", "speakers"
    tables = ("meta", "articles", *parts, "journal", "counts", "sketches", "bands")
    return {table: store.catalog._db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}


def hits(store: Store, article: Article) -> set[str]:
    """Return the articles that are found with the words and the texts of one."""
    words = re.findall(r"\w{10,}", article.text)
    found = {s.article_id for s in store.catalog.sentences(i for i, _ in store.catalog.search_sentences(words, 500)).values()}
    chunks = store.catalog.chunks([chunk for chunk, _ in store.search_chunks(article.text, 500)])
    return found | {chunk.article_id for chunk in chunks.values()}


# -- every byte of every file ---------------------------------------------------------------------


def needles(article: Article) -> list[bytes]:
    """Return what only this article has, as it would stand in a file; words without their beginnings, which may be shared."""
    meta, own = article.meta, set(re.findall(rf"[{LETTERS}]{{14}}", article.text))
    fields = [meta.id.removeprefix("slug-"), meta.url, meta.title, meta.source, *meta.authors, *article.text.split(". ")]
    return [field.encode() for field in fields if field] + [word[4:].encode() for word in sorted(own)]


def left_of(folder: Path, article: Article, vectors: NDArray[np.float32]) -> list[str]:
    """Return which files in a folder hold anything of an article."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink()]
    left = [path.relative_to(folder).as_posix() for path in files if holds(path.read_bytes(), article, vectors)]
    return left + [path.name for path in files if any(needle in os.fsencode(path.name) for needle in needles(article))]


def holds(data: bytes, article: Article, vectors: NDArray[np.float32]) -> bool:
    return any(needle in data for needle in needles(article)) or any(holds_vector(data, vector) for vector in vectors)


def holds_vector(data: bytes, vector: NDArray[np.float32]) -> bool:
    """Whether the numbers stand one after the other, give or take what Chroma's rounding makes of them."""
    if vector.tobytes() in data:
        return True
    numbers = np.frombuffer(data[: len(data) // 4 * 4], np.float32)
    if len(numbers) < len(vector):
        return False
    first = int(np.argmax(np.abs(vector)))
    with np.errstate(invalid="ignore", over="ignore"):
        starts = np.flatnonzero(np.abs(numbers - vector[first]) < 1e-6) - first
        starts = starts[(starts >= 0) & (starts + len(vector) <= len(numbers))]
        return any(np.abs(numbers[start : start + len(vector)] - vector).max() < 1e-6 for start in starts)


def vectors_of(article: Article) -> NDArray[np.float32]:
    """Return the vectors of an article's chunks: under ``SETTINGS`` each sentence is one."""
    return HashEmbedder().embed([part + "." for part in article.text.removesuffix(".").split(". ")])


# -- deleting -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of thirty articles."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    with closing(Store(folder, SETTINGS, create=True, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        add(store, *map(news, range(30)))
    return folder


@pytest.fixture
def store(whole: Path, tmp_path: Path, open_store: OpenStore) -> Store:
    shutil.copytree(whole, tmp_path / "store")
    return open_store(settings=SETTINGS)


def test_an_article_is_deleted_whole_counted_and_looked_for(store: Store) -> None:
    add(store, news(3, 2))
    assert hits(store, news(3, 2)) >= {news(3).meta.id}
    others = {number: hits(store, news(number)) - {news(3).meta.id} for number in (2, 4)}
    removal = remove(store, news(3).meta.id, NOW)
    assert removal == Removal(news(3).meta.id, True, versions=2, sentences=8, chunks=8, verified=True)
    assert news(3).meta.id not in hits(store, news(3, 2)) | hits(store, news(3))
    assert store.catalog.article(news(3).meta.id) is store.catalog.article(news(3).meta.id, 1) is None
    assert news(3).meta.id not in [meta.id for meta in store.catalog.metas()]
    assert store.catalog.removed_at(news(3).meta.id) == NOW
    assert {number: hits(store, news(number)) & others[number] for number in others} == others
    assert store.check() == []


def test_deleting_what_is_not_there_says_so_and_changes_nothing(store: Store) -> None:
    before = rows(store)
    assert not remove(store, "nope", NOW)
    assert remove(store, "nope", NOW) == purge(store, "nope", NOW) == Removal("nope", False)
    assert remove(store, "\ud800", NOW) == Removal("\ud800", False)
    assert rows(store) == before


def test_deleting_needs_neither_the_model_nor_a_new_index(store: Store) -> None:
    folders = sorted(path.name for path in store.folder.iterdir() if path.is_dir())
    calls = store.embedder.calls  # type: ignore[attr-defined]
    for number in range(25):  # more than half of all
        assert remove(store, news(number).meta.id, NOW).verified
    assert store.embedder.calls == calls  # type: ignore[attr-defined]
    assert sorted(path.name for path in store.folder.iterdir() if path.is_dir()) == folders
    assert hits(store, news(0)) <= {news(number).meta.id for number in range(25, 30)}
    assert store.check() == []


def test_near_copies_that_stay_are_named(store: Store) -> None:
    copy = Article(ArticleMeta("copy"), news(5, sentences=12).text.replace("Witness", "Bystander", 1))
    add(store, news(5, sentences=12), copy)
    removal = remove(store, news(5).meta.id, NOW)
    assert removal.verified
    assert removal.copies == ("copy",)
    assert "copy" in hits(store, copy)
    assert remove(store, "copy", NOW).copies == ()


def test_a_word_index_that_still_finds_it_is_told_of_and_can_be_mended(store: Store) -> None:
    article = news(7)
    with store.catalog._db.transaction():  # as a bad sector would: some of the words are not there any more
        store.catalog._db.run("UPDATE sentences SET text = 'Witness said so.' WHERE article_id = ?", article.meta.id)
    with pytest.raises(StoreDamaged, match="the word index still finds it: run pullquote rebuild"):
        remove(store, article.meta.id, NOW)
    assert store.catalog.article(article.meta.id) is None
    assert store.check() != []
    store.catalog.rederive()
    assert store.check() == []
    assert store.catalog.search_sentences(re.findall(r"\w{10,}", article.text), 10) == []


@pytest.mark.parametrize(
    ("again", "what"),
    [
        ("INSERT INTO articles(id, version) VALUES (NEW.article_id, 1); INSERT INTO versions(article_id, version, authors, text,"
         " digest) SELECT NEW.article_id, 1, authors, text, digest FROM versions LIMIT 1;", "its text is still there"),
        ("INSERT INTO chunks(id, article_id, version, start, end, first, last, text_key) SELECT {}, article_id, version, start,"
         " end, first, last, text_key FROM chunks LIMIT 1;", "its vectors are still found"),
    ],
)  # fmt: skip
def test_rows_that_are_there_again_are_told_of(store: Store, again: str, what: str) -> None:
    article_id = news(7).meta.id
    ((chunk,),) = store.catalog._db.rows("SELECT min(id) FROM chunks WHERE article_id = ?", article_id)
    with store.catalog._db.transaction():
        body = f"WHEN NEW.verb = 'removed' BEGIN {again.format(chunk)} END"
        store.catalog._db.run(f"CREATE TRIGGER back AFTER INSERT ON journal {body}")
    with pytest.raises(StoreDamaged, match=what):
        remove(store, article_id, NOW)


def test_nobody_else_writes_meanwhile(store: Store, open_store: OpenStore) -> None:
    code = f"""
from pathlib import Path; import sys
from pullquote.index.store import Store; from pullquote.index.settings import IndexSettings
with Store(Path({str(store.folder)!r}), IndexSettings()).writing("add"):
    print("held", flush=True); sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for verb in (remove, purge):
            with pytest.raises(StoreBusy, match="add"):
                verb(store, news(1).meta.id, NOW)
        with pytest.raises(StoreBusy, match="add"):
            compact(store)
        holder.communicate()
    assert remove(store, news(1).meta.id, NOW).found


# -- purging --------------------------------------------------------------------------------------


def test_what_the_search_for_bytes_looks_for_is_there_before(store: Store) -> None:
    article, none = news(7), np.zeros((0, 64), np.float32)
    assert CATALOG in left_of(store.folder, article, none)
    for vector in vectors_of(article):
        files = [path for path in store.folder.rglob("*") if path.is_file() and holds_vector(path.read_bytes(), vector)]
        assert {CATALOG, "data_level0.bin"} <= {path.name for path in files}
    terms = store.catalog._db.rows("SELECT block FROM sentences_fts_data")
    assert any(word_of(7, 1000)[4:].encode() in bytes(block) for (block,) in terms)
    remove(store, article.meta.id, NOW)
    assert CATALOG in left_of(store.folder, article, none), "deleting alone leaves the id in the journal"


@pytest.mark.parametrize("earlier", [False, True], ids=["at once", "deleted earlier"])
def test_no_byte_of_a_purged_article_is_left(store: Store, earlier: bool) -> None:
    old, article = news(7), news(7, 2)
    add(store, article)
    if earlier:
        remove(store, article.meta.id, NOW)
        add(store, news(99))
    told: list[str] = []
    removal = purge(store, article.meta.id, NOW, told.append)
    assert removal == Removal(article.meta.id, True, *((0, 0, 0) if earlier else (2, 8, 8)), verified=True)
    assert told == ["writing the catalog anew", "building the vector index"]
    for version in (old, article):
        assert left_of(store.folder, version, vectors_of(version)) == []
    assert store.catalog.removed_at(article.meta.id) == NOW
    assert store.check() == []


def test_several_articles_are_purged_in_one_go(store: Store) -> None:
    first, gone, last = news(7), news(8), news(9)
    remove(store, gone.meta.id, NOW)
    (store.folder / "damaged-1").mkdir()
    told: list[str] = []
    removals = purge_all(store, [first.meta.id, "nobody", gone.meta.id, last.meta.id], NOW, told.append)
    assert removals == [
        Removal(first.meta.id, True, 1, 8, 8, verified=True, deleted_copies=("damaged-1",)),
        Removal("nobody", False),
        Removal(gone.meta.id, True, verified=True),
        Removal(last.meta.id, True, 1, 8, 8, verified=True),
    ]
    assert told == ["writing the catalog anew", "building the vector index"]
    for article in (first, gone, last):
        assert left_of(store.folder, article, vectors_of(article)) == []
    assert purge_all(store, ["nobody"], NOW, told.append) == [Removal("nobody", False)]
    assert purge_all(store, [], NOW, told.append) == []
    assert len(told) == 2
    assert store.check() == []


def test_the_others_stay_as_they_were(store: Store) -> None:
    (store.folder / "spending").write_text("2026-03-04 17\n")
    before = rows(store)
    found = {number: store.search_chunks(news(number).text, 8) for number in (6, 8, 29)}
    purge(store, news(7).meta.id, NOW)
    after = rows(store)
    for table in ("sentences", "versions", "chunks", "vectors"):
        assert set(after[table]) < set(before[table])
    assert len(after["articles"]) == 29
    assert after["meta"] != before["meta"]
    assert {number: store.search_chunks(news(number).text, 8) for number in found} == found
    assert (store.folder / "spending").read_text() == "2026-03-04 17\n"
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    assert sorted(path.name for path in store.folder.iterdir() if not path.is_dir()) == [CATALOG, "lock", "spending"]


def test_what_another_article_says_too_stays_there(store: Store) -> None:
    shared = "The harbour was closed on Monday because of the storm."
    add(store, Article(ArticleMeta("first-of-two"), shared), Article(ArticleMeta("second"), shared))
    removal = purge(store, "first-of-two", NOW)
    assert removal.copies == ("second",)
    assert "second" in hits(store, Article(ArticleMeta("x"), shared))
    (article,) = [store.catalog.article("second")]
    assert article is not None
    assert article.text == shared
    data = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    assert shared.encode() in data
    assert b"first-of-two" not in data


def test_copies_of_the_store_in_its_folder_are_deleted_and_named(store: Store) -> None:
    folder, article = store.folder, news(7)
    for name in ("catalog.before-restore-1.sqlite", "before-3.sqlite"):
        shutil.copy(folder / CATALOG, folder / name)
    damaged, orphan = folder / "damaged-4", folder / "index-900"
    for place in (damaged, orphan):
        shutil.copytree(next(folder.glob("index-*")), place)
    (folder / "damaged-4.json").write_text("{}")
    (folder / COMPACTING).write_bytes((folder / CATALOG).read_bytes())
    removal = purge(store, article.meta.id, NOW)
    copies = ("before-3.sqlite", "catalog.before-restore-1.sqlite", "damaged-4", "damaged-4.json")
    assert removal.deleted_copies == copies
    assert left_of(folder, article, vectors_of(article)) == []
    assert not orphan.exists()
    assert not (folder / COMPACTING).exists()


def test_a_copy_that_cannot_be_deleted_is_told_of(store: Store) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    place = store.folder / "damaged-1" / "deep"
    place.mkdir(parents=True)
    (place / "file").write_text(news(7).text)
    place.chmod(0o500)
    try:
        with pytest.raises(StoreUnwritable, match="damaged-1"):
            purge(store, news(7).meta.id, NOW)
    finally:
        place.chmod(0o700)
    assert purge(store, news(7).meta.id, NOW).deleted_copies == ("damaged-1",)


def test_a_purged_article_may_come_back_as_a_later_version(store: Store) -> None:
    add(store, news(7, 2))
    purge(store, news(7).meta.id, NOW)
    add(store, news(7, 3))
    article = store.catalog.article(news(7).meta.id)
    assert article is not None
    assert article.meta.version == 3
    assert news(7).meta.id in hits(store, news(7, 3))
    purge(store, news(7).meta.id, NOW)
    assert left_of(store.folder, news(7, 3), vectors_of(news(7, 3))) == []


def test_vectors_that_wait_for_another_model_go_too(store: Store) -> None:
    class Stops(HashEmbedder):
        def embed(self, texts: Any) -> Any:
            if self.calls > 3:
                raise KeyboardInterrupt
            return super().embed(texts)

    add(store, *map(news, range(30, 60)))
    store.close()
    other = HashEmbedder(name="other")
    with closing(Store(store.folder, SETTINGS, embedder=Stops(name="other"))) as changing, pytest.raises(KeyboardInterrupt):
        reindex(changing)
    with closing(Store(store.folder, SETTINGS, embedder=HashEmbedder(), reader=FakeStatementReader())) as again:
        staged = again.catalog._db.rows("SELECT DISTINCT article_id FROM chunks WHERE cut = 2")
        numbers = [number for number in range(60) if (news(number).meta.id,) in staged]
        article = news(numbers[0])
        vectors = other.embed([part + "." for part in article.text.removesuffix(".").split(". ")])
        assert left_of(store.folder, article, vectors[:1]) != []
        purge(again, article.meta.id, NOW)
        assert left_of(store.folder, article, vectors) == []


# -- killed ---------------------------------------------------------------------------------------

PURGE_PLACES = [
    "remove-parts", "remove-committed", "purge-removed", "compact-written", "compact-replaced",
    "index-numbered", "build-half", "index-before-mark", "swap-before-sweep",
]  # fmt: skip


def killed_at(place: str, folder: Path, what: str) -> None:
    """Let a process do something to a store, and end where it should."""
    code = f"""
import datetime; from pathlib import Path
from pullquote.index.removing import compact, purge; from pullquote.index.store import Store
from tests.index.test_removing import SETTINGS, NOW; from pullquote.index.testing import FakeStatementReader, HashEmbedder
store = Store(Path({str(folder)!r}), SETTINGS, embedder=HashEmbedder(), reader=FakeStatementReader())
{what}
"""
    environment = os.environ | {"PULLQUOTE_FAILPOINT": place}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, f"it never came to {place}: {done.stderr}"


@pytest.mark.parametrize("place", PURGE_PLACES)
def test_purging_that_was_killed_is_finished_by_purging_again(store: Store, place: str) -> None:
    folder, article = store.folder, news(7)
    shutil.copy(folder / CATALOG, folder / "before-3.sqlite")
    store.close()
    killed_at(place, folder, f"purge(store, {article.meta.id!r}, NOW)")
    with closing(Store(folder, SETTINGS, embedder=HashEmbedder(), reader=FakeStatementReader())) as again:
        assert {number for number in range(30) if again.catalog.article(news(number).meta.id)} >= set(range(30)) - {7}
        assert news(8).meta.id in hits(again, news(8))
        assert again.check() == []
        purge(again, article.meta.id, NOW)
        assert news(7).meta.id not in hits(again, article)
        assert again.check() == []
    assert left_of(folder, article, vectors_of(article)) == []
    assert sorted(path.name for path in folder.iterdir() if not path.is_dir()) == [CATALOG, "lock"]


# -- compacting -----------------------------------------------------------------------------------


@contextmanager
def peak_of(store: Store) -> Iterator[list[int]]:
    """Look again and again how much room a store takes."""
    seen, done = [store.size_bytes()], threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            seen.append(store.size_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def test_half_of_all_deleted_and_compacted_takes_less_room(open_store: OpenStore) -> None:
    store = open_store(settings=SETTINGS)
    add(store, *(news(number, sentences=30) for number in range(80)))
    full = store.size_bytes()
    for number in range(0, 80, 2):
        remove(store, news(number).meta.id, NOW)
    kept, found = rows(store), store.search_chunks(news(1).text, 20)
    with peak_of(store) as seen:
        sizes = compact(store)
    assert max(seen) <= 2 * sizes.before_bytes
    assert sizes.before_bytes == pytest.approx(full, rel=0.1)
    assert sizes.after_bytes == pytest.approx(store.size_bytes(), rel=0.01)
    assert sizes.after_bytes <= 0.7 * full
    after = rows(store)
    assert {table: after[table] for table in after if table != "meta"} == {t: kept[t] for t in kept if t != "meta"}
    assert store.search_chunks(news(1).text, 20) == found
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    assert store.check() == []


def test_others_read_while_a_store_is_compacted_and_meet_the_new_one(store: Store, open_store: OpenStore) -> None:
    reader = open_store(settings=SETTINGS)
    before = reader.search_chunks(news(9).text, 5)
    remove(store, news(7).meta.id, NOW)
    compact(store)
    assert reader.search_chunks(news(9).text, 5) == before
    assert reader.catalog.article(news(7).meta.id) is None
    add(store, news(50))
    assert news(50).meta.id in hits(reader, news(50))


def test_nothing_to_give_back_changes_nothing_and_builds_nothing(store: Store) -> None:
    before, folders = rows(store), sorted(path.name for path in store.folder.glob("index-*"))
    sizes = compact(store)
    assert sizes.after_bytes <= sizes.before_bytes
    assert rows(store) == before
    assert sorted(path.name for path in store.folder.glob("index-*")) == folders


def test_whoever_may_read_a_store_may_read_it_afterwards(store: Store) -> None:
    (store.folder / CATALOG).chmod(0o640)
    compact(store)
    assert (store.folder / CATALOG).stat().st_mode & 0o777 == 0o640


def test_a_catalog_that_was_not_written_to_its_end_goes_with_the_next_articles(store: Store) -> None:
    (store.folder / COMPACTING).write_bytes(b"half")
    add(store, news(50))
    assert not (store.folder / COMPACTING).exists()


def test_an_empty_store_can_be_compacted(open_store: OpenStore) -> None:
    store = open_store()
    compact(store)
    assert store.check() == []


def test_a_catalog_that_is_not_sound_is_not_replaced(store: Store) -> None:
    remove(store, news(7).meta.id, NOW)
    store.catalog._db.run("PRAGMA foreign_keys=OFF")
    with store.catalog._db.transaction():
        store.catalog._db.run("UPDATE chunks SET article_id = 'nobody' WHERE article_id = ?", news(8).meta.id)
    store.close()
    inode = (store.folder / CATALOG).stat().st_ino
    again = Store(store.folder, SETTINGS, embedder=HashEmbedder(), reader=FakeStatementReader())
    with closing(again), pytest.raises(StoreDamaged, match="broken reference"):
        compact(again)
    assert (store.folder / CATALOG).stat().st_ino == inode
    assert not (store.folder / COMPACTING).exists()


def test_a_full_disk_leaves_the_store_as_it_was(store: Store) -> None:
    compact(store)  # what comes first the next time changes nothing then
    before = rows(store)
    limit = (store.folder / CATALOG).stat().st_size - 4096
    code = f"""
import resource; from pathlib import Path
from pullquote.index.errors import StoreUnwritable; from pullquote.index.removing import compact
from pullquote.index.store import Store; from tests.index.test_removing import SETTINGS
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    compact(Store(Path({str(store.folder)!r}), SETTINGS))
except StoreUnwritable as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count("\n") == 1
    assert COMPACTING in done.stdout
    assert not (store.folder / COMPACTING).exists()
    assert rows(store) == before
    assert store.check() == []


@pytest.mark.parametrize("place", ["compact-written", "compact-replaced", "build-half", "swap-before-sweep"])
def test_compacting_that_was_killed_leaves_a_store_that_works(store: Store, place: str) -> None:
    folder = store.folder
    for number in range(10):
        remove(store, news(number).meta.id, NOW)
    kept, found = rows(store), store.search_chunks(news(20).text, 8)
    store.close()
    killed_at(place, folder, "compact(store)")
    with closing(Store(folder, SETTINGS, embedder=HashEmbedder(), reader=FakeStatementReader())) as again:
        assert again.search_chunks(news(20).text, 8) == found
        assert again.check() == []
        compact(again)
        assert again.search_chunks(news(20).text, 8) == found
        after = rows(again)
        assert {table: after[table] for table in after if table != "meta"} == {t: kept[t] for t in kept if t != "meta"}
        assert again.indexed_ids() == set(again.catalog.chunk_ids())
        assert again.check() == []
    assert sorted(path.name for path in folder.iterdir() if not path.is_dir()) == [CATALOG, "lock"]
