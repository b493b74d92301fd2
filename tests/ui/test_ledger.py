"""What the terminal tells of the ledger: how much is in it, what is not read yet, and how far a long reading is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.ui import progress
from pullquote.ui.cli import main

TEXT = "Pier nine was closed. Ada Brandt said that the pier is safe."
Captured = pytest.CaptureFixture[str]


def news(number: int) -> Article:
    return Article(ArticleMeta(f"a{number}"), TEXT)


def opened(folder: Path) -> Newsroom:
    room = Newsroom.open(folder, embedder=HashEmbedder())
    room.store._reader = FakeStatementReader()
    return room


@pytest.fixture
def unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of two articles, one of which was added while no statements were read."""
    with opened(tmp_path / "store") as room:
        room.add(news(1))
    monkeypatch.setenv("PULLQUOTE_STATEMENTS", "off")
    with opened(tmp_path / "store") as room:
        room.add(news(2))
    return tmp_path / "store"


def test_stats_and_check_tell_what_is_read_and_what_is_not(unread: Path, capsys: Captured) -> None:
    assert main(["stats", "--store", str(unread)]) == 0
    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith(("sta", "unr"))] == [
        ["statements", "1"],
        ["unread", "1 articles not read for statements yet"],
    ]
    assert main(["check", "--store", str(unread)]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("statements"))
    assert line.startswith("statements: 1 articles are not read for statements yet: the next add reads them")
    for verb in ("stats", "check"):
        assert main([verb, "--store", str(unread), "--json"]) == 0
        value = json.loads(capsys.readouterr().out)
        assert (value["statements"], value["unread"]) == (1, 1)


def test_a_long_reading_says_on_a_terminal_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with opened(tmp_path / "store") as room:
        with progress.reading(room.store):
            assert room.store.reading is not None
            for done in range(50, 1201, 50):
                room.store.reading(done, 1200)
            room.store.reading(20, 20)  # few are not worth a word
        assert room.store.reading is None
    lines = [line.removeprefix("reading who said what: ") for line in capsys.readouterr().err.splitlines()]
    assert lines == [f"{n} of 1,200 articles" for n in ("50", "550", "1,050", "1,200")]


def test_where_nobody_looks_nothing_is_told(tmp_path: Path) -> None:
    with opened(tmp_path / "store") as room, progress.reading(room.store):
        assert room.store.reading is None
