"""The lock: one writer, who is named to the others; readers take none and wait for nobody."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullquote.index.errors import StoreBusy, StoreError, StoreUnwritable
from pullquote.index.ingest import add_articles
from pullquote.index.lock import WriterLock
from pullquote.index.settings import IndexSettings
from pullquote.index.store import LOCK, Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]

HOLD = """
import sys
from pathlib import Path
from pullquote.index.lock import WriterLock
with WriterLock(Path(sys.argv[1]), 0.2).writing(sys.argv[2]):
    print("ready", flush=True)
    sys.stdin.read()
"""
FORKED = """
import os, sys, time
from pathlib import Path
from pullquote.index.lock import WriterLock
with WriterLock(Path(sys.argv[1]), 0.2).writing(sys.argv[2]):
    if (child := os.fork()) == 0:
        os.close(1)
        time.sleep(60)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def other(code: str, *words: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process, from its first line on, to when it is killed."""
    command = [sys.executable, "-c", code, *map(str, words)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate(timeout=30)


def refused(path: Path, wait_s: float = 0.2) -> str:
    """Return the error for one who wants to write."""
    with pytest.raises(StoreBusy) as caught, WriterLock(path, wait_s).writing("add"):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / LOCK


# -- who is refused, and what they are told ------------------------------------------------------------


def test_a_second_writer_is_told_within_two_seconds_who_writes_since_when_and_what_for(path: Path) -> None:
    before = datetime.now().astimezone().replace(microsecond=0)
    with other(HOLD, path, "reindex") as (holder, line):
        assert line == "ready"
        began = time.monotonic()
        told = refused(path, IndexSettings().lock_wait_s)
        assert time.monotonic() - began < 2
        start, _, since = told.partition(" since ")
        assert start == f"the store {path.parent} is being written to by process {holder.pid} (reindex)"
        clock, _, rest = since.partition(", ")
        assert before.strftime("%H:%M:%S") <= clock <= datetime.now().astimezone().strftime("%H:%M:%S") or clock < "00:01"
        assert rest.endswith(" s: wait for it to end, or stop it")


@pytest.mark.parametrize(
    ("hours", "told"), [(0.05, ", 3 min:"), (2.1, ", 2 h 6 min:"), (50.0, ", 50 h 0 min:"), (-5.0, ", 0 s:")]
)
def test_how_long_a_writer_is_at_it_is_told_in_words(path: Path, hours: float, told: str) -> None:
    with other(HOLD, path, "add") as (holder, _):
        since = datetime.now(UTC) - timedelta(hours=hours, seconds=1)
        path.write_text(json.dumps({"pid": holder.pid, "since": since.isoformat(), "what": "add"}))
        error = refused(path)
        assert told in error
        assert since.astimezone().strftime("since %Y-%m-%d %H:%M:%S" if hours > 24 else "since %H:%M:%S") in error


@pytest.mark.parametrize("text", ["", "garbage", "[]", '{"pid": "x"}', '{"pid": 1, "since": 5, "what": 2}', "\0\xff"])
def test_what_nobody_could_have_signed_is_not_believed(path: Path, text: str) -> None:
    with other(HOLD, path, "add") as (holder, _):
        path.write_bytes(text.encode("latin-1"))
        assert f"by process {holder.pid}:" in refused(path)


def test_a_process_that_signed_and_does_not_hold_the_lock_is_neither_named_nor_waited_for(path: Path) -> None:
    stranger = {"pid": os.getppid(), "since": datetime.now(UTC).isoformat(), "what": "purge"}
    with other(HOLD, path, "add") as (holder, _):
        path.write_text(json.dumps(stranger))
        error = refused(path)
        assert f"by process {holder.pid}:" in error
        assert "purge" not in error
    path.write_text(json.dumps(stranger))
    with WriterLock(path, 0.2).writing():
        pass


def test_who_is_done_leaves_no_name(path: Path) -> None:
    with WriterLock(path, 0.2).writing("add"):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert path.read_text() == ""


def test_a_waiting_writer_goes_on_when_the_other_one_ends(path: Path) -> None:
    with other(HOLD, path, "add") as (holder, _):
        assert holder.stdin is not None
        threading.Timer(0.5, holder.stdin.close).start()
        began = time.monotonic()
        with WriterLock(path, 30).writing():
            assert 0.3 < time.monotonic() - began < 25
        holder.wait(30)
        holder.stdin = None


def test_two_locks_of_one_process_keep_each_other_out(path: Path) -> None:
    with WriterLock(path, 0.2).writing("add"):
        assert f"by this process ({os.getpid()}) (add) since " in refused(path)


def test_a_lock_file_that_was_deleted_meanwhile_keeps_nobody_out_and_lets_nobody_in_twice(path: Path) -> None:
    with other(HOLD, path, "add"):
        path.unlink()
        with WriterLock(path, 0.2).writing("remove"):
            assert "this process" in refused(path)


def test_a_folder_in_the_place_of_the_lock_is_told_in_one_line(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreUnwritable, match="cannot open"), WriterLock(path, 0.2).writing():
        pass


# -- what ends a lock ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [HOLD, FORKED])
def test_the_lock_of_a_killed_process_is_free_at_once_also_while_its_forked_child_lives(path: Path, code: str) -> None:
    with other(code, path, "add") as (holder, line):
        assert f"process {holder.pid} (add)" in refused(path)
        holder.kill()
        holder.wait(30)
        began = time.monotonic()
        with WriterLock(path, 30).writing("add"):
            assert time.monotonic() - began < 2
        if code == FORKED:
            os.kill(int(line), 0)  # still there
            os.kill(int(line), signal.SIGKILL)


def test_a_child_that_ends_does_not_let_go_of_its_parents_lock(path: Path) -> None:
    code = FORKED.replace("time.sleep(60)\n        os._exit(0)", "raise SystemExit").replace(
        "print(child", "os.waitpid(child, 0); print(child"
    )
    with other(code, path, "add") as (holder, _):
        assert f"process {holder.pid} (add)" in refused(path)


# -- one process ---------------------------------------------------------------------------------------


def test_writing_may_be_nested_and_threads_take_turns(path: Path) -> None:
    lock = WriterLock(path, 0.2)
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with lock.writing("add"), lock.writing("remove"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_does_not_wait_is_refused_while_another_thread_writes(path: Path) -> None:
    lock, written, refusals = WriterLock(path, 30), threading.Event(), list[str]()

    def ask() -> None:
        try:
            with lock.writing(wait=False):
                pass
        except StoreBusy as error:
            refusals.append(str(error))
        written.set()

    with lock.writing():
        threading.Thread(target=ask).start()
        assert written.wait(10)
    assert "try again" in refusals[0]


def test_a_closed_lock_says_so_and_a_block_that_holds_it_keeps_it_to_its_end(path: Path) -> None:
    lock = WriterLock(path, 0.2)
    with lock.writing("add"):
        lock.close()
        lock.close()
        assert "(add)" in refused(path)
    with pytest.raises(StoreError, match="closed"), lock.writing():
        pass
    with WriterLock(path, 0.2).writing():
        pass


# -- readers -------------------------------------------------------------------------------------------

READER = """
import sys
from pathlib import Path
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())
print("ready", flush=True)
seen = set()
while not Path(sys.argv[2]).exists():
    for number in range(3):
        article = store.catalog.article(f"a{number}")
        sentences = store.catalog.sentences_of(f"a{number}")
        again = store.catalog.article(f"a{number}")
        if article == again:
            text = " ".join(sentence.text for sentence in sentences)
            assert text == article.text, (text, article.text)
            assert {sentence.version for sentence in sentences} == {article.meta.version}
            assert len({word for word in text.split() if word.startswith("round")}) == 1, text
            seen.add((number, article.meta.version))
    assert store.search_chunks("the harbour", 3)
