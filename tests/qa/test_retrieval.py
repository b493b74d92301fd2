"""What the first stage finds, and what it is told to leave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.index.testing import HashEmbedder
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pipeline import answer_question
from pullquote.qa.retrieval import CHUNK_DEPTH, retrieve
from pullquote.qa.settings import AskSettings
from pullquote.qa.words import question_words

QUESTION = "Who called for restraint?"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        texts = {f"a{n}": f"Minister Number{n} called for restraint. Rain fell on town {n}." for n in range(30)}
        room.add(*(Article(ArticleMeta(name), text) for name, text in texts.items()))
        yield room


def test_an_article_that_is_left_out_is_not_there(room: Newsroom) -> None:
    words = question_words(QUESTION)
    everything = retrieve(room.store, words)
    without = retrieve(room.store, words, ALL_ARTICLES.without({"a3", "a7", "nobody"}))
    assert {"a3", "a7"} <= {c.sentence.article_id for c in everything.candidates}
    assert {c.sentence.article_id for c in without.candidates}.isdisjoint({"a3", "a7"})
    assert {c.sentence.article_id for c in without.candidates} | {"a3", "a7"} >= {f"a{n}" for n in range(30)}


def test_chunks_are_as_many_as_ever_while_there_are_enough(room: Newsroom) -> None:
    words = question_words(QUESTION)
    near = retrieve(room.store, words).chunks
    chunks = room.store.catalog.chunks([chunk for chunk, _ in near])
    gone = {chunk.article_id for chunk in chunks.values()}
    others = retrieve(room.store, words, ALL_ARTICLES.without(gone))
    left = room.store.catalog.chunks([chunk for chunk, _ in others.chunks])
    assert len(near) == len(others.chunks) == CHUNK_DEPTH
    assert gone.isdisjoint(chunk.article_id for chunk in left.values())


def test_leaving_everything_out_leaves_nothing_to_answer_with(room: Newsroom) -> None:
    everything = [meta.id for meta in room.articles()]
    assert retrieve(room.store, question_words(QUESTION), ArticleSet(frozenset(everything))).candidates == ()
    answer = answer_question(room.store, QUESTION, AskSettings(), leave_out=everything)
    assert (answer.status, answer.evidence) == ("abstained", ())
