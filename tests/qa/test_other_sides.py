"""Where only one side is picked, the other one is shown too, and a disagreement comes through every form of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.types import ALL_ARTICLES, Sentence
from pullquote.qa.other_sides import disagreements, with_other_side
from pullquote.qa.pack import verify_pack
from pullquote.qa.pack.reading import saved_pack
from pullquote.qa.types import AnswerSentence, Citation, Evidence, Support

TEXTS = {
    "mail": (3, "Eleven people died when a tanker burned in Port Elling harbour. The port stays closed."),
    "bell": (4, "Fourteen people were killed when a tanker burned in Port Elling harbour. A tug was lost."),
    "post": (
        5,
        "It was an hour before the fire at Port Elling harbour was out. Fifteen people died there when the tanker burned.",
    ),
}
QUESTION = "How many people died when the tanker burned in Port Elling harbour?"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path_factory.mktemp("sides") / "store") as opened:
        for name, (day, text) in TEXTS.items():
            date = datetime(2026, 3, day, tzinfo=UTC)
            opened.add(Article(ArticleMeta(name, title=f"Harbour fire, day {day}", source=name.title(), published_at=date), text))
        yield opened


def sentence(room: Newsroom, name: str, number: int = 1) -> Sentence:
    return room.store.catalog.sentences_of(name)[number - 1]


def piece(room: Newsroom, name: str, score: float, number: int = 1) -> Evidence:
    return Evidence(1, room.store.catalog.metas_of([name])[name], sentence(room, name, number), score)


def said(room: Newsroom, name: str, verdict: str = "supported") -> AnswerSentence:
    one = piece(room, name, 0.0)
    citation = Citation(1, one.article, one.sentence.span, one.sentence.text)
    return AnswerSentence(one.sentence.text, (citation,), Support(verdict, 0.9, "verbatim"))  # type: ignore[arg-type]


def shown(room: Newsroom, sentences: list[AnswerSentence], *evidence: Evidence, limit: int = 4) -> list[str]:
    added = with_other_side(room.store, sentences, evidence, limit, ALL_ARTICLES)
    assert all(s.text == s.citations[0].quote for s in added)
    return [f"{c.n} {c.article.id}" for s in added for c in s.citations]


def test_a_sentence_that_answers_as_well_and_says_otherwise_is_added(room: Newsroom) -> None:
    mine = piece(room, "mail", 9.0)
    assert shown(room, [said(room, "mail")], mine, piece(room, "bell", 8.0)) == ["1 mail", "2 bell"]


@pytest.mark.parametrize(
    ("why", "score", "number", "limit", "verdict"),
    [
        ("it is far behind", 5.0, 1, 4, "supported"),
        ("it says nothing else", 9.0, 2, 4, "supported"),
        ("the answer is long enough", 9.0, 1, 1, "supported"),
        ("nothing is supported that it could contradict", 9.0, 1, 4, "unsupported"),
    ],
)
def test_no_other_sentence_is_added(room: Newsroom, why: str, score: float, number: int, limit: int, verdict: str) -> None:
    evidence = piece(room, "mail", 9.0), piece(room, "bell", score, number)
    assert shown(room, [said(room, "mail", verdict)], *evidence, limit=limit) == ["1 mail"], why


def test_nothing_is_added_to_a_refusal(room: Newsroom) -> None:
    assert shown(room, [], piece(room, "bell", 9.0)) == []
    assert disagreements([said(room, "mail", "unsupported")]) == ()


def test_what_is_cited_already_is_no_other_side(room: Newsroom) -> None:
    both = [said(room, "mail"), replace(said(room, "bell"), citations=(replace(said(room, "bell").citations[0], n=2),))]
    assert shown(room, both, piece(room, "bell", 9.0), piece(room, "mail", 9.0)) == ["1 mail", "2 bell"]


def test_an_answer_tells_of_the_disagreement_in_every_form(room: Newsroom) -> None:
    answer = room.ask(QUESTION)
    (conflict,) = answer.conflicts
    assert conflict.about == "dead"
    assert [side.value for side in conflict.sides][:2] == ["Eleven people", "Fourteen people"]
    assert {c for side in conflict.sides for c in side.citations} <= set(answer.citations)
    for text in (str(answer), answer._repr_html_()):
        assert "Articles disagree on a number (dead):" in text
        assert "Bell, 4 Mar 2026, later" in text
    sides = answer.to_dict()["conflicts"][0]["sides"]
    assert (sides[0]["value"], sides[0]["published_at"], sides[0]["later"]) == ("Eleven people", "2026-03-03T00:00:00Z", False)


def test_a_pack_keeps_the_disagreement_and_one_without_it_is_still_read(room: Newsroom, tmp_path: Path) -> None:
    answer = room.ask(QUESTION)
    pack = room.pack(answer)
    assert pack.answer.conflicts == answer.conflicts
    for text in (pack.json(), pack.html()):
        (tmp_path / "file").write_text(text, encoding="utf-8")
        assert verify_pack(tmp_path / "file", room).holds
    assert "Articles disagree on a number (dead):" in pack.html()
    old = json.loads(pack.json())
    del old["answer"]["conflicts"]
    assert saved_pack(json.dumps(old)).pack.answer.conflicts == ()


@pytest.mark.parametrize(
    ("member", "value"), [("value", "Twelve people"), ("citations", [9]), ("citations", []), ("start", 3), ("published_at", None)]
)
def test_a_pack_whose_sides_are_not_what_is_cited_is_none(room: Newsroom, member: str, value: Any) -> None:
    content = json.loads(room.pack(room.ask(QUESTION)).json())
    content["answer"]["conflicts"][0]["sides"][0][member] = value
    with pytest.raises(ValueError, match="disagreements"):
        saved_pack(json.dumps(content))
