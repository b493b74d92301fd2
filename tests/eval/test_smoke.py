"""The sixty questions over the bundled articles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pullquote.eval.cases import read_cases
from pullquote.eval.engines import extractive
from pullquote.eval.metrics.answers import contains_answer
from pullquote.eval.stores import open_store
from pullquote.eval.tasks.base import Setup
from pullquote.eval.tasks.smoke import CASES, Smoke, smoke_articles
from pullquote.eval.types import EvalCase
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom

EVERY = read_cases(CASES)
TEXTS = {article.meta.id: article.text for article in smoke_articles()}


def named(case: EvalCase) -> str:
    return case.id


def gold_text(case: EvalCase) -> str:
    return " ".join(TEXTS[place.article_id][place.span.start : place.span.end] for place in case.gold)


# -- the questions --------------------------------------------------------------------------------


def test_there_are_sixty_questions_of_four_kinds_over_all_fifteen_articles() -> None:
    assert len(TEXTS) == 15
    assert len({case.question for case in EVERY}) == len(EVERY) == 60
    kinds = Counter(tag for case in EVERY for tag in case.tags)
    assert kinds == {"statement": 22, "fact": 20, "disagreement": 3, "unanswerable": 15}
    assert {place.article_id for case in EVERY for place in case.gold} == set(TEXTS)


@pytest.mark.parametrize("case", [case for case in EVERY if case.gold], ids=named)
def test_gold_are_whole_sentences_each_named_once(case: EvalCase) -> None:
    assert len(set(case.gold)) == len(case.gold)
    for place in case.gold:
        assert place.span in split_sentences(TEXTS[place.article_id])


@pytest.mark.parametrize("case", EVERY, ids=named)
def test_a_question_is_a_question_with_one_kind_and_an_article_it_is_about(case: EvalCase) -> None:
    assert case.question.endswith("?")
    assert len(case.tags) == 1
    assert case.cluster in TEXTS
    assert case.answerable is (case.tags != ("unanswerable",))


@pytest.mark.parametrize("case", [case for case in EVERY if case.reference_answer], ids=named)
def test_a_reference_answer_stands_in_the_gold_sentences_and_not_in_the_question(case: EvalCase) -> None:
    assert case.gold
    assert contains_answer(gold_text(case), [case.reference_answer or ""]) == 1.0
    assert contains_answer(case.question, [case.reference_answer or ""]) == 0.0


@pytest.mark.parametrize("case", [case for case in EVERY if "disagreement" in case.tags], ids=named)
def test_where_outlets_disagree_both_are_gold_and_neither_is_the_reference(case: EvalCase) -> None:
    assert case.reference_answer is None
    assert len({place.article_id for place in case.gold}) > 1


def test_articles_that_gold_is_in_are_out_by_the_time_of_the_question() -> None:
    published = {article.meta.id: article.meta.published_at for article in smoke_articles()}
    dated = [case for case in EVERY if case.as_of]
    assert dated
    for case in dated:
        for place in case.gold:
            when = published[place.article_id]
            assert case.as_of
            assert when is None or when <= case.as_of


# -- the task -------------------------------------------------------------------------------------


def test_six_questions_are_asked_of_the_engine(tmp_path: Path) -> None:
    task, setup = Smoke(), Setup(tmp_path / "data", tmp_path / "build", extractive, sample=6)
    task.prepare(setup)
    with task.session(setup) as run:
        results = [run(case) for case in task.cases(setup)]
    assert {tag for result in results for tag in result.tags} == {"statement", "fact", "unanswerable"}
    for result in results:
        refused = result.detail["status"] == "abstained"
        assert ("exact_quote" in result.scores) is not refused
        assert result.scores.get("exact_quote", 1.0) == 1.0
        assert {"false_answer", "false_refusal"} & set(result.scores)
    report = task.report(results)
    assert {"false_answer", "false_refusal", "citation_recall", "exact_quote", "citation_recall_fact"} <= set(report.metrics)
    assert sum(report.metrics[name].n for name in ("false_answer", "false_refusal")) == 6
    assert report.bars == {"false_answer": 0.2, "false_refusal": 0.2, "citation_recall": 0.7, "exact_quote": 1.0}


def test_articles_that_are_no_longer_bundled_are_taken_out_of_the_store(tmp_path: Path) -> None:
    build = tmp_path / "build"
    open_store(build / "smoke", lambda: [Article(ArticleMeta("old"), "The old bridge fell.")]).close()
    Smoke().prepare(Setup(tmp_path / "data", build, extractive))
    with Newsroom.open(build / "smoke", create=False) as room:
        assert {meta.id for meta in room.articles()} == set(TEXTS)


def test_the_smoke_task_needs_no_data() -> None:
    assert (Smoke().name, Smoke().needs) == ("smoke", ())
