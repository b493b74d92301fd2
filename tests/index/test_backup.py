"""Backups: whole at one moment whoever writes, and put back without losing what was there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.index.backup import backup, restore
from pullquote.index.database import Database
from pullquote.index.errors import (
    NotAStore,
    PullquoteError,
    StoreBusy,
    StoreDamaged,
    StoreMissing,
    StoreTooNew,
    UsageError,
)
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import CATALOG, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]

TOPICS = ["harbour", "budget", "school", "bridge", "election", "flood", "vaccine"]
BEFORE = "catalog.before-restore-{}.sqlite"


def article(number: int, edit: str = "") -> Article:
    sentence = "Speaker {0}x{1} said the {2} plan number {3} would change the town."
    text = " ".join(sentence.format(number, k, TOPICS[number % 7], number * k) for k in range(6))
    return Article(ArticleMeta(f"article-{number}"), text + edit)


def fill(store: Store, numbers: range = range(30), edit: str = "") -> None:
    with store.writing():
        for _ in add_articles(store, ((str(n), article(n, edit)) for n in numbers)):
            pass


def answers(store: Store) -> list[list[tuple[int, float]]]:
    return [store.search_chunks(f"what did speaker {n}x2 say of the {topic} plan", 8) for n, topic in enumerate(TOPICS)]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def back(file: Path, folder: Path) -> Path | None:
    return restore(file, folder, 0.2).before


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with 30 articles, and a backup of it, to be copied."""
    place = tmp_path_factory.mktemp("made")
    with closing(
        Store(place / "store", IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
    ) as store:
        fill(store)
    backup(place / "store", place / "kept.sqlite")
    return place


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A store with 30 articles that nobody has open."""
    return Path(shutil.copytree(made / "store", tmp_path / "store"))


@pytest.fixture
def file(made: Path, folder: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    return Path(shutil.copy2(made / "kept.sqlite", tmp_path / "kept.sqlite"))


# -- there and back -------------------------------------------------------------------------------


def test_a_restored_store_answers_as_the_one_that_was_backed_up_and_embeds_no_article(
    open_store: OpenStore, tmp_path: Path
) -> None:
    store = open_store()
    fill(store)
    fill(store, range(3), edit=" It was edited.")
    store.catalog.remove("article-29", datetime(2026, 3, 4, tzinfo=UTC))
    expected, articles = answers(store), [store.catalog.article(name) for name in store.catalog.ids()]
    kept = backup(store.folder, tmp_path / "kept.sqlite")  # with the store open
    assert (kept.articles, kept.size_bytes) == (29, (tmp_path / "kept.sqlite").stat().st_size)
    assert kept.chunks == len(store.catalog.chunk_ids())
    restored = restore(tmp_path / "kept.sqlite", tmp_path / "some" / "other", 0.2)
    assert (restored.kept.articles, restored.kept.chunks, restored.before) == (29, kept.chunks, None)
    embedder = HashEmbedder()
    again = open_store(tmp_path / "some" / "other", embedder=embedder, create=False)
    assert answers(again) == expected
    assert len(embedder.texts) == len(TOPICS)
    assert [again.catalog.article(name) for name in again.catalog.ids()] == articles
    assert again.catalog.article("article-1", 1) == store.catalog.article("article-1", 1)
    assert again.catalog.removed_at("article-29") == datetime(2026, 3, 4, tzinfo=UTC)
    assert again.check() == []


def test_an_earlier_state_comes_back_and_the_later_one_can_be_had_again(
    open_store: OpenStore, folder: Path, file: Path, tmp_path: Path
) -> None:
    store = open_store()
    earlier = answers(store)
    fill(store, range(20, 60), edit=" It was edited.")
    later = answers(store)
    store.close()
    assert later != earlier
    assert back(file, folder) == folder / BEFORE.format(1)
    store = open_store()
    assert answers(store) == earlier
    store.close()
    assert back(folder / BEFORE.format(1), folder) == folder / BEFORE.format(2)
    store = open_store()
    assert answers(store) == later
    assert store.check() == []


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "an empty store"])
def test_a_backup_goes_where_nothing_is(open_store: OpenStore, file: Path, tmp_path: Path, there: str) -> None:
    place = tmp_path / "place"
    if there == "an empty folder":
        place.mkdir()
    if there == "an empty store":
        open_store(place).close()
    assert back(file, place) == (place / BEFORE.format(1) if there == "an empty store" else None)
    assert len(open_store(place, create=False).catalog.ids()) == 30


def test_backups_and_what_is_restored_are_for_their_owner_alone_whatever_the_umask(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        backup(folder, tmp_path / "kept.sqlite")
        back(tmp_path / "kept.sqlite", folder)
        back(tmp_path / "kept.sqlite", tmp_path / "new")
    finally:
        os.umask(before)
    files = [tmp_path / "kept.sqlite", *folder.iterdir(), *(tmp_path / "new").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


# -- others at work -------------------------------------------------------------------------------

WRITE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_backup import article, fill
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
store = Store(Path(sys.argv[1]), IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
round = 0
with store.writing():
    while True:
        fill(store, range(round % 8 * 5, round % 8 * 5 + 5), f" It was edited in round {round}.")
        round += 1
        if round == 2:
            print("ready", flush=True)
"""
HOLD = """
import sys
from pathlib import Path
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
store = Store(Path(sys.argv[1]), IndexSettings())
with store.writing("add"):
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other(code: str, *words: object, ends: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process, from when it says that it is ready to when it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
        assert ends or process.poll() is None
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_every_backup_is_whole_while_another_process_adds_articles(open_store: OpenStore, tmp_path: Path) -> None:
    revisions: list[int] = []
    with other(WRITE, tmp_path / "busy", Path(__file__).parent):
        for n in range(5):
            last = revisions[-1] if revisions else 0
            while True:  # until the other one has gone on
                backup(tmp_path / "busy", tmp_path / f"{n}.sqlite", replace=True)
                with closing(Database(tmp_path / f"{n}.sqlite", create=False)) as db:
                    revisions.append(int(db.meta("revision") or 0))
                if revisions[-1] > last:
                    break
                revisions.pop()
    assert revisions == sorted(set(revisions))
    for n in range(5):
        back(tmp_path / f"{n}.sqlite", tmp_path / f"store-{n}")
        store = open_store(tmp_path / f"store-{n}", create=False)
        assert store.check() == []
        ids = store.catalog.ids()
        assert len(ids) >= 10
        for name in ids:
            found = store.catalog.article(name)
            sentences = store.catalog.sentences_of(name)
            assert found is not None
            assert " ".join(sentence.text for sentence in sentences) == found.text
            assert {sentence.version for sentence in sentences} == {found.meta.version}
        chunks = store.catalog.chunk_ids()
        assert len(store.catalog.chunk_vectors(chunks)) == len(chunks) >= len(ids)
    assert store.rebuild_index() == len(chunks)
    assert sorted(store.indexed_ids()) == chunks


def test_nothing_is_restored_while_another_process_writes(open_store: OpenStore, folder: Path, file: Path) -> None:
    before = contents(folder)
    with other(HOLD, folder) as process:
        with pytest.raises(StoreBusy, match=rf"process {process.pid} \(add\) since "):
            back(file, folder)
        assert contents(folder) | {"lock": b""} == before | {"lock": b""}
    back(file, folder)
    assert len(open_store(folder).catalog.ids()) == 30


def test_whoever_has_the_store_open_goes_on_with_what_was_restored(open_store: OpenStore, folder: Path, file: Path) -> None:
    store, stranger = open_store(folder), open_store(folder)
    expected = answers(store)
    fill(store, range(20, 60), edit=" It was edited.")
    later, revision = answers(store), store.catalog.revision()
    assert later != expected
    back(file, folder)
    assert store.catalog.revision() > revision
    assert answers(store) == answers(stranger) == expected
    assert store.check() == []
    fill(stranger, range(30, 32))
    assert len(store.catalog.ids()) == 32
    assert back(folder / BEFORE.format(1), folder) == folder / BEFORE.format(2)
    assert answers(store) == answers(stranger) == later
    assert store.check() == []


@pytest.mark.parametrize("damage", ["none", "garbage", "halved", "deleted"])
def test_a_restored_catalog_has_a_revision_and_an_index_that_nobody_has_seen_of_it(
    open_store: OpenStore, folder: Path, file: Path, damage: str
) -> None:
    store = open_store(folder)
    fill(store, range(40, 45))
    fill(store, range(40, 45), edit=" It was edited.")
    revision, number = store.catalog.revision(), store.catalog.index_state().number
    store.close()
    if damage != "none":
        DAMAGES[damage](folder / CATALOG)
    back(file, folder)
    again = open_store(folder)
    assert again.catalog.revision() > revision
    assert again.catalog.index_state().number > number > 0
    assert again.catalog.index_state().segments == ()
    assert not list(folder.glob("index-*"))
    again.close()
    if damage != "none":
        revision = again_revision(folder)
        DAMAGES[damage](folder / CATALOG)
        back(file, folder)
        assert again_revision(folder) > revision


def again_revision(folder: Path) -> int:
    with closing(Database(folder / CATALOG, create=False)) as db:
        return int(db.meta("revision") or 0)


READ = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_backup import answers
from pullquote.index.database import Database
from pullquote.index.settings import IndexSettings
from pullquote.index.store import CATALOG, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())
counts = []
print("ready", flush=True)
while not Path(sys.argv[3]).exists():
    ids = store.catalog.ids()
    assert len(ids) in (30, 60), len(ids)
    if counts[-1:] != [len(ids)]:
        counts.append(len(ids))
    before = store.catalog.revision()
    texts = [store.catalog.article(f"article-{n}") for n in (3, 25)]
    sentences = [store.catalog.sentences_of(f"article-{n}") for n in (3, 25)]
    if store.catalog.revision() == before:
        assert [" ".join(s.text for s in of) for of in sentences] == [article.text for article in texts]
    answers(store)
    Database(Path(sys.argv[1]) / CATALOG, create=False).close()  # opened by somebody else at any moment
print(counts)
"""


def test_readers_in_other_processes_follow_every_restore_without_an_error(
    open_store: OpenStore, folder: Path, file: Path, tmp_path: Path
) -> None:
    store = open_store(folder)
    fill(store, range(20, 60), edit=" It was edited.")
    store.close()
    backup(folder, tmp_path / "later.sqlite")
    with other(READ, folder, Path(__file__).parent, tmp_path / "stop", ends=True) as reader:
        for n in range(12):
            back([file, tmp_path / "later.sqlite"][n % 2], folder)
            time.sleep(0.2)
        (tmp_path / "stop").touch()
        out, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    assert out.count("30") > 1, "the reader has not followed"
    assert out.count("60") > 1


def test_what_a_killed_backup_has_left_is_deleted_an_hour_later_by_the_next_one(folder: Path, tmp_path: Path) -> None:
    old, young, strange = tmp_path / ".pullquote-a1.part", tmp_path / ".pullquote-b2.part", tmp_path / "mine.part"
    for path in (old, young, strange):
        path.write_bytes(b"half")
    for path in (old, strange):
        os.utime(path, (time.time() - 3700, time.time() - 3700))
    (tmp_path / ".pullquote-c3.part").symlink_to(strange)
    backup(folder, tmp_path / "kept.sqlite")
    assert not old.exists()
    assert young.exists()
    assert strange.exists()
    assert (tmp_path / ".pullquote-c3.part").is_symlink()


# -- damage ---------------------------------------------------------------------------------------


def _halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _riddled(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as opened:
        for place in range(size // 3, size - 4096, 8192):
            opened.seek(place)
            opened.write(b"\xa5" * 4096)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "halved": _halved,
    "riddled": _riddled,
    "emptied": lambda path: os.truncate(path, 0),
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_catalog_is_replaced_and_kept_as_it_was(open_store: OpenStore, folder: Path, file: Path, damage: str) -> None:
    store = open_store()
    expected = answers(store)
    store.close()
    DAMAGES[damage](folder / CATALOG)
    was = (folder / CATALOG).read_bytes() if (folder / CATALOG).exists() else None
    before = back(file, folder)
    assert (before.read_bytes() if before else None) == was
    store = open_store(create=False)
    assert answers(store) == expected
    assert store.check() == []


def test_an_unusable_catalog_names_the_verb_that_restores_it(open_store: OpenStore, folder: Path) -> None:
    (folder / CATALOG).write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreDamaged, match="pullquote restore FILE"):
        open_store(create=False)
    (folder / CATALOG).unlink()
    with pytest.raises(StoreDamaged, match="pullquote restore FILE"):
        open_store(create=False)


def test_what_lies_beside_a_catalog_goes_with_it_and_never_into_the_one_that_is_restored(
    open_store: OpenStore, folder: Path, file: Path, tmp_path: Path
) -> None:
    cut_off = """
import sqlite3, sys, os
catalog = sqlite3.connect(sys.argv[1], isolation_level=None)
catalog.executescript("PRAGMA cache_size=1; BEGIN; UPDATE sentences SET text = 'lost'; DELETE FROM vectors;")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", cut_off, folder / CATALOG], check=True, timeout=60)
    assert (folder / f"{CATALOG}-journal").stat().st_size > 4096
    before = back(file, folder)
    assert before is not None
    store = open_store(create=False)
    assert store.check() == []
    assert not list(folder.glob("*-journal"))
    with closing(Database(before, create=False)) as db:  # the change that was cut off was taken back
        assert db.rows("SELECT count(*) FROM sentences WHERE text = 'lost'") == [(0,)]
        assert db.rows("SELECT count(*) > 0 FROM vectors") == [(1,)]


@pytest.mark.parametrize("damage", ["garbage", "deleted"])
def test_a_journal_beside_a_damaged_catalog_goes_with_it(open_store: OpenStore, folder: Path, file: Path, damage: str) -> None:
    DAMAGES[damage](folder / CATALOG)
    (folder / f"{CATALOG}-journal").write_bytes(b"strange" * 1000)
    back(file, folder)
    assert (folder / f"{BEFORE.format(1)}-journal").read_bytes() == b"strange" * 1000
    assert open_store(create=False).check() == []


def test_a_restore_that_was_cut_off_leaves_a_store_that_asks_for_it_again(
    open_store: OpenStore, folder: Path, file: Path
) -> None:
    shutil.rmtree(next(folder.glob("index-*")), ignore_errors=True)
    (folder / CATALOG).rename(folder / BEFORE.format(1))
    (folder / "catalog.restoring").write_bytes(b"half")
    for create in (True, False):
        with pytest.raises(StoreDamaged, match="pullquote restore FILE"):
            open_store(create=create)
    assert back(file, folder) is None
    assert len(open_store(create=False).catalog.ids()) == 30
    assert not (folder / "catalog.restoring").exists()


AGAIN = """
import sys
from pathlib import Path
from pullquote.index.backup import backup, restore
store, file, again = map(Path, sys.argv[1:])
print("ready", flush=True)
while True:
    restore(file, store, 0.2)
    backup(store, again, replace=True)
"""


def test_a_kill_while_restoring_or_backing_up_loses_nothing(
    open_store: OpenStore, folder: Path, file: Path, tmp_path: Path
) -> None:
    store = open_store()
    expected = answers(store)
    store.close()
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "kept.sqlite"
    for n in range(8):
        with other(AGAIN, folder, file, again):
            time.sleep(0.013 * n)
        store = open_store(create=False)
        assert answers(store) == expected
        assert store.check() == []
        store.close()
        if again.exists():
            back(again, folder)
    for kept in folder.glob("catalog.before-restore-*.sqlite"):
        with closing(Database(kept, create=False)) as db:
            assert db.rows("SELECT count(*) FROM articles") == [(30,)]


@pytest.mark.parametrize("damage", ["halved", "riddled", "garbage"])
def test_a_damaged_store_makes_no_backup(folder: Path, file: Path, tmp_path: Path, damage: str) -> None:
    good = file.read_bytes()
    DAMAGES[damage](folder / CATALOG)
    was = contents(folder)
    with pytest.raises(StoreDamaged):
        backup(folder, file, replace=True)
    assert contents(folder) == was
    assert file.read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.sqlite", "store"]


# -- what is refused ------------------------------------------------------------------------------


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE mine (x)")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as kept:
        kept.execute("PRAGMA user_version=99")


SOURCES: dict[str, tuple[Callable[[Path], object], type[PullquoteError]]] = {
    "garbage": (DAMAGES["garbage"], StoreDamaged),
    "empty": (DAMAGES["emptied"], StoreDamaged),
    "halved": (_halved, StoreDamaged),
    "riddled": (_riddled, StoreDamaged),
    "foreign": (_foreign, StoreDamaged),
    "newer": (_newer, StoreTooNew),
    "in use": (lambda path: path.with_name(path.name + "-journal").write_bytes(b"x" * 512), StoreDamaged),
    "missing": (Path.unlink, UsageError),
    "a folder": (_folder, UsageError),
}


@pytest.mark.parametrize("place", ["store", "missing"])
@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_no_sound_backup_is_refused_in_one_line_and_nothing_is_changed(
    folder: Path, file: Path, tmp_path: Path, kind: str, place: str
) -> None:
    spoil, error = SOURCES[kind]
    spoil(file)
    was = contents(tmp_path)
    with pytest.raises(error) as caught:
        back(file, tmp_path / place)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert contents(tmp_path) | {"store/lock": b""} == was | {"store/lock": b""}
    assert not (tmp_path / "missing").exists()


def test_a_catalog_is_not_restored_from_itself_nor_into_a_folder_of_other_things(
    folder: Path, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="own catalog"):
        back(folder / CATALOG, folder)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(NotAStore):
        back(file, tmp_path / "photos")
    assert contents(tmp_path / "photos") == {"cat.jpg": b"cat"}


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(
    open_store: OpenStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "kept.sqlite").write_bytes(b"mine")
    with pytest.raises(UsageError, match="--force"):
        backup(folder, tmp_path / "kept.sqlite")
    assert (tmp_path / "kept.sqlite").read_bytes() == b"mine"
    assert backup(folder, tmp_path / "kept.sqlite", replace=True).articles == 30
    back(tmp_path / "kept.sqlite", tmp_path / "again")
    assert len(open_store(tmp_path / "again").catalog.ids()) == 30


@pytest.mark.parametrize("name", ["store/catalog.sqlite", "store/lock", "store/new.sqlite", "store", "link", "."])
def test_the_store_itself_and_folders_are_no_place_for_a_backup(folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to(folder / CATALOG)
    was = contents(tmp_path)
    with pytest.raises(UsageError):
        backup(folder, tmp_path / name, replace=True)
    assert contents(tmp_path) == was


@pytest.mark.parametrize("name", ["nowhere/kept.sqlite", "y" * 300])
def test_a_file_that_cannot_be_made_is_told_in_one_line(folder: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(PullquoteError) as caught:
        backup(folder, tmp_path / name)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_store_that_is_not_there_makes_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        backup(tmp_path / "store", tmp_path / "kept.sqlite")
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import ctypes, os, resource, sys
from pathlib import Path
from pullquote.index.backup import backup, restore
from pullquote.index.errors import StoreUnwritable
store, file, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if how == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
elif os.getuid() == 0:  # without its capabilities, root is an owner like any other
    assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
for action in (lambda: backup(store, file.with_name("new.sqlite")), lambda: restore(file, store, 0.2)):
    try:
        action()
    except StoreUnwritable as error:
        print(error)
"""


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_takes_nothing_is_told_and_leaves_no_half_file(folder: Path, tmp_path: Path, how: str) -> None:
    (tmp_path / "backups").mkdir()
    backup(folder, tmp_path / "backups" / "kept.sqlite")
    was = contents(tmp_path)
    places = [folder, tmp_path / "backups"]
    if how == "read-only":
        for place in places:
            place.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, folder, tmp_path / "backups" / "kept.sqlite", how],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        for place in places:
            place.chmod(0o700)
    first, second = done.stdout.splitlines()
    assert "new.sqlite" in first, done.stderr
    assert str(folder) in second
    assert contents(tmp_path) | {"store/lock": b""} == was | {"store/lock": b""}


def test_a_store_that_may_only_be_read_can_be_backed_up(open_store: OpenStore, folder: Path, tmp_path: Path) -> None:
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        script = LIMITED.replace('file.with_name("new.sqlite")', "file")
        subprocess.run([sys.executable, "-c", script, folder, tmp_path / "b.sqlite", "read-only"], check=True, timeout=60)
    finally:
        for path in paths:
            path.chmod(0o700 if path.is_dir() else 0o600)
    back(tmp_path / "b.sqlite", tmp_path / "again")
    assert len(open_store(tmp_path / "again", settings=IndexSettings()).catalog.ids()) == 30
