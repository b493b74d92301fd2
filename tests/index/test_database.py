"""Two connections: one writes, and nobody who reads waits for it longer than a commit takes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pullquote.index.database import Database
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreError


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "catalog.sqlite", create=True)
    yield opened
    opened.close()


@contextmanager
def other_program(db: Database) -> Iterator[sqlite3.Connection]:
    """A connection of somebody who knows nothing of our ways."""
    with closing(sqlite3.connect(db.path, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    """Threads that are not the test's own."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_others_read_what_was_committed_and_the_writer_what_it_wrote(db: Database, others: ThreadPoolExecutor) -> None:
    with db.transaction():
        db.set_meta("model", "old")
    with db.transaction():
        db.set_meta("model", "new")
        assert db.meta("model") == "new"
        assert others.submit(db.meta, "model").result(5) == "old"
    assert others.submit(db.meta, "model").result(5) == db.meta("model") == "new"


def test_a_transaction_that_fails_leaves_nothing_and_lets_others_write(db: Database, others: ThreadPoolExecutor) -> None:
    def fail() -> None:
        with db.transaction():
            db.set_meta("model", "half")
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(KeyError):
        others.submit(fail).result(5)
    assert db.meta("model") is None
    with db.transaction():
        db.set_meta("model", "whole")
    assert others.submit(db.meta, "model").result(5) == "whole"


def test_transactions_of_several_threads_take_turns(db: Database, others: ThreadPoolExecutor) -> None:
    def count() -> None:
        for _ in range(25):
            with db.transaction():
                db.set_meta("count", str(int(db.meta("count") or 0) + 1))

    for end in [others.submit(count) for _ in range(4)]:
        end.result(60)
    assert db.meta("count") == "100"


def test_nobody_waits_for_a_transaction_that_is_larger_than_the_cache(db: Database, others: ThreadPoolExecutor) -> None:
    db._connection.execute("PRAGMA cache_size=5")
    with db.transaction(), closing(Database(db.path, create=False)) as second:
        db.run_many("INSERT INTO meta VALUES (?, ?)", ((f"k{n}", "x" * 3000) for n in range(300)))
        began = time.monotonic()
        assert [others.submit(db.meta, "k7").result(30), second.meta("k7")] == [None, None]
        assert time.monotonic() - began < 5
    assert db.meta("k299") == "x" * 3000


def test_readers_never_see_half_of_a_transaction(db: Database) -> None:
    done, seen = threading.Event(), set[tuple[str | None, ...]]()

    def read() -> None:
        while not done.is_set():
            seen.add(tuple(value for (value,) in db.rows("SELECT value FROM meta WHERE key IN ('a', 'b') ORDER BY key")))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(60):
        with db.transaction():
            db.set_meta("a", str(number))
            db.set_meta("b", str(number))
    done.set()
    for thread in threads:
        thread.join()
    assert len(seen) > 5
    assert all(len(set(values)) <= 1 for values in seen)


def test_another_program_that_locks_the_file_is_told_of(db: Database) -> None:
    with other_program(db) as other:
        db._reader.execute("PRAGMA busy_timeout=100")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy, match="another program"):
            db.meta("model")
        other.execute("ROLLBACK")
    assert db.meta("model") is None


def test_a_commit_waits_for_readers_and_readers_for_a_commit(db: Database, others: ThreadPoolExecutor) -> None:
    def write() -> None:
        with db.transaction():
            db.set_meta("model", "new")

    with other_program(db) as other, closing(Database(db.path, create=False)) as second:
        other.execute("BEGIN")
        other.execute("SELECT * FROM meta").fetchall()
        written = others.submit(write)
        with pytest.raises(TimeoutError):
            written.result(2.5)
        reading = others.submit(second.meta, "model")
        with pytest.raises(TimeoutError):
            reading.result(1.5)
        other.execute("COMMIT")
        written.result(20)
        assert reading.result(20) == "new"


