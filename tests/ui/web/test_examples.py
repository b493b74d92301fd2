"""Example questions beside the page: nobody waits for them, and they are those of the articles as they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.examples import Examples

WON = "Ines Kovarra won the Tarn valley race on Sunday, ahead of Sofie Lundgaard. Kovarra said she was tired."
COST = "The new Fuller Street bridge will cost $48.6 million, the city said."
LONG_S = 60


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path / "store") as opened:
        opened.add(article("a", WON), article("b", COST))
        yield opened


def article(name: str, text: str) -> Article:
    return Article(ArticleMeta(name, title=name), text)


def workers() -> int:
    return sum(thread.name == "examples" for thread in threading.enumerate())


def test_they_are_worked_out_from_the_start_and_nobody_waits_for_them(room: Newsroom) -> None:
    examples = Examples(room, settled_s=0.05)
    began = time.monotonic()
    examples.questions()
    assert time.monotonic() - began < 1
    assert set(examples.questions(LONG_S)) >= {"How much will the new Fuller Street bridge cost?"}
    assert examples.questions() == examples.questions(LONG_S)
    assert workers() == 0


def test_after_articles_change_the_old_ones_are_gone_and_the_new_ones_come(room: Newsroom) -> None:
    examples = Examples(room, settled_s=0.05)
    assert len(examples.questions(LONG_S)) == 2
    room.remove("b")
    assert examples.questions() == ()
    assert examples.questions(LONG_S) == ()
    room.add(article("c", "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."))
    assert "How many crane operators walked off the job at the Harrow Bay container docks?" in examples.questions(LONG_S)


def test_only_one_thread_works_however_many_ask(room: Newsroom) -> None:
    examples = Examples(room, settled_s=0.3)
    askers = [threading.Thread(target=examples.questions, args=(0.05,)) for _ in range(20)]
    for asker in askers:
        asker.start()
    assert workers() <= 1
    for asker in askers:
        asker.join()
    assert len(examples.questions(LONG_S)) == 2


def test_a_store_that_is_closed_meanwhile_gives_none_and_no_error(room: Newsroom) -> None:
    examples = Examples(room, settled_s=0.2)
    room.close()
    assert examples.questions(LONG_S) == ()
    assert workers() == 0


def test_once_closed_it_begins_nothing_new(room: Newsroom) -> None:
    examples = Examples(room, settled_s=0.05)
    examples.questions(LONG_S)
    examples.close()
    room.remove("b")
    assert examples.questions(0.5) == ()
    assert workers() == 0
