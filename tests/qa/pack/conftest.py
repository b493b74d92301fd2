"""A small store with real models, an answer and a refusal from it, and copies of the store to change."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.qa.pack import Pack
from pullquote.qa.types import Answer

FERRY = Article(
    ArticleMeta(
        "ferry",
        url="https://harbourpost.example/ferry",
        title="Ferry service to the Skerry islands halted",
        source="Harbour Post",
        authors=("Ida Brandt",),
        published_at=datetime(2026, 3, 4, 9, tzinfo=UTC),
    ),
    "The ferry company Norrline halted its service to the Skerry islands on Tuesday because of cracks in a propeller shaft.\n\n"
    "“We will not sail until every shaft has been examined,” said Tove Aker, the company’s chief engineer.\n\n"
    "Norrline expects that to take two weeks.",
)
MUSEUM = Article(
    ArticleMeta("museum", title="Museum gets a new roof", source="The Evening Bell"),
    "The maritime museum in Port Elling will get a new roof for $2.4 million. Work starts in September.",
)
QUESTION = "Who said that the ferry will not sail until every shaft has been examined?"


@dataclass(frozen=True)
class Town:
    """A store and what was asked of it."""

    folder: Path
    answer: Answer
    refusal: Answer
    pack: Pack
    refused: Pack


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town") / "store"
    with Newsroom.open(folder) as room:
        room.add(FERRY, MUSEUM)
        answer, refusal = room.ask(QUESTION), room.ask("Who won the football cup final?")
        assert (answer.status, refusal.status) == ("answered", "abstained")
        return Town(folder, answer, refusal, room.pack(answer), room.pack(refusal))


@pytest.fixture
def copied(town: Town, tmp_path: Path) -> Iterator[Callable[..., Newsroom]]:
    """A function that opens a copy of the store, after articles were added or removed."""
    with ExitStack() as stack:

        def opened(*articles: Article, removed: tuple[str, ...] = ()) -> Newsroom:
            shutil.copytree(town.folder, tmp_path / "store")
            room = stack.enter_context(Newsroom.open(tmp_path / "store"))
            if articles:
                room.add(*articles)
            for article_id in removed:
                assert room.remove(article_id)
            return room

        yield opened


def edited(article: Article, old: str, new: str) -> Article:
    assert old in article.text
    return replace(article, text=article.text.replace(old, new))