def test_a_commit_that_others_do_not_let_through_is_taken_back_and_told(db: Database) -> None:
    db._connection.execute("PRAGMA busy_timeout=100")
    with other_program(db) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM meta").fetchall()
        with pytest.raises(StoreBusy), db.transaction():
            db.set_meta("model", "new")
        other.execute("COMMIT")
    assert db.meta("model") is None
    with db.transaction():
        db.set_meta("model", "newer")
    assert db.meta("model") == "newer"


def test_commits_are_on_the_disk_before_they_are_told_of_and_wait_as_long_as_readers_may_take(db: Database) -> None:
    def asked(name: str) -> object:
        return db._connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (asked("synchronous"), asked("cache_spill"), asked("busy_timeout")) == (3, 0, 30_000)
    assert db.rows("PRAGMA busy_timeout") == [(10_000,)]


# -- a writer that was killed, a file that was replaced ------------------------------------------------

CUT_OFF = """
import sqlite3, sys, os
catalog = sqlite3.connect(sys.argv[1], isolation_level=None)
catalog.executescript("PRAGMA cache_size=1; BEGIN; UPDATE meta SET value = 'lost' || value;")
os._exit(0)
"""


def test_who_reads_on_takes_back_what_a_killed_writer_had_begun(db: Database) -> None:
    with db.transaction():
        db.run_many("INSERT INTO meta VALUES (?, ?)", ((f"k{n}", "x" * 3000) for n in range(100)))
    subprocess.run([sys.executable, "-c", CUT_OFF, db.path], check=True, timeout=60)
    journal = db.path.with_name(f"{db.path.name}-journal")
    assert journal.stat().st_size > 4096
    assert b"lostxxx" in db.path.read_bytes()
    assert db.rows("SELECT count(*) FROM meta WHERE value LIKE 'lost%'") == [(0,)]
    assert not journal.exists()
    assert b"lostxxx" not in db.path.read_bytes()


def test_a_journal_of_a_new_file_is_never_played_back_into_the_old_one_that_is_still_open(db: Database, tmp_path: Path) -> None:
    with db.transaction():
        db.run_many("INSERT INTO meta VALUES (?, ?)", ((f"k{n}", "x" * 3000) for n in range(100)))
    aside = tmp_path / "aside.sqlite"
    aside.write_bytes(db.path.read_bytes())
    subprocess.run([sys.executable, "-c", CUT_OFF, aside], check=True, timeout=60)
    db.path.rename(tmp_path / "before.sqlite")
    was = (tmp_path / "before.sqlite").read_bytes()
    aside.rename(db.path)
    (tmp_path / "aside.sqlite-journal").rename(db.path.with_name(f"{db.path.name}-journal"))
    # As if this reader had looked a moment too early which file is there.
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db._reader.execute("SELECT count(*) FROM meta").fetchone()
    assert (tmp_path / "before.sqlite").read_bytes() == was
    assert db.rows("SELECT count(*) FROM meta WHERE value LIKE 'lost%'") == [(0,)]
    assert not db.path.with_name(f"{db.path.name}-journal").exists()
    assert b"lostxxx" not in db.path.read_bytes()


def replace(db: Database, model: str) -> None:
    """Put another catalog in the place of the one that is open."""
    place = db.path.with_name("new.sqlite")
    with closing(Database(place, create=True)) as new, new.transaction():
        new.set_meta("model", model)
    place.replace(db.path)


def test_a_file_that_replaces_another_is_read_and_written_without_reopening(db: Database, others: ThreadPoolExecutor) -> None:
    with db.transaction():
        db.set_meta("model", "old")
    with closing(Database(db.path, create=False)) as second:
        replace(db, "new")
        assert [db.meta("model"), others.submit(second.meta, "model").result(30)] == ["new", "new"]
        replace(db, "newer")
        with second.transaction():
            assert second.meta("model") == "newer"
            second.set_meta("model", "newest")
        assert db.meta("model") == "newest"
    descriptors = Path("/proc/self/fd")
    if descriptors.exists():
        assert not [
            link for link in map(os.path.realpath, descriptors.iterdir()) if link.endswith("(deleted)") and str(db.path) in link
        ]


