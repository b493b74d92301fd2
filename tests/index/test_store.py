"""A store: what it opens, who may hold it, and a vector index that may vanish or rot at any time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.errors import (
    ModelOutputError,
    NotAStore,
    PullquoteError,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreModelMismatch,
    StoreUnwritable,
)
from pullquote.index.ingest import add_articles
from pullquote.index.store import CATALOG, Store
from pullquote.index.testing import FailingEmbedder, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

OpenStore = Callable[..., Store]

TOPICS = ["harbour", "budget", "school", "bridge", "election", "flood", "vaccine", "tariff", "stadium", "museum", "rail", "fog"]


def article(number: int) -> Article:
    topic, other = TOPICS[number % len(TOPICS)], TOPICS[number * 5 % 7]
    sentence = "Speaker {0}x{1} said the {2} plan number {3} would change the {4} {1}."
    text = " ".join(sentence.format(number, k, topic, number * k, other) for k in range(6))
    return Article(ArticleMeta(f"article-{number}"), text)


def fill(store: Store, count: int = 40) -> None:
    with store.writing():
        for _ in add_articles(store, ((str(n), article(n)) for n in range(count))):
            pass


def top(store: Store, count: int = 12) -> list[list[float]]:
    """Return the cosines of the nearest chunks (a hash ties many chunks), each as the catalog has it too."""
    answers = []
    for n, topic in enumerate(TOPICS[:count]):
        question = f"what happens to the {topic} plan {n}"
        found = store.search_chunks(question, 10)
        exact = store.catalog.chunk_vectors([chunk for chunk, _ in found]) @ HashEmbedder().embed([question])[0]
        assert np.allclose(exact, [cosine for _, cosine in found], atol=1e-5)
        answers.append([round(cosine, 4) for _, cosine in found])
    return answers


def child(code: str, *args: object, **options: object) -> subprocess.Popen[str]:
    """Run Python in another process, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip


# -- opening ------------------------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_made_only_when_asked(open_store: OpenStore, tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="pullquote add"):
        open_store(create=False)
    assert list(tmp_path.iterdir()) == []
    open_store().close()
    open_store(create=False)


@pytest.mark.parametrize("name", ["with a blank", "ünïcode-日本", "a%20b?c#d", "x" * 200, "-leading", "deep/er/still"])
def test_a_store_may_have_any_path(open_store: OpenStore, tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / name)
    fill(store, 3)
    assert top(store, 1)[0]
    store.close()
    assert open_store(tmp_path / name, create=False).catalog.stats().articles == 3


def test_a_file_is_no_store(open_store: OpenStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotAStore, match="is a file"):
        open_store(tmp_path / "file")
    with pytest.raises(StoreError):
        open_store(tmp_path / "file" / "inside")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_of_other_things_is_no_store_and_stays_as_it_is(open_store: OpenStore, tmp_path: Path, create: bool) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(NotAStore, match="not empty"):
        open_store(tmp_path / "photos", create=create)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_a_dangling_link_is_no_store(open_store: OpenStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(NotAStore, match="link"):
        open_store(tmp_path / "link")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["y" * 300, "nul\0byte", "/proc/nothing/store"])
def test_a_path_that_the_system_refuses_is_told_in_one_line(open_store: OpenStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreUnwritable) as caught:
        open_store(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_store_whose_making_was_cut_off_counts_as_not_there(open_store: OpenStore, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / CATALOG).touch()
    (tmp_path / "store" / "lock").touch()
    with pytest.raises(StoreMissing):
        open_store(create=False)
    fill(open_store(), 1)


@pytest.mark.parametrize("how", ["deleted", "emptied"])
@pytest.mark.parametrize("create", [True, False])
def test_a_store_that_lost_its_catalog_is_never_begun_anew(open_store: OpenStore, how: str, create: bool) -> None:
    store = open_store()
    fill(store, 3)
    store.close()
    if how == "deleted":
        (store.folder / CATALOG).unlink()
    else:
        os.truncate(store.folder / CATALOG, 0)
    with pytest.raises(StoreDamaged, match="backup"):
        open_store(create=create)


def test_a_damaged_catalog_leaves_no_lock_behind(open_store: OpenStore) -> None:
    store = open_store()
    store.close()
    good = (store.folder / CATALOG).read_bytes()
    (store.folder / CATALOG).write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreDamaged):
        open_store()
    (store.folder / CATALOG).write_bytes(good)
    with open_store().writing():
        pass


def test_other_users_can_read_nothing_whatever_the_umask(open_store: OpenStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store()
        fill(store, 40)
        top(store)
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [store.folder, *store.folder.rglob("*")]}
    finally:
        os.umask(before)
    assert len(modes) > 5
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


