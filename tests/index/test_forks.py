"""Forks: an open store stays with the process that opened it, and comes to no harm."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.index.ingest import add_articles
from pullquote.index.store import Store
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]

COMMON = """
import multiprocessing, os, sys, threading, time, warnings
from datetime import UTC, datetime
from pathlib import Path
from pullquote.index.database import Database
from pullquote.index.errors import StoreBusy, StoreForked
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import CATALOG, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

warnings.simplefilter("ignore")  # that a process with threads is forked is the point
folder = Path(sys.argv[1])

def opened():
    return Store(folder, IndexSettings(lock_wait_s=0.2), embedder=HashEmbedder(), reader=FakeStatementReader())

def forked(work, end=os._exit):
    if (child := os.fork()) == 0:
        try:
            work()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", flush=True)
            end(1)
        end(0)
    return child

def ended(child, limit=30.0):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG)[0]:
            return True
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False

def put(store, name):
    with store.writing("add"):
        list(add_articles(store, [(name, Article(ArticleMeta(name), f"The {name} ferry left at noon. It was late."))]))

def attempt(action):
    try:
        action()
    except StoreForked as error:
        assert "\\n" not in str(error)
        return "open the store in the child itself" in str(error)
    return False
"""


@pytest.fixture
def folder(open_store: OpenStore) -> Path:
    store = open_store()
    with store.writing("add"):
        list(add_articles(store, [("first", Article(ArticleMeta("first"), "The first ferry left at noon. It was late."))]))
    store.close()
    return store.folder


def ran(code: str, *words: object) -> list[str]:
    """Return what another process prints, which must end well."""
    command = [sys.executable, "-c", COMMON + code, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("how", ["os.fork", "multiprocessing"])
def test_a_forked_child_is_refused_in_one_line_and_its_parent_comes_to_no_harm(folder: Path, how: str) -> None:
    code = """
store = opened()
def touch():
    actions = [
        lambda: store.search_chunks("the ferry", 3),
        lambda: store.catalog.ids(),
        lambda: store.catalog.revision(),
        lambda: store.catalog.remove("first", datetime.now(UTC)),
        lambda: put(store, "second"),
        lambda: store.writing("add").__enter__(),
        lambda: store.check(),
    ]
    print([attempt(action) for action in actions], flush=True)
    store.close()
if sys.argv[2] == "os.fork":
    assert ended(forked(touch, sys.exit if os.getpid() else None))
else:
    child = multiprocessing.get_context("fork").Process(target=touch)
    child.start()
    child.join(30)
    assert child.exitcode == 0
put(store, "third")
print(store.catalog.ids(), store.check())
"""
    lines = ran(code, folder, how)
    assert lines == [str([True] * 7), "['first', 'third'] []"]


def test_a_child_that_opens_the_store_afresh_reads_and_writes(folder: Path) -> None:
    code = """
store = opened()
store.search_chunks("the ferry", 3)
def work():
    own = opened()
    assert own.catalog.ids() == ["first"]
    put(own, "second")
    own.close()
assert ended(forked(work))
print(store.catalog.ids())
put(store, "third")
print(store.catalog.ids(), store.check())
"""
    assert ran(code, folder) == ["['first', 'second']", "['first', 'second', 'third'] []"]


def test_a_child_may_read_afresh_while_its_parent_holds_the_lock(folder: Path) -> None:
    code = """
store = opened()
def work():
    own = opened()
    print(own.catalog.ids(), flush=True)
    try:
        own.writing("add").__enter__()
    except StoreBusy as error:
        print(f"process {os.getppid()} (purge)" in str(error), flush=True)
with store.writing("purge"):
    assert ended(forked(work))
put(store, "second")
print(store.catalog.ids(), store.check())
"""
    assert ran(code, folder) == ["['first']", "True", "['first', 'second'] []"]


@pytest.mark.parametrize("end", ["os._exit", "sys.exit"])
def test_a_fork_while_another_thread_is_in_a_transaction_neither_hangs_nor_spoils_it(folder: Path, end: str) -> None:
    code = """
store, inside, go_on = opened(), threading.Event(), threading.Event()
db = store.catalog._db
def write():
    with db.transaction():
        db.run_many("INSERT INTO meta VALUES (?, ?)", ((f"k{n}", "x" * 3000) for n in range(300)))
        inside.set()
        go_on.wait(60)
        db.set_meta("last", "one")
thread = threading.Thread(target=write)
thread.start()
inside.wait(30)
def work():
    print(attempt(store.catalog.ids), attempt(lambda: db.run("DELETE FROM meta")), flush=True)
    try:
        opened()
    except StoreForked as error:
        print("middle of a write" in str(error), flush=True)
    store.close()
began = time.monotonic()
assert ended(forked(work, eval(sys.argv[2])))
print(time.monotonic() - began < 20)
assert (folder / f"{CATALOG}-journal").exists()
go_on.set()
thread.join()
print(db.meta("last"), db.rows("SELECT count(*) FROM meta WHERE length(value) = 3000"), store.check())
store.close()
print(opened().catalog._db.meta("k299") == "x" * 3000)
"""
    assert ran(code, folder, end) == ["True True", "True", "True", "one [(300,)] []", "True"]


def test_a_child_that_leaves_a_transaction_of_its_parents_ends_nothing(folder: Path) -> None:
    code = """
store = opened()
db = store.catalog._db
with store.writing("add"), db.transaction():
    db.set_meta("half", "x" * 9000)
    if (child := os.fork()) == 0:
        sys.stdout.flush()
    else:
        assert ended(child)
        db.set_meta("whole", "x" * 9000)
print(db.meta("whole") == db.meta("half") == "x" * 9000, store.check())
"""
    assert ran(code.replace("sys.stdout.flush()", "sys.stderr = open(os.devnull, 'w')"), folder) == ["True []"]


def test_forks_amid_threads_that_read_and_write_end_each_time_and_open_the_store_afresh(folder: Path) -> None:
    code = """
store, done = opened(), threading.Event()
db = store.catalog._db
def read():
    while not done.is_set():
        assert store.catalog.ids() == ["first"]
def write():
    n = 0
    while not done.is_set():
        n += 1
        with db.transaction():
            db.set_meta("n", str(n))
def open_again():
    while not done.is_set():
        Database(folder / CATALOG, create=False).close()
threads = [threading.Thread(target=work) for work in (read, read, write, open_again)]
for thread in threads:
    thread.start()
def work():
    own = Database(folder / CATALOG, create=False)
    before = int(own.meta("n") or 0)
    with own.transaction():
        own.set_meta("mine", "x")
    assert int(own.meta("n") or 0) >= before
    own.close()
for _ in range(30):
    child = forked(work)
    assert ended(child), "a child hangs"
done.set()
for thread in threads:
    thread.join()
print(int(db.meta("n")) > 30, store.check())
"""
    began = time.monotonic()
    assert ran(code, folder) == ["True []"]
    assert time.monotonic() - began < 110
