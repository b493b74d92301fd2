"""A store of an earlier version: brought up to date once and whole, with what it was kept beside it."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.index import migrations
from pullquote.index.catalog import Catalog
from pullquote.index.catalog_report import damage_of
from pullquote.index.database import Database
from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreBusy, StoreTooNew
from pullquote.index.ingest import add_articles, prepare
from pullquote.index.migrations import upgrade
from pullquote.index.records import IndexState
from pullquote.index.schema import SCHEMA_VERSION
from pullquote.index.settings import IndexSettings
from pullquote.index.store import LOCK, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

SCHEMAS = Path(__file__).with_name("fixtures")
OPEN = """
import sys
from pathlib import Path
from pullquote.index.catalog import Catalog
print(Catalog(Path(sys.argv[1])).stats().articles)
"""
FROM_2 = len(migrations._FROM_2) + 3  # the copy in two, and the number of the schema
STEPS = {1: len(migrations._FROM_1) + FROM_2 + 1, 2: FROM_2}  # of the first, all is counted, too
BOTH = pytest.mark.parametrize("folder", [1, 2], indirect=True)


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The folder of a store of an earlier schema, as this package once wrote it: of the first, unless told otherwise."""
    made = tmp_path / "store"
    made.mkdir()
    with contextlib.closing(sqlite3.connect(made / "catalog.sqlite")) as old:
        old.executescript((SCHEMAS / f"schema-{getattr(request, 'param', 1)}.sql").read_text(encoding="utf-8"))
    (made / "catalog.sqlite").chmod(0o600)
    return made


def path_in(folder: Path) -> Path:
    return folder / "catalog.sqlite"


def asked(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as other:
        return other.execute(sql).fetchall()


def version(path: Path) -> object:
    return asked(path, "PRAGMA user_version")[0][0]


def started(folder: Path, script: str = OPEN, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path_in(folder))],
        env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def assert_all_there(catalog: Catalog) -> None:
    stats = catalog.stats()
    assert (stats.articles, stats.versions, stats.sentences, stats.chunks, stats.undated) == (3, 5, 9, 4, 1)
    assert (stats.statements, catalog.unread_among()) == (0, 3)
    assert stats.sources == (("Elm Herald", 1), ("The Orla Post", 1))
    assert stats.last_ingest == datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert catalog.ids() == ["bridge", "harvest", "library"]
    assert catalog.check() == []


# -- what was there is there --------------------------------------------------------------------------


@BOTH
def test_nothing_is_lost_and_nothing_is_wrong(folder: Path) -> None:
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)
        assert [meta.version for meta in catalog.history("bridge")] == [1, 2, 3]
        texts = [article.text for n in (1, 2, 3) if (article := catalog.article("bridge", n))]
        assert [("Monday" in text, "two piers" in text) for text in texts] == [(True, False), (False, False), (False, True)]
        assert catalog.removed_at("stray") == datetime(2026, 2, 2, 4, tzinfo=UTC)
        assert [catalog.sentences([i])[i].number for i, _ in catalog.search_sentences(["ferries"], 5)] == [3]
        assert sorted(catalog.vectors_by_id(catalog.chunk_ids())) == catalog.chunk_ids() == [3, 4, 8, 9]
        assert catalog.model() == "hash-16"
        assert catalog.embedding() is None
        assert catalog.store_id()


def test_the_index_of_that_version_is_named_no_more(folder: Path) -> None:
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert catalog.index_state() == IndexState()
    assert asked(path_in(folder), "SELECT key FROM meta WHERE key LIKE 'index%'") == []


@BOTH
def test_it_is_then_like_one_that_was_made_anew(folder: Path, tmp_path: Path) -> None:
    Catalog(path_in(folder)).close()
    Catalog(tmp_path / "new.sqlite", create=True).close()

    def shape(path: Path) -> object:
        names = asked(path, "SELECT type, name FROM sqlite_master ORDER BY 1, 2")
        tables = {name: asked(path, f"PRAGMA table_info({name})") for kind, name in names if kind == "table"}
        indexes = {name: asked(path, f"PRAGMA index_info({name})") for kind, name in names if kind == "index"}
        return names, tables, indexes, asked(path, "PRAGMA application_id"), version(path)

    assert shape(path_in(folder)) == shape(tmp_path / "new.sqlite")