READ_ONLY = """
import ctypes, os, sys
from pathlib import Path
from pullquote.index.errors import StoreUnwritable
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta
if os.getuid() == 0:  # without its capabilities, root is an owner like any other
    assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
folder = Path(sys.argv[1])
store = Store(folder, IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())
print(len(store.search_chunks("the harbour plan", 10)), store.catalog.stats().articles)
for action in (lambda: store.writing().__enter__(), lambda: Store(folder / "new", IndexSettings(), create=True)):
    try:
        action()
    except StoreUnwritable as error:
        print("refused", "permission" in str(error))
"""


def test_a_store_that_may_only_be_read_answers_and_refuses_to_be_written(open_store: OpenStore) -> None:
    store = open_store()
    fill(store, 12)
    store.close()
    paths = [store.folder, *store.folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        out, err = child(READ_ONLY, store.folder).communicate(timeout=60)
    finally:
        for path in paths:
            path.chmod(0o700 if path.is_dir() else 0o600)
    assert out.splitlines() == ["10 12", "refused True", "refused True"], err


FULL = """
import resource, sys
from pathlib import Path
from pullquote.index.errors import StoreUnwritable
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())
size = (Path(sys.argv[1]) / "catalog.sqlite").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))
text = " ".join(f"Sentence {n} is about number {n * n}." for n in range(5000))
try:
    with store.writing():
        list(add_articles(store, [("big", Article(ArticleMeta("big"), text))]))
except StoreUnwritable as error:
    print(error)
print(store.catalog.ids() == [f"article-{n}" for n in range(3)], store.catalog.check())
"""


def test_a_disk_that_takes_no_more_is_told_and_loses_nothing(open_store: OpenStore) -> None:
    store = open_store()
    fill(store, 3)
    store.close()
    out, err = child(FULL, store.folder).communicate(timeout=60)
    message, state = out.splitlines()
    assert "try again" in message, err
    assert state == "True []"
    again = open_store()
    fill(again, 5)
    assert again.catalog.stats().articles == 5


def test_closing_twice_does_no_harm_and_a_closed_store_says_so(open_store: OpenStore) -> None:
    store = open_store()
    fill(store, 2)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.search_chunks("x", 3)
    with pytest.raises(StoreError, match="closed"), store.writing():
        pass


# -- models -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [HashEmbedder(name="other"), HashEmbedder(dim=32)])
def test_another_model_is_refused_with_the_command_that_helps(open_store: OpenStore, other: HashEmbedder) -> None:
    store = open_store()
    fill(store, 3)
    store.close()
    store = open_store(embedder=other)
    for action in (lambda: store.search_chunks("harbour", 3), lambda: fill(store, 4)):
        with pytest.raises(StoreModelMismatch, match="pullquote reindex --store") as caught:
            action()
        assert "hash-64" in str(caught.value)
        assert other.fingerprint in str(caught.value)
    assert other.calls == 0


def test_another_dimension_under_the_same_name_is_refused(open_store: OpenStore) -> None:
    class Shrunk(HashEmbedder):
        fingerprint = "hash-64"

    store = open_store()
    fill(store, 3)
    store.close()
    store = open_store(embedder=Shrunk(dim=32))
    with pytest.raises(ModelOutputError, match="32 numbers, and gave 64"):
        store.search_chunks("harbour", 3)
    with pytest.raises(ModelOutputError, match="32 numbers, and gave 64"):
        fill(store, 4)
    assert store.catalog.stats().articles == 3


@pytest.mark.parametrize("fault", ["nan", "zeros", "too many", "no numbers"])
def test_a_question_whose_vector_is_none_is_the_models_fault(open_store: OpenStore, fault: str) -> None:
    store = open_store()
    fill(store, 3)
    store.close()
    with pytest.raises(ModelOutputError):
        open_store(embedder=FailingEmbedder(fault)).search_chunks("harbour", 3)  # type: ignore[arg-type]


# -- threads ------------------------------------------------------------------------------------------


def test_threads_search_while_one_adds_and_all_get_answers(open_store: OpenStore) -> None:
    store = open_store()
    fill(store, 10)
    done = threading.Event()
    errors: list[BaseException] = []

    def search() -> None:
        try:
            while not done.is_set():
                found = store.search_chunks("speaker 3x3 said the bridge plan", 10)
                assert len(found) == 10
                assert found == sorted(found, key=lambda pair: -pair[1])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for count in range(11, 60, 7):
        fill(store, count)
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.check() == []


def test_every_store_error_is_one_of_ours() -> None:
    assert all(issubclass(error, PullquoteError) for error in (StoreBusy, StoreMissing, NotAStore, StoreDamaged, StoreUnwritable))
