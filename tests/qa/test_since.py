"""What became of cited sentences since an answer was given: told for every citation, without a model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Span
from pullquote.qa.scope import EVERYTHING
from pullquote.qa.since import CitationNow
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Citation, Coverage, Support, Usage

STOPPED = "The ferry company Norrline halted its service to the Skerry islands on Tuesday."
SAID = "“We will not sail until every shaft has been examined,” said Tove Aker."
WEEKS = "Norrline expects that to take two weeks."
FERRY = Article(ArticleMeta("ferry", title="Ferry halted", source="Harbour Post"), f"{STOPPED}\n\n{SAID}\n\n{WEEKS}")
MUSEUM = Article(ArticleMeta("museum"), "The museum gets a new roof. Work starts in September.")
STORED = datetime(2026, 11, 20, 12, tzinfo=UTC)

Edit = Callable[[str, str], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "store"
    with Newsroom.open(folder, embedder=HashEmbedder()) as room:
        room.add(FERRY, MUSEUM)
    return folder


@pytest.fixture
def room(made: Path, tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(shutil.copytree(made, tmp_path / "store"), embedder=HashEmbedder()) as room:
        yield room


@pytest.fixture
def edit(room: Newsroom) -> Edit:
    def edit(old: str, new: str) -> None:
        article = room.article("ferry")
        assert article is not None
        assert old in article.text
        room.add(replace(article, text=article.text.replace(old, new), meta=replace(article.meta, fetched_at=STORED)))

    return edit


def cited(room: Newsroom, *quotes: str, article_id: str = "ferry") -> Answer:
    """Return an answer that cites sentences of the article as it is now."""
    article = room.article(article_id)
    assert article is not None
    citations = tuple(
        Citation(n, article.meta, Span(article.text.index(quote), article.text.index(quote) + len(quote)), quote)
        for n, quote in enumerate(quotes, 1)
    )
    sentence = AnswerSentence(quotes[0], citations, Support("supported", 1.0, ""))
    nothing = Coverage(0, (), None, None), "extractive", None, Usage(0), ""
    return Answer("?", "?", "answered", (sentence,), (), 1.0, AsOf(None, None, None), *nothing, scope=EVERYTHING)


def of(room: Newsroom, answer: Answer) -> list[tuple[str, int | None, str | None]]:
    return [(citation.now, citation.version, citation.instead) for citation in room.since(answer)]


def test_while_nothing_has_changed_all_is_the_same(room: Newsroom) -> None:
    answer = cited(room, STOPPED, SAID)
    assert of(room, answer) == [("same", 1, None), ("same", 1, None)]
    assert [citation.n for citation in room.since(answer)] == [1, 2]
    stored = room.articles()[0].fetched_at
    assert {citation.at for citation in room.since(answer)} == {stored}


def test_each_citation_is_told_of_on_its_own(room: Newsroom, edit: Edit) -> None:
    answer = cited(room, STOPPED, SAID, WEEKS)
    edit("every shaft has been examined", "every shaft has been replaced")
    edit(f"\n\n{WEEKS}", "")
    assert room.since(answer) == (
        CitationNow(1, "same", 3, STORED),
        CitationNow(2, "edited", 3, STORED, SAID.replace("examined", "replaced")),
        CitationNow(3, "removed", 3, STORED),
    )


def test_a_sentence_that_came_back_is_the_same(room: Newsroom, edit: Edit) -> None:
    answer = cited(room, WEEKS)
    edit("two weeks", "three weeks")
    assert of(room, answer) == [("edited", 2, WEEKS.replace("two", "three"))]
    edit("three weeks", "two weeks")
    assert of(room, answer) == [("same", 3, None)]


@pytest.mark.parametrize(("old", "new"), [("until every", "until\nevery"), ("Tove Aker.", "Tove Aker.  "), (STOPPED, "Stop.")])
def test_what_happens_elsewhere_and_other_line_breaks_are_no_edit(room: Newsroom, edit: Edit, old: str, new: str) -> None:
    answer = cited(room, SAID)
    edit(old, new)
    assert [citation.now for citation in room.since(answer)] == ["same"]


def test_new_metadata_leave_the_sentence_as_it_was(room: Newsroom) -> None:
    answer = cited(room, SAID)
    room.add(replace(FERRY, meta=replace(FERRY.meta, title="Corrected")))
    assert of(room, answer) == [("same", 2, None)]


def test_of_a_deleted_article_the_day_is_told(room: Newsroom) -> None:
    answer = cited(room, SAID)
    before = datetime.now(UTC).replace(microsecond=0)
    room.remove("ferry")
    (citation,) = room.since(answer)
    assert (citation.now, citation.version, citation.instead) == ("deleted", None, None)
    assert citation.at is not None
    assert before <= citation.at <= datetime.now(UTC)


def test_of_a_purged_article_it_is_known_that_it_was_deleted(room: Newsroom) -> None:
    answer = cited(room, SAID)
    room.remove("ferry", purge=True)
    (citation,) = room.since(answer)
    assert citation.now == "deleted"
    assert citation.at is not None


def test_an_article_that_was_added_again_is_another_one(room: Newsroom) -> None:
    answer = cited(room, SAID)
    room.remove("ferry")
    room.add(FERRY)
    assert of(room, answer) == [("deleted", 2, None)]
    assert of(room, cited(room, SAID)) == [("same", 2, None)]


def test_an_article_that_was_never_there_is_deleted_at_no_known_time(room: Newsroom, tmp_path: Path) -> None:
    answer = cited(room, SAID)
    with Newsroom.open(tmp_path / "other", embedder=HashEmbedder()) as other:
        other.add(MUSEUM)
        assert other.since(answer) == (CitationNow(1, "deleted", None, None),)


def test_a_refusal_has_nothing_to_be_told_of(room: Newsroom) -> None:
    assert room.since(replace(cited(room, SAID), sentences=())) == ()


def test_it_can_be_had_as_json(room: Newsroom, edit: Edit) -> None:
    answer = cited(room, WEEKS)
    edit("two weeks", "three weeks")
    assert [citation.to_dict() for citation in room.since(answer)] == [
        {"n": 1, "now": "edited", "version": 2, "at": "2026-11-20T12:00:00Z", "instead": WEEKS.replace("two", "three")}
    ]
