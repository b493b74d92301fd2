"""Questions with gold answers as the fits see them, on a small store of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullquote.eval.datasets import AttributionCase, QuizCase
from pullquote.eval.examples import fitting_cases, quiz_examples, reported_cases, statement_examples
from pullquote.eval.stores import CachedEncoder
from pullquote.eval.tasks.attribution import joint_at_1
from pullquote.eval.types import EvalCase, Gold
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Span
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.rerank import cross_encoder

TEXT = 'Rain fell. "The bridge will cost too much. Nobody asked us," said Ada Pell, a farmer. The council voted.'
CASE = AttributionCase(
    "1", "a", {"question": 'Who said "The bridge will cost too much"?'}, "Ada Pell", "Pell", (Span(12, 60),), "dev"
)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom.open(tmp_path / "store", embedder=HashEmbedder())
    room.add(
        Article(ArticleMeta("a"), TEXT), Article(ArticleMeta("b"), "The bridge will cost 3 crowns, the board said. It is old.")
    )
    return room


def test_a_right_first_sentence_overlaps_the_content_and_is_shown_with_its_source(room: Newsroom) -> None:
    present, left_out = statement_examples(room.store, [CASE])
    right = [c.sentence.text for c, r in zip(present.pool.candidates, present.relevant, strict=True) if r]
    assert right == ['"The bridge will cost too much.', 'Nobody asked us," said Ada Pell, a farmer.']
    assert present.answerable
    assert not left_out.answerable
    assert {c.sentence.article_id for c in left_out.pool.candidates} == {"b"}
    assert not any(left_out.relevant)


def test_quiz_questions_are_used_when_their_articles_have_the_answer(room: Newsroom) -> None:
    known = QuizCase("1", "How much will the bridge cost?", "3 crowns", frozenset({"b"}))
    unknown = QuizCase("2", "How much will the bridge cost?", "9 crowns", frozenset({"b"}))
    present, left_out = quiz_examples(room.store, [known, unknown])
    assert sum(present.gold) == 1
    assert not left_out.answerable
    chunks = room.store.catalog.chunks([chunk for chunk, _ in left_out.pool.chunks])
    assert {chunk.article_id for chunk in chunks.values()} == {"a"}


def test_joint_at_1_wants_the_content_cited_and_the_source_named(room: Newsroom) -> None:
    question = CASE.questions["question"]
    answer = room.ask(question)

    def case(name: str, span: Span) -> EvalCase:
        return EvalCase("1", question, name, (Gold("a", span),), extra={"names": ["No One", name]})

    assert joint_at_1(answer, case("Ada Pell", CASE.content_spans[0]))
    assert not joint_at_1(answer, case("Bo Ray", CASE.content_spans[0]))
    assert not joint_at_1(answer, case("Ada Pell", Span(0, 10)))


def test_a_cached_encoder_gives_the_same_numbers_and_asks_once() -> None:
    asked: list[int] = []

    class Counting:
        def scores(self, question: str, texts: list[str]) -> list[float]:
            asked.append(len(texts))
            return cross_encoder().scores(question, texts)

    cached = CachedEncoder(Counting())  # type: ignore[arg-type]
    first = cached.scores("q", ["a", "b", "a"])
    assert first == pytest.approx(cross_encoder().scores("q", ["a", "b", "a"]))
    assert cached.scores("q", ["b"]) == [first[1]]
    assert asked == [2]


def test_what_is_reported_is_not_fitted_on(data_folder: Path) -> None:
    reported = {case.id for case in reported_cases(data_folder / "polnear")}
    fitted = {case.id for case in fitting_cases(data_folder / "polnear")}
    assert len(reported) == 1280
    assert len(fitted) == 1271
    assert not reported & fitted
