"""The process that test_crashes kills, and that ends itself for test_failpoints.

It checks the store against what was promised, then writes until it dies.
Every operation is announced in the log before it begins and promised after it is done, both with fsync.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pullquote.index.ingest import add_articles, prepare
from pullquote.index.reindexing import reindex
from pullquote.index.removing import compact, purge
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta

ARTICLES = 60
MODELS = {"hash": HashEmbedder(256), "other": HashEmbedder(192, "other")}
READER = FakeStatementReader()
SETTINGS = IndexSettings(chunk_tokens=32, lock_wait_s=2, tail_chunks=60)
ASKED = replace(SETTINGS, exact_chunks=0)
"""The vector index is asked, however few chunks there are."""
LOOKS = 4
"""Every so many runs, the index is asked and looked at, which takes a process of its own; else all chunks are searched."""


def text_of(number: int, revision: int) -> str:
    """Return a text that names the article and the revision in every sentence; revision 0 stands for no article."""
    words = random.Random(number * 100_003 + revision)
    sentences = []
    for k in range(8 + (number * 7 + revision * 3) % 9):
        # Words by chance: among thousands of sentences that are nearly the same, a search may miss one.
        saw = "said that" if k % 4 == 0 else "saw"
        sentences.append(f"Witness w{number}r{revision}s{k} {saw} {' '.join(f'x{words.randrange(5000)}' for _ in range(8))}.")
    return " ".join(sentences)


def log(path: Path, **fields: object) -> None:
    with path.open("a") as file:
        file.write(json.dumps(fields) + "\n")
        file.flush()
        os.fsync(file.fileno())


def allowed(path: Path) -> tuple[dict[int, set[int]], int]:
    """Return the revisions that each article may have, and the last revision used."""
    may: dict[int, set[int]] = {number: {0} for number in range(ARTICLES)}
    last = 0
    for line in path.read_text().splitlines() if path.exists() else []:
        entry = json.loads(line)
        for number in entry["numbers"]:
            may[number] = {entry["revision"]} if entry["done"] else may[number] | {entry["revision"]}
        last = max(last, entry["revision"])
    return may, last


def verify(store: Store, path: Path, *, whole: bool = True) -> int:
    """Fail unless every article is whole, and as promised or as last begun; return how many there are.

    The vector index is looked at when ``whole`` is set.
    """
    may, _ = allowed(path)
    there, unread = 0, set(store.catalog.unread(READER.fingerprint, ARTICLES))
    for number, revisions in may.items():
        article = store.catalog.article(f"a{number}")
        texts = {text_of(number, revision): revision for revision in revisions if revision}
        if article is None:
            assert 0 in revisions, f"a{number} is lost, should have one of {revisions}"
            assert store.catalog.sentences_of(f"a{number}") == []
            continue
        there += 1
        assert article.text in texts, f"a{number} has a text that is none of {revisions}"
        item = prepare(article, store.embedder, SETTINGS)
        sentences = store.catalog.sentences_of(f"a{number}")
        assert tuple(sentence.span for sentence in sentences) == item.sentences
        assert {sentence.version for sentence in sentences} == {article.meta.version}
        (said,) = READER.read([(article, item.sentences)])
        assert store.catalog.statements_of(f"a{number}") == (() if f"a{number}" in unread else said)
    chunks = store.catalog.chunks(store.catalog.chunk_ids())
    for number in random.sample(range(ARTICLES), 20):
        mine = {i: chunk for i, chunk in chunks.items() if chunk.article_id == f"a{number}"}
        if mine:
            i, chunk = random.choice(sorted(mine.items()))
            found = store.search_chunks(chunk.text, 5)
            assert found[0][0] == i, f"chunk {i} of a{number} is not found"
            assert found[0][1] > 0.9999, f"chunk {i} of a{number} has another vector"
            hits = store.catalog.search_sentences([chunk.text.split()[1]], 5)
            owners = {sentence.article_id for sentence in store.catalog.sentences(hit for hit, _ in hits).values()}
            assert f"a{number}" in owners, f"the words of a{number} are not found"
    problems = store.check() if whole else store.catalog.check()
    assert problems == [], problems
    return there


def write_forever(store: Store, path: Path) -> None:
    _, revision = allowed(path)
    while True:
        revision += 1
        numbers = random.sample(range(ARTICLES), random.choice([1, 3, 20]))
        if random.random() < 0.2:
            remove(store, path, numbers[0])
        else:
            put(store, path, numbers, revision)


def put(store: Store, path: Path, numbers: Sequence[int], revision: int) -> None:
    log(path, numbers=list(numbers), revision=revision, done=False)
    items = [(str(n), Article(ArticleMeta(f"a{n}"), text_of(n, revision))) for n in numbers]
    with store.writing():
        for report in add_articles(store, items):
            stored = [int(row.article_id[1:]) for row in report.rows if row.article_id]
            log(path, numbers=stored, revision=revision, done=True)


def remove(store: Store, path: Path, number: int) -> None:
    log(path, numbers=[number], revision=0, done=False)
    with store.writing():
        store.catalog.remove(f"a{number}", datetime.now(UTC))
        store.finish_index()
    log(path, numbers=[number], revision=0, done=True)


def damage(store: Store) -> None:
    """Garble a file of each segment of the index."""
    for file in store.folder.glob("index-*/*/link_lists.bin"):
        file.write_bytes(b"garbage" * 100)


def opened(folder: Path, model: str | None = None, settings: IndexSettings = SETTINGS) -> Store:
    """Open the store with the model that it was made with, or with the one that is named."""
    store = Store(folder, settings, create=True, embedder=MODELS["hash"], reader=READER)
    name = model or (store.catalog.model() or "hash").partition("-")[0]
    if name == "hash":
        return store
    store.close()
    return Store(folder, settings, embedder=MODELS[name], reader=READER)


def in_turn(folder: Path, path: Path, what: str, rounds: int = 8, settings: IndexSettings = SETTINGS) -> None:
    """Do one thing to one article after the other: whatever was done of it before, it ends the same."""
    for n in range(rounds):
        with closing(opened(folder, ["other", "hash"][n % 2] if what == "reindex" else None, settings)) as store:
            if what == "add":
                put(store, path, range(40 + n, 43 + n), 2)
            elif what == "change":
                put(store, path, range(n, n + 3), 2)
            elif what == "remove":
                remove(store, path, 39 - n)
            elif what == "purge":
                log(path, numbers=[39 - n], revision=0, done=False)
                purge(store, f"a{39 - n}", datetime.now(UTC))
                log(path, numbers=[39 - n], revision=0, done=True)
            elif what == "compact":
                compact(store)
            elif what == "rebuild":
                store.rebuild_index()
            elif what == "mend":
                damage(store)
                store.finish_index()
            else:
                reindex(store)


def main(folder: Path, path: Path, what: str, seed: int) -> None:
    random.seed(seed)
    if what.startswith("in turn: "):
        in_turn(folder, path, what.removeprefix("in turn: "), settings=replace(SETTINGS, tail_chunks=0))  # all is built at once
        return
    look = seed % LOOKS == 0
    store = opened(folder, settings=ASKED if look else SETTINGS)
    print("verified", verify(store, path, whole=look), flush=True)
    if what == "fill":
        put(store, path, range(40), 1)
    elif what == "write":
        write_forever(store, path)
    elif what == "rebuild":
        while True:
            store.rebuild_index()
    elif what == "reindex":
        for name in itertools.cycle(["other", "hash"]):
            store.close()
            with closing(opened(folder, name)) as store:
                reindex(store)
    elif what == "mend":
        while True:
            damage(store)
            store.finish_index()
    elif what == "stop before the index":
        log(path, numbers=[0, 1], revision=10_000, done=False)
        items = [(str(n), Article(ArticleMeta(f"a{n}"), text_of(n, 10_000))) for n in range(2)]
        with store.writing():
            next(iter(add_articles(store, items)))
            log(path, numbers=[0, 1], revision=10_000, done=True)
            os._exit(137)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
