"""Example questions: drawn from the newest articles, varied, answered by the sentences they were made from, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.examples import example_questions
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings

BUNDLED = (
    "Who agreed to a 30-day truce along the Osk River?",
    "What did Goran Vittel criticise Kestovar for?",
    "How many border guards were killed when troops from Kestovar and Torvania exchanged fire at the disputed Osk River"
    " crossing?",
    "When will Sallen Island Ferries resume service between St. Orla and Port Sallen?",
)
PLACES = "hill harbour mill church station market forest river school bridge tower meadow".split()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path / "store") as opened:
        yield opened


def article(number: int, text: str, language: str | None = None, day: int | None = None) -> Article:
    published = datetime(2026, 3, day, tzinfo=UTC) if day else None
    return Article(ArticleMeta(f"a-{number}", title=f"Article {number}", published_at=published, language=language), text)


def test_the_bundled_articles_give_one_question_of_each_kind_and_always_the_same(sample_room: Newsroom) -> None:
    assert example_questions(sample_room.store, sample_room.settings) == BUNDLED
    assert example_questions(sample_room.store, sample_room.settings) == BUNDLED


def test_the_engine_answers_each_with_another_article(sample_room: Newsroom) -> None:
    answers = [sample_room.ask(question) for question in BUNDLED]
    assert [answer.status for answer in answers] == ["answered"] * 4
    assert len({answer.citations[0].article.id for answer in answers}) == 4


def test_no_language_model_is_asked_for_them(sample_room: Newsroom) -> None:
    wanted = replace(AskSettings(), engine="llm")  # asking one fails: none is set
    assert example_questions(sample_room.store, wanted) == BUNDLED


def test_newer_articles_come_first_and_a_copy_of_an_article_gives_no_second_question(room: Newsroom) -> None:
    won = "Ines Kovarra won the Tarn valley race on Sunday, ahead of Sofie Lundgaard. Kovarra said she was tired."
    cost = "The new Fuller Street bridge will cost $48.6 million, the city said."
    walked = "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."
    room.add(article(1, won, day=3), article(2, won, day=2), article(3, cost, day=9), article(4, walked, day=7))
    found = example_questions(room.store, room.settings)
    assert found[0] == "How much will the new Fuller Street bridge cost?"
    assert found[-1] in ("Who won the Tarn valley race?", "When did Ines Kovarra win the Tarn valley race?")
    assert len(found) == len(set(found)) == 3


def test_copies_of_one_report_give_one_question_and_an_article_from_the_future_is_not_the_newest(room: Newsroom) -> None:
    rest = " ".join(f"The {place} road was closed for the {n}th time, and buses went round." for n, place in enumerate(PLACES, 4))
    won = "Ines Kovarra won the Tarn valley race on Sunday, ahead of Sofie Lundgaard."
    called = "Marit Oldane called on both sides to show restraint."
    walked = "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."
    cost = "The new Fuller Street bridge will cost $48.6 million, the city said."
    room.add(article(1, f"{called} {won} {rest}", day=3), article(2, walked, day=2), article(3, f"{won} {rest} {called}", day=8))
    ahead = replace(article(4, cost).meta, published_at=datetime.now(UTC) + timedelta(days=900))
    room.add(Article(ahead, cost))
    reports = room.store.catalog.reports_of(["a-1", "a-2", "a-3"])
    assert reports["a-1"] == reports["a-3"] != reports["a-2"]
    found = example_questions(room.store, room.settings)
    assert len([question for question in found if "Kovarra" in question or "Tarn" in question or "restraint" in question]) == 1
    assert found[-1] == "How much will the new Fuller Street bridge cost?"


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("Ines Kovarra won the Tarn valley race on Sunday. Kovarra said she was tired.",),
        ("Sie kam am Sonntag. Ida Brandt war nicht dort, sagte er am Montag.", "Ida Brandt a gagné la course samedi à Sarn."),
        (
            "It rained. It rained again. They left.",
            "He said so. She did not.",
            "<script>alert(1)</script> [x](javascript:alert(1))",
        ),
    ],
    ids=["no article", "a single question", "other languages", "nothing to ask about"],
)
def test_where_fewer_than_two_hold_there_are_none(room: Newsroom, texts: tuple[str, ...]) -> None:
    room.add(*(article(n, text) for n, text in enumerate(texts)))
    assert example_questions(room.store, room.settings) == ()


def test_an_article_that_says_it_is_in_another_language_gives_none(room: Newsroom) -> None:
    won = "Ines Kovarra won the Tarn valley race on Sunday, ahead of Sofie Lundgaard. Kovarra said she was tired."
    cost = "The new Fuller Street bridge will cost $48.6 million, the city said."
    room.add(article(1, won, "de"), article(2, cost, "fr-CA"))
    assert example_questions(room.store, room.settings) == ()
    room.add(article(1, won, "en-GB"), article(2, cost))
    assert len(example_questions(room.store, room.settings)) == 2


def test_a_question_that_the_engine_answers_with_another_sentence_is_no_example(room: Newsroom) -> None:
    question = "How much will the new Fuller Street bridge cost?"
    roundabout = (
        "The new Fuller Street bridge will cost $48.6 million, of which the province, the council and a fund for old towns that"
        " nobody had heard of before will each pay a part, the mayor told a hall of people who had come for something else."
    )
    won = "Ines Kovarra won the Tarn valley race on Sunday, ahead of Sofie Lundgaard. Kovarra said she was tired."
    walked = "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."
    room.add(article(1, roundabout, day=9), article(2, won, day=8), article(3, walked, day=7))
    assert question in example_questions(room.store, room.settings)
    direct = "How much will the new Fuller Street bridge cost, many asked: the Fuller Street bridge will cost $48.6 million."
    room.add(article(4, direct, day=1))
    assert room.ask(question).citations[0].article.id == "a-4"
    assert question not in example_questions(room.store, room.settings)