@BOTH
def test_whoever_writes_next_reads_its_articles_for_statements(folder: Path) -> None:
    with contextlib.closing(Store(folder, IndexSettings(), embedder=HashEmbedder(16), reader=FakeStatementReader())) as store:
        assert store.catalog.statements_of("bridge") == ()
        with store.writing("add"):
            list(add_articles(store, []))
        (one,) = store.catalog.statements_of("bridge")
        assert (one.speaker, one.version, one.number) == ("The council", 3, 2)
        assert (store.catalog.stats().statements, store.catalog.unread_among()) == (1, 0)
        assert store.check() == []


def test_it_is_written_to_like_any_other(folder: Path) -> None:
    embedder = HashEmbedder(16)
    article = Article(ArticleMeta("bridge", source="The Orla Post"), "The bridge over the Orla is open. Ferries have stopped.")
    back = Article(ArticleMeta("stray"), "The heron of Mill Lane is back.")
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        items = [prepare(one, embedder, IndexSettings(chunk_tokens=32)) for one in (article, back)]
        texts = [item.chunk_text(chunk) for item in items for chunk in item.chunks]
        vectors = dict(zip(map(text_key, texts), embedder.embed(texts), strict=True))
        assert catalog.store_articles(items, vectors, "hash-16", datetime.now(UTC)) == ["updated", "added"]
        assert [meta.version for meta in catalog.history("bridge")] == [1, 2, 3, 4]
        assert [meta.version for meta in catalog.history("stray")] == [2]  # a number is not used twice
        before = catalog.article("bridge", 2)
        assert before is not None
        assert before.text.startswith("The bridge over the Orla will close on Tuesday. The council said the piers")
        assert catalog.check() == []
        assert catalog.remove("bridge", datetime.now(UTC)) is not None
        assert catalog.check() == []


# -- what it was is kept ------------------------------------------------------------------------------


def test_the_old_catalog_is_kept_beside_it_for_its_owner_alone(folder: Path, tmp_path: Path) -> None:
    old = sqlite3.connect(path_in(folder))
    before = list(old.iterdump())
    old.close()
    Catalog(path_in(folder)).close()
    kept = folder / "before-3.sqlite"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert version(kept) == 1
    with contextlib.closing(sqlite3.connect(kept)) as copy:
        assert list(copy.iterdump()) == before
    assert sorted(file.name for file in folder.iterdir()) == ["before-3.sqlite", "catalog.sqlite", "lock"]
    again = tmp_path / "again"
    again.mkdir()
    kept.rename(path_in(again))
    with contextlib.closing(Catalog(path_in(again))) as catalog:
        assert_all_there(catalog)


def test_one_that_is_up_to_date_is_not_touched(folder: Path) -> None:
    Catalog(path_in(folder)).close()
    (folder / "before-3.sqlite").unlink()
    before = path_in(folder).read_bytes()
    for create in (True, False):
        Catalog(path_in(folder), create=create).close()
    assert path_in(folder).read_bytes() == before
    assert not (folder / "before-3.sqlite").exists()


@BOTH
def test_a_copy_is_brought_up_to_date_without_another_copy(folder: Path) -> None:
    with contextlib.closing(Database(path_in(folder), create=False)) as db:
        upgrade(db)
        upgrade(db)
        assert damage_of(db) == []
    assert version(path_in(folder)) == SCHEMA_VERSION
    assert [file.name for file in folder.iterdir()] == ["catalog.sqlite"]
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)


# -- stopped in between -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "step"), [(old, step) for old in STEPS for step in range(1, STEPS[old] + 1)], indirect=["folder"]
)
def test_a_process_that_is_killed_at_it_has_changed_nothing(folder: Path, step: int) -> None:
    old = version(path_in(folder))
    with started(folder, PULLQUOTE_FAILPOINT=f"schema-step:{step}") as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, err
    if step == 1:
        assert not (folder / "before-3.sqlite").exists()
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)
    assert version(folder / "before-3.sqlite") == old
    assert asked(folder / "before-3.sqlite", "SELECT count(*) FROM versions") == [(5,)]
    assert sorted(file.name for file in folder.iterdir()) == ["before-3.sqlite", "catalog.sqlite", "lock"]


@BOTH
def test_there_are_no_more_steps_than_those(folder: Path) -> None:
    with started(folder, PULLQUOTE_FAILPOINT=f"schema-step:{STEPS[int(str(version(path_in(folder))))] + 1}") as child:
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (0, "3\n"), err