print(len(seen))
"""
WRITER = """
import sys
from pathlib import Path
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta
store = Store(Path(sys.argv[1]), IndexSettings(lock_wait_s=0.2), embedder=HashEmbedder(), reader=FakeStatementReader())
texts = lambda n: " ".join(f"The harbour of w{k} is fine in round{n} now." for k in range(9))
print("ready", flush=True)
for n in range(1, 31):
    with store.writing("add"):
        list(add_articles(store, [(str(k), Article(ArticleMeta(f"a{k}"), texts(n))) for k in range(3)]))
print("done", flush=True)
"""


def filled(store: Store) -> Store:
    text = " ".join(f"The harbour of w{k} is fine in round0 now." for k in range(9))
    names = [f"a{k}" for k in range(3)] + [f"b{k}" for k in range(12)]  # more than change, or the index would be built each time
    with store.writing("add"):
        list(add_articles(store, [(name, Article(ArticleMeta(name), text)) for name in names]))
    return store


def test_a_reader_in_one_process_sees_whole_versions_and_no_error_while_another_one_writes(
    open_store: OpenStore, tmp_path: Path
) -> None:
    folder = filled(open_store()).folder
    with other(READER, folder, tmp_path / "stop") as (reader, line), other(WRITER, folder) as (writer, _):
        assert line == "ready"
        assert writer.stdout is not None
        assert writer.stdout.readline() == "done\n"
        (tmp_path / "stop").touch()
        out, _ = reader.communicate(timeout=60)
        assert reader.returncode == 0
        assert int(out) > 6, "the reader has not seen the articles change"


def test_who_has_a_store_open_for_reading_refuses_no_writer(open_store: OpenStore, tmp_path: Path) -> None:
    folder = filled(open_store()).folder
    with other(READER, folder, tmp_path / "stop"):
        with open_store(folder).writing("add"):
            pass
        with WriterLock(folder / LOCK, 0.0).writing("add", wait=False):
            pass


def test_a_store_is_opened_and_read_while_another_process_writes(open_store: OpenStore, tmp_path: Path) -> None:
    folder = filled(open_store()).folder
    with other(HOLD, folder / LOCK, "add"):
        began = time.monotonic()
        store = Store(folder, IndexSettings(lock_wait_s=30), embedder=HashEmbedder(), reader=FakeStatementReader())
        with contextlib.closing(store):
            assert store.search_chunks("the harbour", 3)
            assert len(store.catalog.ids()) == 15
        assert time.monotonic() - began < 20


def test_reading_makes_no_lock_file(open_store: OpenStore, tmp_path: Path) -> None:
    store = filled(open_store())
    store.close()
    (store.folder / LOCK).unlink()
    again = open_store(create=False)
    assert again.search_chunks("the harbour", 3)
    assert not (store.folder / LOCK).exists()


def test_what_another_process_stores_is_found_without_reopening(open_store: OpenStore) -> None:
    reader = filled(open_store())
    assert reader.search_chunks("the harbour", 3)
    code = WRITER.replace("texts(n)", "'A zeppelin landed on the zebra crossing.' * (k == 0) or texts(n)").replace("31", "2")
    with other(code, reader.folder) as (writer, _):
        assert writer.stdout is not None
        assert writer.stdout.readline() == "done\n"
    (chunk, cosine), *_ = reader.search_chunks("a zeppelin landed on the zebra crossing", 3)
    assert reader.catalog.chunks([chunk])[chunk].article_id == "a0"
    assert cosine == pytest.approx(1, abs=1e-5)


def test_a_reader_answers_rightly_while_the_index_is_gone_and_another_process_writes(open_store: OpenStore) -> None:
    store = filled(open_store(settings=IndexSettings(exact_chunks=0)))
    expected = store.search_chunks("the harbour of w3", 5)
    store.close()
    (lost,) = store.folder.glob("index-*")
    shutil.rmtree(lost)
    with other(HOLD, store.folder / LOCK, "add"):
        again = open_store(create=False, settings=IndexSettings(exact_chunks=0))
        assert again.search_chunks("the harbour of w3", 5) == expected
    assert not list(store.folder.glob("index-*"))
