"""The owner's example article and its five questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom


@pytest.fixture(scope="module")
def room(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path_factory.mktemp("seed") / "store") as room:
        room.add(Article(ArticleMeta("seed"), (data_folder / "seed_article.txt").read_text(encoding="utf-8")))
        yield room


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("who called for restraint?", ["European Union"]),
        ("who called for de-escalation?", ["Security Council"]),
        ("which countries mediate in the Gaza war?", ["Egypt", "Qatar"]),
    ],
)
def test_the_first_sentence_names_who(room: Newsroom, question: str, names: list[str]) -> None:
    first = room.ask(question).sentences[0].text
    assert all(name in first for name in names)


@pytest.mark.parametrize("question", ["who won the world cup?", "how many people died in Haiti?"])
def test_what_it_does_not_tell_is_refused(room: Newsroom, question: str) -> None:
    assert room.ask(question).status == "abstained"
