"""Kill -9 at named places: what was promised is there once and whole, and doing the same again ends as if nothing had been."""

from __future__ import annotations

import ast
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import pullquote.index.failpoints
from pullquote.index.failpoints import NAMES
from pullquote.index.store import Store
from tests.index.killed_child import ASKED, allowed, in_turn, opened, put, verify

CHILD = Path(__file__).with_name("killed_child.py")
RUNS = int(os.environ.get("PULLQUOTE_FAILPOINT_RUNS", "1"))
# Each run of a name takes the next of these, and then a later passing.
DURING = {
    "catalog-begun": ["add", "change"],
    "catalog-article": ["change", "add"],
    "catalog-chunks": ["add", "change"],
    "catalog-before-commit": ["change", "add"],
    "catalog-committed": ["add", "change"],
    "ledger-batch": ["change", "add"],
    "remove-parts": ["remove"],
    "remove-committed": ["remove"],
    "purge-removed": ["purge"],
    "compact-written": ["compact", "purge"],
    "compact-replaced": ["purge", "compact"],
    "cut-staged": ["reindex"],
    "cut-before-commit": ["reindex"],
    "cut-switched": ["reindex"],
    "cut-dropped": ["reindex"],
    "index-numbered": ["add", "mend", "change"],
    "index-batch": ["rebuild", "add", "reindex", "change"],
    "index-before-mark": ["add", "rebuild", "mend", "change"],
    "build-half": ["rebuild", "reindex"],
    "swap-before-sweep": ["mend", "add", "rebuild", "change"],
    "index-damaged": ["mend"],
}
ELSEWHERE = {"schema-step"}
"""Tested in test_migrations: it takes a store of an older version."""


ROUNDS = {"rebuild": 1, "reindex": 1, "mend": 1, "compact": 1, "purge": 2}
"""How often each thing is done."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of forty articles and the log that promises them."""
    folder = tmp_path_factory.mktemp("whole")
    with closing(opened(folder / "store")) as store:
        put(store, folder / "log.jsonl", range(40), 1)
    return folder


@pytest.mark.parametrize("name", DURING)
def test_killed_at_a_named_place_it_loses_nothing_and_the_same_again_converges(name: str, whole: Path, tmp_path: Path) -> None:
    for run in range(RUNS):
        what, passing = DURING[name][run % len(DURING[name])], 1 + run // len(DURING[name])
        folder = tmp_path / str(run)
        shutil.copytree(whole, folder)
        killed(folder, what, f"{name}:{passing}")
        random.seed(run)
        with closing(opened(folder / "store", settings=ASKED)) as store:
            verify(store, folder / "log.jsonl")
            assert_sound(store)
        rounds = max(ROUNDS.get(what, 8), passing)  # as far at least as it had come
        in_turn(folder / "store", folder / "log.jsonl", what, rounds=rounds)
        with closing(opened(folder / "store", settings=ASKED)) as store:
            verify(store, folder / "log.jsonl")
            assert_sound(store)
            assert {int(meta.id[1:]): meta.version for meta in store.catalog.metas()} == versions_after(what, rounds)
            # Reindexing goes to and fro between the two.
            assert store.catalog.model() == ("other-192" if what == "reindex" and rounds % 2 else "hash-256")
            assert all(len(revisions) == 1 for revisions in allowed(folder / "log.jsonl")[0].values())


def killed(folder: Path, what: str, failpoint: str) -> None:
    """Let a process do one thing, and end where it should."""
    command = [sys.executable, str(CHILD), str(folder / "store"), str(folder / "log.jsonl"), f"in turn: {what}", "1"]
    done = subprocess.run(
        command, env=os.environ | {"PULLQUOTE_FAILPOINT": failpoint}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL, f"it never came to {failpoint} with {what}: {done.stderr}"


def assert_sound(store: Store) -> None:
    catalog = store.catalog
    assert store.check() == []
    segments = catalog.index_state().segments
    assert {path.name for path in store.folder.glob("index-*")} == {segment.folder for segment in segments}
    upto = segments[-1].last if segments else 0
    assert store.indexed_ids() >= {chunk for chunk in catalog.chunk_ids() if chunk <= upto}
    assert len(set(catalog.chunk_ids())) == len(catalog.chunk_ids())
    assert catalog._db.rows("SELECT article_id FROM sentences EXCEPT SELECT id FROM articles") == []
    assert catalog._db.rows("SELECT article_id FROM statements EXCEPT SELECT id FROM articles") == []
    assert catalog._db.rows("SELECT article_id FROM versions EXCEPT SELECT id FROM articles") == []


def versions_after(what: str, rounds: int) -> dict[int, int]:
    """Return the version of each article once a thing is done, however often it was begun."""
    there = dict.fromkeys(range({"add": 50, "remove": 32, "purge": 40 - rounds}.get(what, 40)), 1)
    return there | dict.fromkeys(range(10), 2) if what == "change" else there


def test_every_place_that_is_named_is_there_once_and_tested() -> None:
    places = []
    for path in Path(pullquote.index.failpoints.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint":
                assert isinstance(node.args[0], ast.Constant)
                places.append(node.args[0].value)
    assert sorted(places) == sorted(NAMES) == sorted([*DURING, *ELSEWHERE])


@pytest.mark.parametrize("asked", ["", "index-batch:2", "index-batch", "no-such-place"])
def test_a_place_ends_the_process_when_the_environment_names_it_and_only_then(asked: str) -> None:
    code = "from pullquote.index.failpoints import failpoint; failpoint('index-batch'); failpoint('build-half'); print('one');"
    code += "failpoint('index-batch'); print('two')"
    environment = os.environ | {"PULLQUOTE_FAILPOINT": asked}
    done = subprocess.run([sys.executable, "-uc", code], env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = {"index-batch": [], "index-batch:2": ["one"]}.get(asked, ["one", "two"])
    assert done.stdout.split() == lines
    assert done.returncode == (0 if len(lines) == 2 else -signal.SIGKILL)
