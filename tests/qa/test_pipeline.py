"""Questions over the bundled articles, on the real models: what is cited, and what is refused."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.index.articles import bundled_articles, bundled_paths
from pullquote.index.errors import QuestionError, StoreMissing
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings

ANSWERED = [
    ("Who called for restraint?", ["Marit Oldane"]),
    ("Who called for an immediate ceasefire?", ["The Inland Security Council"]),
    ("Who denied the allegations?", ["Victor Corrigan"]),
    ("How much will the new bridge cost?", ["$48.6 million"]),
    ("Who won the Tarn valley race?", ["Ines Kovarra"]),
    ("How many people died in the ferry fire?", ["Eleven people died", "Fourteen people were killed"]),
    ("Who called for restraint and who called for an immediate ceasefire?", ["Marit Oldane", "The Inland Security Council"]),
    ("Who criticised Kestovar for closing the crossings?", ["Goran Vittel"]),
    ("Who brokered the truce?", ["Hanne Corvelle"]),
    ("When will the ferry service resume?", ["Oct. 19"]),
    ("When will the river crossings reopen?", ["Nov. 2"]),
    ("How many people were told to leave their homes because of Storm Ilka?", ["3,200 people"]),
    ("Who was elected mayor of Little Hanning?", ["Rosa Delacorte"]),
    ("Who denied that the merger would close the Wexmoor factory?", ["Whitcombe"]),
    ("How much does each free school lunch cost?", ["$3.10 a meal"]),
    ("Why did the judge rule that the quarry licence was invalid?", ["the fees, totalling $86,500, were never declared"]),
]
REFUSED = [
    "Who called for sanctions against Torvania?",
    "Which architect designed the new Fuller Street bridge?",
    "How much compensation were the Ember Hill residents awarded?",
    "Who won the football cup final?",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundled") / "store"
    with Newsroom.open(path) as room:
        report = room.add(*bundled_paths(), relative_to=bundled_articles())
        assert report.count("added") == 15
    return path


@pytest.fixture(scope="module")
def room(folder: Path) -> Iterator[Newsroom]:
    with Newsroom.open(folder, create=False) as room:
        yield room


@pytest.mark.parametrize(("question", "expected"), ANSWERED)
def test_a_question_is_answered_by_the_sentences_that_say_it(room: Newsroom, question: str, expected: list[str]) -> None:
    answer = room.ask(question)
    texts = [sentence.text for sentence in answer.sentences]
    assert answer.status == "answered"
    for words in expected:
        assert any(words in text for text in texts), texts


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_articles_do_not_say_is_refused_with_the_nearest_sentences(room: Newsroom, question: str) -> None:
    answer = room.ask(question)
    assert answer.status == "abstained"
    assert answer.sentences == ()
    assert len(answer.evidence) >= 3
    assert answer.coverage.articles == 15


@pytest.mark.parametrize("question", [question for question, _ in ANSWERED])
def test_every_quote_is_the_articles_text(room: Newsroom, question: str) -> None:
    answer = room.ask(question)
    assert answer.citations
    for citation in answer.citations:
        article = room.article(citation.article.id, citation.article.version)
        assert article is not None
        assert article.text[citation.span.start : citation.span.end] == citation.quote


def test_citations_are_numbered_from_one_without_gaps(room: Newsroom) -> None:
    answer = room.ask("How many people died in the ferry fire?")
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_a_wire_story_carried_twice_is_cited_where_it_stood_first_and_counts_as_one_report(room: Newsroom) -> None:
    answer = room.ask("Who accused Torvania of sending an armed patrol across the river?")
    first = answer.sentences[0]
    assert "Radka Solen" in first.text
    assert {(c.article.source, tuple(copy.article.source for copy in c.also)) for c in first.citations} == {
        ("Meridian Wire", ("The Sallen Ledger",))
    }
    assert answer.reports is not None
    assert (answer.reports.articles, answer.reports.independent) == (2, 1)


def test_the_as_of_line_spans_the_cited_articles(room: Newsroom) -> None:
    answer = room.ask("Who called for restraint?")
    assert answer.as_of.oldest == answer.as_of.newest == answer.citations[0].article.published_at
    assert answer.as_of.last_ingest is not None


def test_the_same_question_gets_the_same_answer(room: Newsroom) -> None:
    assert room.ask("Who brokered the truce?") == room.ask("Who brokered the truce?")


def test_an_answer_can_be_awaited(room: Newsroom) -> None:
    assert asyncio.run(room.aask("Who brokered the truce?")) == room.ask("Who brokered the truce?")


def test_the_answer_does_not_change_when_the_vector_index_is_deleted(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Newsroom.open(copy, create=False) as room:
        before = room.ask("Who called for restraint?")
    for index in copy.glob("index-*"):
        shutil.rmtree(index)
    with Newsroom.open(copy, create=False) as room:
        assert room.ask("Who called for restraint?") == before


def test_an_edited_article_answers_with_its_new_version_only(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Newsroom.open(copy) as room:
        report = room.add(bundled_articles() / "edited" / "storm-ilka-evacuation.md")
        assert report.count("updated") == 1
        answer = room.ask("How many people were told to leave their homes because of Storm Ilka?")
        assert "2,300" in answer.sentences[0].text
        assert answer.citations[0].article.version == 2
        assert not any("About 3,200" in e.sentence.text for e in answer.evidence)


def test_a_removed_article_no_longer_answers(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with Newsroom.open(copy) as room:
        cited = room.ask("Who won the Tarn valley race?").citations[0].article.id
        assert room.remove(cited)
        answer = room.ask("Who won the Tarn valley race?")
        assert cited not in {e.article.id for e in answer.evidence}
        assert answer.status == "abstained"


def test_an_empty_store_abstains(tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store") as room:
        answer = room.ask("Who called for restraint?")
    assert answer.status == "abstained"
    assert answer.coverage.articles == 0


def test_a_pronoun_is_explained_by_the_sentence_before(tmp_path: Path) -> None:
    text = "Ida Bron, the transport minister, resigned on Monday. She blamed the collapse of the Lower Town tunnel for it."
    with Newsroom.open(tmp_path / "store") as room:
        room.add(Article(ArticleMeta("a"), text))
        answer = room.ask("Who blamed the collapse of the Lower Town tunnel?")
    assert answer.sentences[0].text == text
    assert answer.sentences[0].citations[0].quote.startswith("She blamed")


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "?!", "\0", "x" * 100_000])
def test_a_question_that_cannot_be_asked_is_refused_in_words(room: Newsroom, question: str) -> None:
    with pytest.raises(QuestionError, match="question"):
        room.ask(question)


@pytest.mark.parametrize(
    "question",
    [
        '"restraint',
        "restraint AND",
        "NEAR(restraint",
        "rest* OR -x",
        "AT&T",
        "a'b; DROP TABLE x",
        "\ud800 restraint",
        "ضبط النفس",
        "text:restraint",
    ],
)
def test_search_syntax_in_a_question_is_only_words(room: Newsroom, question: str) -> None:
    assert room.ask(question).status in ("answered", "abstained")


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="pullquote add"):
        Newsroom.open(tmp_path / "none", create=False)


def test_the_settings_hash_changes_with_the_settings(room: Newsroom) -> None:
    assert AskSettings().hash("m") != AskSettings(candidates=30).hash("m") != AskSettings(candidates=30).hash("n")