def test_a_file_that_is_gone_or_no_catalog_is_not_followed(db: Database) -> None:
    with db.transaction():
        db.set_meta("model", "old")
    kept = db.path.rename(db.path.with_name("kept.sqlite"))
    assert db.meta("model") == "old"
    db.path.write_bytes(b"garbage" * 1000)
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            db.meta("model")
        with pytest.raises(StoreDamaged), db.transaction():
            pass
    kept.replace(db.path)
    assert db.meta("model") == "old"


# -- a disk that fails ---------------------------------------------------------------------------------

EIO = """
import ctypes, shutil, sys
from pathlib import Path
from pullquote.index.database import Database
from pullquote.index.errors import StoreUnwritable

disk = ctypes.CDLL(None)
disk.eio_arm.argtypes = [ctypes.c_long, ctypes.c_int]
folder = Path(sys.argv[1])
Database(folder / "first.sqlite", create=True).close()

def write(db, number):
    with db.transaction():
        for part in range(3):
            db.run("INSERT INTO meta VALUES (?, ?)", f"{number}.{part}", "x" * 3000)

def numbers(db):
    parts = [key.split(".") for (key,) in db.rows("SELECT key FROM meta WHERE key LIKE '%.%'")]
    found = {int(number) for number, _ in parts}
    assert len(parts) == 3 * len(found), parts
    return found

failed = refused = 0
for nth in range(1, 51):
    for lasting in (0, 1):
        place = folder / f"{nth}-{lasting}"
        place.mkdir()
        shutil.copy(folder / "first.sqlite", place / "catalog.sqlite")
        db, acknowledged, broken = Database(place / "catalog.sqlite", create=False), set(), None
        disk.eio_arm(nth, lasting)
        for number in range(8):
            before = disk.eio_failures()
            try:
                write(db, number)
            except StoreUnwritable as error:
                assert "\\n" not in str(error)
                if broken is None:
                    broken, failed = number, failed + 1
                else:
                    assert "open it again" in str(error), error
                    refused += 1
            else:
                assert broken is None, "written after a failure"
                assert disk.eio_failures() == before, "told of after a failure"
                acknowledged.add(number)
        if not lasting:
            assert acknowledged <= numbers(db), "a reader misses what was told of"  # without disarming: it has failed once
        disk.eio_arm(-1, 0)
        assert acknowledged <= numbers(db) <= acknowledged | {broken}
        db.close()
        again = Database(place / "catalog.sqlite", create=False)
        assert acknowledged <= numbers(again) <= acknowledged | {broken}
        assert again.rows("PRAGMA integrity_check") == [("ok",)]
        write(again, 99)
        assert 99 in numbers(again)
        again.close()
print(failed, refused)
"""


@pytest.fixture(scope="module")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes writes and syncs fail."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("NOT TESTED: what a failing disk does, for want of Linux and a C compiler (cc)")
    made = tmp_path_factory.mktemp("shims") / "eio.so"
    source = Path(__file__).parent / "shims" / "eio.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True, timeout=120)
    return made


def test_a_disk_that_fails_at_any_write_or_sync_loses_nothing_that_was_told_of_and_is_written_to_no_more(
    failing_disk: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EIO, tmp_path], env=os.environ | {"LD_PRELOAD": str(failing_disk)},
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    failed, refused = map(int, done.stdout.split())
    assert failed == 100, "not every failure came to pass"
    assert refused > 300


def test_a_query_cannot_write(db: Database) -> None:
    with pytest.raises(StoreError):
        db.rows("DELETE FROM meta")


def test_a_closed_database_says_so(db: Database) -> None:
    db.close()
    db.close()
    with pytest.raises(StoreError, match="closed"):
        db.meta("model")
    with pytest.raises(StoreError, match="closed"), db.transaction():
        pass