def test_an_error_in_between_takes_all_of_it_back(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(path_in(folder))) as other:
        other.execute("CREATE TABLE bands (x)")  # in the way of the last but few steps
    before = asked(path_in(folder), "SELECT sql FROM sqlite_master ORDER BY 1")
    with pytest.raises(Exception, match="bands"):
        Catalog(path_in(folder))
    assert asked(path_in(folder), "SELECT sql FROM sqlite_master ORDER BY 1") == before
    assert version(path_in(folder)) == 1


# -- others ---------------------------------------------------------------------------------------------


def test_several_that_open_it_at_once_all_get_it(folder: Path) -> None:
    children = [started(folder) for _ in range(3)]
    ends = [child.communicate(timeout=60) for child in children]
    assert [out for out, _ in ends] == ["3\n"] * 3, ends
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)
    assert version(folder / "before-3.sqlite") == 1


def test_while_another_process_writes_to_it_it_waits_and_then_says_who(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "_WAIT_S", 0.3)
    script = """
import sys
from pathlib import Path
from pullquote.index.lock import WriterLock
with WriterLock(Path(sys.argv[1]).with_name("lock"), 0).writing("add"):
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path_in(folder))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match=rf"process {child.pid} \(add\)"):
            Catalog(path_in(folder))
        child.communicate()
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)


def test_the_lock_is_the_stores_own() -> None:
    assert migrations.LOCK == LOCK


READ_ONLY = """
import ctypes, os, sys
from pathlib import Path
from pullquote.index.catalog import Catalog
from pullquote.index.errors import StoreUnwritable
if os.getuid() == 0:  # without its capabilities, root is an owner like any other
    assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
try:
    Catalog(Path(sys.argv[1]))
except StoreUnwritable as error:
    print(error)
"""


@pytest.mark.parametrize("what", ["all of it", "the folder", "the catalog"])
def test_one_that_may_only_be_read_is_refused_with_the_remedy(folder: Path, what: str) -> None:
    before = path_in(folder).read_bytes()
    (folder / LOCK).touch()
    if what != "the folder":
        path_in(folder).chmod(0o400)
    if what != "the catalog":
        folder.chmod(0o500)
    try:
        with started(folder, READ_ONLY) as child:
            out, err = child.communicate(timeout=60)
    finally:
        folder.chmod(0o700)
        path_in(folder).chmod(0o600)
    assert out.count("\n") == 1, err
    assert str(folder) in out
    assert "copy the folder" in out
    assert path_in(folder).read_bytes() == before
    assert not list(folder.glob("before-*"))


def test_a_disk_that_is_full_is_told_and_nothing_is_left(folder: Path) -> None:
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); {READ_ONLY}"
    before = path_in(folder).read_bytes()
    with started(folder, script) as child:
        out, err = child.communicate(timeout=60)
    assert "free some space" in out, err
    assert path_in(folder).read_bytes() == before
    assert not list(folder.glob("before-*"))


# -- a newer one ----------------------------------------------------------------------------------------


def killed(path: Path) -> None:
    script = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.executescript("PRAGMA cache_size=5; BEGIN; CREATE TABLE more (x); UPDATE versions SET text = text || hex(zeroblob(90000));")
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60, check=False)
    assert done.returncode == -9
    assert path.with_name(f"{path.name}-journal").stat().st_size > 0


@pytest.mark.parametrize("interrupt", [killed, None], ids=["with a hot journal", "at rest"])
def test_one_from_the_future_is_refused_with_no_byte_changed(folder: Path, interrupt: Callable[[Path], None] | None) -> None:
    with contextlib.closing(sqlite3.connect(path_in(folder))) as other:
        other.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    if interrupt is not None:
        interrupt(path_in(folder))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    for create in (True, False):
        with pytest.raises(StoreTooNew, match="upgrade pullquote"):
            Catalog(path_in(folder), create=create)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_an_old_one_that_was_cut_off_in_a_change_is_healed_first(folder: Path) -> None:
    killed(path_in(folder))
    with contextlib.closing(Catalog(path_in(folder))) as catalog:
        assert_all_there(catalog)
    assert asked(folder / "before-3.sqlite", "SELECT name FROM sqlite_master WHERE name = 'more'") == []
