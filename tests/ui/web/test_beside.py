"""Beside a running page others may write: ``pullquote add`` works, and the page answers from what it added."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradio_client import Client

from pullquote import Newsroom
from tests.ui.web.serving import running

QUESTION = "Who counted 312 cormorants on the north cliff?"
NOTE = "The lighthouse keeper Olaf Brenn counted 312 cormorants on the north cliff."
MOST_S = 120.0


def cli(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pullquote.ui.cli", *map(str, words)], capture_output=True, text=True)


@pytest.fixture
def store(bundled_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundled_store, tmp_path / "store"))


def test_an_article_that_is_added_beside_the_page_is_answered_from_and_one_that_is_removed_is_not(
    store: Path, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text(NOTE, encoding="utf-8")
    with running(store, tmp_path) as server, Newsroom.open(store) as reader:
        client = Client(server.url, verbose=False)
        assert client.predict(QUESTION, api_name="/ask")["status"] == "abstained"
        assert reader.ask(QUESTION).status == "abstained"
        begun = time.monotonic()
        added = cli("add", tmp_path / "note.txt", "--store", store)
        assert (added.returncode, added.stderr) == (0, "")
        assert time.monotonic() - begun < MOST_S
        answer = client.predict(QUESTION, api_name="/ask")
        assert answer["status"] == "answered"
        assert answer["sentences"][0]["citations"][0]["quote"] == NOTE
        assert reader.ask(QUESTION).citations[0].quote == NOTE
        article_id = answer["sentences"][0]["citations"][0]["article_id"]
        removed = cli("remove", article_id, "--store", store)
        assert removed.stdout.splitlines()[-1] == "verified: not found by any search"
        assert client.predict(QUESTION, api_name="/ask")["status"] == "abstained"
        assert reader.ask(QUESTION).status == "abstained"
        kept = cli("restore", _backup(store, tmp_path), "--store", store)
        assert (kept.returncode, kept.stderr) == (0, "")
        assert client.predict(QUESTION, api_name="/ask")["status"] == "abstained"


def _backup(store: Path, tmp_path: Path) -> Path:
    done = cli("backup", tmp_path / "kept.sqlite", "--store", store)
    assert done.returncode == 0, done.stderr
    return tmp_path / "kept.sqlite"
