"""Two connections: one writes, and nobody who reads waits for it longer than a commit takes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pullquote.index.database import Database
from pullquote.index.errors import StoreBusy, StoreError


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "catalog.sqlite", create=True)
    yield opened
    opened.close()


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


def test_readers_wait_for_a_transaction_that_is_larger_than_the_cache(db: Database, others: ThreadPoolExecutor) -> None:
    db._connection.execute("PRAGMA cache_size=5")
    with db.transaction():
        db.run_many("INSERT INTO meta VALUES (?, ?)", ((f"k{n}", "x" * 3000) for n in range(300)))  # takes the file for itself
        readings = [others.submit(db.meta, "k7") for _ in range(4)]
        time.sleep(2.5)
        assert not any(reading.done() for reading in readings)
    assert [reading.result(10) for reading in readings] == ["x" * 3000] * 4


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
    with sqlite3.connect(db.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy, match="another program"):
            db.meta("model")
        other.execute("ROLLBACK")
    other.close()
    assert db.meta("model") is None


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
